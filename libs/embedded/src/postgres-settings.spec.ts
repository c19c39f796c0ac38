import { describe, expect, it } from '@jest/globals';
import { postgresArguments } from './postgres-settings.js';

describe('postgresArguments', () => {
  it('listens on loopback only, without a unix socket', () => {
    const args = postgresArguments('/data', 7832);
    expect(args.slice(0, 2)).toEqual(['-D', '/data']);
    expect(args).toEqual(expect.arrayContaining(['listen_addresses=127.0.0.1', 'unix_socket_directories=']));
    expect(args).toContain('port=7832');
  });

  it('leaves fsync on unless told otherwise', () => {
    expect(postgresArguments('/data', 7832).some((arg) => arg.startsWith('fsync'))).toBe(false);
    expect(postgresArguments('/data', 7832, { fsync: 'off' })).toContain('fsync=off');
  });

  it('lets a setting replace ours, never the port', () => {
    const args = postgresArguments('/data', 7832, { shared_buffers: '16MB', port: '1' });
    expect(args.filter((arg) => arg.startsWith('shared_buffers'))).toEqual(['shared_buffers=16MB']);
    expect(args.filter((arg) => arg.startsWith('port'))).toEqual(['port=7832']);
  });
});
