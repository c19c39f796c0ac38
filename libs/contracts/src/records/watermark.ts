/**
 * `watermark.<service>` (core NATS): how far a service has handled a stream, and the last message it appended
 * because of it. Architecture section 6.3 "Read your writes".
 */
export interface Watermark {
  readonly service: string;
  readonly stream: string;
  readonly seq: number;
  readonly appended?: {
    readonly stream: string;
    readonly seq: number;
    /** Of `renderer`: its last message so far that `health` and `balancer` follow. */
    readonly traffic?: number;
    /** Of `balancer`: its last message so far that says who has which VIP. */
    readonly vips?: number;
  };
}

/** Which services must have handled a journal revision before an apply is answered as done. */
export const APPLY_CHAIN = ['ingest', 'federation', 'matcher', 'plugin-runner', 'renderer'] as const;

/** How long a command waits for its consequences before it is answered with 202. Milliseconds. */
export const COMMAND_WAIT_MS = 2000;
