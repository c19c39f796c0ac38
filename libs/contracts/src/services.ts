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

/** What each service is for, in a few words: for people who list services. */
export const SERVICE_WORK: Readonly<Record<ServiceName, string>> = {
  api: 'REST, and the journal of what people decide',
  ingest: 'takes in facts',
  federation: 'delivers facts to peers',
  matcher: 'decides which facts start which runs',
  'plugin-runner': 'executes plugins',
  renderer: 'makes the effective config',
  health: 'probes backends',
  balancer: 'decides weights, and what nodes do',
  sinks: 'brings the effective config to where programs read it',
  'dataplane-agent': 'applies on a load-balancing node what it shall do',
};

/** Answer to `alive.<service>`. `since`: since when it has had NATS and Postgres without a break; absent while it has not. */
export interface AliveAnswer {
  readonly alive: true;
  readonly since?: string;
}
