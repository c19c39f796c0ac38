import type { MsgHdrs } from 'nats';

/** One stored message as readers see it. `time` is when the server stored it, milliseconds since 1970. */
export interface StreamMessage {
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly time: number;
  readonly headers?: MsgHdrs;
}
