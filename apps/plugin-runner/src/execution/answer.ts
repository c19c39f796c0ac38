import { CodedError, errorBody, utf8Text } from '@signalbox/contracts';
import { decodeOutput } from '../domain/decode-output.js';
import { isObject } from '../domain/fields.js';
import type { Redaction } from '../domain/redaction.js';

/** What a plugin wrote on stdout, read once: a document, or why there is none. */
export type Answer = { readonly document: unknown } | { readonly error: unknown };

/**
 * Reads stdout, or one line of it. Never throws: the error is thrown where the run is judged, and, because it may quote pieces of stdout, it
 * is that of a stdout without secrets.
 */
export function readAnswer(stdout: Buffer, redaction: Redaction): Answer {
  try {
    return { document: decodeOutput(textOf(stdout)) };
  } catch (error) {
    return { error: redaction.isEmpty ? error : faultWithout(redaction, stdout) };
  }
}

function faultWithout(redaction: Redaction, stdout: Buffer): unknown {
  try {
    decodeOutput(textOf(redaction.bytes(stdout)));
    return new CodedError(
      'plugin-output-invalid',
      'the plugin result cannot be read where it holds a secret',
    );
  } catch (error) {
    return error;
  }
}

/** The tag of the request that an answer names. */
export function tagOf(answer: Answer): string | undefined {
  if (!('document' in answer) || !isObject(answer.document)) return undefined;
  const { meta } = answer.document;
  return isObject(meta) && typeof meta['tag'] === 'string' ? meta['tag'] : undefined;
}

/** What is not UTF-8 is refused as it is everywhere: a replaced byte would make another fact of it. */
function textOf(stdout: Buffer): string {
  try {
    return utf8Text(stdout, 'stdout');
  } catch (cause) {
    throw new CodedError('plugin-output-invalid', errorBody(cause).message, [], { cause });
  }
}
