import { maskUrl } from '@signalbox/contracts';

/** What `up` tells when everything runs. */
export interface Banner {
  readonly apiUrl: string;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly stateDir: string;
  readonly startedInMs: number;
  /** Each service is a process of its own. */
  readonly separate: boolean;
  /** Seed file of the NATS user who may publish facts, where NATS asks for one. */
  readonly publisherSeed: string | undefined;
}

/** The text a new user sees: where things are, and three commands to try. */
export function bannerText(banner: Banner): string {
  const { apiUrl, natsUrl, databaseUrl, stateDir, startedInMs, separate, publisherSeed } = banner;
  const logs = separate ? `\n  logs      ${stateDir}/log/<service>.log` : '';
  const publish = publisherSeed
    ? `
NATS asks for a key; with that of the publisher:

  nats --server ${maskUrl(natsUrl)} --nkey ${publisherSeed} pub events.default.client.seen '{"subject":"10.88.60.9/32"}'
`
    : '';
  return `
Signalbox is ready (${(startedInMs / 1000).toFixed(1)} s)

  API       ${apiUrl}   (docs: ${apiUrl}/docs, the token is the password)
  NATS      ${maskUrl(natsUrl)}
  Postgres  ${maskUrl(databaseUrl)}
  state     ${stateDir}   (CLI context and token: ${stateDir}/context.json)${logs}

Try, in another terminal:

  export PATH="$PWD/bin:$PATH"
  signalbox event emit --group default --type client.seen --subject 10.88.60.9/32 --payload mac=02:00:00:00:00:09
  signalbox event list
  signalbox status
${publish}
Ctrl-C stops everything that was started here.
`;
}
