/**
 * The one table of coded errors. Every error that leaves Signalbox (REST, CLI, NATS replies, dead letters,
 * run records) carries one of these codes. `status` is the HTTP status, `retryable` says whether the same
 * request may succeed later without a change, `title` is the one-line meaning shown to people.
 */
export const ERRORS = {
  'bad-request': { status: 400, retryable: false, title: 'The request is not valid HTTP' },
  'bad-json': { status: 400, retryable: false, title: 'The body is not valid JSON' },
  'bad-yaml': { status: 400, retryable: false, title: 'The document is not valid YAML' },
  'bad-text': { status: 400, retryable: false, title: 'The text is not UTF-8' },
  'too-complex': {
    status: 400,
    retryable: false,
    title: 'The document is nested too deep or has too many members',
  },
  'unsupported-media-type': { status: 415, retryable: false, title: 'The content type is not accepted here' },
  'unsupported-envelope': {
    status: 400,
    retryable: false,
    title: 'The fact stands in an envelope that is not supported',
  },
  'bad-maglev': { status: 400, retryable: false, title: 'The maglev.yaml does not follow its schema' },
  'bad-grammar': { status: 400, retryable: false, title: 'A field does not follow its grammar' },
  'validation-failed': { status: 422, retryable: false, title: 'One or more fields are not valid' },
  'unknown-kind': { status: 422, retryable: false, title: 'There is no such kind' },
  'unknown-group': { status: 404, retryable: false, title: 'No EventGroup with this name is declared' },
  'group-mismatch': { status: 400, retryable: false, title: 'The fact names another group' },
  'type-mismatch': { status: 400, retryable: false, title: 'The fact names another type than its subject' },
  'foreign-source': { status: 400, retryable: false, title: 'A local fact cannot name another source node' },
  'self-origin': { status: 400, retryable: false, title: 'A peer cannot send facts in our name' },
  'not-a-member': { status: 400, retryable: false, title: 'The source node is not a member of the group' },
  'observed-in-future': { status: 400, retryable: false, title: 'observedAt lies too far ahead' },
  expired: { status: 400, retryable: false, title: 'The fact has expired' },
  'content-conflict': { status: 409, retryable: false, title: 'The id is already used for other content' },
  'origin-conflict': { status: 409, retryable: false, title: 'The id belongs to another source node' },
  replay: { status: 409, retryable: false, title: 'The signed request was seen before' },
  'too-large': { status: 413, retryable: false, title: 'The body is larger than allowed' },
  'storage-full': { status: 507, retryable: true, title: 'The fact stream is full' },
  'bad-timestamp': {
    status: 400,
    retryable: false,
    title: 'The timestamp header is missing or not a number',
  },
  'bad-signature': { status: 401, retryable: false, title: 'The signature does not match' },
  'stale-timestamp': { status: 403, retryable: false, title: 'The timestamp is outside the replay window' },
  unauthorized: { status: 401, retryable: false, title: 'No valid token was given' },
  forbidden: { status: 403, retryable: false, title: 'The caller may not do this, or not there' },
  'method-not-allowed': {
    status: 405,
    retryable: false,
    title: 'What the path names does not take the method',
  },
  'request-timeout': { status: 408, retryable: true, title: 'The request did not arrive in time' },
  'url-too-long': { status: 414, retryable: false, title: 'The URL or a name in it is too long' },
  'headers-too-large': { status: 431, retryable: false, title: 'The headers are larger than allowed' },
  'rate-limited': { status: 429, retryable: true, title: 'Too many requests' },
  'precondition-required': {
    status: 428,
    retryable: false,
    title: 'The site asks for If-Match with this change',
  },
  'key-reused': {
    status: 422,
    retryable: false,
    title: 'The Idempotency-Key belongs to another request',
  },
  'answer-not-kept': {
    status: 409,
    retryable: false,
    title: 'The request was carried out before, and its answer is no longer there',
  },
  'not-found': { status: 404, retryable: false, title: 'There is no such thing' },
  'revision-conflict': { status: 412, retryable: true, title: 'The resource changed in the meantime' },
  'reference-missing': { status: 422, retryable: false, title: 'A referenced resource does not exist' },
  'duplicate-resource': { status: 422, retryable: false, title: 'The same resource is given twice' },
  'unfilled-variable': { status: 422, retryable: false, title: 'A ${variable} has no value' },
  'quota-exceeded': { status: 403, retryable: false, title: 'A quota does not allow so many resources' },
  'changeset-too-large': {
    status: 413,
    retryable: false,
    title: 'The changeset is larger than one message may be',
  },
  'result-too-large': {
    status: 413,
    retryable: false,
    title: 'The result is larger than one message may be',
  },
  'not-ready': { status: 503, retryable: true, title: 'The service is not ready' },
  'nats-unavailable': { status: 503, retryable: true, title: 'NATS cannot be reached' },
  'store-unavailable': { status: 503, retryable: true, title: 'Postgres cannot be reached' },
  'store-newer': { status: 500, retryable: false, title: 'The database is of a newer version' },
  'certificate-refused': {
    status: 503,
    retryable: true,
    title: 'A certificate is not trusted, has expired or is for another name',
  },
  internal: { status: 500, retryable: true, title: 'Something went wrong inside Signalbox' },
  'poison-message': { status: 500, retryable: false, title: 'A message cannot be processed' },
  'peer-refused-fact': { status: 502, retryable: false, title: 'The peer refused the fact' },
  'peer-refused-us': { status: 502, retryable: true, title: 'The peer refuses our requests' },
  'peer-unreachable': { status: 502, retryable: true, title: 'The peer cannot be reached' },
  'secret-missing': {
    status: 422,
    retryable: true,
    title: 'The secret file is missing, unreadable or empty',
  },
  'secret-refused': { status: 422, retryable: false, title: 'The secret file may not be read' },
  'secret-in-result': { status: 422, retryable: false, title: 'The result of the plugin holds a secret' },
  'plugin-missing': { status: 422, retryable: true, title: 'The plugin is not declared' },
  'plugin-untrusted': { status: 422, retryable: false, title: 'The plugin is not trusted' },
  'sandbox-unavailable': { status: 422, retryable: false, title: 'The plugin may run in a sandbox only' },
  'plugin-start-failed': { status: 422, retryable: true, title: 'The plugin could not be started' },
  'plugin-unreachable': {
    status: 422,
    retryable: true,
    title: 'The endpoint of the plugin cannot be reached',
  },
  'plugin-refused': { status: 422, retryable: true, title: 'The endpoint of the plugin refused the request' },
  'plugin-timeout': { status: 422, retryable: true, title: 'The plugin timed out' },
  'plugin-exit': { status: 422, retryable: true, title: 'The plugin exited with an error' },
  'plugin-output-limit': { status: 422, retryable: true, title: 'The plugin wrote more than allowed' },
  'plugin-output-invalid': { status: 422, retryable: true, title: 'The plugin result is not valid' },
  'capability-missing': {
    status: 422,
    retryable: false,
    title: 'The plugin lacks the capability for its result',
  },
  'run-lost': { status: 500, retryable: true, title: 'The run was interrupted before its end was recorded' },
  'not-kept': { status: 410, retryable: false, title: 'So far back nothing is kept' },
  retention: { status: 410, retryable: false, title: 'The fact is no longer kept' },
  superseded: { status: 409, retryable: false, title: 'A newer fact took its place' },
  'rule-changed': { status: 409, retryable: false, title: 'The changed rule does not match the fact' },
  'part-conflict': { status: 409, retryable: false, title: 'Another owner already holds the resource' },
  'startup-conflict': { status: 409, retryable: false, title: 'An operator resource has the same identity' },
  'part-invalid': {
    status: 422,
    retryable: false,
    title: 'The part does not merge into a valid configuration',
  },
  'part-expired': { status: 422, retryable: false, title: 'The part had already ended when it was proposed' },
  'mask-denied': { status: 403, retryable: false, title: 'No policy allows this mask' },
  'grant-exceeded': {
    status: 403,
    retryable: false,
    title: 'The plugin proposed what its grants do not cover',
  },
  'wrong-state': {
    status: 409,
    retryable: false,
    title: 'It is in a state that does not allow this',
  },
  'sink-template': {
    status: 422,
    retryable: false,
    title: 'The template of the sink gives no document',
  },
  'sink-place': { status: 422, retryable: false, title: 'The sink may not write there' },
  'sink-write': { status: 500, retryable: true, title: 'The document of the sink could not be written' },
  'sink-program': { status: 422, retryable: false, title: 'The sink may not start this program' },
  'sink-command': { status: 422, retryable: false, title: 'A command of the sink failed' },
  'data-plane-unavailable': {
    status: 503,
    retryable: true,
    title: 'The data plane of the node does not answer',
  },
  'data-plane-refused': {
    status: 422,
    retryable: false,
    title: 'The data plane cannot do what the listener asks for',
  },
  'announcer-unavailable': {
    status: 503,
    retryable: true,
    title: 'The program that announces VIPs does not answer',
  },
  'announce-refused': {
    status: 422,
    retryable: false,
    title: 'The program that announces VIPs refuses what it shall announce',
  },
  'listen-failed': {
    status: 409,
    retryable: true,
    title: 'The node cannot listen there',
  },
  'certificate-unusable': {
    status: 422,
    retryable: true,
    title: 'A certificate file of the node cannot be used',
  },
  'sink-changed': {
    status: 409,
    retryable: true,
    title: 'Somebody else changed what the sink writes',
  },
  'sink-refused': { status: 422, retryable: false, title: 'The server refuses the document of the sink' },
  'sink-unreachable': {
    status: 502,
    retryable: true,
    title: 'The server of the sink does not take the document',
  },
  'verify-running': { status: 409, retryable: true, title: 'Projections are being verified or rebuilt' },
  'subscription-gone': { status: 404, retryable: false, title: 'The subscription or plugin was deleted' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

/** A code of the error table. */
export type ErrorCode = keyof typeof ERRORS;

/** One wrong field: JSON Pointer into the given document, and what was expected there. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

/** An error as it is kept in records, replies and dead letters. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly errors?: readonly FieldError[];
}

/**
 * The error class of all expected failures. `message` says what, where and what to do.
 * Anything else that is thrown is a defect or an infrastructure fault and is reported as `internal`.
 */
export class CodedError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly errors: readonly FieldError[] = [],
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'CodedError';
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  /** The form kept in records and replies. */
  toBody(): ErrorBody {
    return { code: this.code, message: this.message, ...(this.errors.length > 0 && { errors: this.errors }) };
  }
}

/** Turns whatever was thrown into the recorded form; unknown errors become `internal` with their message. */
export function errorBody(error: unknown): ErrorBody {
  if (error instanceof CodedError) return error.toBody();
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
