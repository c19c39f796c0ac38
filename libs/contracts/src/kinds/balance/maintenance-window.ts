import { listOf, shape, TEXT, text } from '../../schema/shape.js';
import { timestampMs } from '../../timestamp.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { BALANCE_API, type MaintenanceWindowSpec } from './specs.js';

/**
 * A time in which alarms are silent. spec/health "State machine".
 * The backends and frontends need not be declared: they may come from parts that come and go.
 */
export const MAINTENANCE_WINDOW: Kind = {
  apiVersion: BALANCE_API,
  kind: 'MaintenanceWindow',
  schema: shape<MaintenanceWindowSpec>(
    { from: text('timestamp'), to: text('timestamp') },
    { reason: TEXT, backends: listOf(text('resource-ref')), frontends: listOf(text('resource-ref')) },
  ),
  checkFields(resource) {
    const { from, to } = specOf<MaintenanceWindowSpec>(resource);
    if (timestampMs(to) > timestampMs(from)) return [];
    return [{ pointer: '/spec/to', message: `must be after from (${from})` }];
  },
};
