export { type CertificateFiles, CERTIFICATES, writeCertificates } from './certificates.js';
export { createDatabase, type TestDatabase } from './database.js';
export { CLUSTER_CA, CLUSTER_CERTIFICATE, CLUSTER_KEY } from './kubernetes/cluster-certificate.js';
export {
  clusterService,
  type ClusterObject,
  clusterSlice,
  type PodWish,
} from './kubernetes/cluster-object.js';
export {
  type ClusterFault,
  type ClusterRequest,
  type ClusterResource,
  FakeKubernetes,
  type FakeKubernetesOptions,
} from './kubernetes/fake-kubernetes.js';
export {
  type DnsAnswer,
  type DnsQuestion,
  dnsRecords,
  dnsServer,
  dnsStreamServer,
  keptFor,
  ownedBy,
  type WireRecord,
} from './dns-server.js';
export { lintMetrics } from './metrics-lint.js';
export { NatsProcess } from './nats-process.js';
export { optionalProgram, tellNotRun } from './optional-program.js';
export { RawNats } from './raw-nats.js';
export { type CommandResult, runCommand } from './run-command.js';
export { type Answer, CHECKOUT, type Shape, SHAPES, Site, type SiteOptions } from './site.js';
export { type ServiceCommand, ServiceProcess } from './service-process.js';
export { SocketServers } from './socket-servers.js';
export { DEADLINE_MS, until } from './until.js';
