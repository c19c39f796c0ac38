import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { CodedError, type ErrorCode } from '@signalbox/contracts';
import type { FastifyHttpOptions, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpSettings } from './http-settings.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';
import { BODY_LIMIT } from './request-bodies.js';

/** Bounds of one HTTP request, besides its body. */
export const REQUEST_LIMITS = {
  /** All headers together, with the line before them. Bytes. */
  headerBytes: 16_384,
  /** One name in a path, as it is written there. Characters. */
  nameChars: 600,
  /** From the first byte of a request to the end of its headers. Milliseconds. */
  headersMs: 15_000,
  /** From the first byte of a request to its last. Milliseconds. */
  requestMs: 60_000,
  /** How often connections are looked through for those that are too slow. Milliseconds. */
  checkEveryMs: 5_000,
} as const;

/** How the HTTP server of a process is set up: what arrives late or is no HTTP is refused with a problem, too. */
export function serverOptions({ trustedProxies }: HttpSettings): FastifyHttpOptions<Server> {
  return {
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: REQUEST_LIMITS.nameChars },
    requestTimeout: REQUEST_LIMITS.requestMs,
    http: {
      maxHeaderSize: REQUEST_LIMITS.headerBytes,
      headersTimeout: REQUEST_LIMITS.headersMs,
      connectionsCheckingInterval: REQUEST_LIMITS.checkEveryMs,
    },
    frameworkErrors: (error, request, reply) => answer(routingProblem(error.code), request, reply),
    clientErrorHandler: refuseBytes,
    ...(trustedProxies.length > 0 && { trustProxy: [...trustedProxies] }),
  };
}

function answer(error: CodedError, request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .status(error.status)
    .header('content-type', PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(error, request.raw.url ?? '')));
}

/** What the router refuses before any route is found. */
function routingProblem(code: string): CodedError {
  return code === 'FST_ERR_MAX_PARAM_LENGTH'
    ? new CodedError(
        'url-too-long',
        `a name in the path is longer than ${REQUEST_LIMITS.nameChars} characters`,
      )
    : new CodedError('bad-request', 'the path is not valid: percent-encode it as UTF-8');
}

/** What Node's parser of HTTP refuses before there is a request. */
const PARSE_PROBLEMS: Partial<Record<string, readonly [ErrorCode, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [
    'request-timeout',
    `headers may take ${REQUEST_LIMITS.headersMs / 1000} s and the whole request ${REQUEST_LIMITS.requestMs / 1000} s: send it faster`,
  ],
  HPE_HEADER_OVERFLOW: [
    'headers-too-large',
    `the URL and the headers together may have ${REQUEST_LIMITS.headerBytes} bytes`,
  ],
};

function refuseBytes(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [code, message] = PARSE_PROBLEMS[error.code ?? ''] ?? ['bad-request', 'this is not HTTP/1.1'];
  const coded = new CodedError(code, message);
  const body = JSON.stringify(problemOf(coded, ''));
  const head = [
    `HTTP/1.1 ${coded.status} ${STATUS_CODES[coded.status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  else socket.destroy();
}
