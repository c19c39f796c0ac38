import {
  connect as connectHttp2,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Attempt } from './attempt.js';
import { BrokenResponse } from './broken-response.js';
import { open } from './connect.js';
import { checkRequest, servingStatus } from './grpc-messages.js';
import { authority } from './http-request.js';
import { PROBE_LIMITS } from './limits.js';
import type { ProbeTarget } from './probe.js';
import type { TlsTrust } from './tls-settings.js';
import { USER_AGENT } from './user-agent.js';

/** Names of the codes that a health service may answer with. */
const GRPC_CODES: Readonly<Record<string, string>> = {
  5: 'NOT_FOUND: the service is unknown',
  7: 'PERMISSION_DENIED',
  12: 'UNIMPLEMENTED: there is no health service',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

type AnswerHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** Asks `grpc.health.v1.Health/Check`. */
export function probeGrpc(target: ProbeTarget, attempt: Attempt, trust: TlsTrust): void {
  const settings =
    target.params.ssl === true ? { ...trust.settingsFor(target), ALPNProtocols: ['h2'] } : undefined;
  open(target, settings, attempt, (socket) => {
    attempt.enter('L7');
    readAnswer(call(socket, target, attempt), attempt);
  });
}

function call(socket: Socket, target: ProbeTarget, attempt: Attempt): ClientHttp2Stream {
  const { address, port, timeoutMs, params } = target;
  const scheme = params.ssl === true ? 'https' : 'http';
  const host = authority(address, port);
  const session = connectHttp2(`${scheme}://${host}`, { createConnection: () => socket });
  attempt.hold(() => session.destroy());
  session.on('error', (error) => attempt.break(error));
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    ':scheme': scheme,
    ':authority': params.serverName ?? host,
    'content-type': 'application/grpc',
    'grpc-timeout': `${Math.ceil(timeoutMs)}m`,
    'user-agent': USER_AGENT,
    te: 'trailers',
  });
  stream.end(checkRequest(params.service ?? ''));
  return stream;
}

function readAnswer(stream: ClientHttp2Stream, attempt: Attempt): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let headers: AnswerHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  stream.on('response', (received) => (headers = received));
  stream.on('trailers', (received) => (trailers = received));
  stream.on(
    'data',
    attempt.step((chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > PROBE_LIMITS.grpcBytes)
        throw new BrokenResponse('the answer is too long for a health answer');
    }),
  );
  stream.on('error', (error) => attempt.break(error));
  stream.once(
    'end',
    // An answer without a message has its status among the headers.
    attempt.step(() => judge(headers, { ...headers, ...trailers }, Buffer.concat(chunks), attempt)),
  );
  stream.once(
    'close',
    attempt.step(() => attempt.fail('L7RSP', 'the connection was closed before the answer')),
  );
}

function judge(headers: AnswerHeaders, all: IncomingHttpHeaders, answer: Buffer, attempt: Attempt): void {
  const status = headers[':status'];
  if (status === undefined) throw new BrokenResponse('the connection was closed before the answer');
  if (status !== 200) return attempt.fail('L7STS', `HTTP ${status}`);
  if (!headers['content-type']?.startsWith('application/grpc'))
    throw new BrokenResponse('the answer is not gRPC');
  const code = all['grpc-status'];
  if (code === undefined) throw new BrokenResponse('the answer has no gRPC status');
  if (code !== '0') return attempt.fail('L7STS', GRPC_CODES[String(code)] ?? `gRPC status ${code}`);
  const serving = servingStatus(answer);
  if (serving === 'SERVING') attempt.pass('L7OK', serving);
  else attempt.fail('L7STS', serving);
}
