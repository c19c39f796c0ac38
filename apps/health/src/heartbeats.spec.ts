import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { subjectToken } from '@signalbox/contracts';
import { Heartbeats } from './heartbeats.js';

const LISTENER = { ttlMs: 3_600_000, onResult: () => undefined };

describe('the name of a heartbeat', () => {
  let heartbeats: Heartbeats;

  beforeEach(() => {
    heartbeats = new Heartbeats();
  });

  afterEach(() => heartbeats.close());

  it('is its token, when the name is a subject token', () => {
    heartbeats.start('nginx1', LISTENER);
    expect(heartbeats.nameOf('nginx1')).toBe('nginx1');
  });

  it('is found for a name that is none, while its heartbeats are awaited', () => {
    const names = ['fe80::1', 'rack 1/nginx', `x-${'0'.repeat(16)}`];
    for (const name of names) heartbeats.start(name, LISTENER);
    for (const name of names) expect(heartbeats.nameOf(subjectToken(name))).toBe(name);

    heartbeats.stop('fe80::1');
    expect(heartbeats.nameOf(subjectToken('fe80::1'))).toBe(subjectToken('fe80::1'));
    expect(heartbeats.nameOf(subjectToken('rack 1/nginx'))).toBe('rack 1/nginx');

    heartbeats.start('fe80::1', LISTENER);
    expect(heartbeats.nameOf(subjectToken('fe80::1'))).toBe('fe80::1');
  });

  it('is the token, when nobody awaits it', () => {
    heartbeats.stop('fe80::1');
    expect(heartbeats.nameOf('unknown')).toBe('unknown');
  });
});
