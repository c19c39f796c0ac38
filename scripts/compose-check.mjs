// npm run compose:check: the composed site, from its files to a restore. Ends with one line: N passed, N failed.
//
//   --static   only what needs no engine
//
// Everything it starts has a project, ports and an image of its own, and is removed at the end and on Ctrl-C.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, conclude, notChecked, section } from './compose/checks.mjs';
import { checkDatabaseRole } from './compose/database.mjs';
import { interruption, missingDocker, Project, run } from './compose/engine.mjs';
import { figures } from './compose/figures.mjs';
import { checkPages } from './compose/pages.mjs';
import { checkRecovery } from './compose/recovery.mjs';
import { checkRestarts } from './compose/restarts.mjs';
import { allHealthy, ComposedSite, until } from './compose/site.mjs';
import { checkOneSite, checkTwoSites } from './compose/smoke.mjs';
import { checkFiles } from './compose/static.mjs';
import { pickPort } from './demo-site.mjs';
import { endWithNpm, SIGNALS } from './interruption.mjs';

/** Programs of the project that are no services. */
const TOOLS = ['cli', 'standalone'];
const { projects } = JSON.parse(readFileSync(new URL('../nest-cli.json', import.meta.url), 'utf8'));
const SERVICES = Object.keys(projects).filter(
  (name) => projects[name].type === 'application' && !TOOLS.includes(name),
);
const SITE = ['nats', 'postgres', 'haproxy', ...SERVICES];
const SITE_B = SITE.map((service) => `${service}-b`);
const PROFILES = [[], ['two-sites'], ['monitoring'], ['two-sites', 'monitoring']];
const STOP_LIMIT_S = 10;
const UP_LIMIT_MS = 180_000;

for (const signal of SIGNALS)
  process.on(signal, () => interruption.abort(new Error(`interrupted by ${signal}`)));
endWithNpm();

const scratch = mkdtempSync(join(tmpdir(), 'signalbox-compose-'));
const name = `signalbox-check-${process.pid}`;
const image = `${name}:local`;
try {
  await checkAll();
} catch (error) {
  await check('nothing comes in between', () => Promise.reject(error));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
conclude();

async function checkAll() {
  await checkFiles();
  const lacking = missingDocker();
  if (lacking?.compose) return notChecked('compose files, and everything that runs', lacking.compose);
  const missing = process.argv.includes('--static') ? { engine: '--static was given' } : lacking;

  const taken = new Set();
  const env = await settings(taken);
  const project = new Project({ name, env });

  section('Compose');
  for (const profiles of PROFILES) {
    const flags = profiles.flatMap((profile) => ['--profile', profile]);
    await check(`docker compose ${[...flags, 'config'].join(' ')}`, async () => {
      await project.compose([...flags, 'config', '--quiet']);
    });
  }
  if (missing) return notChecked('everything that runs', missing.engine);

  try {
    await checkRunning(project, {
      onprem: new ComposedSite(project, {
        suffix: '',
        apiPort: env.SIGNALBOX_API_PORT,
        natsPort: env.SIGNALBOX_NATS_PORT,
        scratch,
      }),
      cloud: new ComposedSite(project, {
        suffix: '-b',
        apiPort: env.SIGNALBOX_API_PORT_B,
        natsPort: env.SIGNALBOX_NATS_PORT_B,
        scratch,
      }),
    });
    section('What the pages say');
    await checkPages(new Project({ name: `${name}-pages`, env: await settings(taken) }));
  } catch (error) {
    if (interruption.signal.aborted) throw interruption.signal.reason;
    throw error;
  } finally {
    section('The end');
    await check('nothing is left', async () => {
      await project.remove();
      await run('docker', ['image', 'rm', '--force', image], { isLast: true });
      const left = await project.leftovers();
      if (left.length > 0) throw new Error(left.join('\n'));
    });
  }
}

async function checkRunning(project, { onprem, cloud }) {
  section('A site');
  must(
    await check('the image builds', async () => {
      await project.compose(['build']);
    }),
  );
  must(
    await check('docker compose up, until every container is healthy', async () => {
      await project.compose(['up', '--detach']);
      await until('the site to be healthy', () => allHealthy(project, SITE), UP_LIMIT_MS).catch((error) =>
        failWithLogs(project, error),
      );
    }),
  );
  await onprem.learn();
  await checkOneSite(onprem);
  await checkDatabaseRole(project, 'at the first start');
  await check('the log says where the token is, and not what it is', async () => {
    const log = await project.compose(['logs', '--no-color', 'api']);
    if (log.includes(onprem.token)) throw new Error('the token is in the log');
    if (!log.includes('/state/context.json')) throw new Error(log.slice(0, 1000));
  });
  await check('the command in the container knows the site', async () => {
    const status = await project.exec('api', 'signalbox', 'status');
    if (!/Ready: +yes/.test(status)) throw new Error(status);
  });
  const measured = await figures(project, image, SITE);

  section('Two sites');
  must(
    await check('the second site comes up beside it', async () => {
      const up = ['--profile', 'two-sites', 'up', '--detach', '--wait'];
      await project.compose(up).catch((error) => failWithLogs(project, error));
    }),
  );
  await cloud.learn();
  await checkTwoSites(onprem, cloud);

  section('Every container is killed while facts flow');
  await checkRestarts(project, [...SITE, ...SITE_B], onprem, cloud);

  section('Backup and restore');
  await checkRecovery(project, onprem, cloud, scratch);

  section('Stop');
  for (const service of [...SERVICES, 'nats', 'postgres']) {
    await check(`${service} stops by itself`, async () => {
      const startedAt = performance.now();
      await project.compose(['stop', service]);
      const seconds = (performance.now() - startedAt) / 1000;
      const { ExitCode } = (await project.inspect(service)).State;
      if (![0, 143].includes(ExitCode)) throw new Error(`it ended with ${ExitCode}`);
      if (seconds > STOP_LIMIT_S) throw new Error(`it took ${seconds.toFixed(1)} s`);
    });
  }
  section('Figures');
  for (const line of measured) console.log(`  ${line}`);
}

/** Variables of docker-compose.yml: our image, and ports that nobody has. */
async function settings(taken) {
  const env = { SIGNALBOX_IMAGE: image };
  for (const what of ['API', 'NATS', 'PEER', 'LB'])
    for (const suffix of ['', '_B']) env[`SIGNALBOX_${what}_PORT${suffix}`] = String(await pickPort(taken));
  return env;
}

/** The rest makes no sense without it. */
function must(isThere) {
  if (!isThere) throw new Error('the rest needs what failed');
}

async function failWithLogs(project, error) {
  const logs = await project.compose(['--profile', 'two-sites', 'logs', '--no-color', '--tail', '15'], {
    isLast: true,
  });
  throw new Error(`${error.message}\n${logs}`, { cause: error });
}
