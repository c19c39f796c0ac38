import { isIP, isIPv4 } from 'node:net';
import { isDuration, isGoDuration, parseDuration } from '../duration.js';
import { isFactType, isGroupName, isNodeName, isSubjectPrefix } from '../fact-grammar.js';
import { familyOf } from '../ip-address.js';
import { communityNumbers, WELL_KNOWN_COMMUNITIES } from '../kinds/balance/community.js';
import { parseIpv4Prefix } from '../ipv4-prefix.js';
import { isLoopbackHost } from '../loopback.js';
import { isStorable, STORABLE_TEXT } from '../storable-text.js';
import { isTimestamp } from '../timestamp.js';

/**
 * The longest that a timer is made to wait; it could for 24.8 days (2^31 - 1 ms). Every duration that a timer waits for
 * is bounded by it.
 */
const MAX_TIMER = '576h';

const RESOURCE_NAME = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Z}]{1,253}$/u;
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** What clients resolve before they send a URL, percent-encoded or not. RFC 3986 section 5.2.4. */
const DOT_SEGMENT = /^\.{1,2}$/;
const API_VERSION = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:\/[a-z0-9]+)?$/i;
/** What Linux takes for a device, and every daemon's configuration as it is. */
const INTERFACE = /^[A-Za-z0-9._-]{1,15}$/;
const NETNS = /^[A-Za-z0-9._-]{1,255}$/;
/** Of the token of RFC 6265 section 4.1.1 what every data plane takes as it is. */
const COOKIE_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const DNS_NAME = /^[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?$/;
const KIND = /^[A-Za-z][A-Za-z0-9]{0,62}$/;

/**
 * Named string formats of our schemas: the test, and what people read when it fails.
 * Sources: architecture section 5 "Names", spec/federation "Grammar", reference 2, reference maglev 2.
 */
export const FORMATS = {
  'non-blank': { test: (value: string) => value.trim() !== '', expected: 'must not be blank' },
  storable: { test: isStorable, expected: STORABLE_TEXT },
  'resource-name': {
    test: (value: string) => RESOURCE_NAME.test(value),
    expected: 'must be 1-253 printable characters without blanks',
  },
  'resource-ref': {
    test: isResourceName,
    expected: 'must be the name of a resource: 1-253 printable characters without blanks, not "." or ".."',
  },
  project: dnsLabel(),
  'dns-label': dnsLabel(),
  'group-name': {
    test: isGroupName,
    expected: 'must be at most 63 letters, digits, "_" and "-", with a letter or digit at both ends',
  },
  'fact-type': {
    test: isFactType,
    expected:
      'must be the whole type of a fact: dot-separated tokens of letters, digits, "_" and "-" (at most 16 tokens, 200 characters), no wildcards',
  },
  'subject-prefix': {
    test: isSubjectPrefix,
    expected:
      'must be the beginning of a subject: 1-512 printable characters that do not begin with a blank (subjects are stored without)',
  },
  'api-version': {
    test: (value: string) => value.length <= 253 && API_VERSION.test(value),
    expected: 'must be an API group and version such as federation.routerd.net/v1alpha1',
  },
  kind: {
    test: (value: string) => KIND.test(value),
    expected: 'must be letters and digits, such as EventGroup',
  },
  'node-name': { test: isNodeName, expected: 'must be a DNS name such as edge-1 or edge_1.example.net' },
  host: {
    test: (value: string) => isIP(value) !== 0 || isNodeName(value),
    expected: 'must be an IP address or a host name',
  },
  'host-or-blank': {
    test: (value: string) => value.trim() === '' || isIP(value.trim()) !== 0 || isNodeName(value.trim()),
    expected: 'must be an IP address or a host name',
  },
  'node-set-ref': {
    test: (value: string) =>
      value.startsWith('SAMNodeSet/') && isResourceName(value.slice('SAMNodeSet/'.length)),
    expected: 'must be SAMNodeSet/<name>',
  },
  'go-duration': {
    test: isGoDuration,
    expected: 'must be a duration such as 0s, 10s, 1h30m or 720h',
  },
  duration: durationUpTo(MAX_TIMER),
  'duration-or-zero': durationUpTo(MAX_TIMER, 'or-zero'),
  grace: durationUpTo('24h', 'or-zero'),
  'probe-interval': durationUpTo('24h'),
  'probe-timeout': durationUpTo('60s'),
  /** How far ahead of something: no timer waits for it. */
  'time-ahead': durationUpTo('87600h'),
  'hex-bytes': {
    test: (value: string) => /^(?:\s*[0-9a-f]{2})*\s*$/i.test(value),
    expected: 'must be bytes of two hex digits each, such as 17 00 03 2a',
  },
  timestamp: { test: isTimestamp, expected: 'must be an RFC 3339 time such as 2026-05-30T12:00:00Z' },
  'absolute-path': {
    test: (value: string) => value.startsWith('/'),
    expected: 'must be an absolute path',
  },
  'env-name': {
    test: (value: string) => value.trim() !== '' && !value.includes('='),
    expected: 'must not be blank or hold "="',
  },
  sha256: {
    test: (value: string) => /^[0-9a-f]{64}$/.test(value),
    expected: 'must be 64 lower-case hex digits, as sha256sum prints them',
  },
  'base-url': {
    test: isBaseUrl,
    expected: 'must be an http or https URL without user, query and fragment, such as http://10.0.0.2:8787',
  },
  'endpoint-url': {
    test: isEndpointUrl,
    expected:
      'must be an https URL, or an http URL of a loopback address (127.0.0.0/8, [::1] or localhost), without user and fragment',
  },
  'ip-or-blank': {
    test: (value: string) => value.trim() === '' || isIP(value.trim()) !== 0,
    expected: 'must be an IP address',
  },
  ip: {
    test: (value: string) => familyOf(value) !== undefined,
    expected: 'must be an IPv4 or IPv6 address without a zone, such as 10.0.0.2 or 2001:db8::2',
  },
  ipv4: {
    test: (value: string) => familyOf(value) === 'ipv4',
    expected: 'must be an IPv4 address such as 10.0.0.2',
  },
  ipv6: {
    test: (value: string) => familyOf(value) === 'ipv6',
    expected: 'must be an IPv6 address without a zone, such as 2001:db8::2',
  },
  'netns-name': {
    test: (value: string) => NETNS.test(value) && value !== '.' && value !== '..',
    expected: 'must be the name of a network namespace: 1-255 of letters, digits, ".", "_" and "-"',
  },
  'interface-name': {
    test: (value: string) => INTERFACE.test(value) && !DOT_SEGMENT.test(value),
    expected: 'must be the name of an interface: 1-15 of letters, digits, ".", "_" and "-"',
  },
  community: {
    test: (value: string) => communityNumbers(value) !== undefined,
    expected: `must be a community such as 65000:100 (two numbers up to 65535), a large one such as 65000:1:2 (three up to 4294967295), or one of ${Object.keys(WELL_KNOWN_COMMUNITIES).join(', ')}`,
  },
  'request-path': {
    test: (value: string) => /^\/[!-~]*$/.test(value) && !value.includes('#'),
    expected: 'must begin with "/" and hold printable ASCII without blanks and "#"',
  },
  'request-host': {
    test: (value: string) => /^[!-~]{1,255}$/.test(value) && !value.includes('/'),
    expected: 'must be a host name or address, with a port if need be',
  },
  'cookie-name': {
    test: (value: string) => COOKIE_NAME.test(value),
    expected: 'must be the name of a cookie: 1-64 letters, digits, "_", "-" and "."',
  },
  'dns-name': {
    test: (value: string) => value === '.' || (value.length <= 254 && DNS_NAME.test(value)),
    expected: 'must be a DNS name such as example.net or _sip._tcp.example.net',
  },
  'ipv4-prefix': {
    test: (value: string) => parseIpv4Prefix(value) !== undefined,
    expected: 'must be an IPv4 prefix such as 10.88.60.0/24',
  },
  'ipv4-host': {
    test: (value: string) => value.endsWith('/32') && isIPv4(value.slice(0, -'/32'.length)),
    expected: 'must be an IPv4 address as a /32, such as 10.88.60.9/32',
  },
} as const satisfies Record<string, { test: (value: string) => boolean; expected: string }>;

/** Name of a string format of our schemas. */
export type FormatName = keyof typeof FORMATS;

function isResourceName(value: string): boolean {
  return RESOURCE_NAME.test(value) && !DOT_SEGMENT.test(value);
}

function dnsLabel(): { test: (value: string) => boolean; expected: string } {
  return {
    test: (value) => DNS_LABEL.test(value),
    expected: 'must be a lower-case DNS label (at most 63 of a-z, 0-9 and "-")',
  };
}

/** One test and one message for both ends. Nothing is measured in less than a millisecond. */
function durationUpTo(
  most: string,
  zero?: 'or-zero',
): { test: (value: string) => boolean; expected: string } {
  const mostMs = parseDuration(most);
  const isWithin = (ms: number): boolean => (ms >= 1 || (zero !== undefined && ms === 0)) && ms <= mostMs;
  return {
    test: (value) => isDuration(value) && isWithin(parseDuration(value)),
    expected: `must be a duration from 1ms to ${most}${zero ? ' or 0s' : ''}, such as 500ms, 10s or 1h30m`,
  };
}

/** Longest URL that is taken. Characters. */
const URL_LENGTH = 2048;

/**
 * What leaves the machine is encrypted.
 */
function isEndpointUrl(value: string): boolean {
  if (value.length > URL_LENGTH || /[\s#]/.test(value) || !URL.canParse(value)) return false;
  const { protocol, username, password, hostname } = new URL(value);
  if (username !== '' || password !== '' || !/^https?:\/\//i.test(value)) return false;
  return protocol === 'https:' || isLoopbackHost(hostname);
}

function isBaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  const bare = username === '' && password === '' && search === '' && hash === '';
  return bare && (protocol === 'http:' || protocol === 'https:') && !/[\s?#]/.test(value);
}
