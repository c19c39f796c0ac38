import { CodedError } from '@signalbox/contracts';

/**
 * Bytes in front of each message: eight that only VPP uses, the length of the message, and four more of VPP. `msgbuf_t` of VPP's
 * `api_common.h`.
 */
export const FRAME_HEADER_BYTES = 16;
const LENGTH_AT = 8;

/** The number of the message alone. Bytes. */
const LEAST_MESSAGE_BYTES = 2;

/** Longest message. The text of 1,000 VIPs with 20 servers each, the longest that is asked for, is a tenth of it. Bytes. */
export const MOST_MESSAGE_BYTES = 32 * 1024 * 1024;

/** A message with its header. */
export function frame(message: Buffer): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32BE(message.length, LENGTH_AT);
  return Buffer.concat([header, message]);
}

/** Cuts what comes over a stream into messages, wherever it is cut itself. */
export class FrameSplitter {
  private parts: Buffer[] = [];
  private size = 0;
  /** How many bytes have to be there until there is something to cut. */
  private due = FRAME_HEADER_BYTES;

  /** The messages that are whole now. Throws `data-plane-refused` for a length that no message has; nothing can be read behind it. */
  push(chunk: Buffer): Buffer[] {
    this.parts.push(chunk);
    this.size += chunk.length;
    if (this.size < this.due) return [];
    let rest = this.parts.length === 1 ? chunk : Buffer.concat(this.parts);
    const messages: Buffer[] = [];
    this.due = dueBytes(rest);
    while (rest.length >= this.due && this.due > FRAME_HEADER_BYTES) {
      messages.push(rest.subarray(FRAME_HEADER_BYTES, this.due));
      rest = rest.subarray(this.due);
      this.due = dueBytes(rest);
    }
    this.parts = [rest];
    this.size = rest.length;
    return messages;
  }
}

/** How many bytes the first message takes with its header; those of a header while that is not all there. */
function dueBytes(bytes: Buffer): number {
  if (bytes.length < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES;
  const length = bytes.readUInt32BE(LENGTH_AT);
  if (length < LEAST_MESSAGE_BYTES || length > MOST_MESSAGE_BYTES)
    throw new CodedError(
      'data-plane-refused',
      `VPP sent a message of ${length} bytes; they have ${LEAST_MESSAGE_BYTES} to ${MOST_MESSAGE_BYTES}: is it VPP that listens there?`,
    );
  return FRAME_HEADER_BYTES + length;
}
