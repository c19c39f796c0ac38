import { listOf, NON_BLANK, oneOf, shape, TEXT } from '../schema/shape.js';
import type { Kind } from './kind.js';
import { HYBRID_API } from './specs.js';

/**
 * Reference 2.10. It never holds credentials: the command obtains them elsewhere. What places the account (subscription,
 * resource group, region, account) is for plugins, which get it with their context.
 */
export interface CloudProviderProfileSpec {
  /** Which cloud. */
  readonly provider: 'azure' | 'aws' | 'oci' | 'gcp';
  /** azure: the subscription. */
  readonly subscriptionID?: string;
  /** azure: the resource group. */
  readonly resourceGroup?: string;
  /** Region of the account. */
  readonly region?: string;
  /** Name or number of the account. */
  readonly account?: string;
  /** What may be done in it, such as `assign-secondary-ip`. */
  readonly capabilities: readonly string[];
  /** How to sign in. */
  readonly auth: {
    /** By a program. */
    readonly mode: 'external-command';
    /** Absolute path of the program that prints credentials. */
    readonly command: string;
  };
}

/** A cloud account, what can be done in it, and the command that authenticates. Reference 2.10. */
export const CLOUD_PROVIDER_PROFILE: Kind = {
  apiVersion: HYBRID_API,
  kind: 'CloudProviderProfile',
  schema: shape<CloudProviderProfileSpec>(
    {
      provider: oneOf(['azure', 'aws', 'oci', 'gcp']),
      capabilities: listOf(NON_BLANK, { minItems: 1 }),
      auth: shape<CloudProviderProfileSpec['auth']>({
        mode: oneOf(['external-command']),
        command: NON_BLANK,
      }),
    },
    { subscriptionID: TEXT, resourceGroup: TEXT, region: TEXT, account: TEXT },
  ),
};
