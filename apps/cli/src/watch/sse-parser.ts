import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';

/** One event of a stream. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** Id of this event or of the last one before it that had one; empty when none had. */
  readonly lastEventId: string;
}

/** Most characters of one event; the largest record of a frontend is far below. */
export const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/**
 * Reads an event stream in whatever pieces it comes (WHATWG HTML, section 9.2.6). `retry` is not heeded: how long to
 * wait is for the one who connects. Throws a Failure on an event above MAX_EVENT_CHARS.
 */
export class SseParser {
  private line = '';
  private afterCr = false;
  private atStart = true;
  private type = '';
  private data: string[] = [];
  private dataChars = 0;
  private id = '';

  /** The events that end in this piece. */
  push(text: string): readonly StreamEvent[] {
    if (text === '') return [];
    const piece = this.withoutMark(this.afterCr && text.startsWith('\n') ? text.slice(1) : text);
    this.afterCr = text.endsWith('\r');
    const lines = (this.line + piece).split(/\r\n|\r|\n/);
    this.line = lines.pop() ?? '';
    const events = lines.flatMap((line) => this.take(line));
    if (this.line.length + this.dataChars > MAX_EVENT_CHARS)
      throw new Failure(
        'unexpected-answer',
        `an event of the stream is longer than ${MAX_EVENT_CHARS} characters`,
        EXIT.unreachable,
      );
    return events;
  }

  private withoutMark(text: string): string {
    const { atStart } = this;
    this.atStart = false;
    return atStart && text.startsWith('\uFEFF') ? text.slice(1) : text;
  }

  private take(line: string): readonly StreamEvent[] {
    if (line === '') return this.dispatch();
    const at = line.indexOf(':');
    const field = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
    if (field === 'data') {
      this.data.push(value);
      this.dataChars += value.length;
    } else if (field === 'event') this.type = value;
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    return [];
  }

  private dispatch(): readonly StreamEvent[] {
    const { type, data, id } = this;
    this.type = '';
    this.data = [];
    this.dataChars = 0;
    return data.length === 0 ? [] : [{ type: type || 'message', data: data.join('\n'), lastEventId: id }];
  }
}
