import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { ROOT } from '../prepare.mjs';
import { productManifest, sourceTime } from './manifest.mjs';

/**
 * What a package is made of, as CycloneDX 1.5: npm's own bill of what runs, under the product's name, and the same for the same
 * sources.
 *
 * @throws {Error} when npm cannot tell
 */
export function softwareBill({ servers = false } = {}) {
  const omitted = ['--omit=dev', ...(servers ? [] : ['--omit=optional'])];
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', ...omitted];
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
  if (servers) bill.components.push(natsServer());
  bill.serialNumber = serialOf(`${name}@${version} ${JSON.stringify(bill.components)}`);
  return bill;
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
