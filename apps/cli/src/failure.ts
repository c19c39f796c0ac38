import { EXIT, exitCodeOfStatus, type ExitCode } from './exit-codes.js';
import { plain } from './output/cell.js';

/** One wrong field of what was sent. */
export interface WrongField {
  readonly pointer: string;
  readonly message: string;
}

/** What a failure may say besides its code and message. */
export interface FailureDetails {
  readonly errors?: readonly WrongField[];
  /** What the person should do now. */
  readonly next?: string;
  /** Whether the same request may be repeated: no answer came, or a 5xx that does not say otherwise. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Every expected way in which a command fails: printed as `signalbox: <code>: <message>`, ends with its exit code. */
export class Failure extends Error {
  readonly errors: readonly WrongField[];
  readonly retryable: boolean;
  readonly next: string | undefined;

  constructor(
    readonly code: string,
    message: string,
    readonly exitCode: ExitCode,
    details: FailureDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'Failure';
    this.errors = details.errors ?? [];
    this.retryable = details.retryable ?? false;
    this.next = details.next;
  }
}

/** A wrong argument: exit code 2. */
export function usageFailure(message: string, next?: string): Failure {
  return new Failure('usage', message, EXIT.usage, next === undefined ? {} : { next });
}

/**
 * The failure in whatever was thrown. A CodedError of `@signalbox/contracts` is known by its members, so that
 * commands which need nothing of that library do not load it.
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof Error && error.name === 'CodedError') {
    const coded = error as Error & { code: string; status: number; errors: readonly WrongField[] };
    return new Failure(coded.code, coded.message, exitCodeOfStatus(coded.status), {
      errors: coded.errors,
      cause: error,
    });
  }
  return new Failure('internal', error instanceof Error ? error.message : String(error), EXIT.failure, {
    next: 'this is a defect of signalbox: report it with the command you ran',
    cause: error,
  });
}

const NEXT_OF_CODE: Readonly<Record<string, string>> = {
  'bad-text': 'save the text as UTF-8 and run the command again',
  'unknown-group': 'see which groups are declared: signalbox get EventGroup',
  'unfilled-variable': 'give the value: signalbox apply -f FILE --var name=value',
  'content-conflict': 'use another --id, or leave --id out for a new one',
  'origin-conflict': 'use another --id: this one belongs to another node',
  'wrong-state': 'see which state it is in: signalbox show backends',
  'not-ready': 'wait a moment and repeat the command; signalbox status says what is not ready',
  'verify-running': 'wait until it has ended and repeat the command',
  'changeset-too-large': 'apply the files in several steps, each with its own --set NAME',
};

const NEXT_OF_EXIT: Readonly<Partial<Record<ExitCode, string>>> = {
  [EXIT.usage]: 'signalbox --help',
  [EXIT.notFound]: 'check the spelling of the name',
  [EXIT.conflict]: 'read the current state again and repeat the change',
  [EXIT.unreachable]:
    'start the site with npm run up, or name another one with --context, --url or SIGNALBOX_URL',
  [EXIT.denied]: 'check the token: signalbox context show says which one is used',
};

/** What to do after a failure. */
export function nextStep(failure: Failure): string {
  if (failure.next !== undefined) return failure.next;
  const ofCode = Object.hasOwn(NEXT_OF_CODE, failure.code) ? NEXT_OF_CODE[failure.code] : undefined;
  const known = ofCode ?? NEXT_OF_EXIT[failure.exitCode];
  if (known !== undefined) return known;
  if (failure.errors.length > 0) return 'correct the fields above and run the command again';
  if (failure.retryable) return 'repeat the command; signalbox status and the log of the site say more';
  return 'correct the input and run the command again';
}

/** What a server says must not drive a terminal; a message of ours may have several lines. */
function printable(text: string): string {
  return text.split('\n').map(plain).join('\n');
}

/** The lines that stderr gets for a failure. */
export function failureText(failure: Failure, paint: (text: string) => string = (text) => text): string {
  return [
    `${paint('signalbox:')} ${plain(failure.code)}: ${printable(failure.message)}`,
    ...failure.errors.map(({ pointer, message }) => `  ${plain(pointer)}: ${printable(message)}`),
    `next: ${nextStep(failure)}`,
    '',
  ].join('\n');
}
