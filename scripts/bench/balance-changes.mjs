// What a changed weight costs a site with many members: processor time of the services that decide it and bring it about.
import { startChild } from './child.mjs';
import { offerSteadily } from './load.mjs';
import { pause, until } from './pause.mjs';
import { perUnit, processorTime, sumOf } from './processor-time.mjs';
import { apply, rest, withSite } from './site.mjs';

const LISTENERS = 100;
const POOL = 'web';
const MEMBERS_OF_EACH = { full: 100, quick: 10 };
/** Weights that are changed per second. */
const RATE = 100;
const SERVICES = ['balancer', 'dataplane-agent'];
/** How long a site may take until all of it is served. */
const SERVED_MS = 300_000;
/** After the last answer, for the states that are still collected and applied. */
const SETTLE_MS = 500;
/** No divisor of the number of members: the changes go all around. */
const STRIDE = 7919;

/** Measures it on a site of its own, one process per service, with the driver `sim`. */
export function benchChanges(frame) {
  const each = frame.scaled(MEMBERS_OF_EACH.full, MEMBERS_OF_EACH.quick);
  return withSite({ separate: true }, async (site) => {
    frame.title('weight changes, services');
    const row = frame.row({
      figure: `CPU per change, ${(LISTENERS * each).toLocaleString('en-US')} members`,
      unit: 'µs',
      perUnit: 'change',
      limitName: 'bare writes to NATS and one reader',
    });
    await apply(site, resources(each));
    await until('all listeners to be served', () => isServed(site), SERVED_MS, 500);
    const bare = await startChild('bare/weights.mjs', { natsUrl: site.natsUrl, seedFile: site.seedFile });
    let changes = 0;
    const change = () => setWeight(site, each, changes++);
    for (const round of frame.rounds) {
      const { result, condition } = await frame.measured(`weight changes, round ${round}`, () =>
        changing(frame, site, change),
      );
      const { cpu, rate, states } = result;
      row.add(cpu ? sumOf(cpu) : NaN, { cpu, condition });
      row.note(`${Math.round(rate)} changes/s by REST, ${states} states applied`);
      row.addLimit(await bareCost(frame, bare, each));
    }
    row.close();
    await bare.stop();
  });
}

/** Members without a check: nothing else is going on. */
function resources(each) {
  const backends = Array.from({ length: LISTENERS * each }, (_, n) =>
    resource('Backend', backendOf(n), { address: '127.0.0.1', port: 10_000 + n }),
  );
  const frontends = Array.from({ length: LISTENERS }, (_, n) => {
    const own = Array.from({ length: each }, (_member, at) => [backendOf(n * each + at), {}]);
    const pools = [{ name: POOL, backends: Object.fromEntries(own) }];
    return resource('Frontend', `web-${n}`, {
      address: `192.0.2.${n + 1}`,
      protocol: 'tcp',
      port: 80,
      pools,
    });
  });
  return [...backends, ...frontends].map((one) => JSON.stringify(one)).join('\n---\n');
}

function resource(kind, name, spec) {
  return { apiVersion: 'balance.signalbox.dev/v1alpha1', kind, metadata: { name }, spec };
}

function backendOf(n) {
  return `b-${n}`;
}

async function isServed(site) {
  const [listeners, frontends] = await Promise.all(
    ['listeners', 'frontends'].map((what) => rest(site, 'GET', `/v1/${what}?limit=${LISTENERS}`)),
  );
  const isActive = listeners.items.every((one) => one.provisioningStatus === 'active');
  return isActive && listeners.items.length === LISTENERS && frontends.items.length === LISTENERS;
}

/** Each time another member, and never the weight that it had. */
function setWeight(site, each, n) {
  const members = LISTENERS * each;
  const member = (n * STRIDE) % members;
  const name = `web-${Math.floor(member / each)}`;
  const weight = 1 + ((n + Math.floor(n / members)) % 99);
  return rest(
    site,
    'PUT',
    `/v1/frontends/${name}/pools/${POOL}/backends/${backendOf(member)}/weight`,
    JSON.stringify({ weight }),
  );
}

async function changing(frame, site, change) {
  const roots = [{ pid: site.pid }];
  const answers = [];
  const generation = await appliedGeneration(site);
  const before = processorTime(roots);
  const { sent, lasted } = await offerSteadily(RATE, frame.seconds, () => {
    const answer = change();
    answer.catch(() => undefined); // told below
    answers.push(answer);
  });
  await Promise.all(answers);
  await pause(SETTLE_MS);
  const used = perUnit(before, processorTime(roots), sent);
  const states = (await appliedGeneration(site)) - generation;
  if (states === 0) throw new Error('the node applied none of the changes');
  const cpu = used && Object.fromEntries(SERVICES.map((service) => [service, used[service] ?? 0]));
  return { cpu, rate: sent / lasted, states };
}

/** Microseconds of processor time of the process that only writes and reads. */
async function bareCost({ seconds }, bare, each) {
  const roots = [{ pid: bare.pid, label: 'bare' }];
  const before = processorTime(roots);
  const { sent } = await bare.ask({ rate: RATE, seconds, listeners: LISTENERS, each });
  return perUnit(before, processorTime(roots), sent)?.bare ?? NaN;
}

async function appliedGeneration(site) {
  return (await rest(site, 'GET', '/v1/nodes/local')).appliedGeneration;
}
