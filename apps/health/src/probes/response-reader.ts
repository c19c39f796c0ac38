import { BrokenResponse } from './broken-response.js';
import { PROBE_LIMITS } from './limits.js';
import { bodyAfter, type ResponseBody } from './response-body.js';
import { headLength, headTooLong, parseHead } from './response-head.js';

/** A response as far as it was wanted. */
export interface HttpResponse {
  readonly status: number;
  /** Present when the body was wanted. */
  readonly body?: string;
}

/**
 * Reads one HTTP/1 response from the bytes of a connection, strictly and within {@link PROBE_LIMITS}. In place of the
 * client of node:http, because one probe costs half of what it does there and nothing but a response is accepted.
 */
export class ResponseReader {
  private rest: Buffer | undefined;
  private readBytes = 0;
  private status = 0;
  private body: ResponseBody | undefined;

  /** `wantsBody`: whether the body of a response with this status is to be read. */
  constructor(private readonly wantsBody: (status: number) => boolean) {}

  /** Takes the next bytes. The response when there is all that is wanted; throws {@link BrokenResponse}. */
  take(bytes: Buffer): HttpResponse | undefined {
    if (this.body) return this.takeBody(this.body, bytes);
    let rest = this.rest ? Buffer.concat([this.rest, bytes]) : bytes;
    for (;;) {
      const length = headLength(rest);
      if (this.readBytes + (length ?? rest.length) > PROBE_LIMITS.headBytes) throw headTooLong();
      if (length === undefined) {
        this.rest = rest;
        return undefined;
      }
      const head = parseHead(rest.toString('latin1', 0, length));
      rest = rest.subarray(length);
      this.readBytes += length;
      // Interim responses come before the final one, RFC 9110 section 15.2; 101 is final.
      if (head.status < 200 && head.status !== 101) continue;
      this.status = head.status;
      const body = bodyAfter(head);
      if (!this.wantsBody(head.status)) return { status: head.status };
      this.body = body;
      return this.takeBody(this.body, rest);
    }
  }

  /** The connection has ended. */
  end(): HttpResponse {
    if (this.body?.endsHere) return { status: this.status, body: this.body.text() };
    if (this.body) throw new BrokenResponse('the connection was closed within the body');
    const isPart = this.rest !== undefined && this.rest.length > 0;
    throw new BrokenResponse(`the connection was closed ${isPart ? 'within' : 'before'} the response`);
  }

  private takeBody(body: ResponseBody, bytes: Buffer): HttpResponse | undefined {
    return body.take(bytes) ? { status: this.status, body: body.text() } : undefined;
  }
}
