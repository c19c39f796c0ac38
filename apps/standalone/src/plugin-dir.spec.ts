import { tmpdir } from 'node:os';
import { expect, it } from '@jest/globals';
import { pluginDirOf } from './plugin-dir.js';

const STATE = '/nowhere/site/.signalbox';
const isOpen = (): boolean => true;
const isClosedAt = (closed: string) => (directory: string) => directory !== closed;

it('P17 the plugins of a site are below its state, where others get to them or nobody has to', () => {
  expect(pluginDirOf(STATE, 0, isOpen)).toBe(`${STATE}/plugins`);
  expect(pluginDirOf(STATE, 1000, isClosedAt('/nowhere'))).toBe(`${STATE}/plugins`);
});

it('P17 those of a new site of root below a closed directory are where its user without rights gets to them', () => {
  for (const closed of [STATE, '/nowhere/site', '/nowhere']) {
    const dir = pluginDirOf(STATE, 0, isClosedAt(closed));
    expect(dir).toMatch(/\/signalbox-plugins-[0-9a-f]{16}$/);
    expect(dir.startsWith(tmpdir())).toBe(true);
    expect(pluginDirOf(STATE, 0, isClosedAt(closed))).toBe(dir);
  }
  expect(pluginDirOf('/nowhere/other', 0, isClosedAt('/nowhere'))).not.toBe(
    pluginDirOf(STATE, 0, isClosedAt('/nowhere')),
  );
});
