import { canonicalAddress } from '@signalbox/contracts';
import type { VipPackets } from './lb-table.js';
import { ALL_PORTS, vipKey, type VipKey } from './vip-key.js';

/** What `show lb vips verbose` tells of a VIP, and no message does. Reference maglev 6.2, 6.9. */
export interface ToldVip {
  readonly key: VipKey;
  readonly isSticky: boolean;
  readonly packets: VipPackets;
  /** By address of the target. */
  readonly flows: ReadonlyMap<string, number>;
}

/** ` ip4-gre4 [1] 192.0.2.1/32 src_ip_sticky` */
const HEAD = /^\s*ip[46]-\w+ \[\d+\] ([\da-f.:]+)\/(\d+)(.*)$/;
const PLACE = /^\s*protocol:(\d+) port:(\d+)/;
const PACKETS = /^\s*([a-z ]+): (\d+)$/;
/** `    198.51.100.1 512 buckets   3 flows  dpo:21 used` */
const TARGET = /^\s*([\da-f.:]+) \d+ buckets +(\d+) flows\b(.*)$/;

/** The counters of the plugin by what it calls them. */
const COUNTERS: Readonly<Record<string, keyof VipPackets>> = {
  'packet from existing sessions': 'next',
  'first session packet': 'first',
  'untracked packet': 'untracked',
  'no server configured': 'noServer',
};

interface Reading {
  readonly address: string;
  readonly length: number;
  readonly words: readonly string[];
  place: readonly [protocol: number, port: number];
  readonly packets: { -readonly [K in keyof VipPackets]: number };
  readonly flows: Map<string, number>;
}

/** The VIPs of the text; those that VPP is about to forget, `removed`, are none. Lines that nobody knows say nothing. */
export function readVipsText(text: string): ToldVip[] {
  const read: Reading[] = [];
  for (const line of text.split(/\r?\n/)) {
    const head = HEAD.exec(line);
    if (head) read.push(begin(head[1]!, Number(head[2]), head[3]!));
    else readLine(line, read.at(-1));
  }
  return read
    .filter(({ words }) => !words.includes('removed'))
    .map(({ address, length, words, place, packets, flows }) => ({
      key: vipKey(address, length, ...place),
      isSticky: words.includes('src_ip_sticky'),
      packets,
      flows,
    }));
}

function begin(address: string, length: number, rest: string): Reading {
  return {
    ...{ address, length, words: rest.trim().split(/\s+/), place: [ALL_PORTS, 0] },
    packets: { next: 0, first: 0, untracked: 0, noServer: 0 },
    flows: new Map(),
  };
}

function readLine(line: string, vip: Reading | undefined): void {
  if (!vip) return;
  const target = TARGET.exec(line);
  if (target) {
    const address = canonicalAddress(target[1]!);
    // one that was removed and added anew stands there twice, and both have flows
    vip.flows.set(address, (vip.flows.get(address) ?? 0) + Number(target[2]));
    return;
  }
  const place = PLACE.exec(line);
  if (place) vip.place = [Number(place[1]), Number(place[2])];
  const packets = PACKETS.exec(line);
  const counter = packets && COUNTERS[packets[1]!.trim()];
  if (counter) vip.packets[counter] = Number(packets[2]);
}
