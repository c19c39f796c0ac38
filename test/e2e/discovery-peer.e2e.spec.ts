import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import type { BackendItem } from '../../apps/cli/src/rest/answers.js';
import { emit, FederatedPair, fromNow, GROUP, OBSERVED, observation, ONPREM_NODE } from './federated-pair.js';
import { manifest } from './manifests.js';
import {
  balance,
  connectCheck,
  localNode,
  type NamedServer,
  serves,
  Traffic,
  webListener,
} from './traffic.js';

const TEST_MS = 300_000;
/** How long a registration lives: longer than the way between the sites takes on a busy machine. Seconds. */
const LIFE = 8;

describe('machines of another site', () => {
  const traffic = new Traffic();
  let pair: FederatedPair;
  let machine: NamedServer;

  beforeAll(async () => {
    pair = await FederatedPair.start();
    await pair.applyExamples();
    [machine] = (await traffic.start(['vm'])) as [NamedServer];
    const resources = [
      await localNode('sim'),
      connectCheck(),
      ...webListener(),
      balance('BackendSource', 'far', {
        ...{ pool: 'web', healthCheck: 'connect', drain: '1s' },
        facts: { group: GROUP, type: OBSERVED },
      }),
    ];
    const { status } = await pair.cloud.rest('POST', '/v1/apply?wait=60s', manifest(...resources));
    expect(status).toBe(200);
  }, TEST_MS);

  afterAll(async () => {
    await traffic.close();
    await pair?.stop();
  }, TEST_MS);

  it(
    'are reachable here once they register there, and drained when their facts stop',
    async () => {
      const { name: subject, address, port } = machine;
      const backend = `far-${address}:${port}`;
      const payload = { address, port: String(port) };
      const register = async (): Promise<string> => {
        const fact = observation({ subject, payload, expiresAt: fromNow(LIFE) });
        return (await emit(pair.onprem, GROUP, fact)).id;
      };
      const id = await register();
      const place = await serves(pair.cloud, 'web', { [backend]: 100 });
      expect(await traffic.ask(place)).toBe('vm');
      expect(await pair.cloud.json<BackendItem>('show', 'backends', backend)).toMatchObject({
        origin: { part: { source: 'BackendSource/far' }, facts: { group: GROUP, ids: [id] } },
      });
      const { body } = await pair.cloud.rest<{ event: { sourceNode: string } }>(
        'GET',
        `/v1/groups/${GROUP}/events/${id}`,
      );
      expect(body).toMatchObject({ sourceNode: ONPREM_NODE });

      const renewed = Date.now() + LIFE * 1000;
      await register();
      await until('the first registration to be over', () => Date.now() > renewed - 1000);
      await serves(pair.cloud, 'web', { [backend]: 100 });
      await serves(pair.cloud, 'web', {});
      expect(Date.now()).toBeGreaterThanOrEqual(renewed);
    },
    TEST_MS,
  );
});
