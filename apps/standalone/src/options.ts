import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type ServiceName, SERVICES } from '@signalbox/contracts';

/** What the command line of `standalone` says. */
export interface StandaloneOptions {
  readonly stateDir: string;
  readonly only: readonly ServiceName[];
  /** Each service is a process of its own. */
  readonly separate: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run up -- [options]

Starts Signalbox on this machine: embedded NATS and Postgres, and all services in one process.
npm run services starts them as one process each, which is started again when it dies.

  --only a,b      start these services only: ${SERVICES.join(', ')}
  --separate      one process per service; logs in <state>/log/
  --state DIR     where data, ports and the CLI context are kept (default .signalbox)
  --help          this text

Ctrl-C, SIGTERM or SIGHUP, to npm or to this process alone, end everything that was started here. Exit status: 0 after
that, 1 when it could not start. Ports that somebody else has are passed over, except a HTTP_PORT that you name.

Servers of your own instead of embedded ones, by environment (docs/reference/connections.md):

  NATS_URL                    nats://host:port or tls://host:port, several separated by commas; a login as
                              nats://user:password@host or nats://token@host, special characters percent-encoded
  NATS_USER, NATS_PASSWORD_FILE   user, and a file with the password
  NATS_TOKEN_FILE             a file with the token
  NATS_SEED_FILE              a file with the NKEY seed of the user
  NATS_CREDS_FILE             a credentials file (JWT and seed)
  NATS_CA_FILE                PEM of the authority that signed the server's certificate
  NATS_CERT_FILE, NATS_KEY_FILE   PEM of the certificate and key of this client
  NATS_JS_DOMAIN              domain of a JetStream behind a leaf node
  DATABASE_URL                postgres://user:password@host:port/database, with ?sslmode=verify-full for TLS
  DATABASE_PASSWORD_FILE      a file with the password instead
  DATABASE_CA_FILE            PEM of the authority that signed the certificate of Postgres
  DATABASE_CERT_FILE, DATABASE_KEY_FILE   PEM of the certificate and key of this client

SIGNALBOX_NATS_MAX_STORE bounds what an embedded NATS stores, in bytes (default: half of the room on its disk).
One login for NATS, at most. Environment otherwise: SIGNALBOX_NODE names the
site on its first start; HTTP_PORT and HTTP_HOST say where the API listens; LOG_LEVEL (default warn; with --separate info). With --separate and
a NATS of your own, NATS_KEYS_DIR names the keys of "signalbox keys create"; without it services log in without a key.
`;

/** Reads the arguments. Throws an Error whose message says what is wrong. */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): StandaloneOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      separate: { type: 'boolean', default: false },
      state: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = (values.only ?? SERVICES.join(',')).split(',').map((name) => {
    const known = SERVICES.find((service) => service === name.trim());
    if (!known)
      throw new Error(`--only: there is no service "${name}"; the services are ${SERVICES.join(', ')}`);
    return known;
  });
  const stateDir = resolve(values.state ?? env['SIGNALBOX_STATE_DIR'] ?? '.signalbox');
  return { stateDir, only: [...new Set(only)], separate: values.separate, help: values.help };
}
