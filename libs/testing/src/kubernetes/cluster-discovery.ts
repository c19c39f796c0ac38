/** What a client asks first that knows nothing of the server: which resources there are. By path. */
export const CLUSTER_DISCOVERY: Readonly<Record<string, object>> = {
  '/version': { major: '1', minor: '32', gitVersion: 'v1.32.0' },
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [
      {
        name: 'discovery.k8s.io',
        versions: [{ groupVersion: 'discovery.k8s.io/v1', version: 'v1' }],
        preferredVersion: { groupVersion: 'discovery.k8s.io/v1', version: 'v1' },
      },
    ],
  },
  '/api/v1': resources('v1', [
    { name: 'services', singularName: 'service', kind: 'Service', verbs: ['get', 'list', 'watch'] },
    { name: 'services/status', singularName: '', kind: 'Service', verbs: ['get', 'patch'] },
  ]),
  '/apis/discovery.k8s.io/v1': resources('discovery.k8s.io/v1', [
    {
      name: 'endpointslices',
      singularName: 'endpointslice',
      kind: 'EndpointSlice',
      verbs: ['get', 'list', 'watch'],
    },
  ]),
};

function resources(groupVersion: string, list: readonly object[]): object {
  const namespaced = list.map((one) => ({ namespaced: true, ...one }));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: namespaced };
}
