// Facts: how fast they come in, and how long they take to become configuration.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { connect, createInbox } from 'nats';
import { ROOT } from '../prepare.mjs';
import {
  pause,
  percentile,
  record,
  residentMiB,
  rest,
  seconds,
  startSite,
  throughput,
  withState,
} from './site.mjs';

const EXAMPLE = join(ROOT, 'examples', 'plugins', 'event-to-remote-claim');
const OBSERVED = 'routerd.client.ipv4.observed';
/** Second octet of the addresses of a row: every row has its own. */
let network = 9;

/** A native plugin: the same result as the example, made by sed, so that the start of Node is not what is measured. */
const NATIVE = `#!/bin/sh
address=$(sed -n 's/.*"subject":"\\([0-9./]*\\)".*/\\1/p')
name=$(printf %s "\${address%/32}" | tr . -)
printf '{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","status":{"ttl":"30m","resources":[{"apiVersion":"bench.example/v1","kind":"Claim","metadata":{"name":"c-%s"},"spec":{"address":"%s"}}]}}' "$name" "$address"
`;

/** Measures everything about facts on a site of its own. */
export async function benchFacts() {
  await withState(async (state) => {
    const plugins = join(state, 'plugins');
    mkdirSync(plugins);
    writeFileSync(join(plugins, 'native'), NATIVE, { mode: 0o755 });
    writeFileSync(join(plugins, 'example'), readFileSync(EXAMPLE), { mode: 0o755 });
    let site = await startSite(state);
    try {
      record('start to ready, fresh data', site.readyMs, 'ms');
      await site.stop();
      site = await startSite(state);
      record('start to ready, existing data', site.readyMs, 'ms');
      record('standalone, resident memory, idle', residentMiB(site.child.pid), 'MiB');
      await measure(site, plugins);
    } finally {
      await site.stop();
    }
  });
}

async function measure(site, plugins) {
  const nc = await connect({ servers: site.natsUrl });
  const inbox = createInbox();
  nc.subscribe(inbox, { callback: () => undefined });
  const js = nc.jetstream();
  await (await nc.jetstreamManager()).streams.add({ name: 'BENCH', subjects: ['bench.limit'] });
  const body = JSON.stringify({
    subject: '10.0.0.1/32',
    payload: { ownerSide: 'onprem', pad: 'x'.repeat(300) },
  });

  const input = JSON.stringify({ spec: { events: [{ type: 't', subject: '10.0.0.1/32', payload: {} }] } });
  const spawnNative = await spawnRate(join(plugins, 'native'), input);
  const spawnNode = await spawnRate(join(plugins, 'example'), input);
  const yaml =
    subscription('native', 'default', 'bench.native', 'native', join(plugins, 'native')) +
    subscription('example', 'default', OBSERVED, 'example', join(plugins, 'example')) +
    subscription('swift', 'swift', OBSERVED, 'swift', join(plugins, 'example'), 'persistent');
  const domain = `---
apiVersion: federation.routerd.net/v1alpha1
kind: EventGroup
metadata: {name: swift}
spec: {nodeName: bench-node}
---
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
`;
  await rest(site, 'POST', '/v1/apply', domain + yaml, 'application/yaml');
  record('starts of the native plugin alone', spawnNative, '/s');
  record('starts of the example plugin (Node) alone', spawnNode, '/s');
  const oneShot = (rate) => factToConfig(nc, inbox, 'native one-shot', 'default', 'bench.native', rate);
  for (const rate of [10, 100]) await oneShot(rate);
  for (const rate of [10, 100]) await factToConfig(nc, inbox, 'example one-shot', 'default', OBSERVED, rate);
  for (const rate of [100, 1000])
    await factToConfig(nc, inbox, 'example persistent', 'swift', OBSERVED, rate);
  const barePublish = await throughput(64, () => js.publish('bench.limit', body));
  const emit = await throughput(64, async (lane) => {
    const reply = await nc.request('emit.default.bench.in', body.replace('10.0.0.1', `10.0.0.${lane}`), {
      timeout: 5000,
    });
    if (!reply.json().accepted) throw new Error(reply.string());
  });
  record(
    'facts in by nats request, 64 in flight, durable',
    emit,
    '/s',
    barePublish,
    'bare JetStream publish with ack',
  );

  const bareHttp = await bareHttpRate(body);
  const posted = await throughput(32, () =>
    rest(site, 'POST', '/v1/groups/default/events', body.replace('}}', '},"type":"bench.in"}')),
  );
  record(
    'facts in by REST, one each, 32 at once, 202 when durable',
    posted,
    '/s',
    bareHttp,
    'bare node:http answering 202',
  );
  const many = JSON.stringify(
    Array.from({ length: 100 }, (_, n) => ({ type: 'bench.in', subject: `10.1.0.${n}/32` })),
  );
  const batches = await throughput(8, () => rest(site, 'POST', '/v1/groups/default/events', many));
  record('facts in by REST, 100 each', batches * 100, '/s', emit, 'one each by nats request');

  record('standalone, resident memory, after the load', residentMiB(site.child.pid), 'MiB');
  await nc.close();
}

