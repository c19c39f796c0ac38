import { listOf, NON_BLANK, oneOf, shape, TEXT } from '../schema/shape.js';
import type { Kind } from './kind.js';
import { HYBRID_API } from './specs.js';

/**
 * Reference 2.10. It never holds credentials: the command obtains them elsewhere. What places the account (subscription,
 * resource group, region, account) is for plugins, which get it with their context.
 */
export interface CloudProviderProfileSpec {
  readonly provider: 'azure' | 'aws' | 'oci' | 'gcp';
  readonly subscriptionID?: string;
  readonly resourceGroup?: string;
  readonly region?: string;
  readonly account?: string;
  readonly capabilities: readonly string[];
  readonly auth: { readonly mode: 'external-command'; readonly command: string };
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
