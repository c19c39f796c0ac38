import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@signalbox/embedded';
import { CHECKOUT, type Shape, Site, until } from '@signalbox/testing';
import type { DeliveryItem, EmitAnswer, EventItem } from '../../apps/cli/src/rest/answers.js';

/** The group of the examples. */
export const GROUP = 'cloudedge';
/** The one type that the example's sender lets out. */
export const OBSERVED = 'routerd.client.ipv4.observed';
export const ONPREM_NODE = 'onprem-event-node';
export const CLOUD_NODE = 'cloud-event-node';

/** A fact as a client writes it. */
export interface EmittedFact {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly observedAt: string;
  readonly expiresAt?: string;
}

/** A fact of the type that may leave the site, alive for half an hour unless `given` says otherwise. */
export function observation(given: Partial<EmittedFact> & Pick<EmittedFact, 'subject'>): EmittedFact {
  return {
    id: `evt-${randomBytes(8).toString('hex')}`,
    type: OBSERVED,
    payload: {},
    observedAt: fromNow(0),
    expiresAt: fromNow(30 * 60),
    ...given,
  };
}

/** RFC 3339 time so many seconds from now. */
export function fromNow(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

/** Emits over REST and returns the answer. Fails unless it was accepted. */
export async function emit(site: Site, group: string, fact: EmittedFact): Promise<EmitAnswer> {
  const { status, body } = await site.rest<EmitAnswer>('POST', `/v1/groups/${group}/events`, fact);
  if (status !== 202) throw new Error(`emit answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** A stored fact, expired or not, or undefined. */
export async function findFact(site: Site, group: string, id: string): Promise<EventItem | undefined> {
  const { status, body } = await site.rest<EventItem>('GET', `/v1/groups/${group}/events/${id}`);
  if (status !== 200 && status !== 404) throw new Error(`GET answered ${status}: ${JSON.stringify(body)}`);
  return status === 200 ? body : undefined;
}

/** Deliveries that match a query such as `eventId=x`. */
export async function findDeliveries(site: Site, query: string): Promise<readonly DeliveryItem[]> {
  return (await site.rest<{ items: DeliveryItem[] }>('GET', `/v1/deliveries?${query}`)).body.items;
}

/** Waits for the delivery of a fact to its only peer. */
export function delivered(site: Site, id: string): Promise<DeliveryItem> {
  return until(`the delivery of ${id}`, async () =>
    (await findDeliveries(site, `eventId=${id}`)).find(({ status }) => status === 'delivered'),
  );
}

/**
 * Two sites, each with its own NATS and database, and a key that both hold. {@link applyExamples} wires them as
 * `examples/event-federation` says: facts of the on-premises site are pushed to the cloud site.
 */
export class FederatedPair {
  private constructor(
    readonly onprem: Site,
    readonly cloud: Site,
    /** Contents of `edge.key` on both sites. */
    readonly secret: string,
    private readonly listenPort: number,
  ) {}

  /** `onpremOnly`: the services that the on-premises site starts, default all. */
  static async start(
    options: { onpremOnly?: string; shape?: Shape; env?: NodeJS.ProcessEnv } = {},
  ): Promise<FederatedPair> {
    const { onpremOnly, shape = 'standalone', env = {} } = options;
    const [onprem, cloud] = await Promise.all([
      Site.start({ node: ONPREM_NODE, shape, env, ...(onpremOnly !== undefined && { only: onpremOnly }) }),
      Site.start({ node: CLOUD_NODE, shape, env }),
    ]);
    const pair = new FederatedPair(onprem, cloud, randomBytes(32).toString('hex'), await freePort());
    await pair.shareSecret('edge.key', pair.secret);
    return pair;
  }

  /** Base URL of the cloud site's receiver. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.listenPort}`;
  }

  /** Applies the examples by the command, as their README says. Fails unless every service has followed. */
  async applyExamples(): Promise<void> {
    await applyExample(this.cloud, 'receiver-cloud.yaml', `listenPort=${this.listenPort}`);
    await applyExample(this.onprem, 'sender-onprem.yaml', `peerUrl=${this.endpoint}`);
  }

  /** Puts a secret into the secret directories of both sites. */
  async shareSecret(name: string, secret: string): Promise<void> {
    await Promise.all([this.cloud, this.onprem].map((site) => writeSecret(site, name, secret)));
  }

  async stop(): Promise<void> {
    await Promise.all([this.onprem.stop(), this.cloud.stop()]);
  }
}

/** Puts a secret into the secret directory of a site. */
export function writeSecret(site: Site, name: string, secret: string): Promise<void> {
  return writeFile(join(site.secretDir, name), `${secret}\n`, { mode: 0o600 });
}

async function applyExample(site: Site, name: string, variable: string): Promise<void> {
  const file = join(CHECKOUT, 'examples', 'event-federation', name);
  const { code, stdout, stderr } = await site.cli('apply', '-f', file, '--var', variable);
  if (code !== 0 || stdout.includes('pending:')) throw new Error(`apply exited ${code}: ${stdout}${stderr}`);
}
