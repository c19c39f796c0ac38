import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { JsMsg } from 'nats';
import { MessagesInWork } from './messages-in-work.js';

const BEAT_MS = 100;

describe('MessagesInWork', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('keeps every message in work, and none that is done, until the last one after its end', async () => {
    const beats: string[] = [];
    const message = (name: string): JsMsg => ({ working: () => void beats.push(name) }) as unknown as JsMsg;
    const [a, b] = [message('a'), message('b')];
    const inWork = new MessagesInWork(10, BEAT_MS);
    inWork.add(a);
    jest.advanceTimersByTime(BEAT_MS);
    inWork.add(b);
    jest.advanceTimersByTime(BEAT_MS);
    inWork.done(a);
    const ended = inWork.end();
    jest.advanceTimersByTime(BEAT_MS);
    expect(beats).toEqual(['a', 'a', 'b', 'b']);
    expect(jest.getTimerCount()).toBe(1);
    inWork.done(b);
    await ended;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('has room as long as fewer than its limit are in work', async () => {
    const inWork = new MessagesInWork(2, BEAT_MS);
    const [a, b] = [{} as JsMsg, {} as JsMsg];
    inWork.add(a);
    expect(inWork.isFull).toBe(false);
    await inWork.room();
    inWork.add(b);
    expect(inWork.isFull).toBe(true);
    let hasRoom = false;
    const room = inWork.room().then(() => (hasRoom = true));
    await Promise.resolve();
    expect(hasRoom).toBe(false);
    inWork.done(a);
    await room;
    inWork.done(b);
    await inWork.end();
  });
});
