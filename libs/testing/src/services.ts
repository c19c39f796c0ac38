/** The services of a site, each with an entry point of its own. */
export const SERVICES = [
  'api',
  'ingest',
  'federation',
  'matcher',
  'plugin-runner',
  'renderer',
  'health',
  'balancer',
] as const;
