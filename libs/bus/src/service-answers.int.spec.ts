import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CodedError } from '@signalbox/contracts';
import { NatsProcess, until } from '@signalbox/testing';
import { connect, type NatsConnection, RequestStrategy } from 'nats';
import { answerEverywhere } from './answer-everywhere.js';
import { Bus } from './bus.js';
import { RequestAnswers } from './request-answers.js';
import { ServiceAnswers } from './service-answers.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('the services framework of NATS', () => {
  let dir: string;
  let nats: NatsProcess;
  let bus: Bus;
  let client: NatsConnection;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-services-'));
    nats = await NatsProcess.start(dir);
    bus = await Bus.connect({ url: nats.url, name: 'site', log: silent });
    client = await connect({ servers: nats.url });
    const requests = new RequestAnswers(bus);
    requests.answer('ask.matcher.explain', async (message) => {
      if (message.string() === '"wrong"') throw new CodedError('not-found', 'no fact is called wrong');
      return Promise.resolve({ fine: true });
    });
    requests.answerInBatches('emit.>', async (batch) => {
      for (const message of batch.messages) batch.handled(message, {});
      return Promise.resolve();
    });
    answerEverywhere(bus, 'ask.dataplane-agent.n1.state', () =>
      Promise.reject(new CodedError('not-ready', 'soon\nready')),
    );
    const metadata = { site: 'edge-1' };
    for (const name of ['matcher', 'ingest', 'dataplane-agent'])
      new ServiceAnswers(
        bus,
        { name, version: '1.2.3', description: `the ${name}`, metadata },
        'now',
      ).start();
    await bus.connection.flush();
  });

  afterAll(async () => {
    await client.close();
    await bus.close();
    await nats.kill();
    await rm(dir, { recursive: true });
  });

  it('is answered by every service, as the client of NATS asks', async () => {
    const services = client.services.client({
      strategy: RequestStrategy.JitterTimer,
      maxWait: 5000,
      jitter: 500,
    });
    const names: string[] = [];
    for await (const { name, version, metadata, type } of await services.ping()) {
      expect({ version, metadata, type }).toEqual({
        version: '1.2.3',
        metadata: { site: 'edge-1' },
        type: 'io.nats.micro.v1.ping_response',
      });
      names.push(name);
    }
    expect(names.sort()).toEqual(['dataplane-agent', 'ingest', 'matcher']);
  });

  it('tells of one service, by name and by id, what it answers', async () => {
    const services = client.services.client();
    const infos = [];
    for await (const info of await services.info('matcher')) infos.push(info);
    expect(infos).toEqual([
      {
        type: 'io.nats.micro.v1.info_response',
        name: 'matcher',
        id: expect.any(String),
        version: '1.2.3',
        description: 'the matcher',
        metadata: { site: 'edge-1' },
        endpoints: [
          { name: 'ask-explain', subject: 'ask.matcher.explain', queue_group: 'signalbox', metadata: null },
        ],
      },
    ]);
    const byId = await client.request(`$SRV.PING.matcher.${infos[0]!.id}`);
    expect(byId.json()).toMatchObject({ id: infos[0]!.id });
  });

  it('counts what was asked, what was refused and how long it took', async () => {
    for (const body of ['{}', '{}', '"wrong"']) await client.request('ask.matcher.explain', body);
    await client.request('emit.default.seen', '{}');
    const stats = async (name: string): Promise<object> =>
      (await client.request(`$SRV.STATS.${name}`)).json<{ endpoints: object[] }>().endpoints[0]!;
    expect(await stats('matcher')).toEqual({
      name: 'ask-explain',
      subject: 'ask.matcher.explain',
      queue_group: 'signalbox',
      num_requests: 3,
      num_errors: 1,
      last_error: 'not-found: no fact is called wrong',
      processing_time: expect.any(Number),
      average_processing_time: expect.any(Number),
    });
    expect(await stats('ingest')).toMatchObject({ name: 'emit', num_requests: 1, num_errors: 0 });
  });

  it('has refusals in headers too, in one line', async () => {
    const { headers } = await client.request('ask.dataplane-agent.n1.state');
    expect(headers?.get('Nats-Service-Error-Code')).toBe('503');
    expect(headers?.get('Nats-Service-Error')).toBe('not-ready: soon ready');
    const stats = await client.request('$SRV.STATS.dataplane-agent');
    expect(stats.json()).toMatchObject({
      endpoints: [{ name: 'ask-n1-state', queue_group: '', num_errors: 1 }],
    });
  });

  it('answers to inboxes only: a reply subject is the choice of who asks', async () => {
    const heard: string[] = [];
    client.subscribe('journal.resources', {
      callback: (_error, message) => void heard.push(message.subject),
    });
    client.publish('$SRV.PING', '', { reply: 'journal.resources' });
    client.publish('$SRV.NONSENSE', '', { reply: '_INBOX.x' });
    client.publish('journal.resources');
    await client.request('$SRV.PING.matcher');
    await until('the message of the test', () => heard.length > 0);
    expect(heard).toEqual(['journal.resources']);
  });
});
