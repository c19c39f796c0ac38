import { shape, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { ONE_FOR_ALL, singletonName } from './singleton.js';
import { BALANCE_API, type HealthCheckerSpec } from './specs.js';

/** Most transitions of a backend that are shown at once. */
export const MAX_TRANSITION_HISTORY = 1000;

/** Settings of the whole health service. Reference maglev 2.3, spec/health "State machine". */
export const HEALTH_CHECKER: Kind = {
  apiVersion: BALANCE_API,
  kind: 'HealthChecker',
  schema: shape<HealthCheckerSpec>(
    {},
    {
      transitionHistory: wholeNumber(1, MAX_TRANSITION_HISTORY),
      netns: text('netns-name'),
      guardPercent: wholeNumber(1, 100),
    },
  ),
  checkName: singletonName('HealthChecker'),
  whyDefaultProject: ONE_FOR_ALL,
};
