// npm run helm:check: lints the chart with the Helm of the PATH, renders it, and keeps what came out in test/golden/helm, where tests
// look at it. Needed after a change of the chart only. Helm: go install helm.sh/helm/v3/cmd/helm@v3.22.0
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART, chartDigest, RELEASES, RENDERED } from './helm/chart.mjs';

const KUBERNETES = '1.30.0';
/** What the schema of the values has to refuse. */
const REFUSED = [
  'logLevel=loud',
  'nats.url=http://nats',
  'database.url=postgres://signalbox:password@postgres/signalbox',
  'services.api.replicas=2',
  'services.unknown.enabled=true',
  'extraEnv.DATABASE_PASSWORD=secret',
  'keys.secretPrefix=',
];

try {
  helm('lint', '--strict', CHART);
  mkdirSync(RENDERED, { recursive: true });
  for (const [name, values] of Object.entries(RELEASES)) {
    const set = values.flatMap((value) => ['--set', value]);
    const text = helm('template', 'site', CHART, '--kube-version', KUBERNETES, '--namespace', 'edge', ...set);
    writeFileSync(join(RENDERED, `${name}.yaml`), `# chart ${chartDigest()}\n${text}`);
  }
  for (const value of REFUSED) {
    const { status } = run('template', 'site', CHART, '--kube-version', KUBERNETES, '--set', value);
    if (status === 0) throw new Error(`${value} is not refused`);
  }
  console.log(
    `helm-check: ${run('version', '--short').stdout.trim()}: linted, rendered, ${REFUSED.length} values refused`,
  );
} catch (error) {
  console.error(`helm-check: ${error.message}`);
  process.exitCode = 1;
}

function run(...args) {
  const result = spawnSync('helm', args, { encoding: 'utf8' });
  if (result.error) throw new Error('helm is not on the PATH: go install helm.sh/helm/v3/cmd/helm@v3.22.0');
  return result;
}

function helm(...args) {
  const { status, stdout, stderr } = run(...args);
  if (status !== 0) throw new Error(`helm ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}
