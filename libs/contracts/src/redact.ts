/** A member whose lower-cased name ends so is left out. Reference 6.8. */
const DROPPED_ENDINGS = ['keyfile', 'secretfile', 'passwordfile'];

/** A member whose lower-cased name holds one of these never shows its value. Reference 6.8. */
const SECRET_WORDS = [
  'secret',
  'password',
  'privatekey',
  'presharedkey',
  'psk',
  'token',
  'credential',
  'passphrase',
  'authkey',
];

/** An object under a name ending in `From` that holds nothing else says only where a secret is. */
const SECRET_SOURCES = ['file', 'env', 'base64'];

/**
 * A copy of a spec that a plugin may see: members that name secret files are left out, secret objects are left out,
 * secret texts, numbers and lists become `''`. Names are compared without case, `-` and `_`. The source is never
 * changed and there is no way around it (reference 6.8, acceptance P7, P8). Expects JSON as deep as a resource may be.
 */
export function redactSpec(spec: unknown): unknown {
  if (Array.isArray(spec)) return spec.map(redactSpec);
  if (!isObject(spec)) return spec;
  return Object.fromEntries(
    Object.entries(spec)
      .filter(([name, value]) => !isDropped(plain(name), value))
      .map(([name, value]) => [name, isSecret(plain(name)) ? '' : redactSpec(value)]),
  );
}

function isDropped(name: string, value: unknown): boolean {
  if (DROPPED_ENDINGS.some((ending) => name.endsWith(ending))) return true;
  return isObject(value) && (isSecret(name) || (name.endsWith('from') && isSecretSource(value)));
}

function isSecret(name: string): boolean {
  return SECRET_WORDS.some((word) => name.includes(word));
}

function isSecretSource(value: object): boolean {
  return Object.keys(value).every((name) => SECRET_SOURCES.includes(plain(name)));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
