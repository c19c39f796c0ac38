import type { CustomDecorator } from '@nestjs/common';
import { type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import {
  CLOUD_EVENT_BATCH_JSON,
  CLOUD_EVENT_JSON,
  CodedError,
  outsideJson,
  utf8Text,
} from '@signalbox/contracts';
import type { FastifyContextConfig, FastifyReply, FastifyRequest, RequestPayload } from 'fastify';

/** Largest HTTP body, bytes (spec/federation: batch of facts). */
export const BODY_LIMIT = 4 * 1024 * 1024;
/** A body that is refused is read and thrown away up to here, so that its sender gets to see the answer. Bytes. */
const DISCARD_LIMIT = 4 * BODY_LIMIT;

const JSON_TYPE = 'application/json';
const CLOUD_EVENT_TYPES = [CLOUD_EVENT_JSON, CLOUD_EVENT_BATCH_JSON];
const TEXT_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/plain'];
const CHARSETS = ['utf-8', 'utf8', 'us-ascii'];
const BODILESS = ['GET', 'HEAD'];

/** Of a route that takes YAML or plain text besides JSON; it arrives as a string. */
export function TextBody(): CustomDecorator {
  return RouteConfig({ textBody: true });
}

/** Configuration of a route that takes CloudEvents in JSON besides JSON. */
export const TAKES_CLOUD_EVENTS = { cloudEvents: true } as const;

/** Of a route with {@link TAKES_CLOUD_EVENTS}. */
export function CloudEventBody(): CustomDecorator {
  return RouteConfig(TAKES_CLOUD_EVENTS);
}

/**
 * The one rule for bodies of all REST routes: JSON in UTF-8 (`outsideJson`), as text where a route says so, in no
 * encoding, of at most {@link BODY_LIMIT}. Anything else is refused by name: `unsupported-media-type`, `too-large`.
 */
export function acceptBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    [JSON_TYPE, ...CLOUD_EVENT_TYPES],
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => Promise.resolve(outsideJson(body, 'the body')),
  );
  fastify.addContentTypeParser(
    TEXT_TYPES,
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => Promise.resolve(utf8Text(body, 'the body')),
  );
  fastify.addHook('preParsing', async (request, reply, payload) => {
    const refusal = request.is404 || !hasBody(request) ? undefined : refusalOf(request);
    if (!refusal) return payload;
    if (refusal.code === 'unsupported-media-type') sayAccepted(request, reply);
    await discard(payload, bytesOf(request));
    throw refusal;
  });
}

/** In headers, for programs: RFC 9110 sections 12.5.1 and 12.5.3 (of an answer), and Accept-Post of LDP. */
function sayAccepted(request: FastifyRequest, reply: FastifyReply): void {
  const types = acceptedBy(request).join(', ');
  void reply.header('accept', types).header('accept-encoding', 'identity');
  if (request.method === 'POST') void reply.header('accept-post', types);
}

/** Media types of bodies that the route of a request takes. */
function acceptedBy(request: FastifyRequest): string[] {
  const config: FastifyContextConfig & { textBody?: boolean; cloudEvents?: boolean } =
    request.routeOptions.config;
  return [
    JSON_TYPE,
    ...(config.textBody === true ? TEXT_TYPES : []),
    ...(config.cloudEvents === true ? CLOUD_EVENT_TYPES : []),
  ];
}

function refusalOf(request: FastifyRequest): CodedError | undefined {
  const accepted = acceptedBy(request);
  const header = request.headers['content-type'] ?? '';
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const charset = parameters.find((one) => one.startsWith('charset='))?.slice('charset='.length);
  const send = `send ${accepted.join(', ')}`;
  if (encoding !== 'identity')
    return unsupported(`a body with Content-Encoding ${encoding} is not accepted: send it as it is`);
  if (type === '') return unsupported(`the body has no Content-Type: ${send}`);
  if (!accepted.includes(type))
    return unsupported(`a body of Content-Type ${type} is not accepted here: ${send}`);
  if (charset !== undefined && !CHARSETS.includes(charset.replaceAll('"', '')))
    return unsupported(`a body in the charset ${charset} is not accepted: send UTF-8`);
  const bytes = bytesOf(request);
  if (bytes <= BODY_LIMIT || bytes > DISCARD_LIMIT) return undefined;
  return new CodedError('too-large', `the body has ${bytes} bytes; at most ${BODY_LIMIT} are allowed`);
}

function unsupported(message: string): CodedError {
  return new CodedError('unsupported-media-type', message);
}

function hasBody(request: FastifyRequest): boolean {
  if (BODILESS.includes(request.method)) return false;
  return bytesOf(request) > 0 || request.headers['transfer-encoding'] !== undefined;
}

/** As announced; 0 when it is not. */
function bytesOf(request: FastifyRequest): number {
  return Number(request.headers['content-length'] ?? 0);
}

/** Fastify hangs up on a body that nobody read, and its sender sees a broken pipe instead of the answer. */
async function discard(payload: RequestPayload, announced: number): Promise<void> {
  if (announced > DISCARD_LIMIT) return;
  let bytes = 0;
  try {
    for await (const chunk of payload) {
      bytes += (chunk as Buffer).length;
      if (bytes > DISCARD_LIMIT) return;
    }
  } catch {
    // the sender left: nobody reads the answer
  }
}
