import { CodedError, pointerToken, secretBytes } from '@signalbox/contracts';

/** What stands in the place of a secret. */
const REDACTED = '[redacted]';

/** Characters from which on a text is a secret by itself; a shorter one stands in too many other texts. */
const LEAST_CHARACTERS = 6;

/** Lines up to which a secret is looked for line by line too, as a key in PEM is printed. */
const MOST_LINES = 128;

/**
 * Keeps secrets out of what a plugin says. Hidden is what stands between surrounding blanks, and each line of a secret that has a few
 * (both from {@link LEAST_CHARACTERS} characters on), plain and as JSON escapes them; a shorter secret only as a whole, with the
 * blanks around it. That a program changed a secret first, for example to base64, is not found.
 */
export class Redaction {
  /** Texts of bytes (latin1), in which characters of more than one byte are found too; the longest first. */
  private readonly hidden: readonly string[];
  /** The texts that nothing proposed may hold. */
  private readonly texts: readonly string[];

  /** The bytes of the files. Empty ones hide nothing. */
  constructor(secrets: readonly Buffer[]) {
    this.texts = secrets.flatMap((bytes) => textOf(secretBytes(bytes)) ?? []).filter(isTelling);
    const hidden = new Set(secrets.flatMap(patternsOf).flatMap((plain) => [plain, asInJson(plain)]));
    hidden.delete('');
    this.hidden = [...hidden].sort((a, b) => b.length - a.length);
  }

  /** Whether there is nothing to hide. */
  get isEmpty(): boolean {
    return this.hidden.length === 0;
  }

  /** The same bytes without secrets. */
  bytes(bytes: Buffer): Buffer {
    if (this.isEmpty) return bytes;
    return Buffer.from(without(this.hidden, bytes.toString('latin1')), 'latin1');
  }

  /** The same text without secrets. Give it the whole text: of one that was cut a piece of a secret could be left. */
  readonly text = (text: string): string => (this.isEmpty ? text : this.bytes(Buffer.from(text)).toString());

  /** The same error without secrets, and then without its cause. */
  error(error: CodedError): CodedError {
    const message = this.text(error.message);
    const errors = error.errors.map((field) => ({ ...field, message: this.text(field.message) }));
    const isClean =
      message === error.message && errors.every((field, at) => field.message === error.errors[at]?.message);
    return isClean ? error : new CodedError(error.code, message, errors);
  }

  /** JSON Pointers, below `pointer`, of the texts and keys in a JSON value that hold a secret. */
  *placesIn(value: unknown, pointer: string): Iterable<string> {
    if (this.texts.length === 0) return;
    if (typeof value === 'string' && this.isHeldBy(value)) yield pointer;
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (this.isHeldBy(key)) yield pointer;
      else yield* this.placesIn(member, `${pointer}/${pointerToken(key)}`);
    }
  }

  private isHeldBy(text: string): boolean {
    return this.texts.some((secret) => text.includes(secret));
  }
}

/** Hides nothing. */
export const NO_REDACTION = new Redaction([]);

function patternsOf(bytes: Buffer): string[] {
  const core = secretBytes(bytes).toString('latin1');
  if (!isTelling(core)) return [bytes.toString('latin1')];
  const lines = core.split('\n');
  if (lines.length > MOST_LINES) return [core];
  const trimmed = lines.map((line) => secretBytes(Buffer.from(line, 'latin1')).toString('latin1'));
  return [core, ...trimmed.filter(isTelling)];
}

/** In one pass, so that what was put in is not looked at again; of patterns that begin at one place the first. */
function without(patterns: readonly string[], text: string): string {
  const next = patterns.map((pattern) => text.indexOf(pattern));
  let told = '';
  for (let at = 0; ;) {
    let best: number | undefined;
    for (const [index, pattern] of patterns.entries()) {
      if (next[index]! >= 0 && next[index]! < at) next[index] = text.indexOf(pattern, at);
      if (next[index]! >= 0 && (best === undefined || next[index]! < next[best]!)) best = index;
    }
    if (best === undefined) return told + text.slice(at);
    told += text.slice(at, next[best]) + REDACTED;
    at = next[best]! + patterns[best]!.length;
  }
}

function asInJson(latin1: string): string {
  return JSON.stringify(latin1).slice(1, -1);
}

function isTelling(text: string): boolean {
  return text.length >= LEAST_CHARACTERS;
}

/** Undefined for bytes that are no text. */
function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
