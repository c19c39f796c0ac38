import { Bus, Follower } from '@signalbox/bus';
import {
  decodeMatchRecord,
  decodeRunBatch,
  factsStream,
  type MatchRecord,
  type Resource,
  type RunOrder,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import { siteProjections } from '@signalbox/store';
import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import type { ApplyAnswer } from '../../apps/cli/src/rest/answers.js';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { ENDED, type ExplainAnswer, runsOf } from '../e2e/site-activity.js';
import { SEEN_HOST_SERVER } from '../e2e/test-plugins.js';
import { FactSender, GROUP, type LoadFact } from './fact-load.js';
import { activeParts, explainAll } from './history-check.js';

/** A rule wants one of its two sides at a time. */
const SIDES = { even: ['0', '2'], odd: ['1', '3'] } as const;
type Name = keyof typeof SIDES;
const NAMES: readonly Name[] = ['even', 'odd'];
/** Three, so that a side that is wanted again is given to another one. */
const PLUGINS = ['first', 'second', 'third'];
const SWITCHES = 10;
/** Facts that wait for their answer at the same time. */
const AT_ONCE = 24;
/** Facts that are sent while one rule changes, and behind the last change. */
const BURST = 180;
/** As many facts as a rule can have here: none waits for a place. */
const CONCURRENCY = 1024;
const TYPE = 'rule.switch';
/** Deadlines for hangs. Milliseconds. */
const SETTLED_MS = 120_000;
const TEST_MS = 900_000;

/** What a rule says from one revision on. */
interface Saying {
  readonly name: Name;
  readonly revision: number;
  readonly side: string;
  readonly plugin: string;
}

/** What matcher has recorded: from where on each revision decides, and first attempts in the order of their plans. */
interface Recorded {
  readonly switches: readonly MatchRecord[];
  readonly plans: readonly RunOrder[];
}

describe('rules that change while facts come', () => {
  const sayings: Saying[] = [];
  const facts: LoadFact[] = [];
  let site: Site;
  let database: pg.Client;
  let bus: Bus;

  beforeAll(async () => {
    site = await Site.start();
    database = new pg.Client({ connectionString: site.database.url });
    await database.connect();
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    bus = await Bus.connect({ url: site.nats.url, name: 'test', log });
    const executable = await site.addPlugin('seen-host', SEEN_HOST_SERVER);
    await site.apply(manifest(...PLUGINS.map((name) => plugin(name, executable, { mode: 'persistent' }))));
  }, TEST_MS);

  afterAll(async () => {
    await bus?.close();
    await database?.end();
    await site?.stop();
  }, TEST_MS);

  /** The rules say what they say for the n-th time, all in one revision. */
  async function change(names: readonly Name[], turn: number): Promise<void> {
    const said = names.map((name) => ({
      name,
      side: SIDES[name][turn % 2]!,
      plugin: PLUGINS[turn % PLUGINS.length]!,
    }));
    const { status, body } = await site.rest<ApplyAnswer>('POST', '/v1/apply', manifest(...said.map(ruleOf)));
    // under load a service may follow later than the answer
    expect([200, 202]).toContain(status);
    const { revision } = body;
    sayings.push(...said.map((one) => ({ ...one, revision })));
  }

  /** Sends further facts, one after the other on each of several ways, until it is over or there are enough. */
  async function send(sender: FactSender, isOver: () => boolean): Promise<void> {
    const most = facts.length + BURST;
    const work = async (): Promise<void> => {
      while (!isOver() && facts.length < most) {
        const fact = factOf(facts.length);
        facts.push(fact);
        await sender.send(fact);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** Changes one rule after the other while facts are sent. */
  async function race(): Promise<void> {
    const sender = await FactSender.open(site);
    try {
      await change(NAMES, 0);
      for (let at = 0; at < SWITCHES; at += 1) {
        let isOver = false;
        const changing = change([NAMES[at % 2]!], 1 + Math.floor(at / 2)).finally(() => (isOver = true));
        await Promise.all([changing, send(sender, () => isOver)]);
      }
      await send(sender, () => false);
    } finally {
      await sender.close();
    }
  }

  /** Whether exactly the facts that the last sayings want stand in parts, and no run is on its way. */
  async function isSettled(): Promise<boolean> {
    const parts = (await Promise.all(NAMES.map((name) => activeParts(site, name)))).flat();
    const standing = parts.flatMap((part) => part.facts.map(({ id }) => id));
    const wanted = facts
      .filter((fact) => NAMES.some((name) => wants(last(sayingsOf(name)), fact)))
      .map(({ id }) => id);
    if (standing.sort().join() !== wanted.sort().join()) return false;
    const runs = (await Promise.all(NAMES.map((name) => runsOf(site, name)))).flat();
    return runs.every(({ state }) => ENDED.includes(state));
  }

  function sayingsOf(name: Name): Saying[] {
    return sayings.filter((saying) => saying.name === name);
  }

  async function recorded(): Promise<Recorded> {
    const batches = await read(SUBJECTS.plans, decodeRunBatch);
    return {
      switches: await read(SUBJECTS.matchActivity(GROUP), decodeMatchRecord),
      plans: batches
        .flatMap(({ records }) => records)
        .filter((record) => record.type === 'planned')
        .filter((record) => record.trigger === undefined)
        .filter(({ attempt }) => attempt === 1),
    };
  }

  /** Everything on a subject of ACTIVITY, in its order. */
  async function read<T>(filter: string, decode: (data: Uint8Array) => T): Promise<T[]> {
    const records: T[] = [];
    const follower = new Follower(bus, {
      name: `all of ${filter}`,
      stream: STREAMS.activity,
      filter,
      fromSeq: 1,
      onBatch: (batch) => {
        records.push(...batch.map(({ data }) => decode(data)));
        return Promise.resolve();
      },
    });
    await follower.caughtUp;
    await follower.stop();
    return records;
  }

  /** What is wrong with how a fact was decided, told for people. */
  function faultsOf(fact: LoadFact, explained: ExplainAnswer, { switches }: Recorded): string[] {
    const decidedAt = revisionAt(switches, explained.event.seq);
    const faults = explained.revision === decidedAt ? [] : [`is explained at ${explained.revision}`];
    for (const name of NAMES) {
      const all = sayingsOf(name);
      const first = last(all.filter(({ revision }) => revision <= decidedAt));
      const since = [first, ...all.filter(({ revision }) => revision > decidedAt)];
      const matching = since.filter((saying) => wants(saying, fact));
      const runs = explained.runs.filter((run) => run.subscription === name);
      for (const { revision, plugin: given, state, errorCode } of runs) {
        const isMeant = matching.some((saying) => saying.revision === revision && saying.plugin === given);
        if (!isMeant && errorCode !== 'rule-changed')
          faults.push(`has a run of ${name} at ${revision} by ${given} (${state})`);
      }
      const ran = runs.map(({ revision }) => revision);
      if (new Set(ran).size < ran.length) faults.push(`has two runs of ${name} at one revision`);
      if (wants(first, fact) && !ran.includes(first.revision))
        faults.push(`has no run of ${name} at ${first.revision}`);
      const [newest] = [...runs].sort((a, b) => b.revision - a.revision);
      const isWanted = wants(last(all), fact);
      if (isWanted && !(newest?.revision === last(all).revision && newest.state === 'succeeded'))
        faults.push(`has no run of ${name} at its last revision`);
      const decision = explained.decisions.find((one) => one.subscription === name);
      if (decision?.matched !== isWanted) faults.push(`is explained wrongly for ${name}`);
    }
    return faults.map((fault) => `${fact.id}, decided at ${decidedAt}, ${fault}`);
  }

  it(
    'F19 a rule change in the middle of a batch decides each fact at its own revision, also for who starts later',
    async () => {
      await race();
      await until('what the last revision says', isSettled, SETTLED_MS);

      const before = await recorded();
      const { switches, plans } = before;
      const revisions = [...new Set(sayings.map(({ revision }) => revision))];
      expect(switches.map(({ revision }) => revision)).toEqual(revisions);
      expect(ascending(switches.map(({ fromSeq }) => fromSeq))).toBe(true);
      for (const name of NAMES) {
        const ofRule = plans.filter((plan) => plan.subscription === name);
        expect(ascending(ofRule.map(({ revision }) => revision))).toBe(true);
      }

      const explained = await explainAll(site, facts);
      expect(facts.flatMap((fact, at) => faultsOf(fact, explained[at]!, before))).toEqual([]);
      const decidedAt = explained.map(({ event }) => revisionAt(switches, event.seq));
      const counts = revisions.map((one) => decidedAt.filter((revision) => revision === one).length);
      process.stderr.write(`rule-switch: facts decided by each revision: ${counts.join(' ')}\n`);
      // where no fact came between two changes, nothing was shown
      expect(counts.filter((count) => count > 0).length).toBeGreaterThan(SWITCHES / 2);

      await site.shutDown();
      const tables = siteProjections([GROUP]).flatMap((projection) => projection.tables);
      const names = tables.map(({ name }) => name);
      await database.query(`truncate positions, pending_facts, pending_withdrawals, ${names.join(', ')}`);
      await site.up();
      await until('every fact to be matched again', async () => {
        const { rows } = await database.query<{ seq: string }>(
          `select seq from positions where projection = 'matches' and stream = $1`,
          [factsStream(GROUP)],
        );
        return Number(rows[0]?.seq) >= facts.length;
      });
      await until('what the last revision says', isSettled, SETTLED_MS);
      expect(await recorded()).toEqual(before);
      expect(await explainAll(site, facts)).toEqual(explained);
    },
    TEST_MS,
  );
});

function ruleOf({ name, side, plugin: pluginRef }: Omit<Saying, 'revision'>): Resource {
  const rule = subscription(name, TYPE, pluginRef, { match: { payload: { side } } });
  return { ...rule, spec: { ...rule.spec, trigger: { pluginRef, concurrency: CONCURRENCY } } };
}

/** The fact number `at`: each is a lineage of its own, and they take sides by turns. */
function factOf(at: number): LoadFact {
  return {
    id: `switch-${at}`,
    type: TYPE,
    subject: `host-${at}`,
    payload: { side: String(at % 4), serial: String(at) },
    observedAt: new Date().toISOString(),
  };
}

function wants({ side }: Saying, { payload }: LoadFact): boolean {
  return payload['side'] === side;
}

/** The revision that decides the fact at a sequence, as the recorded switches say. */
function revisionAt(switches: readonly MatchRecord[], seq = 0): number {
  return last(switches.filter(({ fromSeq }) => fromSeq <= seq)).revision;
}

function ascending(values: readonly number[]): boolean {
  return values.every((value, at) => at === 0 || value >= values[at - 1]!);
}

function last<T>(values: readonly T[]): T {
  return values[values.length - 1]!;
}
