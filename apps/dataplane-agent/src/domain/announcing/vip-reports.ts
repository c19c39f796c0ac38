import type { AnnounceMethod, ErrorBody, NodePeerReport, NodeVip, NodeVipReport } from '@signalbox/contracts';
import type { PeerSession, StandingVip } from '../../announcers/announcer.js';
import { type Outgoing, vipKey } from './outgoing.js';

/** What is known of one announcer. */
export interface AnnouncerView {
  /** By address, as it read back last; undefined: it has not answered yet, to this process. */
  readonly standing: ReadonlyMap<string, StandingVip> | undefined;
  readonly sessions: readonly PeerSession[];
  /** Why it does not do what it shall. */
  readonly failure?: ErrorBody;
}

/** What a report of VIPs is made of. */
export interface VipFacts {
  /** Those of the desired state. */
  readonly vips: readonly NodeVip[];
  readonly outgoing: Outgoing;
  /** Why a VIP is not ready, by its key. */
  readonly reasons: ReadonlyMap<string, string>;
  readonly announcers: ReadonlyMap<AnnounceMethod, AnnouncerView>;
}

type Stand = Pick<NodeVipReport, 'state' | 'to' | 'why'>;

const COMING: Stand = { state: 'withdrawn', why: 'it is being announced' };

/** How the VIPs of a node stand, those that leave last. What stands as `before` keeps its time. */
export function reportVips(facts: VipFacts, before: readonly NodeVipReport[], at: string): NodeVipReport[] {
  const known = new Map(before.map((one) => [one.address, one]));
  const named = new Set(facts.vips.map(({ address }) => address));
  const wished = new Set(facts.outgoing.wished.map(vipKey));
  const leaving = facts.outgoing.leaving.map(({ vip }) => vip).filter(({ address }) => !named.has(address));
  return [...facts.vips, ...leaving].map((vip): NodeVipReport => {
    const { address, announcement, method } = vip;
    const old = known.get(address);
    const stand = wished.has(vipKey(vip)) ? wishedStand(vip, facts, old) : unwishedStand(vip, facts);
    const since = old?.state === stand.state && old.method === method ? old.since : at;
    return { address, announcement, method, since, ...stand };
  });
}

/**
 * How the sessions with routers are, sorted by name. One in the state of `before` keeps its time; so does all of it that no announcer has
 * spoken of yet.
 */
export function reportPeers(
  { vips, announcers }: Pick<VipFacts, 'vips' | 'announcers'>,
  before: readonly NodePeerReport[],
  at: string,
): NodePeerReport[] {
  const known = new Map(before.map((one) => [one.name, one]));
  const told = [...announcers.values()].flatMap(({ sessions, failure }) =>
    failure?.code === 'announcer-unavailable' ? sessions.map((one) => cutOff(one, failure)) : sessions,
  );
  const names = new Set(told.map(({ name }) => name));
  const untold = vips.flatMap(({ method, route }) =>
    isUnheard(announcers.get(method)) ? (route?.peers ?? []).filter((name) => !names.has(name)) : [],
  );
  const kept = [...new Set(untold)].flatMap((name) => known.get(name) ?? []);
  const reports = told.map(({ name, state, bfd, why }): NodePeerReport => {
    const old = known.get(name);
    const since = old?.state === state ? old.since : at;
    return { name, state, since, ...(bfd && { bfd }), ...(why !== undefined && { why }) };
  });
  return [...reports, ...kept].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** It has neither answered nor failed to. */
function isUnheard(announcer: AnnouncerView | undefined): boolean {
  return !announcer?.standing && !announcer?.failure;
}

function cutOff({ name }: PeerSession, { message }: ErrorBody): PeerSession {
  return { name, state: 'down', why: message };
}

function unwishedStand(vip: NodeVip, { announcers, reasons }: VipFacts): Stand {
  const announcer = announcers.get(vip.method);
  const stands = announcer?.standing?.get(vip.address);
  const why = reasons.get(vipKey(vip)) ?? 'the node is not to announce it any more';
  const isOut = stands && stands.state !== 'refused' && announcer?.failure === undefined;
  return isOut
    ? { ...standing(stands, announcer), why: `it is being withdrawn: ${why}` }
    : { state: 'withdrawn', why };
}

function wishedStand(vip: NodeVip, { announcers }: VipFacts, old: NodeVipReport | undefined): Stand {
  const announcer = announcers.get(vip.method);
  const stands = announcer?.standing?.get(vip.address);
  const failure = announcer?.failure;
  if (failure?.code === 'announcer-unavailable') return { state: 'withdrawn', why: failure.message };
  if (stands) return standing(stands, announcer);
  if (failure) return { state: 'refused', why: failure.message };
  // nobody was asked yet by this process: what was said before it may still hold
  if (isUnheard(announcer) && old?.method === vip.method && old.state === 'announced')
    return { state: old.state, ...(old.to && { to: old.to }) };
  return COMING;
}

function standing({ state, to, why, error }: StandingVip, announcer: AnnouncerView | undefined): Stand {
  if (state === 'refused') return { state, why: error?.message ?? why ?? 'it is refused' };
  if (state === 'standby') return { state, ...(why !== undefined && { why }) };
  if (to?.length === 0) return { state: 'withdrawn', why: whyNobody(announcer?.sessions ?? []) };
  return { state, ...(to && { to }) };
}

function whyNobody(sessions: readonly PeerSession[]): string {
  const down = sessions.filter(({ state }) => state !== 'up');
  const shown = down.map(({ name, why }) => (why === undefined ? name : `${name} (${why})`)).join(', ');
  return shown === '' ? 'no router has it yet' : `no session stands that could tell it: ${shown}`;
}
