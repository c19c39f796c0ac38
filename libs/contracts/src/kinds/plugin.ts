import { PLUGIN_API } from '../plugin-protocol.js';
import { FLAG, listOf, oneOf, shape, TEXT, text, wholeNumber } from '../schema/shape.js';
import { grantFieldErrors, GRANTS } from './grants.js';
import type { Kind } from './kind.js';
import { placeErrors, PLUGIN_HTTP } from './plugin-http.js';
import { eventTriggersWait, TRIGGER, triggerErrors } from './plugin-triggers.js';
import { PLUGIN_SECRETS, secretErrors } from './plugin-secrets.js';
import { CAPABILITIES, PLUGIN_MODES, SANDBOX_MODES, type PluginSpec } from './specs.js';
import { specOf } from './spec-of.js';

type Context = NonNullable<PluginSpec['context']>;
type Recycle = NonNullable<PluginSpec['recycle']>;
type ContextRef = NonNullable<Context['resources']>[number];

/** Most processes of one plugin at once. */
export const MAX_PLUGIN_CONCURRENCY = 256;

/** Most runs that one persistent process may serve. */
export const MAX_RECYCLE_RUNS = 1_000_000;

/**
 * A trusted local program, or with `mode: http` an endpoint. Reference 2.5; acceptance P6; ADR 0037.
 * Whether the executable exists and may be trusted is checked before each run, not here. A resource of the context
 * allowlist may be absent. Names of environment variables are not blank and hold no `=`.
 * Only a persistent plugin has processes to recycle.
 */
export const PLUGIN: Kind = {
  apiVersion: PLUGIN_API,
  kind: 'Plugin',
  schema: shape<PluginSpec>(
    {},
    {
      executable: text('absolute-path'),
      http: PLUGIN_HTTP,
      timeout: text('duration'),
      env: { type: 'object', propertyNames: { format: 'env-name' }, additionalProperties: TEXT },
      capabilities: listOf(oneOf(CAPABILITIES)),
      context: shape<Context>(
        {},
        {
          resources: listOf(
            shape<ContextRef>({
              apiVersion: text('api-version'),
              kind: text('kind'),
              name: text('resource-ref'),
            }),
          ),
        },
      ),
      triggers: listOf(TRIGGER),
      sha256: text('sha256'),
      concurrency: wholeNumber(1, MAX_PLUGIN_CONCURRENCY),
      mode: oneOf(PLUGIN_MODES),
      sandbox: oneOf(SANDBOX_MODES),
      network: FLAG,
      suspend: FLAG,
      recycle: shape<Recycle>({}, { runs: wholeNumber(1, MAX_RECYCLE_RUNS), after: text('duration') }),
      grants: GRANTS,
      secrets: PLUGIN_SECRETS,
    },
  ),
  checkFields(resource) {
    const spec = specOf<PluginSpec>(resource);
    const { mode, recycle, grants = [], triggers, secrets } = spec;
    return [
      ...placeErrors(spec),
      ...(recycle === undefined || mode === 'persistent' || mode === 'http'
        ? []
        : [{ pointer: '/spec/recycle', message: 'is for persistent plugins only: write mode: persistent' }]),
      ...grantFieldErrors(grants),
      ...triggerErrors(triggers),
      ...secretErrors(secrets),
    ];
  },
  withoutEffect(resource) {
    return eventTriggersWait(specOf<PluginSpec>(resource).triggers);
  },
};
