import { CodedError, errorBody, utf8Text } from '@signalbox/contracts';
import { decodeOutput, type OutputPlace } from '../domain/decode-output.js';
import { isObject } from '../domain/fields.js';
import type { Redaction } from '../domain/redaction.js';

/** What a plugin wrote, read once: a document, or why there is none. */
export type Answer = { readonly document: unknown } | { readonly error: unknown };

/**
 * Reads stdout, one line of it, or the body of an answer. Never throws: the error is thrown where the run is judged, and, because it may
 * quote pieces of the output, it is that of an output without secrets.
 */
export function readAnswer(output: Buffer, redaction: Redaction, place: OutputPlace = 'stdout'): Answer {
  try {
    return { document: decodeOutput(textOf(output, place), place) };
  } catch (error) {
    return { error: redaction.isEmpty ? error : faultWithout(redaction, output, place) };
  }
}

function faultWithout(redaction: Redaction, output: Buffer, place: OutputPlace): unknown {
  try {
    decodeOutput(textOf(redaction.bytes(output), place), place);
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
function textOf(output: Buffer, place: OutputPlace): string {
  try {
    return utf8Text(output, place);
  } catch (cause) {
    throw new CodedError('plugin-output-invalid', errorBody(cause).message, [], { cause });
  }
}
