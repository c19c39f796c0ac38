import type { ApplyAnswer, DeadLetterItem, ResourceItem, StatusAnswer } from '../rest/answers.js';

/** Bodies about a site as a whole (docs/reference/rest-api.md). */
export const APPLIED: ApplyAnswer = {
  revision: 7,
  changed: true,
  dryRun: false,
  pending: false,
  generation: 3,
  plan: [
    { action: 'added', apiVersion: 'a', kind: 'EventGroup', project: 'default', name: 'cloudedge' },
    {
      action: 'changed',
      apiVersion: 'a',
      kind: 'EventPeer',
      project: 'default',
      name: 'edge',
      fields: [
        { path: '/spec/endpoint', from: 'http://a', to: 'http://b' },
        { path: '/spec/maxInFlight', to: 8 },
      ],
    },
    { action: 'removed', apiVersion: 'a', kind: 'Plugin', project: 'lab', name: 'old' },
    { action: 'unchanged', apiVersion: 'a', kind: 'Plugin', project: 'default', name: 'kept' },
  ],
};

export const RESOURCE: ResourceItem = {
  resource: {
    apiVersion: 'federation.routerd.net/v1alpha1',
    kind: 'EventGroup',
    metadata: { name: 'cloudedge' },
    spec: { nodeName: 'onprem-router' },
  },
  revision: 7,
  set: 'Router/cloud',
};

export const DEAD: DeadLetterItem = {
  seq: 12,
  service: 'ingest',
  code: 'bad-grammar',
  message: 'the fact is not valid: /type is required',
  subject: 'events.cloudedge.door',
  at: '2026-05-30T12:00:00Z',
  about: { group: 'cloudedge' },
};

export const STATUS: StatusAnswer = {
  node: 'onprem-router',
  groups: [
    { name: 'cloudedge', nodeName: 'onprem-router', stream: { messages: 3, bytes: 1536, lastSeq: 4 } },
    { name: 'default', nodeName: 'onprem-router', stream: { messages: 0, bytes: 0, lastSeq: 0 } },
  ],
  revision: 7,
  generation: 3,
  ready: false,
  parts: [
    { name: 'ingest', ready: true },
    { name: 'renderer', ready: false, reason: 'at revision 6 of 7' },
  ],
  alarms: {
    count: 6,
    first: [
      {
        kind: 'secret-missing',
        name: 'cloudedge',
        reason: 'secret-missing',
        resources: [{ apiVersion: 'federation.routerd.net/v1alpha1', kind: 'EventGroup', name: 'cloudedge' }],
        since: '2026-05-30T12:00:00.000Z',
        text: 'the secret file /s/edge.key does not exist',
      },
    ],
  },
};
