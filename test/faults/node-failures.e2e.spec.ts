import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HA_LACK, HaSite } from './ha-site.js';

jest.setTimeout(300_000);

/** How often the router gives up a session, and takes it up again. */
const FLAPS = 6;

const describeHa = HA_LACK === undefined ? describe : describe.skip;

describeHa('60 connections by two nodes with direct server return, BGP and BFD', () => {
  let ha: HaSite;
  let digest: string;

  beforeAll(async () => {
    ha = await HaSite.start();
  });
  afterAll(async () => {
    await ha?.stop();
  });
  beforeEach(async () => {
    digest = await ha.bothServe();
    await ha.connect();
  });
  afterEach(async () => {
    await ha.disconnect();
  });

  it('outlive kill -9 of a node, and its return', async () => {
    await ha.world.killNode('n1');
    await ha.routed('n2');
    await ha.noneIsLost();
    await ha.world.bootNode('n1');
    expect(await ha.bothServe()).toBe(digest);
    await ha.noneIsLost();
  });

  it('outlive a link that is lost without a word, and its return', async () => {
    ha.world.cables.cut('segment', 'n2');
    await ha.routed('n1');
    await ha.noneIsLost();
    ha.world.cables.mend('segment', 'n2');
    expect(await ha.bothServe()).toBe(digest);
    await ha.noneIsLost();
  });

  it('outlive a node that reaches no target any more: it withdraws, and comes back with them', async () => {
    ha.world.cables.part('segment', 'n1', ['t1', 't2', 't3']);
    await ha.routed('n2');
    await ha.noneIsLost();
    ha.world.cables.mend('segment', 'n1');
    expect(await ha.bothServe()).toBe(digest);
    await ha.noneIsLost();
  });

  it('outlive the drain of a node, and its way back', async () => {
    const { site } = ha;
    const drained = await site.cli('node', 'drain', 'n1', '--reason', 'new disks', '--wait');
    expect(drained).toMatchObject({ code: 0 });
    expect(ha.world.routes()).toEqual(['n2']);
    await ha.noneIsLost();
    const undrained = await site.cli('node', 'undrain', 'n1', '--wait');
    expect(undrained).toMatchObject({ code: 0 });
    expect(await ha.bothServe()).toBe(digest);
    await ha.noneIsLost();
  });

  it('outlive kill -9 of BIRD: the node is left, and found again', async () => {
    const { bird } = ha.world.nodes.n1;
    await bird.kill();
    await ha.routed('n2');
    await ha.noneIsLost();
    await ha.world.startBird('n1');
    expect(await ha.bothServe()).toBe(digest);
    await ha.noneIsLost();
  });

  it('do not notice kill -9 of an agent, nor its return', async () => {
    const { agent } = ha.world.nodes.n1;
    const watch = await ha.world.watchRoutes();
    await agent.end('SIGKILL');
    await ha.noneIsLost();
    agent.start();
    expect(await ha.bothServe()).toBe(digest);
    await ha.noneIsLost();
    expect(await watch.end()).toEqual([]);
  });

  it('outlive a session that flaps', async () => {
    const { router } = ha.world;
    for (let flap = 0; flap < FLAPS; flap += 1) {
      router.tell('disable n1');
      await ha.routed('n2');
      router.tell('enable n1');
      await ha.routed('n1', 'n2');
    }
    expect(await ha.bothServe()).toBe(digest);
    await ha.noneIsLost();
  });
});
