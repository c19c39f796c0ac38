import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Any text of 1-255 printable characters. The same key again within 24 h is answered as the first time and nothing is done twice; with another request it is refused.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const MIN_REVISION: Parameter = {
  name: 'minRevision',
  in: 'query',
  required: false,
  description:
    'Waits at most 2 s until what follows from this revision can be read, and answers 503 `not-ready` when it cannot.',
  schema: { type: 'integer', minimum: 0 },
};

/** What every route of a method takes, whatever it is about. */
export function addCommonParameters(method: string, path: string, operation: Operation): void {
  const more = method === 'post' ? [IDEMPOTENCY_KEY] : method === 'get' && isRead(path) ? [MIN_REVISION] : [];
  if (more.length > 0) operation.parameters = [...(operation.parameters ?? []), ...more];
}

/** Streams tell what comes, and who asks for the site has no token. */
function isRead(path: string): boolean {
  return !path.endsWith('/stream') && path !== '/v1/site';
}
