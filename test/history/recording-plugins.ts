import { seenHost } from '../e2e/test-plugins.js';

/** Until long after anybody replays the history: nothing that stands in it ends by time. */
export const LONG_TTL = '600000h';
export const LONG_EXPIRY = '2099-01-01T00:00:00Z';

/** Answers with the members of a PluginResult that stand in the payload of its fact, as JSON. */
export const SAYS = `#!/usr/bin/env node
'use strict';
const { spec } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
process.stderr.write('says what it was told\\n');
process.stdout.write(JSON.stringify({
  apiVersion: 'plugin.routerd.net/v1alpha1',
  kind: 'PluginResult',
  metadata: { name: 'says' },
  ...JSON.parse(spec.events[0].payload.result),
}));
`;

/** Waits for the file $GATE, then does as `seen-host`. */
export const GATED = seenHost({ first: 'until [ -e "$GATE" ]; do sleep 0.05; done', ttl: LONG_TTL });

/** A part that is too large for one record of a snapshot: 600 KiB. */
export const FILLS = `#!/usr/bin/env node
'use strict';
const note = {
  apiVersion: 'example.net/v1',
  kind: 'Note',
  metadata: { name: 'filled' },
  spec: { text: 'x'.repeat(600 * 1024) },
};
process.stdout.write(JSON.stringify({
  apiVersion: 'plugin.routerd.net/v1alpha1',
  kind: 'PluginResult',
  metadata: { name: 'fills' },
  status: { ttl: '${LONG_TTL}', resources: [note] },
}));
`;

/** A host for each of its facts; fails when one of them is bad. */
export const GATHERS = `#!/usr/bin/env node
'use strict';
const { spec } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
if (spec.events.some(({ payload }) => payload.serial === 'bad')) process.exit(1);
process.stdout.write(JSON.stringify({
  apiVersion: 'plugin.routerd.net/v1alpha1',
  kind: 'PluginResult',
  metadata: { name: 'gathers' },
  status: {
    ttl: '${LONG_TTL}',
    resources: spec.events.map(({ subject, payload }) => ({
      apiVersion: 'example.net/v1',
      kind: 'SeenHost',
      metadata: { name: subject },
      spec: { serial: payload.serial },
    })),
  },
}));
`;

/** A command of a sink: refuses a file that says its word. */
export const OBEYS = `#!/bin/sh
if grep -q "$1" "$2"; then echo "the file says $1"; exit 1; fi
`;

/** Ends by a signal. */
export const KILLED = `#!/bin/sh
kill -KILL $$
`;

/** Says why on stderr and fails. */
export const FAILS = `#!/bin/sh
echo 'the printer is out of paper' >&2
exit 3
`;

/** A resource that a part holds, with every member that metadata may have. */
function described(name: string): object {
  return {
    apiVersion: 'example.net/v1',
    kind: 'Note',
    metadata: {
      name,
      project: 'default',
      annotations: { 'example.net/by': 'a plugin' },
      labels: { tier: 'edge' },
      ownerRefs: [{ apiVersion: 'example.net/v1', kind: 'Shelf', name: 'top' }],
    },
    spec: { text: 'left by a plugin' },
  };
}

const ROUTE = { address: '10.9.0.1/32', nicRef: 'nic-1', routeTableRef: 'rt-1' };

/** Action plans with every member, word and absence that they may have. */
const ACTION_PLANS: readonly object[] = [
  {
    name: 'assign',
    provider: 'aws',
    action: 'assign-secondary-ip',
    target: ROUTE,
    providerRef: 'example-provider',
    mode: 'dry-run',
    description: 'gives the address to the router',
    riskLevel: 'low',
    idempotencyKey: 'assign-1',
    parameters: { allowReassignment: 'true' },
    preconditions: [{ name: 'address-is-free', target: { address: '10.9.0.1/32' } }],
    expectedEffects: ['the router answers for the address'],
    undo: { action: 'unassign-secondary-ip', parameters: { allowReassignment: 'false' } },
  },
  {
    name: 'route',
    provider: 'azure',
    action: 'assign-route-table-route',
    target: ROUTE,
    mode: '',
    riskLevel: 'medium',
  },
  { name: 'forward', provider: 'oci', action: 'ensure-forwarding-enabled', target: {}, riskLevel: 'high' },
  { name: 'stop', provider: 'gcp', action: 'ensure-forwarding-disabled', target: {} },
];

/** What `says` shall answer to facts of these ids: between them, everything that a plugin may propose or say. */
export const SAID: Readonly<Record<string, object>> = {
  'said-all': {
    status: { ttl: LONG_TTL, resources: [described('said-all')], actionPlans: ACTION_PLANS },
    outcomes: [{ eventId: 'said-all', outcome: 'applied', reason: 'as told' }],
  },
  'said-ignored': {
    status: { ttl: LONG_TTL },
    outcomes: [{ eventId: 'said-ignored', outcome: 'ignored' }],
  },
  'said-failed': {
    status: { ttl: LONG_TTL },
    outcomes: [{ eventId: 'said-failed', outcome: 'failed', reason: 'no such host' }],
  },
  'said-mask': {
    status: {
      ttl: LONG_TTL,
      directives: [
        { op: 'mask', target: { apiVersion: 'example.net/v1', kind: 'Note', name: 'x' }, reason: 'moved' },
      ],
    },
  },
  'said-nonsense': { status: { ttl: 'soon' } },
};
