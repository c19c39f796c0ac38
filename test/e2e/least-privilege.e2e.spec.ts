import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SERVICES } from '@signalbox/contracts';
import { type EmbeddedServer, ensureSiteKeys, startNats } from '@signalbox/embedded';
import { CHECKOUT } from '@signalbox/testing';
import { connect, Events, type NatsConnection, nkeyAuthenticator } from 'nats';

const USERS = [...SERVICES, 'publisher', 'operator'] as const;
type User = (typeof USERS)[number];

/** Who follows the streams of the site: an agent of a node knows its own state only. */
const FOLLOWERS = SERVICES.filter((service) => service !== 'dataplane-agent');

/** Whoever else may publish on these: nobody. */
const PUBLISHERS: Readonly<Record<string, readonly User[]>> = {
  // ways in
  'events.default.client.seen': ['publisher'],
  'emit.default.client.seen': ['publisher'],
  'heartbeat.web': ['publisher'],
  // records, each with its one writer
  'facts.default.own.3.client.seen': ['ingest'],
  'activity.intake.default': ['ingest'],
  'activity.retention.default': ['ingest'],
  'activity.compaction': ['api'],
  'activity.snapshot.runs': ['renderer'],
  'activity.snapshot.matches': ['matcher'],
  'activity.snapshot.deliveries': ['federation'],
  'activity.snapshot.backends': ['health'],
  'activity.snapshot.frontends': ['balancer'],
  'activity.snapshot.sinks': ['sinks'],
  'activity.match.default': ['matcher'],
  'activity.run.plan': ['matcher'],
  'activity.run.withdrawal': ['matcher'],
  'activity.run.execution': ['plugin-runner'],
  'activity.run.discovery': ['balancer'],
  'activity.config.other': ['renderer'],
  'activity.config.traffic': ['renderer'],
  'activity.delivery.default.cloud': ['federation'],
  'activity.backend.web': ['health'],
  'journal.backend.web': ['health'],
  'activity.frontend.vip': ['balancer'],
  'journal.frontend.vip': ['balancer'],
  'activity.sink.edge': ['sinks'],
  'journal.sink.edge': ['sinks'],
  'activity.node.local': ['dataplane-agent'],
  'journal.resources': ['api'],
  'journal.token': ['api'],
  'dead.ingest.poison-message': ['ingest'],
  'dead.plugin-runner.poison-message': ['plugin-runner'],
  // questions, commands and marks
  'ask.matcher.explain': ['api'],
  'ask.plugin-runner.check-plugin': ['api'],
  'ask.renderer.usage': ['api'],
  'cmd.health.backend': ['api'],
  'watermark.wanted': ['api', 'federation', 'matcher'],
  'watermark.sinks': ['sinks'],
  'watermark.runs': ['renderer'],
  'watermark.renderer': ['renderer'],
  'watermark.matcher': ['matcher'],
  'alive.health': ['health'],
  'alive.ingest': ['ingest', 'balancer'],
  'alive.dataplane-agent.local': ['dataplane-agent'],
  'ask.dataplane-agent.alarms': ['api'],
  'ask.dataplane-agent.local.state': ['api'],
  // streams
  '$JS.API.STREAM.DELETE.JOURNAL': [],
  '$JS.API.STREAM.PURGE.ACTIVITY': ['api'],
  '$JS.API.STREAM.PURGE.FACTS_default': ['ingest'],
  '$JS.API.STREAM.PURGE.INTAKE': [],
  '$JS.API.STREAM.PURGE.JOURNAL': [],
  '$JS.API.STREAM.MSG.DELETE.JOURNAL': [],
  '$JS.API.STREAM.SNAPSHOT.JOURNAL': [],
  '$JS.API.STREAM.RESTORE.JOURNAL': [],
  '$JS.API.STREAM.UPDATE.JOURNAL': ['api'],
  '$JS.API.STREAM.UPDATE.ACTIVITY': ['api'],
  '$JS.API.STREAM.CREATE.DEAD': ['api'],
  '$JS.API.STREAM.UPDATE.INTAKE': ['ingest'],
  '$JS.API.STREAM.UPDATE.FACTS_default': ['ingest'],
  '$JS.API.STREAM.CREATE.FACTS_default': ['ingest', 'federation', 'matcher', 'sinks'],
  '$JS.API.STREAM.DELETE.FACTS_default': [],
  '$KV.NODES.local.manifest': ['balancer'],
  '$JS.API.STREAM.CREATE.KV_NODES': ['balancer'],
  '$JS.API.STREAM.UPDATE.KV_NODES': ['balancer'],
  '$JS.API.STREAM.PURGE.KV_NODES': ['balancer'],
  '$JS.API.STREAM.MSG.DELETE.KV_NODES': [],
  '$KV.LEADERS.192-0-2-1': ['dataplane-agent'],
  '$JS.API.STREAM.CREATE.KV_LEADERS': ['balancer'],
  '$JS.API.STREAM.UPDATE.KV_LEADERS': ['balancer'],
  '$JS.API.STREAM.PURGE.KV_LEADERS': [],
  'journal.node.local': ['balancer'],
  // a bucket of a sink
  '$JS.API.STREAM.CREATE.KV_edge': ['ingest', 'federation', 'matcher', 'sinks'],
  '$JS.API.STREAM.UPDATE.KV_edge': ['ingest'],
  '$JS.API.STREAM.PURGE.KV_edge': ['ingest'],
  '$JS.API.STREAM.DELETE.KV_edge': [],
  '$JS.API.DIRECT.GET.KV_edge.$KV.edge.site.key': ['sinks'],
  '$KV.edge.site.key': ['sinks'],
  // the work queue with its one worker
  '$JS.API.CONSUMER.CREATE.INTAKE.ingest.events.>': ['ingest'],
  '$JS.API.CONSUMER.MSG.NEXT.INTAKE.ingest': ['ingest'],
  '$JS.ACK.INTAKE.ingest.1.1.1.1.0': ['ingest'],
  '$JS.ACK.FACTS_default.peer.1.1.1.1.0': ['federation'],
  '$JS.API.STREAM.MSG.GET.INTAKE': [],
  '$JS.API.STREAM.MSG.GET.ACTIVITY': [
    'api',
    'federation',
    'matcher',
    'plugin-runner',
    'renderer',
    'health',
    'balancer',
    'sinks',
  ],
  // here the body would say which consumer, where no right sees it
  '$JS.API.CONSUMER.CREATE.INTAKE': [],
  '$JS.API.CONSUMER.CREATE.ACTIVITY': [],
  '$JS.API.CONSUMER.CREATE.FACTS_default': [],
  // reading
  '$JS.API.STREAM.LIST': ['api'],
  '$JS.API.CONSUMER.CREATE.JOURNAL.api-resources-1': FOLLOWERS,
  '$JS.API.CONSUMER.CREATE.ACTIVITY.renderer-runs-1.activity.run.>': FOLLOWERS,
  '$JS.API.CONSUMER.CREATE.KV_NODES.dataplane-agent-node-state-1.$KV.NODES.local.>': [
    'api',
    'ingest',
    'federation',
    'matcher',
    'plugin-runner',
    'balancer',
    'dataplane-agent',
  ],
  '$JS.API.CONSUMER.CREATE.FACTS_default.ingest-facts-of-default-1': [
    'api',
    'ingest',
    'federation',
    'matcher',
    'plugin-runner',
    'balancer',
  ],
  '$JS.API.DIRECT.GET.ACTIVITY.activity.node.local': ['dataplane-agent'],
  '$JS.API.DIRECT.GET.ACTIVITY': ['matcher', 'plugin-runner'],
  '$JS.API.DIRECT.GET.FACTS_default': ['matcher', 'plugin-runner'],
  '$JS.API.DIRECT.GET.FACTS_default.facts.default.own.3.client.seen': [],
  '$JS.API.DIRECT.GET.KV_NODES.$KV.NODES.local.manifest': [],
  // what is somebody else's, whoever one is
  '_INBOX_api.1': [],
  '_INBOX.1': [],
  '$SYS.REQ.SERVER.PING': [],
  '$SRV.PING': [],
  'anything.else': [],
};

