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
};

/** Where programs are that an ordinary user does not have on the PATH. */
const SYSTEM_DIRS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where a program is; undefined: not installed. */
export function programFile(name) {
  const dirs = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...SYSTEM_DIRS];
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

/** Why no such world can be made here, with what to do; undefined: it can. */
export function whatLacks() {
  if (process.platform !== 'linux') return 'network namespaces are of Linux, and this is another system';
  const missing = Object.keys(PACKAGES).filter((name) => programFile(name) === undefined);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((name) => PACKAGES[name]))].join(' ');
    return `${missing.join(', ')} not installed: apt install ${packages}`;
  }
  if (process.getuid() !== 0) return 'network namespaces need root: run it with sudo';
  const rules = spawnSync(programFile('ip'), ['netns', 'list'], { encoding: 'utf8' });
  return rules.status === 0 ? undefined : `ip netns list: ${rules.stderr.trim()}`;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
