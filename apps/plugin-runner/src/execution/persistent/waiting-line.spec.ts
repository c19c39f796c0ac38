import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { WaitingLine } from './waiting-line.js';

const aborted = (): Error => new Error('aborted');

test('first come, first served', async () => {
  const line = new WaitingLine<string>(10);
  const all = Promise.all([line.join(undefined, aborted), line.join(undefined, aborted)]);
  expect([line.next('a'), line.next('b'), line.next('c')]).toEqual([true, true, false]);
  expect(await all).toEqual(['a', 'b']);
});

test('whoever is aborted leaves the line, and no listener stays', async () => {
  const line = new WaitingLine<string>(10);
  const abort = new AbortController();
  const [left, stayed] = [line.join(abort.signal, aborted), line.join(undefined, aborted)];
  abort.abort();
  await expect(left).rejects.toThrow('aborted');
  line.next('a');
  expect(await stayed).toBe('a');
  expect(line.size).toBe(0);
  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
});

test('no more than the bound wait', async () => {
  const line = new WaitingLine<string>(1);
  const first = line.join(undefined, aborted);
  await expect(line.join(undefined, aborted)).rejects.toMatchObject({ code: 'not-ready' });
  line.refuseAll(new Error('over'));
  await expect(first).rejects.toThrow('over');
});
