import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import {
  type Authenticator,
  credsAuthenticator,
  nkeyAuthenticator,
  nkeys,
  type TlsOptions,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from 'nats';
import { readTlsFiles, type TlsFiles } from './tls-files.js';

/** What a process proves itself with to NATS. `from` names the variable it comes from, for messages. */
export type NatsLogin =
  | { readonly kind: 'user'; readonly user: string; readonly password: string; readonly from: string }
  | { readonly kind: 'token'; readonly token: string; readonly from: string }
  | { readonly kind: 'nkey'; readonly seed: string; readonly from: string }
  | { readonly kind: 'creds'; readonly text: string; readonly file: string; readonly from: string };

/** Where NATS is and how to get in. */
export interface NatsAccess {
  /** Addresses without logins, separated by commas. */
  readonly url: string;
  /** Without it the servers must let anyone in. */
  readonly login?: NatsLogin | undefined;
  /** The connection is encrypted or not made at all. */
  readonly tls?: TlsFiles | undefined;
  /** Domain of the JetStream that is meant; absent: that of the server which is connected to. */
  readonly jsDomain?: string;
}

/** The part of the environment that {@link readNatsAccess} reads. */
export interface AccessSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Content of the file that a variable names, without surrounding blanks; undefined without one, or with a mistake noted. */
  readonly fileOf: (variable: string) => string | undefined;
  readonly mistake: (text: string) => void;
}

const FORM = 'nats://host:port or tls://host:port, several separated by commas';

/** Reads all NATS_* variables. Every mistake names the variable and the form expected, and never the value of a login. */
export function readNatsAccess(source: AccessSource): NatsAccess {
  const { env, mistake } = source;
  const servers = readServers(env['NATS_URL'] ?? '', mistake);
  const logins = [...servers.logins, ...loginsByFile(source)];
  const [login, other] = logins;
  if (login && other && (login.from !== other.from || JSON.stringify(login) !== JSON.stringify(other)))
    mistake(
      login.from === other.from
        ? `${login.from} holds different logins: all its servers get the same one`
        : `${login.from} and ${other.from} both hold a login: use one of them`,
    );
  const certificates = readTlsFiles('NATS', source);
  const encrypted = servers.encrypted || Object.keys(certificates).length > 0;
  const jsDomain = env['NATS_JS_DOMAIN'];
  if (jsDomain && !/^[A-Za-z0-9_-]+$/.test(jsDomain))
    mistake(
      `NATS_JS_DOMAIN must be the name of a JetStream domain (letters, digits, "_" and "-"), not "${jsDomain}"`,
    );
  return {
    url: servers.url,
    ...(login && { login }),
    ...(encrypted && { tls: certificates }),
    ...(jsDomain && { jsDomain }),
  };
}

function readServers(
  value: string,
  mistake: (text: string) => void,
): { url: string; encrypted: boolean; logins: NatsLogin[] } {
  const addresses = value.split(',').map((one) => one.trim());
  const urls = addresses.map((one) => (URL.canParse(one) ? new URL(one) : undefined));
  const wrong = urls.findIndex((url) => !url || !['nats:', 'tls:'].includes(url.protocol) || !url.hostname);
  if (wrong >= 0) {
    const which =
      value === '' ? 'it is not set' : addresses.length > 1 ? `its server ${wrong + 1} is not` : 'it is not';
    mistake(`NATS_URL must be ${FORM} (${which})`);
    return { url: '', encrypted: false, logins: [] };
  }
  const known = urls.filter((url) => url !== undefined);
  const secure = known.filter(({ protocol }) => protocol === 'tls:').length;
  if (secure > 0 && secure < known.length)
    mistake('NATS_URL mixes nats:// and tls://: all its servers are encrypted or none is');
  const logins = known.flatMap((url) => loginOf(url, mistake) ?? []);
  return {
    url: known.map(({ protocol, host }) => `${protocol}//${host}`).join(','),
    encrypted: secure > 0,
    logins,
  };
}

