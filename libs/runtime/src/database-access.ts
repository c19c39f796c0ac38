import { type AccessSource, readTlsFiles } from '@signalbox/bus';
import type { StoreAccess } from '@signalbox/store';

/** Parameters of a URL that name files; ours are variables of their own. */
const FILE_OF: Readonly<Record<string, string>> = {
  sslrootcert: 'DATABASE_CA_FILE',
  sslcert: 'DATABASE_CERT_FILE',
  sslkey: 'DATABASE_KEY_FILE',
};

/**
 * Reads all DATABASE_* variables. Every mistake names the variable and the form expected, and never the password. `sslmode` is
 * `verify-full` or `disable`: what encrypts without looking at who answers keeps nobody from answering.
 */
export function readDatabaseAccess(source: AccessSource): StoreAccess {
  const { env, fileOf, mistake } = source;
  const text = env['DATABASE_URL'] ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const password = fileOf('DATABASE_PASSWORD_FILE');
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    const which = text === '' ? 'not set' : 'not';
    mistake(`DATABASE_URL must be postgres://user@host:port/database (it is ${which})`);
    return { url: text };
  }
  if (env['DATABASE_PASSWORD_FILE'] && url.password !== '')
    mistake('DATABASE_URL and DATABASE_PASSWORD_FILE both hold a password: use one of them');
  const files = readTlsFiles('DATABASE', source);
  const mode = url.searchParams.get('sslmode');
  const given = Object.keys(files).length > 0;
  if (mode !== null && mode !== 'verify-full' && mode !== 'disable')
    mistake(`sslmode of DATABASE_URL must be verify-full or disable, not "${mode}"`);
  if (mode === 'disable' && given)
    mistake(
      'sslmode=disable of DATABASE_URL and DATABASE_CA_FILE or DATABASE_CERT_FILE say two things: use one of them',
    );
  for (const [parameter, variable] of Object.entries(FILE_OF))
    if (url.searchParams.has(parameter)) mistake(`${parameter} of DATABASE_URL is not read: use ${variable}`);
  url.searchParams.delete('sslmode');
  if (password !== undefined) url.password = encodeURIComponent(password);
  const isPlain = password === undefined && mode === null;
  return { url: isPlain ? text : url.toString(), ...((mode === 'verify-full' || given) && { tls: files }) };
}
