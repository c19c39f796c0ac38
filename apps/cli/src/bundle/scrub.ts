import { redactSpec } from '@signalbox/contracts';

const HIDDEN = '[removed]';

/** Places of texts that may hold a secret, whatever they are part of. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/sbx_[A-Za-z0-9_-]+/g, HIDDEN],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/\b(?:S[UANOCX])[A-Z2-7]{56}\b/g, HIDDEN],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, HIDDEN],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${HIDDEN}@`],
  [
    /((?:authorization|bearer|password|passwd|secret|token|passphrase|api[-_]?key)["']?\s*[:=]\s*["']?)(?:bearer\s+)?[^\s"',;&}]+/gi,
    `$1${HIDDEN}`,
  ],
  [/(\bbearer\s+)[^\s"',;]+/gi, `$1${HIDDEN}`],
];

/** Text without what looks like a secret; `known` are texts that must not show in any case. */
export function scrubText(text: string, known: readonly string[]): string {
  let clean = text;
  for (const secret of known) if (secret !== '') clean = clean.replaceAll(secret, HIDDEN);
  for (const [pattern, instead] of SECRETS) clean = clean.replace(pattern, instead);
  return clean;
}

/** A resource without values of secret members and of environments of programs. */
export function scrubResource(value: unknown): unknown {
  return hideEnv(redactSpec(value));
}

function hideEnv(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideEnv);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      (name === 'env' || name === 'headers') && typeof member === 'object' && member !== null
        ? Object.fromEntries(Object.keys(member).map((key) => [key, HIDDEN]))
        : hideEnv(member),
    ]),
  );
}