/** Whoever else may listen to these: nobody. */
const LISTENERS: Readonly<Record<string, readonly User[]>> = {
  'emit.>': ['ingest'],
  'heartbeat.*': ['health'],
  'ask.federation.peers': ['federation'],
  'ask.matcher.explain': ['matcher'],
  'ask.health.*': ['health'],
  'ask.health.alarms': ['health'],
  'ask.balancer.alarms': ['balancer'],
  'ask.federation.alarms': ['federation'],
  'ask.ingest.alarms': ['ingest'],
  'ask.matcher.alarms': ['matcher'],
  'ask.plugin-runner.alarms': ['plugin-runner'],
  'ask.plugin-runner.check-plugin': ['plugin-runner'],
  'ask.api.usage': [],
  'ask.matcher.usage': ['matcher'],
  'ask.renderer.usage': ['renderer'],
  'cmd.health.backend': ['health'],
  'cmd.renderer.snapshot': ['renderer'],
  'cmd.matcher.snapshot': ['matcher'],
  'cmd.plugin-runner.run': ['plugin-runner'],
  'cmd.federation.prune': ['federation'],
  'cmd.balancer.weight': ['balancer'],
  'ask.sinks.render': ['sinks'],
  'cmd.sinks.pause': ['sinks'],
  'ask.dataplane-agent.alarms': ['dataplane-agent'],
  'ask.dataplane-agent.local.state': ['dataplane-agent'],
  'watermark.>': FOLLOWERS,
  '$SRV.*': SERVICES,
  '$SRV.*.matcher': ['matcher'],
  '$SRV.*.dataplane-agent.*': ['dataplane-agent'],
  '$KV.edge.>': ['sinks'],
  '$KV.NODES.>': [],
  '_INBOX_api.>': ['api'],
  '_INBOX_renderer.>': ['renderer'],
  '_INBOX.>': ['publisher'],
  'events.>': [],
  'facts.>': [],
  'journal.>': [],
  '_INBOX_*.>': [],
  '$JS.>': [],
  '>': [],
};

