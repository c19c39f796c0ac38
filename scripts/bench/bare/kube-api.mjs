// The least of an API server of Kubernetes: one Service of type LoadBalancer, and EndpointSlices whose endpoints are exchanged all at
// once. It lists, and tells whoever watches.
import { createServer } from 'node:http';
import { answer } from '../alone/domain-of.mjs';

const SERVICE = {
  metadata: { name: 'web', namespace: 'bench', resourceVersion: '1' },
  spec: {
    type: 'LoadBalancer',
    ipFamilies: ['IPv4'],
    ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
  },
  status: {},
};

let version = 1;
let slices = [];
const watchers = new Set();

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://kube');
  const isSlices = url.pathname.endsWith('/endpointslices');
  if (request.method !== 'GET') {
    request.resume();
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify(SERVICE));
  }
  if (url.searchParams.has('watch')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (!isSlices) return;
    watchers.add(response);
    response.on('close', () => watchers.delete(response));
    return;
  }
  const items = isSlices ? slices : [SERVICE];
  const kind = isSlices ? 'EndpointSliceList' : 'ServiceList';
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ kind, metadata: { resourceVersion: String(version) }, items }));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

answer(({ storm, count, each }) => {
  if (storm === undefined) return { url: `http://127.0.0.1:${server.address().port}` };
  slices = Array.from({ length: count }, (_, n) => slice(n, each, storm));
  // one event after the other, as fast as they are read
  for (const object of slices) {
    const line = `${JSON.stringify({ type: 'MODIFIED', object })}\n`;
    for (const watcher of watchers) watcher.write(line);
  }
  return { watchers: watchers.size };
});

/** Endpoints of one storm have addresses of their own. */
function slice(n, each, storm) {
  version += 1;
  return {
    metadata: {
      name: `web-${n}`,
      namespace: 'bench',
      resourceVersion: String(version),
      labels: { 'kubernetes.io/service-name': 'web' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: Array.from({ length: each }, (_, at) => ({
      addresses: [`10.${storm}.${n}.${at + 1}`],
      conditions: { ready: true, serving: true, terminating: false },
    })),
  };
}
