// Backup, loss of everything, restore.
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { check } from './checks.mjs';
import { run } from './engine.mjs';
import { factOf, OBSERVED, observation } from './smoke.mjs';
import { until } from './site.mjs';

const VOLUMES = ['keys', 'secrets', 'state', 'nats-data', 'postgres-data'];

/** The first site is copied, wiped and brought back; then facts go on to the second. */
export async function checkRecovery(project, onprem, cloud, scratch) {
  const backup = join(scratch, 'backup');
  const script = (name, ...args) => project.script(join(ROOT, 'deploy', name), ...args);
  let before;

  const isCopied = await check('backup.sh copies the running site', async () => {
    before = await contents(onprem);
    await script('backup.sh', backup);
    await until('the site to be ready', async () => (await fetch(`${onprem.url}/readyz`)).ok);
  });
  if (!isCopied) return;
  await check('restore.sh refuses to overwrite data', async () => {
    const refused = await script('restore.sh', backup).then(
      () => '',
      ({ message }) => message,
    );
    if (!refused.includes('holds data')) throw new Error(`it said: ${refused || 'nothing, and went on'}`);
  });
  await check('everything of the site is lost', async () => {
    await project.compose(['down']);
    await run('docker', ['volume', 'rm', ...VOLUMES.map((volume) => `${project.name}_${volume}`)]);
  });
  await check('restore.sh brings it back, and its tables are what its streams say', async () => {
    await script('restore.sh', backup);
  });
  await check('facts, effective config and token are those of before', async () => {
    const after = await contents(onprem);
    for (const [what, value] of Object.entries(before))
      if (after[what] !== value) throw new Error(`${what}: ${value} before, ${after[what]} now`);
  });
  await check('facts go on to the second site', async () => {
    const nats = await onprem.publisher();
    const fact = observation('evt-after-restore', '10.88.60.252/32');
    const answer = await until('an acknowledgement', () => nats.request(`emit.cloudedge.${OBSERVED}`, fact));
    await nats.close();
    if (answer.accepted !== true) throw new Error(JSON.stringify(answer));
    await until('the claim', async () => factOf((await cloud.claims()).get(fact.subject)) === fact.id);
  });
}

/** What must be the same afterwards; read with the token of before. */
async function contents(site) {
  const facts = await site.all('/v1/groups/cloudedge/events');
  const config = await site.rest('GET', '/v1/effective-config');
  return {
    facts: facts
      .map(({ id }) => id)
      .sort()
      .join(' '),
    config: JSON.stringify(config),
  };
}
