// Backup, loss of everything, restore.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { check } from './checks.mjs';
import { checkDatabaseRole } from './database.mjs';
import { run } from './engine.mjs';
import { factOf, OBSERVED, observation } from './smoke.mjs';
import { until } from './site.mjs';

const VOLUMES = ['keys', 'secrets', 'state', 'nats-data'];

/** The first site is copied, wiped and brought back; then facts go on to the second. */
export async function checkRecovery(project, onprem, cloud, scratch) {
  const backup = join(scratch, 'backup');
  const script = (name, ...args) => project.script(join(ROOT, 'deploy', name), ...args);
  const remove = (volumes) =>
    run('docker', ['volume', 'rm', ...volumes.map((volume) => `${project.name}_${volume}`)]);
  const isRefused = async (why, directory = backup) => {
    const refused = await script('restore.sh', directory).then(
      () => 'nothing, and went on',
      ({ message }) => message,
    );
    if (!refused.includes(why) || refused.includes('stopping what runs'))
      throw new Error(`it said: ${refused}`);
  };
  let before;

  const isCopied = await check('backup.sh copies the running site', async () => {
    before = await contents(onprem);
    await script('backup.sh', backup);
    await until('the site to be ready', async () => (await fetch(`${onprem.url}/readyz`)).ok);
  });
  if (!isCopied) return;
  await check('restore.sh refuses to overwrite data', () => isRefused('the volume nats-data holds data'));
  await check('restore.sh refuses the backup of a newer version', async () => {
    const newer = join(scratch, 'newer');
    cpSync(backup, newer, { recursive: true });
    const manifest = readFileSync(join(backup, 'manifest'), 'utf8');
    writeFileSync(join(newer, 'manifest'), manifest.replace(/^version .*$/m, 'version 9999.10.0'));
    await isRefused('the newer version 9999.10.0 made this backup', newer);
  });
  await check('restore.sh refuses when only the tables are there', async () => {
    await project.compose(['down']);
    await remove(VOLUMES);
    await isRefused('the volume postgres-data holds data');
  });
  await check('restore.sh refuses when it cannot read what is there', async () => {
    const hidden = (command) => project.compose(['run', '--rm', '-T', 'setup', 'sh', '-c', command]);
    await hidden('mkdir -m 000 /secrets/hidden');
    await isRefused('the volume secrets cannot be read');
    await hidden('rmdir /secrets/hidden');
  });
  await check('everything of the site is lost', async () => {
    await remove([...VOLUMES, 'postgres-data']);
  });
  await check('restore.sh brings it back, and its tables are what its streams say', async () => {
    await script('restore.sh', backup);
  });
  await checkDatabaseRole(project, 'after the restore');
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
