/** What `up` tells when everything runs. */
export interface Banner {
  readonly apiUrl: string;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly stateDir: string;
  readonly startedInMs: number;
}

/** The text a new user sees: where things are, and three commands to try. */
export function bannerText({ apiUrl, natsUrl, databaseUrl, stateDir, startedInMs }: Banner): string {
  return `
Signalbox is ready (${(startedInMs / 1000).toFixed(1)} s)

  API       ${apiUrl}   (docs: ${apiUrl}/docs, the token is the password)
  NATS      ${natsUrl}
  Postgres  ${withoutPassword(databaseUrl)}
  state     ${stateDir}   (CLI context and token: ${stateDir}/context.json)

Try, in another terminal:

  export PATH="$PWD/bin:$PATH"
  signalbox event emit --group default --type client.seen --subject 10.88.60.9/32 --payload mac=02:00:00:00:00:09
  signalbox event list
  signalbox status

Ctrl-C stops everything that was started here.
`;
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.toString();
}
