// What the chain is fed with: facts, and the resources that make configuration of them.
import { copyFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';

const EXAMPLE = join(ROOT, 'examples', 'plugins', 'event-to-remote-claim');
const OBSERVED = 'routerd.client.ipv4.observed';
/** The bytes of a fact as it is sent. */
const FACT_BYTES = 512;
/** Subscriptions of a site; one of them matches. */
export const SUBSCRIPTIONS = 1000;
/** Lineages in flight at once, as many as a subscription may have. */
const CONCURRENCY = 1024;

/** What a plugin makes of a fact, and how its resources are named. */
export const PERSISTENT = {
  plugin: 'example',
  mode: 'persistent',
  apiVersion: 'hybrid.routerd.net/v1alpha1',
  kind: 'RemoteAddressClaim',
  nameOf: (address) => `onprem-${address.replaceAll('.', '-')}`,
};
export const ONE_SHOT = {
  plugin: 'native',
  mode: 'oneshot',
  apiVersion: 'bench.example/v1',
  kind: 'Claim',
  nameOf: (address) => `c-${address.replaceAll('.', '-')}`,
};

/**
 * A native program that makes one resource of the fact's address. sed itself is the program, so that what is measured is
 * the start of one process and not of several.
 */
function nativePlugin(sed) {
  const address = String.raw`\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\)`;
  const resource = String.raw`{"apiVersion":"bench.example\/v1","kind":"Claim","metadata":{"name":"c-\1-\2-\3-\4"},"spec":{"address":"\1.\2.\3.\4"}}`;
  const result = `{"apiVersion":"plugin.routerd.net\\/v1alpha1","kind":"PluginResult","status":{"ttl":"30m","resources":[${resource}]}}`;
  return `#!${sed} -nf\ns/.*"subject":"${address}\\/32".*/${result}/p\n`;
}

/** Puts the plugins of the bench where the site may run them; returns where they are. */
export function installPlugins(state, sed) {
  const dir = join(state, 'plugins');
  mkdirSync(dir, { recursive: true });
  const files = { example: join(dir, 'example'), native: join(dir, 'native') };
  copyFileSync(EXAMPLE, files.example);
  writeFileSync(files.native, nativePlugin(sed));
  for (const file of Object.values(files)) chmodSync(file, 0o755);
  return files;
}

/** Facts of one world, each about an address of its own. */
export class FactSource {
  count = 0;

  constructor(type = OBSERVED) {
    this.type = type;
    this.run = process.hrtime.bigint().toString(36);
    const bare = this.textOf('10.255.255.255', 0, '').length;
    this.pad = 'x'.repeat(FACT_BYTES - bare);
  }

  /** The next fact: its text as it is sent, and the address that it is about. */
  next() {
    this.count += 1;
    const n = this.count;
    const address = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
    return { address, text: this.textOf(address, n, this.pad) };
  }

  textOf(address, n, pad) {
    return JSON.stringify({
      id: `bench-${this.run}-${String(n).padStart(8, '0')}`,
      type: this.type,
      subject: `${address}/32`,
      payload: { ownerSide: 'onprem', pad },
      observedAt: new Date().toISOString(),
    });
  }
}

/** Where a site takes facts of the chain by `nats request`. */
export const EMIT = `emit.default.${OBSERVED}`;

/** The resources of a site: one subscription that matches among many that do not, and what the claims refer to. */
export function siteResources({ plugin, mode }, executable) {
  const others = Array.from({ length: SUBSCRIPTIONS - 1 }, (_, n) =>
    subscription(`other-${n}`, `bench.other-${n}`, plugin),
  );
  return `---
apiVersion: hybrid.routerd.net/v1alpha1
kind: AddressMobilityDomain
metadata: {name: edge-lan}
spec: {prefix: 10.0.0.0/8, mode: selective-address}
---
apiVersion: hybrid.routerd.net/v1alpha1
kind: OverlayPeer
metadata: {name: onprem-main}
spec: {role: onprem, nodeID: r1, underlay: {type: route}, remote: {nodeID: r2, address: 10.99.0.2}}
---
apiVersion: hybrid.routerd.net/v1alpha1
kind: CloudProviderProfile
metadata: {name: example-provider}
spec: {provider: aws, capabilities: [assign-secondary-ip], auth: {mode: external-command, command: /bin/true}}
---
apiVersion: plugin.routerd.net/v1alpha1
kind: Plugin
metadata: {name: ${plugin}}
spec: {executable: ${executable}, mode: ${mode}, capabilities: [propose.dynamicConfig]}
${subscription('matching', OBSERVED, plugin)}${others.join('')}`;
}

function subscription(name, type, plugin) {
  return `---
apiVersion: federation.routerd.net/v1alpha1
kind: EventSubscription
metadata: {name: ${name}}
spec: {groupRef: default, match: {types: [${type}]}, trigger: {pluginRef: ${plugin}, concurrency: ${CONCURRENCY}}}
`;
}

/** The same subscriptions for the bare chain. */
export function bareSubscriptions() {
  return Array.from({ length: SUBSCRIPTIONS }, (_, n) => ({
    name: n === 0 ? 'matching' : `other-${n}`,
    types: [n === 0 ? OBSERVED : `bench.other-${n}`],
    prefix: '',
  }));
}
