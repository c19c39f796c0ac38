import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSiteConfig } from './site-config.js';

const ENV = { NATS_URL: 'nats://nats:4222', DATABASE_URL: 'postgres://signalbox@postgres/signalbox' };

describe('readSiteConfig', () => {
  let dir: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-config-'));
  });

  afterAll(() => rmSync(dir, { recursive: true }));

  function file(name: string, content: string | Buffer): string {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  }

  it('takes the NATS seed and the password of Postgres from files', () => {
    const config = readSiteConfig({
      ...ENV,
      NATS_SEED_FILE: file('seed', 'SUAB\n'),
      DATABASE_PASSWORD_FILE: file('password', 'p@ss/w%rd\n'),
    });
    expect(config.natsSeed).toBe('SUAB');
    expect(decodeURIComponent(new URL(config.databaseUrl).password)).toBe('p@ss/w%rd');
  });

  it('X1 refuses a secret that is not text, instead of reading another one', () => {
    const seed = file('odd-seed', Buffer.from('5355ff0a', 'hex'));
    const password = file('odd-password', Buffer.from('p\u00e4ss', 'latin1'));
    expect(() => readSiteConfig({ ...ENV, NATS_SEED_FILE: seed, DATABASE_PASSWORD_FILE: password })).toThrow(
      new RegExp(
        `NATS_SEED_FILE names ${seed}, which is not valid UTF-8: byte 0xff at offset 2.*\\n` +
          ` *DATABASE_PASSWORD_FILE names ${password}, which is not valid UTF-8: byte 0xe4 at offset 1`,
      ),
    );
  });

  it('needs neither', () => {
    const { natsSeed, databaseUrl } = readSiteConfig(ENV);
    expect([natsSeed, databaseUrl]).toEqual([undefined, ENV.DATABASE_URL]);
  });

  it('names all mistakes together', () => {
    const env = {
      NATS_URL: 'http://nats',
      DATABASE_URL: ENV.DATABASE_URL,
      NATS_SEED_FILE: join(dir, 'missing'),
      DATABASE_PASSWORD_FILE: file('empty', '\n'),
    };
    expect(() => readSiteConfig(env)).toThrow(
      [
        'NATS_URL must be a URL starting with nats:// (it is another)',
        `  NATS_SEED_FILE names ${join(dir, 'missing')}, which cannot be read (ENOENT)`,
        `  DATABASE_PASSWORD_FILE names ${join(dir, 'empty')}, which is empty`,
      ].join('\n'),
    );
  });
});
