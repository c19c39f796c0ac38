import type { Alarm } from '@signalbox/contracts';
import type { BackendDetail, FrontendItem, HealthCheckItem } from '../rest/answers.js';

/** Bodies about backends, frontends and checks (docs/reference/rest-api.md). */
export const UP_BACKEND: BackendDetail = {
  name: 'nginx1',
  address: '172.20.30.11',
  healthcheck: 'http-check',
  state: 'up',
  enabled: true,
  since: '2026-05-30T11:55:00.000Z',
  at: '2026-05-30T11:55:00.000Z',
  version: 2,
  result: { ok: true, layer: 'L7', code: 'L7OK', detail: '200 OK' },
  frontends: ['failover-vip', 'http-vip'],
  transitions: [
    {
      version: 2,
      at: '2026-05-30T11:55:00.000Z',
      from: 'unknown',
      to: 'up',
      result: { ok: true, layer: 'L7', code: 'L7OK', detail: '200 OK' },
    },
    {
      version: 1,
      at: '2026-05-30T11:54:58.000Z',
      to: 'unknown',
      result: { ok: false, code: 'started', detail: '' },
    },
  ],
  vitals: {
    counter: 3,
    max: 4,
    rise: 2,
    fall: 3,
    intervalMs: 2000,
    last: {
      ok: true,
      layer: 'L7',
      code: 'L7OK',
      detail: '200 OK',
      at: '2026-05-30T11:59:58.500Z',
      durationMs: 3.27,
    },
  },
  origin: { revision: 7 },
};

export const DISABLED_BACKEND: BackendDetail = {
  name: 'nginx2',
  address: '172.20.30.12',
  state: 'disabled',
  enabled: false,
  since: '2026-05-30T09:30:00.000Z',
  at: '2026-05-30T09:30:00.000Z',
  version: 3,
  result: { ok: false, code: 'disabled', detail: 'disabled by ops' },
  by: { author: 'ops', reason: 'disk\nswap' },
  frontends: [],
  transitions: [
    {
      version: 3,
      at: '2026-05-30T09:30:00.000Z',
      from: 'up',
      to: 'disabled',
      result: { ok: false, code: 'disabled', detail: 'disabled by ops' },
      by: { author: 'ops', reason: 'disk\nswap' },
    },
  ],
  origin: { part: { source: 'EventSubscription/vms/0123', generation: 3 } },
};

/** Everything that vitals can say. */
export const HELD_BACKEND: BackendDetail = {
  ...UP_BACKEND,
  vitals: {
    ...UP_BACKEND.vitals!,
    counter: 1,
    degraded: 'the certificate ends in 3 days',
    heldUntil: '2026-05-30T12:00:02.000Z',
  },
};

const TARGET = {
  name: 'static-primary',
  address: '172.20.30.21',
  state: 'up',
  enabled: true,
  weight: 100,
  effective: 100,
  flush: false,
  why: { rule: 'active', text: 'up in the active pool' },
  since: '2026-05-30T11:55:00.000Z',
} as const;

/** Scenario 14 of reference maglev 11.1. */
export const FRONTEND: FrontendItem = {
  name: 'failover-vip',
  description: '',
  address: '172.20.30.100',
  protocol: 'tcp',
  port: 80,
  state: 'up',
  since: '2026-05-30T11:55:00.000Z',
  activePool: 'primary',
  srcIpSticky: false,
  flushOnDown: true,
  pools: [
    { name: 'primary', backends: [TARGET] },
    {
      name: 'fallback',
      backends: [
        {
          ...TARGET,
          name: 'fb',
          address: '172.20.30.22',
          effective: 0,
          why: { rule: 'standby', text: 'pool primary serves' },
        },
      ],
    },
    { name: 'empty', backends: [] },
  ],
  origin: { revision: 7 },
};

/** Scenario 15, with every option and an override. */
export const FAILED_OVER: FrontendItem = {
  ...FRONTEND,
  description: 'the shop',
  activePool: 'fallback',
  failbackDelay: '10s',
  minUp: 1,
  poolActivation: 'up-weighted',
  slowStart: '30s',
  allDown: 'spread',
  pools: [
    {
      name: 'primary',
      backends: [
        {
          ...TARGET,
          state: 'disabled',
          enabled: false,
          effective: 0,
          flush: true,
          why: { rule: 'disabled', text: 'disabled by ops' },
        },
      ],
    },
    {
      name: 'fallback',
      backends: [
        {
          ...TARGET,
          name: 'fb',
          address: undefined,
          weight: 50,
          effective: 50,
          override: {
            weight: 50,
            author: 'ops',
            reason: 'new kernel',
            at: '2026-05-30T11:58:00.000Z',
            expiresAt: '2026-05-30T12:58:00.000Z',
          },
        },
      ],
    },
  ],
};

export const HEALTHCHECK: HealthCheckItem = {
  name: 'http-check',
  spec: {
    type: 'http',
    port: 80,
    interval: '2s',
    fastInterval: '500ms',
    timeout: '3s',
    probeIpv4Src: '172.20.30.1',
    params: { path: '/health', responseCode: '200-299' },
  },
  backends: ['nginx1', 'nginx2'],
  origin: { revision: 7 },
};

export const ALARM: Alarm = {
  kind: 'backend-down',
  name: 'nginx3',
  since: '2026-05-30T11:59:00.000Z',
  text: 'L4CON: connection refused',
  silencedBy: 'MaintenanceWindow/tonight',
};
