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

/** What an agent of a load-balancing node reads from its environment. */
export interface LbSettings {
  /** Scoped name of the Node resource whose state it applies. */
  readonly node: string;
  readonly haproxy: HaproxySettings;
}

/** The node of a site that declares none. ADR 0023. */
const LOCAL = 'local';

const PATHS = {
  config: 'SIGNALBOX_HAPROXY_CONFIG',
  masterSocket: 'SIGNALBOX_HAPROXY_MASTER_SOCKET',
  statsSocket: 'SIGNALBOX_HAPROXY_STATS_SOCKET',
  bin: 'SIGNALBOX_HAPROXY_BIN',
} as const;

/** Reads `SIGNALBOX_LB_NODE` and `SIGNALBOX_HAPROXY_*`. Every mistake names the variable and the form expected. */
export function readLbSettings(env: NodeJS.ProcessEnv, mistake: (text: string) => void): LbSettings {
  const node = env['SIGNALBOX_LB_NODE'] || LOCAL;
  if (!/^[!-~]{1,253}$/.test(node))
    mistake(`SIGNALBOX_LB_NODE must be the name of a Node, without blanks, not "${node}"`);
  const haproxy: { -readonly [name in keyof HaproxySettings]: string } = {};
  for (const [name, variable] of Object.entries(PATHS) as [keyof typeof PATHS, string][]) {
    const path = env[variable];
    if (!path) continue;
    if (!isAbsolute(path)) mistake(`${variable} must be an absolute path, not "${path}"`);
    haproxy[name] = path;
  }
  const { masterSocket, config, statsSocket } = haproxy;
  if (masterSocket !== undefined && (config === undefined || statsSocket === undefined))
    mistake(
      `${PATHS.masterSocket} goes together with ${PATHS.config} and ${PATHS.statsSocket}: set all three`,
    );
  return { node, haproxy };
}
