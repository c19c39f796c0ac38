import { isAbsolute } from 'node:path';

/**
 * Where HAProxy is, for a node whose data plane it is. With the socket of its master it is one that somebody else starts; without, it
 * is a child of the agent, and what is not named lies in the state directory.
 */
export interface HaproxySettings {
  /** The file that holds the whole desired state. */
  readonly config?: string;
  /** Socket of the master process, by which the file is loaded anew. */
  readonly masterSocket?: string;
  /** Socket of the worker, by which weights are set. */
  readonly statsSocket?: string;
  /** The program; absent: `haproxy`, where programs are found. */
  readonly bin?: string;
}

/** How the rules of the kernel are made, for a node whose data plane is nftables. */
export interface NftablesSettings {
  /** Targets see the address of the client, and answer by way of the node; false: they see that of the node. */
  readonly keepsSource: boolean;
  /** The program; absent: `nft`, where the system has its programs. */
  readonly nft?: string;
  /** The program; absent: `conntrack`, where the system has its programs. */
  readonly conntrack?: string;
  /** The program; absent: `ip`, where the system has its programs. */
  readonly ip?: string;
  /** Devices by which clients come whose targets answer them directly; absent: all Ethernet devices. */
  readonly clientDevices?: readonly string[];
}

/** Where the BIRD is by which VIPs are announced, which somebody else runs. */
export interface BirdSettings {
  /** The file that its configuration includes; absent: `/run/signalbox-bird/vips.conf`. */
  readonly include?: string;
  /** Its control socket; absent: `/run/bird/bird.ctl`. */
  readonly socket?: string;
}

/** Where VPP is, for a node whose data plane it is. */
export interface VppSettings {
  /** Socket of its binary API; absent: where VPP has it. */
  readonly apiSocket?: string;
  /** Directory of the `*.api.json` files of its version; absent: where packages put them. */
  readonly apiDir?: string;
}

/** Programs that tell the neighbours of a node where a VIP is, of the method `address`. */
export interface NeighbourSettings {
  /** The program; absent: `arping` of iputils, where the system has its programs. */
  readonly arping?: string;
  /** The program; absent: `ndptool`, where the system has its programs. */
  readonly ndptool?: string;
}

/** What an agent of a load-balancing node reads from its environment. */
export interface LbSettings {
  /** Scoped name of the Node resource whose state it applies. */
  readonly node: string;
  readonly haproxy: HaproxySettings;
  readonly nftables: NftablesSettings;
  readonly vpp?: VppSettings;
  readonly bird?: BirdSettings;
  readonly neighbours?: NeighbourSettings;
  /** Where gobgpd takes orders: `host:port`, or `unix:/path`; absent: `127.0.0.1:50051`. */
  readonly gobgpAddress?: string;
  /** The program, of nodes that announce VIPs by VRRP; absent: `keepalived`, where the system has its programs. */
  readonly keepalived?: string;
}

/** The node of a site that declares none. ADR 0023. */
const LOCAL = 'local';

const PATHS = {
  config: 'SIGNALBOX_HAPROXY_CONFIG',
  masterSocket: 'SIGNALBOX_HAPROXY_MASTER_SOCKET',
  statsSocket: 'SIGNALBOX_HAPROXY_STATS_SOCKET',
  bin: 'SIGNALBOX_HAPROXY_BIN',
} as const;

const PROGRAMS = {
  nft: 'SIGNALBOX_NFT_BIN',
  conntrack: 'SIGNALBOX_CONNTRACK_BIN',
  ip: 'SIGNALBOX_IP_BIN',
} as const;
const BIRD = { include: 'SIGNALBOX_BIRD_INCLUDE', socket: 'SIGNALBOX_BIRD_SOCKET' } as const;
const NEIGHBOURS = { arping: 'SIGNALBOX_ARPING_BIN', ndptool: 'SIGNALBOX_NDPTOOL_BIN' } as const;
const GOBGP = 'SIGNALBOX_GOBGP_ADDRESS';
const KEEPALIVED = { keepalived: 'SIGNALBOX_KEEPALIVED_BIN' } as const;
const VPP_PATHS = { apiSocket: 'SIGNALBOX_VPP_API_SOCKET', apiDir: 'SIGNALBOX_VPP_API_DIR' } as const;
const DEVICES = 'SIGNALBOX_NFTABLES_DEVICES';
const SOURCE = 'SIGNALBOX_NFTABLES_SOURCE';

/** Reads `SIGNALBOX_LB_NODE`, `SIGNALBOX_HAPROXY_*`, `SIGNALBOX_VPP_*`, what is of nftables, and where daemons are that announce VIPs. Every mistake names the variable and the form expected. */
export function readLbSettings(env: NodeJS.ProcessEnv, mistake: (text: string) => void): LbSettings {
  const node = env['SIGNALBOX_LB_NODE'] || LOCAL;
  if (!/^[!-~]{1,253}$/.test(node))
    mistake(`SIGNALBOX_LB_NODE must be the name of a Node, without blanks, not "${node}"`);
  const haproxy = readPaths(PATHS, env, mistake);
  const { masterSocket, config, statsSocket } = haproxy;
  if (masterSocket !== undefined && (config === undefined || statsSocket === undefined))
    mistake(
      `${PATHS.masterSocket} goes together with ${PATHS.config} and ${PATHS.statsSocket}: set all three`,
    );
  const source = env[SOURCE] || 'node';
  if (source !== 'node' && source !== 'client') mistake(`${SOURCE} must be node or client, not "${source}"`);
  const devices = (env[DEVICES] ?? '').split(',').filter(Boolean);
  // of the names that the kernel takes those without what rules or lists of names would trip over
  for (const device of devices)
    if (!/^[\w.@-]{1,15}$/.test(device))
      mistake(`${DEVICES} must be names of devices with commas between, and "${device}" is none`);
  const nftables = {
    keepsSource: source === 'client',
    ...readPaths(PROGRAMS, env, mistake),
    ...(devices.length > 0 && { clientDevices: devices }),
  };
  const bird = readPaths(BIRD, env, mistake);
  const neighbours = readPaths(NEIGHBOURS, env, mistake);
  const gobgpAddress = env[GOBGP];
  if (gobgpAddress && !/^(?:unix:\/\S+|\S+:\d{1,5})$/.test(gobgpAddress))
    mistake(`${GOBGP} must be host:port or unix:/path, not "${gobgpAddress}"`);
  const vpp = readPaths(VPP_PATHS, env, mistake);
  return {
    ...{ node, haproxy, nftables },
    ...(Object.keys(vpp).length > 0 && { vpp }),
    ...(Object.keys(bird).length > 0 && { bird }),
    ...(Object.keys(neighbours).length > 0 && { neighbours }),
    ...(gobgpAddress && { gobgpAddress }),
    ...readPaths(KEEPALIVED, env, mistake),
  };
}

/** The variables that are set, each an absolute path. */
function readPaths<K extends string>(
  variables: Readonly<Record<K, string>>,
  env: NodeJS.ProcessEnv,
  mistake: (text: string) => void,
): { readonly [name in K]?: string } {
  const paths: { [name in K]?: string } = {};
  for (const [name, variable] of Object.entries(variables) as [K, string][]) {
    const path = env[variable];
    if (!path) continue;
    if (!isAbsolute(path)) mistake(`${variable} must be an absolute path, not "${path}"`);
    paths[name] = path;
  }
  return paths;
}