function loginOf(url: URL, mistake: (text: string) => void): NatsLogin | undefined {
  if (url.username === '' && url.password === '') return undefined;
  try {
    const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    if (password === '') return { kind: 'token', token: user, from: 'NATS_URL' };
    return { kind: 'user', user, password, from: 'NATS_URL' };
  } catch {
    mistake('NATS_URL holds a login with a % that is no percent code: write % as %25');
    return undefined;
  }
}

function loginsByFile({ env, fileOf, mistake }: AccessSource): NatsLogin[] {
  const logins: NatsLogin[] = [];
  const [user, password] = [env['NATS_USER'], fileOf('NATS_PASSWORD_FILE')];
  if (Boolean(user) !== Boolean(env['NATS_PASSWORD_FILE']))
    mistake(
      `NATS_USER and NATS_PASSWORD_FILE go together: ${user ? 'NATS_PASSWORD_FILE' : 'NATS_USER'} is not set`,
    );
  if (user && password) logins.push({ kind: 'user', user, password, from: 'NATS_PASSWORD_FILE' });
  const token = fileOf('NATS_TOKEN_FILE');
  if (token) logins.push({ kind: 'token', token, from: 'NATS_TOKEN_FILE' });
  const seed = fileOf('NATS_SEED_FILE');
  if (seed && !publicKeyOf(seed))
    mistake(`NATS_SEED_FILE names ${env['NATS_SEED_FILE']}, which holds no NKEY seed of a user (SU…)`);
  else if (seed) logins.push({ kind: 'nkey', seed, from: 'NATS_SEED_FILE' });
  const text = fileOf('NATS_CREDS_FILE');
  const file = env['NATS_CREDS_FILE'] ?? '';
  if (text && !/-BEGIN NATS USER JWT-[^]+-BEGIN USER NKEY SEED-/.test(text))
    mistake(`NATS_CREDS_FILE names ${file}, which is no credentials file (a user's JWT and its NKEY seed)`);
  else if (text) logins.push({ kind: 'creds', text, file, from: 'NATS_CREDS_FILE' });
  return logins;
}

/** Which login a process uses, for people; never its secret. */
export function describeLogin(login: NatsLogin | undefined): string {
  if (!login) return 'no login: NATS_URL with one, NATS_SEED_FILE, NATS_CREDS_FILE and others are not set';
  switch (login.kind) {
    case 'user':
      return `user "${login.user}" of ${login.from}`;
    case 'token':
      return `the token of ${login.from}`;
    case 'nkey':
      return `nkey ${publicKeyOf(login.seed) ?? 'without a valid seed'} of ${login.from}`;
    case 'creds':
      return `the credentials ${login.file} of ${login.from}`;
  }
}

/** Answers what a server asks of a login. */
export function authenticatorOf(login: NatsLogin): Authenticator {
  switch (login.kind) {
    case 'user':
      return usernamePasswordAuthenticator(login.user, login.password);
    case 'token':
      return tokenAuthenticator(login.token);
    case 'nkey':
      return nkeyAuthenticator(Buffer.from(login.seed));
    case 'creds':
      return credsAuthenticator(Buffer.from(login.text));
  }
}

/**
 * TLS as the client takes it. For a server that is named by its address the client would have the certificate checked
 * against `localhost`: it has to be one for an address of `url`.
 */
export function tlsOptions(url: string, certificates: TlsFiles): TlsOptions {
  const addresses = url
    .split(',')
    .map((one) => new URL(one).hostname.replace(/^\[|\]$/g, ''))
    .filter(isIP);
  const options = {
    ...certificates,
    checkServerIdentity: (host: string, certificate: PeerCertificate): Error | undefined => {
      const names = host === 'localhost' ? [host, ...addresses] : [host];
      const faults = names.map((name) => checkServerIdentity(name, certificate));
      return faults.includes(undefined) ? undefined : faults.at(-1);
    },
  };
  return options;
}

function publicKeyOf(seed: string): string | undefined {
  try {
    const key = nkeys.fromSeed(Buffer.from(seed)).getPublicKey();
    return key.startsWith('U') ? key : undefined;
  } catch {
    return undefined;
  }
}
