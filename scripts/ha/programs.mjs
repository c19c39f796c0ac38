// Programs of the system that the world of load-balancing nodes is made with, and what this machine lacks of it.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program → package of Debian. */
const PACKAGES = {
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  bird: 'bird2',
  birdc: 'bird2',
  unshare: 'util-linux',
};

/** Where programs are that an ordinary user does not have on the PATH. */
const SYSTEM_DIRS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where a program is; undefined: not installed. */
export function programFile(name) {
  const dirs = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...SYSTEM_DIRS];
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

/**
 * Why no such world can be made here, with what to do; undefined: it can.
 *
 * @param {{ platform?: string, uid?: number, find?: (name: string) => string | undefined }} machine what is not given is as it is
 */
export function whatLacks({
  platform = process.platform,
  uid = process.getuid?.(),
  find = programFile,
} = {}) {
  if (platform !== 'linux') return `network namespaces are of Linux, and this is ${platform}`;
  const missing = Object.keys(PACKAGES).filter((name) => find(name) === undefined);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((name) => PACKAGES[name]))].join(' ');
    return `${missing.join(', ')} not installed: apt install ${packages}`;
  }
  if (uid !== 0) return 'network namespaces need root: run it with sudo';
  const made = spawnSync(find('unshare'), ['--net', find('nft'), 'list', 'tables'], { encoding: 'utf8' });
  if (made.status === 0) return undefined;
  return `no rules can be made in a network namespace: ${made.error?.message ?? made.stderr.trim()}`;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
