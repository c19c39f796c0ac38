import { listOf, NON_BLANK, shape, TEXT, text } from '../../schema/shape.js';
import { timestampMs } from '../../timestamp.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { ownNameErrors } from './path-name.js';
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
    { reason: TEXT, backends: listOf(NON_BLANK), frontends: listOf(NON_BLANK) },
  ),
  checkFields(resource) {
    const { from, to } = specOf<MaintenanceWindowSpec>(resource);
    const errors = ownNameErrors(resource);
    if (timestampMs(to) > timestampMs(from)) return errors;
    return [...errors, { pointer: '/spec/to', message: `must be after from (${from})` }];
  },
};
