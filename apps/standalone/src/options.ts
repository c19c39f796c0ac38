import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** All services, in the order in which they start. */
export const SERVICE_NAMES = [
  'api',
  'ingest',
  'federation',
  'matcher',
  'plugin-runner',
  'renderer',
  'health',
  'balancer',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** What the command line of `standalone` says. */
export interface StandaloneOptions {
  readonly stateDir: string;
  readonly only: readonly ServiceName[];
  readonly help: boolean;
}

export const USAGE = `Usage: npm run up -- [options]

Starts Signalbox on this machine: embedded NATS and Postgres, and all services in one process.

  --only a,b      start these services only: ${SERVICE_NAMES.join(', ')}
  --state DIR     where data, ports and the CLI context are kept (default .signalbox)
  --help          this text

Environment: NATS_URL and DATABASE_URL use servers of your own instead of embedded ones; SIGNALBOX_NODE names the
site on its first start; HTTP_PORT and HTTP_HOST say where the API listens; LOG_LEVEL (default warn).
`;

/** Reads the arguments. Throws an Error whose message says what is wrong. */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): StandaloneOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      state: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = (values.only ?? SERVICE_NAMES.join(',')).split(',').map((name) => {
    const known = SERVICE_NAMES.find((service) => service === name.trim());
    if (!known)
      throw new Error(`--only: there is no service "${name}"; the services are ${SERVICE_NAMES.join(', ')}`);
    return known;
  });
  const stateDir = resolve(values.state ?? env['SIGNALBOX_STATE_DIR'] ?? '.signalbox');
  return { stateDir, only: [...new Set(only)], help: values.help };
}
