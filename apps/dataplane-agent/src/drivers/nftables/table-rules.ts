import { BOUNDS, sha256Hex } from '@signalbox/contracts';
import { DEVICE_RULE, ingressMaps, ingressRules } from './dsr-rules.js';
import { COUNTER_KINDS, type CounterKind } from './nft-names.js';

/** What holds of all listeners of a node. */
export interface TableSettings {
  /**
   * Targets see the address of the client, and have to answer by way of this node. False: they see that of the node, as with a
   * proxy, and answers come back by themselves.
   */
  readonly keepsSource: boolean;
}

/** A chain that all listeners share. */
export interface SharedChain {
  readonly name: string;
  /** Where the kernel calls it; absent: only other chains do. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

/** How long it is remembered that a connection was cut, for a client that says nothing meanwhile. */
const CUT_MEMORY = '10m';

/** How long a client is told that its connection was cut. */
const TOLD = '10s';

/** Connections that are remembered as cut; as many as connection tracking knows by default. */
const MOST_CUT = BOUNDS.cutConnections;

/** Our flows, by listener and target, as connection tracking knows them; `l4` has to be told before it can be asked for ports. */
const FLOW_TYPE = {
  4: 'inet_proto . ipv4_addr . inet_service . ipv4_addr . inet_service',
  6: 'inet_proto . ipv6_addr . inet_service . ipv6_addr . inet_service',
} as const;

const FAMILIES = [4, 6] as const;
type Family = (typeof FAMILIES)[number];
const PROTOCOLS = ['tcp', 'udp'] as const;

/** Sets and maps that all listeners share, by their names: kind and definition. */
export function sharedSets(): readonly (readonly [kind: 'set' | 'map', name: string, definition: string])[] {
  return FAMILIES.flatMap((family) => [
    ['map', `d${family}`, `type inet_proto . ipv${family}_addr . inet_service : verdict;`] as const,
    [
      'set',
      `k${family}`,
      `type ipv${family}_addr . inet_service . ipv${family}_addr . inet_service; ` +
        `size ${MOST_CUT}; flags timeout; timeout ${CUT_MEMORY};`,
    ] as const,
    [
      'map',
      `w${family}`,
      `type ipv${family}_addr . inet_service : ipv${family}_addr . inet_service; ` +
        `size ${MOST_CUT}; flags timeout; timeout ${TOLD};`,
    ] as const,
    ...Object.values(COUNTER_KINDS).map(
      (letter) => ['map', `${letter}${family}`, `type ${FLOW_TYPE[family]} : counter;`] as const,
    ),
  ]);
}

/** Chains that all listeners share; each before those that call it. */
export function sharedChains({ keepsSource }: TableSettings): readonly SharedChain[] {
  const seesNode = `oifname != "lo" ${keepsSource ? 'fib saddr type local ' : ''}masquerade`;
  return [
    { name: 'count', rules: countRules() },
    // before addresses are translated: the rest of a connection that was cut is answered by a reset
    { name: 'cut_prerouting', hook: 'type filter hook prerouting priority -150', rules: cutRules() },
    { name: 'cut_output', hook: 'type filter hook output priority -150', rules: cutRules() },
    // the first packet of a flow gets its target; that of a client on this machine comes by output
    { name: 'choose_prerouting', hook: 'type nat hook prerouting priority -100', rules: placeRules() },
    { name: 'choose_output', hook: 'type nat hook output priority -100', rules: placeRules() },
    // behind the choice: each packet once, where it comes to this machine or begins here
    {
      name: 'count_prerouting',
      hook: 'type filter hook prerouting priority 0',
      rules: [`iifname != "lo" ct status & dnat == dnat jump count`],
    },
    {
      name: 'count_output',
      hook: 'type filter hook output priority 0',
      rules: ['ct status & dnat == dnat jump count'],
    },
    // chains of the type nat see the first packet of a flow alone
    {
      name: 'flows_postrouting',
      hook: 'type nat hook postrouting priority 100',
      rules: [...tellingRules(), ...flowRules(seesNode)],
    },
    { name: 'flows_input', hook: 'type nat hook input priority 100', rules: flowRules() },
  ];
}

/** Name of the chain whose comment is the version of all that is shared. */
export const VERSION_CHAIN = 'version';

/** Changes with anything that all listeners share, and with how the rules of one are made. */
export function tableVersion(settings: TableSettings): string {
  const ingress = [ingressMaps(), ingressRules(), DEVICE_RULE];
  const text = JSON.stringify([RULES_VERSION, sharedSets(), sharedChains(settings), ingress]);
  return sha256Hex(text).slice(0, 16);
}

/** Who changes the rules of a listener, or what is kept of it, counts up: tables of before are made anew then. */
const RULES_VERSION = 1;

function cutRules(): string[] {
  return FAMILIES.map((family) => {
    const ip = ipWord(family);
    return (
      `ct state new,invalid tcp flags & syn == 0 ` +
      `${ip} saddr . tcp sport . ${ip} daddr . tcp dport @k${family} reject with tcp reset`
    );
  });
}

/** What this machine says to a client whose connection was cut comes from where the client sent it. See `CutTeller`. */
function tellingRules(): string[] {
  return FAMILIES.map((family) => {
    const ip = ipWord(family);
    return `meta l4proto tcp fib saddr type local snat ${ip} to ${ip} daddr . tcp dport map @w${family}`;
  });
}

function placeRules(): string[] {
  return FAMILIES.map((family) => `meta l4proto . ${ipWord(family)} daddr . th dport vmap @d${family}`);
}

function flowRules(then?: string): string[] {
  return FAMILIES.flatMap((family) =>
    PROTOCOLS.map((protocol) => {
      const count = counting('flows', family, protocol, 'ct status & dnat == dnat ');
      return then === undefined ? count : `${count} ${then}`;
    }),
  );
}

function countRules(): string[] {
  return FAMILIES.flatMap((family) => [
    ...PROTOCOLS.flatMap((protocol) => [
      counting('fromClients', family, protocol, 'ct direction original '),
      counting('toClients', family, protocol, 'ct direction reply '),
    ]),
    // a reset before the client had confirmed the connection
    counting(
      'failures',
      family,
      'tcp',
      'ct direction reply tcp flags & rst == rst ct status & assured == 0 ',
    ),
  ]);
}

function counting(kind: CounterKind, family: Family, protocol: string, when: string): string {
  const ip = ipWord(family);
  const flow = `meta l4proto . ct original ${ip} daddr . ct original proto-dst . ct reply ${ip} saddr . ct reply proto-src`;
  return `meta l4proto ${protocol} ${when}counter name ${flow} map @${COUNTER_KINDS[kind]}${family}`;
}

function ipWord(family: Family): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6';
}
