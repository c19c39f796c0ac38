import { createHash } from 'node:crypto';

/** How Go marshals a time that was never set. */
export const GO_ZERO_TIME = '0001-01-01T00:00:00Z';

/** The event as routerd's Go struct has it: every field is always there. */
export interface GoEvent {
  readonly id: string;
  readonly group: string;
  readonly sourceNode: string;
  readonly type: string;
  readonly subject: string;
  readonly dedupeKey: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly observedAt: string;
  readonly expiresAt: string;
}

/** What differs from a push that is right in every way. */
export interface PushVariation {
  /** Signs with it; default: the shared secret. */
  readonly secret?: string;
  /** Seconds between our clock and the timestamp header. */
  readonly skewSeconds?: number;
  /** Sent as it is, null = not sent. */
  readonly timestampHeader?: string | null;
  /** Sent instead of the text that was signed. */
  readonly sentBody?: string;
}

/** A request that was signed, so that it can be sent more than once. */
export interface SignedPush {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PushReply {
  readonly status: number;
  /** The JSON body, or the text when it is none. */
  readonly body: unknown;
}

/** Body of `GET /v1/status` of a receiver. */
export interface ReceiverStatus {
  readonly node: string;
  readonly group: string;
  readonly received: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly storedEvents: number;
  readonly replayWindowSeconds: number;
}

/** A routerd peer on the other side of a port: nothing of ours signs or sends. */
export class GoPeer {
  constructor(
    readonly endpoint: string,
    private readonly secret: string,
  ) {}

  /** Signs and sends a body; an object is marshalled as Go does. */
  async push(body: GoEvent | object | string, variation: PushVariation = {}): Promise<PushReply> {
    return this.send(this.sign(body, variation));
  }

  sign(body: object | string, variation: PushVariation = {}): SignedPush {
    const { secret = this.secret, skewSeconds = 0, timestampHeader, sentBody } = variation;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const timestamp = timestampHeader ?? String(Math.floor(Date.now() / 1000) + skewSeconds);
    return {
      body: sentBody ?? text,
      headers: {
        'Content-Type': 'application/json',
        'X-Routerd-Signature': hmacSha256(secret, `${timestamp}\n${text}`),
        ...(timestampHeader !== null && { 'X-Routerd-Timestamp': timestamp }),
      },
    };
  }

  async send({ body, headers }: SignedPush): Promise<PushReply> {
    const response = await fetch(`${this.endpoint}/v1/events`, { method: 'POST', headers, body });
    const text = await response.text();
    return { status: response.status, body: jsonOrText(text) };
  }

  async status(): Promise<ReceiverStatus> {
    return (await (await fetch(`${this.endpoint}/v1/status`)).json()) as ReceiverStatus;
  }
}

const BLOCK_BYTES = 64;

/** HMAC-SHA256 in lower-case hex, step by step as RFC 2104 writes it: no code in common with the product's. */
export function hmacSha256(secret: string | Uint8Array, text: string | Uint8Array): string {
  const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const given = Buffer.from(secret);
  const key = Buffer.alloc(BLOCK_BYTES);
  (given.length > BLOCK_BYTES ? sha256(given) : given).copy(key);
  const inner = sha256(
    key.map((byte) => byte ^ 0x36),
    text,
  );
  return sha256(
    key.map((byte) => byte ^ 0x5c),
    inner,
  ).toString('hex');
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
