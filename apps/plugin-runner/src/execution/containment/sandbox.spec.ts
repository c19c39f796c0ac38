import { describe, expect, it } from '@jest/globals';
import { ownGroup } from './control-groups.js';
import { countsProcesses, findSandbox, sandboxArguments, type Sandbox } from './sandbox.js';

const SANDBOX: Sandbox = { bwrap: '/usr/bin/bwrap', readable: [], hidden: [], boundsProcesses: true };
const noLinks = (): undefined => undefined;

function lines(sandbox: Partial<Sandbox>, network = false): string {
  const what = { pluginDir: '/srv/site/plugins', network };
  return sandboxArguments({ ...SANDBOX, ...sandbox }, what, noLinks)
    .join(' ')
    .replaceAll(' --', '\n--');
}

describe('P17 the sandbox', () => {
  it('shows the system and the plugin directory for reading, and has one place to write to', () => {
    const text = lines({});
    const writable = [...text.matchAll(/^--(?:bind|dev-bind|bind-try|tmpfs) (\S+)/gm)].map(
      ([, path]) => path,
    );
    expect(writable).toEqual(['/dev/shm', '/tmp']);
    expect(text).toContain('\n--ro-bind /srv/site/plugins /srv/site/plugins');
    expect(text).toMatch(/\n--remount-ro \/\n--chdir \/tmp\n--$/);
    expect(text).not.toMatch(/bind(-try)? (\/|\/etc|\/home|\/root|\/var|\/run|\/tmp) /);
  });

  it('has no network unless the plugin asks for it', () => {
    expect(lines({})).toContain('\n--unshare-net');
    expect(lines({}, true)).not.toContain('unshare-net');
  });

  it("hides what is the site's wherever it would be seen, but not the plugins below it", () => {
    const hidden = ['/srv/site', '/usr/local/state', '/srv/site/plugins/secrets'];
    const text = lines({ readable: ['/srv', '/usr/local/bin'], hidden });
    expect(text).toContain('--ro-bind /srv /srv');
    expect(text).not.toContain('--ro-bind /usr/local/bin');
    const order = [
      '--ro-bind /srv /srv',
      '--tmpfs /srv/site\n',
      '--ro-bind /srv/site/plugins',
      '--tmpfs /srv/site/plugins/secrets',
    ];
    const places = order.map((part) => text.lastIndexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(text).toContain('--tmpfs /usr/local/state');
    expect(lines({ hidden: ['/var/site'] })).not.toContain('/var/site');
  });

  it('says why there is none', () => {
    const wish = { searchPath: '/usr/bin', sandboxPaths: [], hidden: [], user: undefined };
    expect(findSandbox({ ...wish, bwrap: undefined })).toBe('bubblewrap (bwrap) is not installed');
    expect(findSandbox({ ...wish, bwrap: '/bin/false' })).toMatch(
      /user namespaces are needed: it exited with 1$/,
    );
  });

  it.each([
    ['5.13.0-generic', false],
    ['5.14.0', true],
    ['6.1.0-13-amd64', true],
  ])('on Linux %s can bound its processes: %s', (kernel, does) => {
    expect(countsProcesses(kernel)).toBe(does);
  });
});

it('P16 control groups are below our own group of the unified hierarchy', () => {
  const mounts =
    '30 1 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n31 1 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n';
  expect(ownGroup(mounts, '4:memory:/x\n0::/system.slice/a\n')).toBe('/sys/fs/cgroup/unified/system.slice/a');
  expect(ownGroup(mounts, '4:memory:/x\n')).toBeUndefined();
  expect(ownGroup('', '0::/a\n')).toBeUndefined();
});
