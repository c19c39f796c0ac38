import { HYBRID_API, type Resource } from '@signalbox/contracts';
import { resource } from './manifests.js';

/** The operator resources that a RemoteAddressClaim of the example plugin refers to, sorted as `render` prints them. */
export function claimWorld(): readonly Resource[] {
  return [
    mobilityDomain('edge-lan', '10.88.60.0/24'),
    resource(HYBRID_API, 'CloudProviderProfile', 'example-provider', {
      provider: 'aws',
      capabilities: ['assign-secondary-ip'],
      auth: { mode: 'external-command', command: '/usr/local/libexec/signalbox/example-provider-auth' },
    }),
    resource(HYBRID_API, 'OverlayPeer', 'onprem-main', {
      role: 'onprem',
      nodeID: 'onprem-router',
      underlay: { type: 'wireguard', interface: 'wg-hybrid', address: '10.99.0.1' },
      remote: { nodeID: 'cloud-router', address: '10.99.0.2' },
    }),
  ];
}

export function mobilityDomain(name: string, prefix: string): Resource {
  return resource(HYBRID_API, 'AddressMobilityDomain', name, {
    prefix,
    mode: 'selective-address',
    peerRef: 'onprem-main',
  });
}
