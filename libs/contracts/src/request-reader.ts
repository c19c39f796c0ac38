import { outsideJson } from './outside-json.js';
import { compileSchema } from './schema/compile.js';
import type { Schema } from './schema/shape.js';
import { isStorable } from './storable-text.js';
import { invalid } from './validate.js';

/**
 * Reads the body of a request on core NATS; an empty one is `{}`. Whatever is accepted here goes into records, so it is checked
 * as strictly as they are read. What it returns throws `bad-text`, `bad-json`, `validation-failed`.
 */
export function requestReader<T>(what: string, schema: Schema): (data: Uint8Array) => T {
  const check = compileSchema(schema, 'all');
  return (data) => {
    const value = data.byteLength === 0 ? {} : outsideJson(data, what);
    const errors = check(value);
    if (errors.length > 0) throw invalid(`${what} is not valid`, errors);
    for (const [name, member] of Object.entries(value as object))
      if (typeof member === 'string' && !isStorable(member))
        throw invalid(`${what} is not valid`, [
          { pointer: `/${name}`, message: 'must be well-formed text without NUL' },
        ]);
    return value as T;
  };
}
