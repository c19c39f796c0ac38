import type { Socket } from 'node:net';
import { HEALTH_CHECK_DEFAULTS, type ResponseCodes, responseCodes } from '@signalbox/contracts';
import type { Attempt } from './attempt.js';
import type { BodyPatterns } from './body-pattern.js';
import { open } from './connect.js';
import { requestText } from './http-request.js';
import type { ProbeTarget } from './probe.js';
import { type HttpResponse, ResponseReader } from './response-reader.js';
import type { TlsTrust } from './tls-settings.js';

/** What a response must be. */
interface Expectation {
  readonly accepted: ResponseCodes;
  readonly pattern?: string;
}

/** One GET on a connection of its own; redirects are not followed. http and https. Reference 4.3. */
export function probeHttp(
  target: ProbeTarget,
  attempt: Attempt,
  trust: TlsTrust,
  patterns: BodyPatterns,
): void {
  const { responseCode = HEALTH_CHECK_DEFAULTS.responseCode, responseRegexp: pattern } = target.params;
  const accepted = responseCodes(responseCode);
  if (!accepted) throw new Error(`no response code can be ${JSON.stringify(responseCode)}`);
  const expected = { accepted, ...(pattern !== undefined && { pattern }) };
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
  { accepted, pattern }: Expectation,
  onResponse: (response: HttpResponse) => void,
): void {
  const reader = new ResponseReader((status) => pattern !== undefined && isWithin(status, accepted));
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
  { accepted, pattern }: Expectation,
  patterns: BodyPatterns,
): void {
  if (!isWithin(status, accepted)) return attempt.fail('L7STS', `HTTP ${status}`);
  if (pattern !== undefined && !patterns.matches(pattern, body ?? '')) {
    return attempt.fail('L7RSP', `HTTP ${status}, the body does not match ${pattern}`);
  }
  attempt.pass('L7OK', `HTTP ${status}`);
}

function isWithin(status: number, { low, high }: ResponseCodes): boolean {
  return status >= low && status <= high;
}
