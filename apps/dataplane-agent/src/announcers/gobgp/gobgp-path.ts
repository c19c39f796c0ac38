import { addressFamily, type FamilyName } from '@signalbox/contracts';
import type { BgpRoute } from '../bgp/bgp-routes.js';
import { UNICAST } from './gobgp-calls.js';
import { anyName, type AnyMessage, anyOf, readMessage } from './gobgp-messages.js';

/** A route as gobgpd has it. */
export interface GobgpPath {
  readonly nlri: AnyMessage;
  readonly pattrs: readonly AnyMessage[];
  readonly family: { readonly afi: number; readonly safi: number };
  readonly neighborIp?: string;
}

/** Routes as gobgpd lists them: all ways to one destination. */
export interface ListedPaths {
  readonly destination?: { readonly prefix: string; readonly paths: readonly GobgpPath[] };
}

/** Hosts of a family: the address of nobody as the next hop is that of the node, to each peer the one of its session. */
const HOSTS = { IPv4: { length: 32, nobody: '0.0.0.0' }, IPv6: { length: 128, nobody: '::' } } as const;

const IGP = 0;
const LARGE = 3;

/** The path of a VIP. */
export function pathOf({ address, communities, med, localPref }: BgpRoute): GobgpPath {
  const family = addressFamily(address);
  const { length, nobody } = HOSTS[family];
  const nlri = anyOf('IPAddressPrefix', { prefixLen: length, prefix: address });
  const small = communities.filter((one) => one.length < LARGE);
  const large = communities.filter((one) => one.length === LARGE);
  const pattrs = [
    anyOf('OriginAttribute', { origin: IGP }),
    family === 'IPv4'
      ? anyOf('NextHopAttribute', { nextHop: nobody })
      : anyOf('MpReachNLRIAttribute', { family: UNICAST.IPv6, nextHops: [nobody], nlris: [nlri] }),
    ...(med === undefined ? [] : [anyOf('MultiExitDiscAttribute', { med })]),
    ...(localPref === undefined ? [] : [anyOf('LocalPrefAttribute', { localPref })]),
    ...(small.length === 0 ? [] : [anyOf('CommunitiesAttribute', { communities: small.map(oneNumber) })]),
    ...(large.length === 0
      ? []
      : [anyOf('LargeCommunitiesAttribute', { communities: large.map(threeParts) })]),
  ];
  return { nlri, pattrs, family: UNICAST[family] };
}

/** All that tells two announcements of a VIP apart, as one text; whoever passes it on does not change it. */
export function pathText({ pattrs }: GobgpPath): string {
  const told = pattrs.map((one) => [anyName(one), one] as const).filter(([name]) => TOLD.has(name));
  return JSON.stringify(
    told
      .map(([name, { value }]) => [name, readMessage(name, value)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The VIP of a listed route; undefined: it is no host. */
export function addressOf({ destination }: ListedPaths, family: FamilyName): string | undefined {
  const [address = '', length] = (destination?.prefix ?? '').split('/');
  return Number(length) === HOSTS[family].length ? address : undefined;
}

const TOLD: ReadonlySet<string> = new Set([
  'MultiExitDiscAttribute',
  'LocalPrefAttribute',
  'CommunitiesAttribute',
  'LargeCommunitiesAttribute',
]);

function oneNumber([first = 0, second = 0]: readonly number[]): number {
  return first * 2 ** 16 + second;
}

function threeParts([globalAdmin = 0, localData1 = 0, localData2 = 0]: readonly number[]): object {
  return { globalAdmin, localData1, localData2 };
}
