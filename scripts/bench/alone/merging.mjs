// One changed part among many beside all of them merged from scratch, by the model of the renderer and nothing else.
import { answer, built } from './domain-of.mjs';

const { ConfigModel } = await built('apps/renderer/src/domain/config-model.js');
const { proposalOfRun } = await built('apps/renderer/src/domain/decide-proposal.js');
const { mergeFromScratch } = await built('apps/renderer/src/domain/merge-from-scratch.js');
const { KIND_RULES: RULES } = await built('apps/renderer/src/domain/kind-rules.js');
const { EMPTY_SNAPSHOT } = await built('apps/renderer/src/domain/model-snapshot.js');
const { canonicalJson, sha256Hex, validateResource } = await built('libs/contracts/src/index.js');

const NOW_MS = Date.parse('2026-05-30T12:00:00Z');
const CAUSE = { stream: 'ACTIVITY', seq: 1 };
const STARTUP = [
  declared('hybrid.routerd.net/v1alpha1', 'AddressMobilityDomain', 'edge-lan', {
    prefix: '10.0.0.0/8',
    mode: 'selective-address',
  }),
  declared('hybrid.routerd.net/v1alpha1', 'OverlayPeer', 'onprem-main', {
    role: 'onprem',
    nodeID: 'r1',
    underlay: { type: 'route' },
    remote: { nodeID: 'r2', address: '10.99.0.2' },
  }),
  declared('hybrid.routerd.net/v1alpha1', 'CloudProviderProfile', 'example-provider', {
    provider: 'aws',
    capabilities: ['assign-secondary-ip'],
    auth: { mode: 'external-command', command: '/bin/true' },
  }),
];

answer(({ parts, changes }) => {
  const model = new ConfigModel({ ...EMPTY_SNAPSHOT, startup: STARTUP, revision: 1 }, RULES);
  for (let n = 0; n < parts; n += 1) propose(model, n, 0);
  record(model);
  if (model.activeParts().length !== parts)
    throw new Error(`${model.activeParts().length} of ${parts} parts are active`);

  const times = [];
  const used = process.cpuUsage();
  for (let n = 0; n < changes; n += 1) {
    const began = performance.now();
    propose(model, (n * 7919) % parts, n + 1);
    record(model);
    times.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(used);
  const cpuMicros = (user + system) / changes;
  const accepted = model.activeParts().map((part, order) => ({ part, order }));
  const merges = Array.from({ length: 3 }, () => {
    const began = performance.now();
    const { digest } = mergeFromScratch(STARTUP, accepted, NOW_MS, RULES);
    if (digest !== model.digest()) throw new Error('the model and the merge from scratch differ');
    return performance.now() - began;
  });
  const bare = Array.from({ length: changes }, (_, n) => {
    const { part } = endedRun(n, n);
    const began = performance.now();
    sha256Hex(canonicalJson(part));
    return performance.now() - began;
  });
  return { changed: sorted(times), bare: sorted(bare), mergeMs: median(merges), cpuMicros };
});

/** The whole way of one proposal: decided, folded. */
function propose(model, n, version) {
  const decision = model.decideProposal(proposalOfRun(endedRun(n, version)), CAUSE, NOW_MS);
  if (decision?.type !== 'accepted') throw new Error(`part ${n}: ${JSON.stringify(decision)}`);
  model.applyPart(decision);
}

/** What follows from it: quarantine, then the next generation. */
function record(model) {
  for (const held of model.decideQuarantine(CAUSE, NOW_MS)) model.applyPart(held);
  for (const generation of model.decideEffective(CAUSE, NOW_MS)) model.applyEffective(generation);
}

function endedRun(n, version) {
  const address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
  const at = new Date(NOW_MS).toISOString();
  return {
    type: 'ended',
    at,
    outcome: 'proposed',
    order: {
      runId: `run-${n}-${version}`,
      attempt: 1,
      subscription: 'matching',
      plugin: 'example',
      group: 'default',
      revision: 1,
      source: `EventSubscription/matching/${String(n).padStart(16, '0')}`,
      facts: [
        {
          seq: n + 1,
          id: `fact-${n}-${version}`,
          origin: 'bench-node',
          factKey: `fact-${n}`,
          subject: `${address}/32`,
        },
      ],
      retry: { maxAttempts: 1, backoffMs: 0, maxBackoffMs: 0 },
    },
    part: {
      observedAt: at,
      expiresAt: new Date(NOW_MS + 1_800_000).toISOString(),
      resources: [
        {
          apiVersion: 'hybrid.routerd.net/v1alpha1',
          kind: 'RemoteAddressClaim',
          metadata: { name: `onprem-${address.replaceAll('.', '-')}` },
          spec: {
            domainRef: 'edge-lan',
            address: `${address}/32`,
            ownerSide: 'onprem',
            capture: {
              type: 'provider-secondary-ip',
              providerRef: 'example-provider',
              providerMode: 'nic-secondary-ip',
              nicRef: `nic-${version}`,
              configureOSAddress: false,
            },
            delivery: { peerRef: 'onprem-main', mode: 'route', tunnelInterface: 'wg-hybrid' },
          },
        },
      ],
      directives: [],
      actionPlans: [],
    },
  };
}

function declared(apiVersion, kind, name, spec) {
  return { resource: validateResource({ apiVersion, kind, metadata: { name }, spec }), revision: 1 };
}

function median(values) {
  return sorted(values)[values.length >> 1];
}

function sorted(values) {
  return values.sort((a, b) => a - b);
}
