import type { Socket } from 'node:net';
import type { Attempt } from './attempt.js';
import type { BodyPatterns } from './body-pattern.js';
import { open } from './connect.js';
import { requestText } from './http-request.js';
import type { ProbeTarget } from './probe.js';
import { parseResponseCode, type StatusRange } from './response-code.js';
import { type HttpResponse, ResponseReader } from './response-reader.js';
import type { TlsTrust } from './tls-settings.js';

/** What a response must be. */
interface Expectation {
  readonly range: StatusRange;
  readonly pattern?: string;
}

/** One GET on a connection of its own; redirects are not followed. http and https. Reference 4.3. */
export function probeHttp(
  target: ProbeTarget,
  attempt: Attempt,
  trust: TlsTrust,
  patterns: BodyPatterns,
): void {
  const { responseCode, responseRegexp: pattern } = target.params;
  const range = parseResponseCode(responseCode);
  if (!range) throw new Error(`no response code can be ${JSON.stringify(responseCode)}`);
  const expected = { range, ...(pattern !== undefined && { pattern }) };
  const request = requestText(target);
  const settings = target.type === 'https' ? trust.settingsFor(target) : undefined;
  open(target, settings, attempt, (socket) => {
    attempt.enter('L7');
    readResponse(socket, attempt, expected, (response) => judge(response, attempt, expected, patterns));
    socket.write(request, 'latin1');
  });
}

function readResponse(
  socket: Socket,
  attempt: Attempt,
  { range, pattern }: Expectation,
  onResponse: (response: HttpResponse) => void,
): void {
  const reader = new ResponseReader((status) => pattern !== undefined && isWithin(status, range));
  socket.on(
    'data',
    attempt.step((bytes: Buffer) => {
      const response = reader.take(bytes);
      if (response) onResponse(response);
    }),
  );
  socket.once(
    'end',
    attempt.step(() => onResponse(reader.end())),
  );
}

function judge(
  { status, body }: HttpResponse,
  attempt: Attempt,
  { range, pattern }: Expectation,
  patterns: BodyPatterns,
): void {
  if (!isWithin(status, range)) return attempt.fail('L7STS', `HTTP ${status}`);
  if (pattern !== undefined && !patterns.matches(pattern, body ?? '')) {
    return attempt.fail('L7RSP', `HTTP ${status}, the body does not match ${pattern}`);
  }
  attempt.pass('L7OK', `HTTP ${status}`);
}

function isWithin(status: number, { from, to }: StatusRange): boolean {
  return status >= from && status <= to;
}
