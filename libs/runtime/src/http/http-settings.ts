import { isIP } from 'node:net';
import type { Rate } from './domain/token-bucket.js';

/** What a process reads from its environment about whom it answers over HTTP. ADR 0048. */
export interface HttpSettings {
  /** Requests of one token; absent: without a bound. */
  readonly ratePerToken?: Rate;
  /** Requests of one client address without a token that is known; absent: without a bound. */
  readonly ratePerAddress?: Rate;
  /** Origins whose pages may read answers in a browser, `*` for all. */
  readonly corsOrigins: readonly string[];
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Whether a change of something that stands needs `If-Match`. */
  readonly requireIfMatch: boolean;
}

/** Requests a second when nothing is said: of a token more than one machine answers, of an address what tries take. */
const STANDARD = { token: 10_000, address: 200 } as const;
/** A burst is what comes together in so many seconds. */
const BURST_SECONDS = 10;

/** What stands when nothing is said. */
export const HTTP_SETTINGS: HttpSettings = readHttpSettings({}, () => undefined);

/**
 * Reads `HTTP_RATE_PER_TOKEN`, `HTTP_RATE_PER_ADDRESS` (requests a second, or `unlimited`), `HTTP_CORS_ORIGINS`,
 * `HTTP_TRUSTED_PROXIES` (lists with commas) and `HTTP_REQUIRE_IF_MATCH`. Every mistake names the variable and the form expected.
 */
export function readHttpSettings(env: NodeJS.ProcessEnv, mistake: (text: string) => void): HttpSettings {
  const rate = (name: string, standard: number): Rate | undefined => {
    const text = env[name] || String(standard);
    if (text === 'unlimited') return undefined;
    const perSecond = Number(text);
    if (perSecond >= 1 && Number.isFinite(perSecond)) return { perSecond, burst: perSecond * BURST_SECONDS };
    mistake(`${name} must be a number of requests a second from 1, or unlimited, not "${text}"`);
    return undefined;
  };
  const list = (name: string, isOne: (text: string) => boolean, form: string): string[] => {
    const items = (env[name] ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
    for (const item of items)
      if (!isOne(item)) mistake(`${name} must be ${form} with commas between, and "${item}" is none`);
    return items;
  };
  const ratePerToken = rate('HTTP_RATE_PER_TOKEN', STANDARD.token);
  const ratePerAddress = rate('HTTP_RATE_PER_ADDRESS', STANDARD.address);
  const required = env['HTTP_REQUIRE_IF_MATCH'] || 'false';
  if (!['true', 'false'].includes(required))
    mistake(`HTTP_REQUIRE_IF_MATCH must be true or false, not "${required}"`);
  return {
    ...(ratePerToken && { ratePerToken }),
    ...(ratePerAddress && { ratePerAddress }),
    corsOrigins: list('HTTP_CORS_ORIGINS', isOrigin, 'origins such as https://console.example.net, or *,'),
    trustedProxies: list('HTTP_TRUSTED_PROXIES', isNetwork, 'addresses or networks'),
    requireIfMatch: required === 'true',
  };
}

function isOrigin(text: string): boolean {
  return (
    text === '*' ||
    (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text)
  );
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
