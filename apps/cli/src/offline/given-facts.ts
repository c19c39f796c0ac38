import { CodedError, type Fact, normalizeFact, parseStrictJson } from '@signalbox/contracts';
import { fileName, readText } from '../apply/read-text.js';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import type { Terminal } from '../terminal.js';

/** What a fact is that nobody observed, where its file does not say. */
export const BY_HAND: GivenFactDefaults = { group: 'default', sourceNode: 'local' };

/** What a fact in a file may leave out. `id` and `observedAt` are always filled. */
export interface GivenFactDefaults {
  readonly group: string;
  readonly sourceNode: string;
}

/**
 * The facts of a file, in its order: one JSON object, an array of them, or a line for each. They may leave out what `event
 * emit` may. Throws `bad-json` and `bad-grammar` with the place in the file.
 */
export async function readFacts(
  file: string,
  defaults: GivenFactDefaults,
  terminal: Pick<Terminal, 'cwd' | 'readStdin' | 'nowMs'>,
): Promise<readonly Fact[]> {
  const bodies = await givenBodies(file, terminal);
  return bodies.map((body, index) => {
    const id = `evt-${index + 1}`;
    const observedAt = new Date(terminal.nowMs()).toISOString();
    try {
      return normalizeFact(body, { ...defaults, id, observedAt }, terminal.nowMs(), 'refused');
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      throw new Failure(error.code, `${fileName(file)}: fact ${index + 1}: ${error.message}`, EXIT.failure, {
        errors: error.errors,
        cause: error,
      });
    }
  });
}

/** The facts of a file as they stand there, see {@link readFacts}. Throws `bad-json`. */
export async function givenBodies(
  file: string,
  terminal: Pick<Terminal, 'cwd' | 'readStdin'>,
): Promise<readonly unknown[]> {
  return bodiesOf(await readText(file, terminal), fileName(file));
}

function bodiesOf(text: string, name: string): readonly unknown[] {
  const whole = parsed(text);
  if ('value' in whole) return Array.isArray(whole.value) ? whole.value : [whole.value];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    const one = parsed(line);
    if ('value' in one) return one.value;
    const problem = lines.length > 1 ? `line ${index + 1}: ${one.problem}` : whole.problem;
    throw new Failure('bad-json', `${name}: ${problem}`, EXIT.failure, {
      next: 'write one JSON object, an array of them, or one on each line',
    });
  });
}

function parsed(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: parseStrictJson(text) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
