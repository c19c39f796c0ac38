import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';

/** Most characters of one line. */
const MAX_LINE_CHARS = 16 * 1024 * 1024;

/** The values of an NDJSON stream in whatever pieces it comes; empty lines only keep the connection alive. */
export async function* jsonLines(pieces: AsyncIterable<string>): AsyncGenerator<unknown> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_CHARS)
      throw broken(`a line of the answer is longer than ${MAX_LINE_CHARS} characters`);
    yield* lines.filter((line) => line !== '').map(parsed);
  }
  if (rest !== '') throw broken('the answer ends in the middle of a line');
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw broken('the answer holds a line that is not JSON', cause);
  }
}

function broken(message: string, cause?: unknown): Failure {
  return new Failure('unexpected-answer', message, EXIT.unreachable, {
    next: 'check the url: signalbox context show',
    cause,
  });
}
