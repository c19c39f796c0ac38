import { open } from 'node:fs/promises';
import {
  type ConfigSinkSpec,
  documentType,
  maskUrl,
  parseDuration,
  SINK_DEFAULTS,
  type SinkContent,
  sinkPlaceOf,
  formatTime,
  signDocument,
  WEBHOOK_HEADERS,
  type WebhookSinkSpec,
} from '@signalbox/contracts';
import { type Clock, SecretFile } from '@signalbox/runtime';
import { restMsOf } from '../domain/retry-after.js';
import { type Drift, type SinkDocument, SinkFault, type SinkTarget } from '../sink-target.js';
import { postDocument, type PostOutcome } from './post-document.js';

/** Statuses below 500 that may pass. RFC 9110 section 15.5.9, RFC 8470, RFC 6585. */
const MAY_PASS: readonly number[] = [408, 425, 429];

/** Largest file of authorities: several times what a system trusts. Bytes. */
const AUTHORITIES_BYTES = 2 * 1024 * 1024;
const PEM_BEGIN = '-----BEGIN CERTIFICATE-----';

export interface WebhookTargetOptions {
  readonly sink: string;
  readonly spec: ConfigSinkSpec & { readonly webhook: WebhookSinkSpec };
}

/**
 * A server that gets the newest document, signed when there is a key. What it has nobody can tell, so nothing is known of changes by
 * others, and after a restart it counts as having what it got last. docs/reference/sinks.md, ADR 0030.
 */
export class WebhookTarget implements SinkTarget {
  private key: Promise<SecretFile> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly options: WebhookTargetOptions,
  ) {}

  recover(known: SinkContent | undefined): Promise<SinkContent | undefined> {
    return Promise.resolve(known);
  }

  async apply(
    { generation, bytes, digest, resources }: SinkDocument,
    _known: SinkContent | undefined,
    signal: AbortSignal,
  ): Promise<SinkContent> {
    const { sink, spec } = this.options;
    const { url, caFile, timeout = SINK_DEFAULTS.webhookTimeout } = spec.webhook;
    const timestamp = String(Math.floor(this.clock.now() / 1000));
    const headers = {
      'Content-Type': documentType(spec),
      [WEBHOOK_HEADERS.sink]: encodeURIComponent(sink),
      [WEBHOOK_HEADERS.generation]: generation,
      [WEBHOOK_HEADERS.digest]: `sha256:${digest}`,
      [WEBHOOK_HEADERS.timestamp]: timestamp,
      ...(await this.signature(timestamp, bytes)),
    };
    const timeoutMs = parseDuration(timeout);
    const ca = caFile === undefined ? {} : { ca: await readAuthorities(caFile) };
    const outcome = await postDocument({ url, headers, body: bytes, timeoutMs, ...ca }, signal);
    refuse(maskUrl(url), outcome, this.clock.now());
    const at = formatTime(this.clock.now());
    return {
      ...{ generation, digest, bytes: bytes.byteLength, resources: resources.length, at },
      place: sinkPlaceOf(spec),
    };
  }

  drift(): Promise<Drift | undefined> {
    return Promise.resolve(undefined);
  }

  watch(): void {
    // what the server has cannot be seen from here
  }

  async stop(): Promise<void> {
    (await this.key)?.close();
  }

  /** Throws {@link SinkFault} when the key cannot be read: a server that wants a signature would refuse the document. */
  private async signature(timestamp: string, body: Uint8Array): Promise<Record<string, string>> {
    const { secretFile } = this.options.spec.webhook;
    if (secretFile === undefined) return {};
    this.key ??= new SecretFile(secretFile, () => undefined).open();
    const { value, trouble } = await this.key;
    if (value) return { [WEBHOOK_HEADERS.signature]: `v1=${signDocument(value, timestamp, body)}` };
    const message = `the key that signs, ${secretFile}, ${trouble ?? 'cannot be read'}`;
    throw new SinkFault('send', { code: 'secret-missing', message }, undefined, true);
  }
}

/** Read for each document, so that a file that was replaced counts. Throws {@link SinkFault} when it cannot be. */
async function readAuthorities(path: string): Promise<string> {
  const refused = (why: string): SinkFault => {
    const message = `the authorities of the server, ${path}, ${why}: put certificates in PEM there`;
    return new SinkFault('send', { code: 'sink-unreachable', message }, undefined, true);
  };
  const file = await open(path, 'r').catch((error: unknown) => {
    throw refused(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  });
  try {
    const { size } = await file.stat();
    if (size > AUTHORITIES_BYTES) throw refused(`has more than ${AUTHORITIES_BYTES} bytes`);
    const text = await file.readFile('utf8').catch((error: unknown) => {
      throw refused(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
    });
    if (!text.includes(PEM_BEGIN)) throw refused('holds no certificate');
    return text;
  } finally {
    await file.close();
  }
}

/** Throws {@link SinkFault} unless the server took the document. */
function refuse(url: string, outcome: PostOutcome, now: number): void {
  if ('failure' in outcome) {
    const message = `${url} does not answer: ${outcome.failure}`;
    throw new SinkFault('send', { code: 'sink-unreachable', message }, undefined, true);
  }
  const { status, text, location, retryAfter } = outcome;
  if (status >= 200 && status < 300) return;
  const output = text === '' ? undefined : text;
  const mayPass = status >= 500 || MAY_PASS.includes(status);
  const redirected = status >= 300 && status < 400 && location !== undefined;
  const restMs = mayPass ? restMsOf(retryAfter, now) : undefined;
  const rest = restMs === undefined ? '' : ` and asks to be left alone for ${Math.ceil(restMs / 1000)} s`;
  const message = redirected
    ? `${url} answered ${status} and names ${maskUrl(location)}: redirects are not followed, write the right URL`
    : `${url} answered ${status}${rest}`;
  const code = mayPass ? 'sink-unreachable' : 'sink-refused';
  throw new SinkFault('send', { code, message }, output, mayPass, restMs);
}
