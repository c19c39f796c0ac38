import { CHANGE_ORIGIN } from '../access/origin-schema.js';
import {
  COUNT,
  FLAG,
  listOf,
  oneOf,
  type Schema,
  shape,
  taggedBy,
  TEXT,
  text,
  wholeNumber,
} from '../schema/shape.js';
import {
  BACKEND_STATES,
  type BackendIntent,
  type BackendRecord,
  type HealthResult,
  type OperatorNote,
  PROBE_CODES,
  PROBE_LAYERS,
  STATE_CODES,
} from './backend-record.js';
import type { NodeDrain } from './node-drain.js';
import {
  FRONTEND_STATES,
  type FrontendRecord,
  type FrontendTarget,
  WEIGHT_RULES,
  type WeightOverride,
  type WeightReason,
} from './frontend-record.js';
import { VIP_HOLDERS, type VipHolder } from '../kinds/balance/vip-wish.js';
import type { RecordBatch } from './record-batch.js';
import {
  VIP_WAIT_CODES,
  type VipFreed,
  type VipLeased,
  type VipRecord,
  type VipReleased,
  type VipWaiting,
} from './vip-record.js';

/** Strict schemas of the records of health checking and load balancing. */

const TIME = text('timestamp');
const PORT = wholeNumber(1, 65535);

export const BACKEND_RECORD: Schema = shape<BackendRecord>(
  {
    backend: TEXT,
    version: COUNT,
    at: TIME,
    to: oneOf(BACKEND_STATES),
    since: TIME,
    result: shape<HealthResult>(
      { ok: FLAG, code: oneOf([...PROBE_CODES, ...STATE_CODES]), detail: TEXT },
      { layer: oneOf(PROBE_LAYERS) },
    ),
    address: TEXT,
  },
  {
    port: PORT,
    from: oneOf(BACKEND_STATES),
    healthcheck: TEXT,
    by: shape<OperatorNote>({ author: TEXT }, { reason: TEXT }),
  },
);

export const BACKEND_INTENT: Schema = shape<BackendIntent>(
  {
    backend: TEXT,
    intent: oneOf(['run', 'pause', 'disable']),
    configEnabled: FLAG,
    at: TIME,
    author: TEXT,
  },
  { reason: TEXT, from: CHANGE_ORIGIN },
);

const WEIGHT: Schema = { type: 'integer', minimum: 0, maximum: 100 };

export const FRONTEND_RECORD: Schema = shape<FrontendRecord>(
  {
    frontend: TEXT,
    version: COUNT,
    at: TIME,
    to: oneOf([...FRONTEND_STATES, 'removed']),
    activePool: TEXT,
    targets: listOf(
      shape<FrontendTarget>(
        {
          pool: TEXT,
          backend: TEXT,
          weight: WEIGHT,
          effective: WEIGHT,
          flush: FLAG,
          why: shape<WeightReason>({ rule: oneOf(WEIGHT_RULES), text: TEXT }, { until: TIME }),
        },
        { address: TEXT, port: PORT },
      ),
    ),
    gone: listOf(shape<FrontendRecord['gone'][number]>({ pool: TEXT, backend: TEXT })),
  },
  { from: oneOf(FRONTEND_STATES) },
);

const OVERRIDE_PLACE = { frontend: TEXT, pool: TEXT, backend: TEXT, at: TIME, author: TEXT };

export const WEIGHT_OVERRIDE: Schema = taggedBy('type', [
  shape<Extract<WeightOverride, { type: 'set' }>>(
    { type: oneOf(['set']), weight: WEIGHT, ...OVERRIDE_PLACE },
    { reason: TEXT, expiresAt: TIME, from: CHANGE_ORIGIN },
  ),
  shape<Extract<WeightOverride, { type: 'cleared' }>>(
    { type: oneOf(['cleared']), ...OVERRIDE_PLACE },
    { reason: TEXT, from: CHANGE_ORIGIN },
  ),
]);

export const NODE_DRAIN: Schema = shape<NodeDrain>(
  { node: TEXT, drained: FLAG, at: TIME, author: TEXT },
  { reason: TEXT, from: CHANGE_ORIGIN },
);

const VIP_HOLDER = shape<VipHolder>({ kind: oneOf(VIP_HOLDERS), name: TEXT });
const VIP_EVENT = { at: TIME, holder: VIP_HOLDER };

export const VIP_BATCH: Schema = shape<RecordBatch<VipRecord>>({
  records: listOf(
    taggedBy('type', [
      shape<VipLeased>(
        { type: oneOf(['leased']), ...VIP_EVENT, project: TEXT, address: text('ip'), pool: TEXT },
        { sharing: TEXT },
      ),
      shape<VipWaiting>({
        type: oneOf(['waiting']),
        ...VIP_EVENT,
        project: TEXT,
        code: oneOf(VIP_WAIT_CODES),
        reason: TEXT,
      }),
      shape<VipReleased>(
        { type: oneOf(['released']), ...VIP_EVENT, project: TEXT },
        { address: text('ip'), pool: TEXT, rest: oneOf(['held', 'quarantined', 'free']), until: TIME },
      ),
      shape<VipFreed>({ type: oneOf(['freed']), at: TIME, address: text('ip') }),
    ]),
  ),
});
