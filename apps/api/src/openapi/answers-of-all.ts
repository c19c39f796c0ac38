import type { OpenAPIObject } from '@nestjs/swagger';
import { type ErrorCode, ERRORS } from '@signalbox/contracts';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Answers = NonNullable<NonNullable<OpenAPIObject['components']>['responses']>;

/** Refusals that a route may answer with, by name: what every route has in common is said once. */
const REFUSALS: Readonly<Record<string, readonly [status: number, description: string]>> = {
  BadRequest: [400, 'The request, its path or its body cannot be read.'],
  Unauthorized: [401, 'No valid token was given; `WWW-Authenticate` says how to give one.'],
  Forbidden: [403, 'The caller may not do this, or not there.'],
  NotFound: [404, 'There is no such thing.'],
  Conflict: [409, 'The state of the thing does not allow this now.'],
  PreconditionFailed: [412, '`If-Match` names another version than the one that stands.'],
  TooLarge: [413, 'The body is larger than allowed.'],
  UnsupportedMediaType: [
    415,
    'The media type of the body is not accepted; `Accept-Post` names those that are.',
  ],
  Invalid: [422, 'Something in the request is not valid; `errors` names it.'],
  PreconditionRequired: [428, 'The site asks for `If-Match` with this change.'],
  RateLimited: [429, 'Too many requests; `Retry-After` says when the next one may come.'],
  Unavailable: [503, 'A part of the site does not answer; nothing is lost by asking again.'],
};

const EXAMPLES: Partial<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  404: 'not-found',
  412: 'revision-conflict',
  415: 'unsupported-media-type',
  422: 'validation-failed',
  429: 'rate-limited',
  503: 'not-ready',
};

/** The refusals as components of the document. */
export function refusals(): Answers {
  return Object.fromEntries(
    Object.entries(REFUSALS).map(([name, [status, description]]) => [
      name,
      {
        description,
        ...(status === 429 && {
          headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
        }),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/ProblemDto' },
            ...exampleOf(status),
          },
        },
      },
    ]),
  );
}

function exampleOf(status: number): object {
  const code = EXAMPLES[status];
  if (code === undefined) return {};
  const { title, retryable } = ERRORS[code];
  const type = `https://signalbox.dev/errors/${code}`;
  return { example: { type, title, status, code, detail: title, instance: '/v1/status', retryable } };
}

/** Which refusals an operation may answer with. */
export function addRefusals(method: string, path: string, operation: Operation): void {
  const isChange = method !== 'get';
  const names = [
    'BadRequest',
    ...(operation.security?.length === 0 ? [] : ['Unauthorized', 'Forbidden']),
    ...(path.includes('{') || isChange ? ['NotFound'] : []),
    ...(isChange ? ['Conflict', 'PreconditionFailed'] : []),
    ...(operation.requestBody ? ['TooLarge', 'UnsupportedMediaType'] : []),
    'Invalid',
    ...(method === 'put' || method === 'delete' ? ['PreconditionRequired'] : []),
    ...['RateLimited', 'Unavailable'],
  ];
  for (const name of names) {
    const [status] = REFUSALS[name]!;
    operation.responses[status] ??= { $ref: `#/components/responses/${name}` };
  }
}
