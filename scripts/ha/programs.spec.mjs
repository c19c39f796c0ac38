import { describe, expect, it } from '@jest/globals';
import { whatLacks } from './programs.mjs';

const LINUX = { platform: 'linux', uid: 0, find: (name) => `/usr/sbin/${name}` };

describe('what a machine lacks for nodes that die', () => {
  it('is Linux elsewhere', () => {
    expect(whatLacks({ ...LINUX, platform: 'darwin' })).toBe(
      'network namespaces are of Linux, and this is darwin',
    );
  });

  it('are packages, each named once', () => {
    const find = (name) => (name.startsWith('bird') || name === 'nft' ? undefined : `/usr/sbin/${name}`);
    expect(whatLacks({ ...LINUX, find })).toBe('nft, bird, birdc not installed: apt install nftables bird2');
  });

  it('is root for others', () => {
    expect(whatLacks({ ...LINUX, uid: 1000 })).toBe('network namespaces need root: run it with sudo');
  });

  it('is a kernel that lets rules be made', () => {
    const find = () => '/nowhere/program';
    expect(whatLacks({ ...LINUX, find })).toMatch(/^no rules can be made in a network namespace: .*ENOENT/);
  });
});
