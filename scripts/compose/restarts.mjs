// Every container is killed once while facts flow from the first site to the second.
import { check } from './checks.mjs';
import { interruption } from './engine.mjs';
import { factOf, OBSERVED, observation } from './smoke.mjs';
import { until } from './site.mjs';

const ADDRESSES = 200;
const PAUSE_MS = 200;

/**
 * Kills what the container runs, from inside: Docker does not restart a container that `docker kill` has ended, and a
 * crash is what is meant. Process 1 cannot be killed from inside, so its child is.
 */
const CRASH = 'kill -KILL $(cat /proc/1/task/1/children)';

/** Facts that flow until `stop`, each sent again until it is acknowledged. */
class Flow {
  acknowledged = [];
  repeated = 0;
  isStopped = false;

  constructor(nats) {
    this.nats = nats;
    this.ended = this.run();
  }

  async run() {
    for (let number = 0; !this.isStopped && !interruption.signal.aborted; number += 1) {
      const fact = observation(`evt-flow-${number}`, `10.88.60.${(number % ADDRESSES) + 1}/32`);
      while (!interruption.signal.aborted && !(await this.isAccepted(fact))) this.repeated += 1;
      this.acknowledged.push(fact);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await this.nats.close();
  }

  async isAccepted(fact) {
    try {
      return (await this.nats.request(`emit.cloudedge.${OBSERVED}`, fact)).accepted === true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      return false;
    }
  }

  async stop() {
    this.isStopped = true;
    await this.ended;
  }
}

/** Kills every container in turn; at the end every acknowledged fact is stored once and applied once, at both sites. */
export async function checkRestarts(project, services, onprem, cloud) {
  const flow = new Flow(await onprem.publisher());
  for (const service of services) {
    await check(`${service} is killed, and comes back by itself`, async () => {
      const before = (await project.inspect(service)).State.StartedAt;
      const count = flow.acknowledged.length;
      await project.exec(service, 'sh', '-c', CRASH).catch((error) => {
        interruption.signal.throwIfAborted();
        if (!/137|signal|not running/i.test(error.message)) throw error;
      });
      await until(`${service} to be healthy again`, async () => {
        const { State } = await project.inspect(service);
        return State.StartedAt !== before && State.Health?.Status === 'healthy';
      });
      await until('facts to be acknowledged again', () => flow.acknowledged.length > count);
    });
  }
  await flow.stop();
  const facts = flow.acknowledged;

  await check('nobody ended but who was killed', async () => {
    for (const service of services) {
      const { RestartCount } = await project.inspect(service);
      if (RestartCount !== 1) throw new Error(`${service} was started again ${RestartCount} times`);
    }
  });
  for (const [name, site] of Object.entries({ first: onprem, second: cloud })) {
    await check(`the ${name} site has every acknowledged fact once`, async () => {
      const wanted = facts.map(({ id }) => id).sort();
      await until('all facts', async () => {
        const found = (await site.all('/v1/groups/cloudedge/events'))
          .map(({ id }) => id)
          .filter((id) => id.startsWith('evt-flow-'))
          .sort();
        if (JSON.stringify(found) === JSON.stringify(wanted)) return true;
        const missing = wanted.filter((id) => !found.includes(id));
        throw new Error(`${found.length} of ${wanted.length}, missing ${missing.slice(0, 5).join(', ')}`);
      });
      return `${facts.length} facts, ${flow.repeated} sent again`;
    });
  }
  await check('the second site has one claim for each address, made of its newest fact', async () => {
    const newest = new Map(facts.map(({ subject, id }) => [subject, id]));
    await until('the claims', async () => {
      const claims = await cloud.claims();
      const behind = [...newest].filter(([address, id]) => factOf(claims.get(address)) !== id);
      if (behind.length === 0) return true;
      throw new Error(`${behind.length} of ${newest.size} are not, as ${behind[0]}`);
    });
    return `${newest.size} claims`;
  });
  await check('no fact was applied twice', async () => {
    const runs = await cloud.all('/v1/runs?state=succeeded');
    const ids = runs.flatMap((run) => run.facts.map(({ id }) => id));
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
    if (twice.length > 0)
      throw new Error(`two runs succeeded for ${[...new Set(twice)].slice(0, 5).join(', ')}`);
    if (ids.length < ADDRESSES) throw new Error(`only ${ids.length} facts had a run`);
    return `${runs.length} runs`;
  });
  for (const suffix of ['', '-b']) {
    await check(`the tables behind api${suffix} are what its streams say`, async () => {
      await project.exec(`api${suffix}`, 'signalbox', 'projections', 'verify');
    });
  }
  await check('nothing became a dead letter', async () => {
    for (const site of [onprem, cloud]) {
      const [letter] = await site.all('/v1/dead-letters');
      if (letter) throw new Error(JSON.stringify(letter, undefined, 2));
    }
  });
}
