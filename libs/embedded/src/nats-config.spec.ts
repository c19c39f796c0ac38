import { describe, expect, it } from '@jest/globals';
import { renderNatsConfig, syncIntervalOf } from './nats-config.js';

describe('renderNatsConfig', () => {
  const settings = { port: 4222, serverName: 'site', storeDir: '/a "quoted" dir' };

  it('listens on loopback only, with room for 8 MB messages', () => {
    expect(renderNatsConfig(settings)).toBe(
      [
        'host: 127.0.0.1',
        'port: 4222',
        'server_name: "site"',
        'max_payload: 8MB',
        'max_pending: 64MB',
        'jetstream {',
        '  store_dir: "/a \\"quoted\\" dir"',
        '}',
        'accounts { SITE { jetstream: enabled, users: [{ user: anyone, password: anyone }] } }',
        'no_auth_user: anyone',
        '',
      ].join('\n'),
    );
  });

  it('bounds what is stored, and tells how it is on loopback, when asked for', () => {
    const config = renderNatsConfig({ ...settings, maxStore: 1_048_576, monitorPort: 8222 });
    expect(config).toContain('\n  max_file_store: 1048576\n');
    expect(config).toContain('\nhttp: "127.0.0.1:8222"\n');
  });

  it('has sync_interval only when asked for', () => {
    expect(renderNatsConfig({ ...settings, syncInterval: 'always' })).toContain(
      '\n  sync_interval: always\n',
    );
  });
});

describe('renderNatsConfig with users', () => {
  it('includes their file', () => {
    const config = renderNatsConfig({
      port: 4222,
      serverName: 'site',
      storeDir: '/d',
      usersFile: 'keys/users.conf',
    });
    expect(config).toMatch(/\}\ninclude "keys\/users\.conf"\n$/);
  });
});

describe('syncIntervalOf', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['always', 'always'],
    ['500ms', '500ms'],
    ['2m', '2m'],
  ])('reads %p as %p', (value, expected) => expect(syncIntervalOf(value)).toBe(expected));

  it.each(['yes', '10', 'always\nport: 1'])('refuses %p', (value) =>
    expect(() => syncIntervalOf(value)).toThrow('SIGNALBOX_NATS_SYNC'),
  );
});