/** A connection of a user that notes what it is refused. */
class Client {
  readonly refused = new Set<string>();

  private constructor(private readonly connection: NatsConnection) {
    void this.watch();
  }

  static async login(url: string, seed?: string): Promise<Client> {
    const authenticator = seed === undefined ? undefined : nkeyAuthenticator(new TextEncoder().encode(seed));
    return new Client(
      await connect({ servers: url, reconnect: false, ...(authenticator && { authenticator }) }),
    );
  }

  /** Which of these it may publish on. */
  async mayPublish(subjects: readonly string[]): Promise<string[]> {
    this.refused.clear();
    for (const subject of subjects) this.connection.publish(subject, '');
    return this.allowed(subjects);
  }

  /** Which of these it may subscribe to. */
  async maySubscribe(subjects: readonly string[]): Promise<string[]> {
    this.refused.clear();
    for (const subject of subjects) this.connection.subscribe(subject, { callback: () => undefined });
    return this.allowed(subjects);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** The server refuses before it answers the ping that comes behind. */
  private async allowed(subjects: readonly string[]): Promise<string[]> {
    await this.connection.flush();
    await new Promise((resolve) => setImmediate(resolve));
    return subjects.filter((subject) => !this.refused.has(subject));
  }

  private async watch(): Promise<void> {
    for await (const { type, permissionContext } of this.connection.status())
      if (type === Events.Error && permissionContext) this.refused.add(permissionContext.subject);
  }
}

describe('the NATS users of a site', () => {
  let stateDir: string;
  let nats: EmbeddedServer;

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'signalbox-users-'));
    const dir = join(stateDir, 'keys');
    ensureSiteKeys({ dir, usersFile: join(CHECKOUT, 'deploy', 'nats', 'users.conf') });
    nats = await startNats({
      env: process.env,
      stateDir,
      usersFile: join(dir, 'nats', 'users.conf'),
      log: () => undefined,
    });
  });

  afterAll(async () => {
    await nats.stop();
    await rm(stateDir, { recursive: true });
  });

  const seedOf = async (user: User): Promise<string> =>
    (await readFile(join(stateDir, 'keys', user, 'nats.seed'), 'utf8')).trim();

  const login = async (user: User): Promise<Client> => Client.login(nats.url, await seedOf(user));

  const connection = async (user: User): Promise<NatsConnection> => {
    const authenticator = nkeyAuthenticator(new TextEncoder().encode(await seedOf(user)));
    return connect({ servers: nats.url, authenticator });
  };

  function expected(table: Readonly<Record<string, readonly User[]>>, user: User): string[] {
    return Object.keys(table).filter((subject) => user === 'operator' || table[subject]!.includes(user));
  }

  it('are the only ones who get in', async () => {
    await expect(Client.login(nats.url)).rejects.toThrow(/authorization/i);
  });

  it('get acknowledgements to their own inboxes only, whatever a publisher asks for', async () => {
    const [operator, publisher] = await Promise.all([connection('operator'), connection('publisher')]);
    const { streams } = await operator.jetstreamManager();
    await streams.add({ name: 'INTAKE', subjects: ['events.>'] });
    await streams.add({ name: 'JOURNAL', subjects: ['journal.>'] });
    for (const reply of ['journal.resources', '$JS.API.STREAM.PURGE.INTAKE', '_INBOX_api.1'])
      publisher.publish('events.default.seen', '{}', { reply });
    const ack = (await publisher.request('events.default.seen', '{}')).json<{ seq: number }>();
    expect(ack.seq).toBe(4);
    await operator.flush();
    expect((await streams.info('JOURNAL')).state.messages).toBe(0);
    expect((await streams.info('INTAKE')).state.messages).toBe(4);
    await Promise.all([operator.close(), publisher.close()]);
  });

  it.each(USERS)('%s publishes where its work is, and nowhere else', async (user) => {
    const client = await login(user);
    expect(await client.mayPublish(Object.keys(PUBLISHERS))).toEqual(expected(PUBLISHERS, user));
    await client.close();
  });

  it.each(USERS)('%s listens where its work is, and nowhere else', async (user) => {
    const client = await login(user);
    expect(await client.maySubscribe(Object.keys(LISTENERS))).toEqual(expected(LISTENERS, user));
    await client.close();
  });
});
