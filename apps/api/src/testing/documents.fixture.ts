import { FEDERATION_API } from '@signalbox/contracts';

/** A resource of a kind that nobody knows, as JSON. */
export const thing = (name: string, x = 1): string =>
  JSON.stringify({ apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name }, spec: { x } });
/** An EventGroup that can have peers, as a YAML document. */
export const group = (name: string): string => `
apiVersion: ${FEDERATION_API}
kind: EventGroup
metadata: {name: ${name}}
spec: {nodeName: edge-1.test, auth: {mode: hmac, secretFile: /run/secrets/edge.key}}
---
`;
/** An EventPeer, as a YAML document. */
export const peer = (name: string, groupRef: string): string => `
apiVersion: ${FEDERATION_API}
kind: EventPeer
metadata: {name: ${name}}
spec: {groupRef: ${groupRef}, nodeName: edge-2.test, endpoint: "http://10.0.0.2:8787"}
---
`;
/** A Router bundle of JSON resources. */
export const bundle = (name: string, resources: readonly string[]): string =>
  `{"apiVersion": "routerd.net/v1alpha1", "kind": "Router", "metadata": {"name": "${name}"}, "spec": {"resources": [${resources.join(',')}]}}`;