function subscription(name, group, type, plugin, executable, mode = 'oneshot') {
  return `---
apiVersion: plugin.routerd.net/v1alpha1
kind: Plugin
metadata: {name: ${plugin}}
spec: {executable: ${executable}, mode: ${mode}, capabilities: [propose.dynamicConfig]}
---
apiVersion: federation.routerd.net/v1alpha1
kind: EventSubscription
metadata: {name: ${name}}
spec: {groupRef: ${group}, match: {types: [${type}]}, trigger: {pluginRef: ${plugin}, concurrency: 64}}
`;
}

/** Emits facts at a rate by `nats request` and takes the time until their resource is in a recorded generation. */
async function factToConfig(nc, inbox, label, group, type, rate) {
  const sent = new Map();
  const latencies = [];
  const watch = nc.subscribe('activity.effective', {
    callback: (_error, message) => {
      const now = performance.now();
      const { added, changed } = message.json();
      for (const { resource } of [...added, ...changed]) {
        const at = sent.get(resource.spec.address);
        if (at === undefined) continue;
        sent.delete(resource.spec.address);
        latencies.push(now - at);
      }
    },
  });
  await nc.flush();
  const total = rate * seconds;
  const began = performance.now();
  network += 1;
  for (let n = 0; n < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate) + 1);
    for (; n < due; n += 1) {
      const address = `10.${network}.${n >> 8}.${n & 255}/32`;
      sent.set(address, performance.now());
      nc.publish(
        `emit.${group}.${type}`,
        JSON.stringify({ subject: address, payload: { ownerSide: 'onprem' } }),
        { reply: inbox },
      );
    }
    await pause(2);
  }
  const deadline = performance.now() + 20_000;
  while (sent.size > 0 && performance.now() < deadline) await pause(20);
  const lasted = (performance.now() - began) / 1000;
  watch.unsubscribe();
  latencies.sort((a, b) => a - b);
  record(`fact → effective config, ${label}, ${rate}/s: p50`, percentile(latencies, 0.5), 'ms');
  record(`fact → effective config, ${label}, ${rate}/s: p99`, percentile(latencies, 0.99), 'ms');
  if (sent.size > 0)
    record(`  … not done ${Math.round(lasted)} s after the start (saturated)`, sent.size, 'facts');
  record(`  … rate reached`, latencies.length / lasted, '/s');
}

/** How often the same program can be started and fed, four at once: the limit of one-shot runs. */
function spawnRate(program, input) {
  return throughput(
    4,
    () =>
      new Promise((resolve, reject) => {
        const child = spawn(program, [], {
          env: { PATH: process.env.PATH },
          stdio: ['pipe', 'pipe', 'ignore'],
        });
        child.stdout.resume();
        child.on('error', reject).on('close', resolve);
        child.stdin.on('error', () => undefined);
        child.stdin.end(input);
      }),
  );
}

/** Fastify would be the fairest; a bare node:http server that answers 202 is an upper bound for it. */
async function bareHttpRate(body) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(202).end('{}'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const rate = await throughput(32, () =>
    fetch(url, { method: 'POST', body }).then((response) => response.text()),
  );
  await new Promise((resolve) => server.close(resolve));
  return rate;
}
