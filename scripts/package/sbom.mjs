import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { productionPackages, productManifest, sourceTime } from './manifest.mjs';

/**
 * What a package is made of, as CycloneDX 1.5: what npm tells of the packages that run, under the product's name, and the same for
 * the same sources. Which run is said by the lock: with `--omit=dev` npm 11 leaves out many that are needed by both.
 *
 * @throws {Error} when npm cannot tell
 */
export function softwareBill({ servers = false } = {}) {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const { status, stdout, stderr, error } = spawnSync('npm', args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(`npm sbom failed: ${error?.message ?? stderr}`);
  const bill = JSON.parse(stdout);
  const { name, version } = productManifest();
  bill.metadata.timestamp = new Date(sourceTime() * 1000).toISOString();
  bill.metadata.component.name = name;
  const runs = packagesThatRun(servers);
  bill.components = bill.components.filter((one) => runs.has(`${one.name}@${one.version}`));
  const refs = new Set([...bill.components, bill.metadata.component].map((one) => one['bom-ref']));
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).filter((ref) => refs.has(ref)) }));
  if (servers) bill.components.push(natsServer());
  bill.serialNumber = serialOf(`${name}@${version} ${JSON.stringify(bill.components)}`);
  return bill;
}

/** As `name@version`. Optional ones where they are installed: those of other systems are not in the package either. */
function packagesThatRun(optional) {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const places = productionPackages(lock, { optional }).filter((place) => existsSync(join(ROOT, place)));
  return new Set(
    places.map((place) => `${place.replace(/^.*node_modules\//, '')}@${lock.packages[place].version}`),
  );
}

/** Which one it is says its checksum in SHA256SUMS: it may be one of the system. */
function natsServer() {
  return {
    'bom-ref': 'nats-server',
    type: 'application',
    name: 'nats-server',
    purl: 'pkg:golang/github.com/nats-io/nats-server/v2',
    licenses: [{ license: { id: 'Apache-2.0' } }],
  };
}

/** A UUID of version 8 that stands for this text. */
function serialOf(text) {
  const hex = [...createHash('sha256').update(text).digest('hex').slice(0, 32)];
  hex[12] = '8';
  hex[16] = 'a';
  const digits = hex.join('');
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
