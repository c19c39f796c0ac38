import { describe, expect, it } from '@jest/globals';
import { type Banner, bannerText } from './banner.js';

const UP: Banner = {
  apiUrl: 'http://127.0.0.1:7801',
  natsUrl: 'nats://127.0.0.1:4223',
  databaseUrl: 'postgres://signalbox@127.0.0.1:7833/signalbox',
  stateDir: '/src/signalbox/.signalbox',
  checkout: '/src/signalbox',
  startedInMs: 1234,
  separate: false,
  publisherSeed: undefined,
};

/** Lines that are there to be pasted. */
function commands(banner: Partial<Banner>): string[] {
  const lines = bannerText({ ...UP, ...banner }).split('\n');
  return lines.filter((line) => /^ {2}(export|nats) /.test(line)).map((line) => line.trim());
}

describe('bannerText', () => {
  it('X28 names the server in the line that publishes, whatever port it got', () => {
    expect(commands({})).toEqual([
      'export PATH=/src/signalbox/bin:"$PATH"',
      `nats --server nats://127.0.0.1:4223 pub events.default.client.seen '{"subject":"10.88.60.9/32"}'`,
    ]);
  });

  it('X28 gives the key of the publisher where NATS asks for one', () => {
    expect(commands({ publisherSeed: '/my site/keys/publisher/nats.seed' })[1]).toBe(
      `nats --server nats://127.0.0.1:4223 --nkey '/my site/keys/publisher/nats.seed' pub events.default.client.seen '{"subject":"10.88.60.9/32"}'`,
    );
  });

  it('X28 prints no secret, and no login in the line that is pasted', () => {
    const text = bannerText({ ...UP, natsUrl: 'nats://alice:secret@a:4222,nats://token@b:4222' });
    expect(text).toContain('nats --server nats://a:4222,nats://b:4222 pub');
    expect(text).toContain('NATS      nats://alice:***@a:4222,nats://***@b:4222');
    expect(text).not.toMatch(/secret|token@/);
  });

  it('X42 points the CLI at the site that was started with --state', () => {
    expect(commands({ stateDir: '/tmp/other' })).toContain(
      'export SIGNALBOX_CONTEXT=/tmp/other/context.json',
    );
    expect(commands({}).join()).not.toContain('SIGNALBOX_CONTEXT');
  });
});
