/**
 * All services of a site, in the order in which they start. The one list: what cannot be made of it (files of nest, compose,
 * NATS and Prometheus) is compared with it by `services.spec.ts`.
 */
export const SERVICES = [
  'api',
  'ingest',
  'federation',
  'matcher',
  'plugin-runner',
  'renderer',
  'health',
  'balancer',
  'sinks',
  'dataplane-agent',
] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Answer to `alive.<service>`. `since`: since when it has had NATS and Postgres without a break; absent while it has not. */
export interface AliveAnswer {
  readonly alive: true;
  readonly since?: string;
}
