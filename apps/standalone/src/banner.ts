import { join } from 'node:path';
import { maskUrl } from '@signalbox/contracts';

/** What `up` tells when everything runs. */
export interface Banner {
  readonly apiUrl: string;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly stateDir: string;
  /** Root of the checkout: where the CLI is, and whose `.signalbox` it finds by itself. */
  readonly checkout: string;
  readonly startedInMs: number;
  /** Each service is a process of its own. */
  readonly separate: boolean;
  /** Seed file of the NATS user who may publish facts, where NATS asks for one. */
  readonly publisherSeed: string | undefined;
}

/** The text a new user sees: where things are, and commands for exactly this site to paste. */
export function bannerText(banner: Banner): string {
  const { apiUrl, natsUrl, databaseUrl, stateDir, checkout, startedInMs, separate, publisherSeed } = banner;
  const logs = separate ? `\n  logs      ${stateDir}/log/<service>.log` : '';
  const key = publisherSeed ? ` --nkey ${shellWord(publisherSeed)}` : '';
  const servers = natsUrl.replaceAll(LOGIN, '//');
  const context = join(stateDir, 'context.json');
  const exports = [`PATH=${shellWord(join(checkout, 'bin'))}:"$PATH"`];
  if (stateDir !== join(checkout, '.signalbox')) exports.push(`SIGNALBOX_CONTEXT=${shellWord(context)}`);
  return `
Signalbox is ready (${(startedInMs / 1000).toFixed(1)} s)

  API       ${apiUrl}   (docs: ${apiUrl}/docs, the token is the password)
  NATS      ${maskUrl(natsUrl)}
  Postgres  ${maskUrl(databaseUrl)}
  state     ${stateDir}   (CLI context and token: ${context})${logs}

Try, in another terminal:

  ${exports.map((assignment) => `export ${assignment}`).join('\n  ')}
  signalbox event emit --group default --type client.seen --subject 10.88.60.9/32 --payload mac=02:00:00:00:00:09
  signalbox event list
  signalbox status

The same fact by the NATS command, ${publisherSeed ? 'with the key of the publisher' : 'where it is installed'}:

  nats --server ${shellWord(servers)}${key} pub events.default.client.seen '{"subject":"10.88.60.9/32"}'

Ctrl-C stops everything that was started here.
`;
}

/** User and password, or a token, in one of several URLs: a masked one could not be pasted. */
const LOGIN = /(?<=:)\/\/[^/,@]*@/g;

/** As a word for the shell, quoted when it has to be. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
