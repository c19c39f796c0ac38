import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BOUNDS } from '@signalbox/contracts';
import { CERTIFICATES } from '@signalbox/testing';
import { nkeys } from 'nats';
import { readSiteConfig } from './site-config.js';

const SEED = Buffer.from(nkeys.createUser().getSeed()).toString();
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
      NATS_SEED_FILE: file('seed', `${SEED}\n`),
      DATABASE_PASSWORD_FILE: file('password', 'p@ss/w%rd\n'),
    });
    expect(config.nats.login).toEqual({ kind: 'nkey', seed: SEED, from: 'NATS_SEED_FILE' });
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
    const { nats, databaseUrl } = readSiteConfig(ENV);
    expect([nats, databaseUrl]).toEqual([{ url: ENV.NATS_URL }, ENV.DATABASE_URL]);
  });

  it('hands down where programs are found and which authorities are trusted, and nothing else', () => {
    const of = (env: NodeJS.ProcessEnv) => {
      const { searchPath, caEnvironment } = readSiteConfig({ ...ENV, ...env });
      return [searchPath, caEnvironment];
    };
    expect(of({ PATH: '/opt/bin', SSL_CERT_DIR: '/etc/ca', SSL_CERT_FILE: '', SECRET: 'x' })).toEqual([
      '/opt/bin',
      { SSL_CERT_DIR: '/etc/ca' },
    ]);
    expect(of({ PATH: '' })).toEqual([expect.stringContaining('/usr/bin'), {}]);
  });

  it('bounds what is kept as it is told, and otherwise as the list of what a site keeps says', () => {
    const { facts, activityMaxAgeMs, warnBytes, streamBounds, sampleEveryMs } = readSiteConfig(ENV);
    expect({ facts, activityMaxAgeMs, warnBytes, streamBounds, sampleEveryMs }).toEqual({
      facts: { maxAgeMs: BOUNDS.factsAgeMs, maxEvents: BOUNDS.factsEvents },
      activityMaxAgeMs: BOUNDS.activityAgeMs,
      warnBytes: { activity: BOUNDS.activityWarnBytes, journal: BOUNDS.journalWarnBytes },
      streamBounds: {},
      sampleEveryMs: 60_000,
    });
    const told = readSiteConfig({
      ...ENV,
      SIGNALBOX_ACTIVITY_WARN_BYTES: 'unlimited',
      SIGNALBOX_JOURNAL_WARN_BYTES: '1000',
      SIGNALBOX_INTAKE_MAX_BYTES: '2000',
      SIGNALBOX_DEAD_MAX_BYTES: '3000',
      SIGNALBOX_DEAD_MAX_AGE: '48h',
      SIGNALBOX_STORAGE_SAMPLE_EVERY: '5s',
    });
    expect(told).toMatchObject({
      warnBytes: { journal: 1000 },
      streamBounds: { intakeBytes: 2000, deadBytes: 3000, deadAgeMs: 48 * 3_600_000 },
      sampleEveryMs: 5000,
    });
    expect(told.warnBytes).not.toHaveProperty('activity');
  });

  it.each(['0', '-1', '1.5', 'many', 'unlimited'])('refuses %s bytes for a stream', (text) => {
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_DEAD_MAX_BYTES: text })).toThrow(
      `SIGNALBOX_DEAD_MAX_BYTES must be a number of bytes, not "${text}"`,
    );
  });

  it('reads where the daemons are that announce VIPs by BGP', () => {
    const env = {
      SIGNALBOX_BIRD_INCLUDE: '/etc/bird/vips/signalbox.conf',
      SIGNALBOX_BIRD_SOCKET: '/run/bird.ctl',
      SIGNALBOX_GOBGP_ADDRESS: 'unix:/run/gobgp.sock',
    };
    expect(readSiteConfig({ ...ENV, ...env }).lb).toMatchObject({
      bird: { include: '/etc/bird/vips/signalbox.conf', socket: '/run/bird.ctl' },
      gobgpAddress: 'unix:/run/gobgp.sock',
    });
    expect(readSiteConfig(ENV).lb).not.toHaveProperty('bird');
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_BIRD_SOCKET: 'bird.ctl' })).toThrow(
      'SIGNALBOX_BIRD_SOCKET must be an absolute path, not "bird.ctl"',
    );
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_GOBGP_ADDRESS: 'localhost' })).toThrow(
      'SIGNALBOX_GOBGP_ADDRESS must be host:port or unix:/path, not "localhost"',
    );
  });

  it('reads which load-balancing node this is, and where HAProxy of somebody else is', () => {
    expect(readSiteConfig(ENV).lb).toEqual({
      node: 'local',
      haproxy: {},
      nftables: { keepsSource: false },
    });
    const named = {
      SIGNALBOX_LB_NODE: 'edge/lb-1',
      SIGNALBOX_HAPROXY_CONFIG: '/etc/lb/haproxy.cfg',
      SIGNALBOX_HAPROXY_MASTER_SOCKET: '/run/lb/master.sock',
      SIGNALBOX_HAPROXY_STATS_SOCKET: '/run/lb/stats.sock',
      SIGNALBOX_HAPROXY_BIN: '/usr/sbin/haproxy',
    };
    expect(readSiteConfig({ ...ENV, ...named }).lb).toEqual({
      node: 'edge/lb-1',
      haproxy: {
        config: '/etc/lb/haproxy.cfg',
        masterSocket: '/run/lb/master.sock',
        statsSocket: '/run/lb/stats.sock',
        bin: '/usr/sbin/haproxy',
      },
      nftables: { keepsSource: false },
    });
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_LB_NODE: 'two words' })).toThrow(
      'SIGNALBOX_LB_NODE must be the name of a Node, without blanks, not "two words"',
    );
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_HAPROXY_BIN: 'haproxy' })).toThrow(
      'SIGNALBOX_HAPROXY_BIN must be an absolute path, not "haproxy"',
    );
    const { SIGNALBOX_HAPROXY_STATS_SOCKET: _stats, ...two } = named;
    expect(() => readSiteConfig({ ...ENV, ...two })).toThrow(
      'SIGNALBOX_HAPROXY_MASTER_SOCKET goes together with SIGNALBOX_HAPROXY_CONFIG and SIGNALBOX_HAPROXY_STATS_SOCKET',
    );
  });

  it('reads where VPP is', () => {
    const named = { SIGNALBOX_VPP_API_SOCKET: '/run/lb/api.sock', SIGNALBOX_VPP_API_DIR: '/opt/vpp/api' };
    expect(readSiteConfig({ ...ENV, ...named }).lb.vpp).toEqual({
      apiSocket: '/run/lb/api.sock',
      apiDir: '/opt/vpp/api',
    });
    expect(readSiteConfig(ENV).lb).not.toHaveProperty('vpp');
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_VPP_API_SOCKET: 'api.sock' })).toThrow(
      'SIGNALBOX_VPP_API_SOCKET must be an absolute path, not "api.sock"',
    );
  });

  it('reads where sinks write and whom they start, and names what is wrong', () => {
    expect(readSiteConfig({ ...ENV, SIGNALBOX_STATE_DIR: '/var/lib/site' }).sinks).toEqual({
      dirs: ['/var/lib/site/sinks'],
      commandDirs: ['/var/lib/site/sink-commands'],
    });
    const given = {
      SIGNALBOX_SINK_DIRS: '/etc/dnsmasq.d:/srv/edge',
      SIGNALBOX_SINK_COMMAND_DIRS: '/usr/sbin',
      SIGNALBOX_SINK_COMMAND_USER: '990:991',
    };
    expect(readSiteConfig({ ...ENV, ...given }).sinks).toEqual({
      dirs: ['/etc/dnsmasq.d', '/srv/edge'],
      commandDirs: ['/usr/sbin'],
      commandUser: '990:991',
    });
    for (const user of ['haproxy', '990'])
      expect(readSiteConfig({ ...ENV, SIGNALBOX_SINK_COMMAND_USER: user }).sinks.commandUser).toBe(user);
    const wrong = { SIGNALBOX_SINK_DIRS: 'here', SIGNALBOX_SINK_COMMAND_USER: 'haproxy:haproxy' };
    expect(() => readSiteConfig({ ...ENV, ...wrong })).toThrow(
      /SIGNALBOX_SINK_DIRS must be absolute paths .* "here" is none\n.*SIGNALBOX_SINK_COMMAND_USER must be a user name or uid:gid, not "haproxy:haproxy"/,
    );
  });

  it('reads where keepalived is', () => {
    const [variable, path] = ['SIGNALBOX_KEEPALIVED_BIN', '/opt/keepalived/sbin/keepalived'];
    expect(readSiteConfig({ ...ENV, [variable]: path }).lb.keepalived).toBe(path);
    expect(readSiteConfig(ENV).lb.keepalived).toBeUndefined();
    expect(() => readSiteConfig({ ...ENV, [variable]: 'keepalived' })).toThrow(
      'SIGNALBOX_KEEPALIVED_BIN must be an absolute path, not "keepalived"',
    );
  });

  it('reads by which programs neighbours are told', () => {
    const named = { SIGNALBOX_ARPING_BIN: '/opt/bin/arping', SIGNALBOX_NDPTOOL_BIN: '/opt/bin/ndptool' };
    expect(readSiteConfig({ ...ENV, ...named }).lb.neighbours).toEqual({
      arping: '/opt/bin/arping',
      ndptool: '/opt/bin/ndptool',
    });
    expect(readSiteConfig(ENV).lb.neighbours).toBeUndefined();
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_ARPING_BIN: 'arping' })).toThrow(
      'SIGNALBOX_ARPING_BIN must be an absolute path, not "arping"',
    );
  });

  it('reads how rules of nftables are made', () => {
    const named = {
      SIGNALBOX_NFTABLES_SOURCE: 'client',
      SIGNALBOX_NFT_BIN: '/usr/sbin/nft',
      SIGNALBOX_CONNTRACK_BIN: '/usr/sbin/conntrack',
      SIGNALBOX_IP_BIN: '/sbin/ip',
      SIGNALBOX_NFTABLES_DEVICES: 'eth0,br-lan',
    };
    expect(readSiteConfig({ ...ENV, ...named }).lb.nftables).toEqual({
      keepsSource: true,
      nft: '/usr/sbin/nft',
      conntrack: '/usr/sbin/conntrack',
      ip: '/sbin/ip',
      clientDevices: ['eth0', 'br-lan'],
    });
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_NFTABLES_DEVICES: 'eth0, eth1' })).toThrow(
      'SIGNALBOX_NFTABLES_DEVICES must be names of devices with commas between, and " eth1" is none',
    );
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_NFTABLES_SOURCE: 'both' })).toThrow(
      'SIGNALBOX_NFTABLES_SOURCE must be node or client, not "both"',
    );
    expect(() => readSiteConfig({ ...ENV, SIGNALBOX_NFT_BIN: 'nft' })).toThrow(
      'SIGNALBOX_NFT_BIN must be an absolute path, not "nft"',
    );
  });

  it('reads nothing of Postgres where no service of the process needs it', () => {
    const env = { NATS_URL: ENV.NATS_URL, DATABASE_PASSWORD_FILE: join(dir, 'missing') };
    expect(readSiteConfig(env, { withoutStore: true }).databaseUrl).toBe('');
    expect(() => readSiteConfig(env)).toThrow('DATABASE_URL must be');
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
        'NATS_URL must be nats://host:port or tls://host:port, several separated by commas (it is not)',
        `  NATS_SEED_FILE names ${join(dir, 'missing')}, which cannot be read (ENOENT)`,
        `  DATABASE_PASSWORD_FILE names ${join(dir, 'empty')}, which is empty`,
      ].join('\n'),
    );
  });

  const nats = (env: NodeJS.ProcessEnv): unknown => readSiteConfig({ ...ENV, ...env }).nats;
  const mistakes = (env: NodeJS.ProcessEnv): string[] => {
    try {
      readSiteConfig({ ...ENV, ...env });
      return [];
    } catch (error) {
      return (error as Error).message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    }
  };

  it.each([
    ['one server', 'nats://a:4222', { url: 'nats://a:4222' }],
    ['several', 'nats://a,nats://b:1, nats://[::1]:2', { url: 'nats://a,nats://b:1,nats://[::1]:2' }],
    ['TLS', 'tls://a,tls://b', { url: 'tls://a,tls://b', tls: {} }],
    [
      'user and password',
      'nats://alice:s3%40cret@a,nats://b',
      {
        url: 'nats://a,nats://b',
        login: { kind: 'user', user: 'alice', password: 's3@cret', from: 'NATS_URL' },
      },
    ],
    [
      'a token',
      'nats://s3cret@a',
      { url: 'nats://a', login: { kind: 'token', token: 's3cret', from: 'NATS_URL' } },
    ],
  ])('X22 NATS_URL with %s', (_what, url, access) => expect(nats({ NATS_URL: url })).toEqual(access));

  it('X22 takes every kind of login, and certificates, from files', () => {
    const from = (variable: string, content: string, more = {}): unknown =>
      (nats({ [variable]: file(variable, content), ...more }) as { login: unknown }).login;
    const creds = `-----BEGIN NATS USER JWT-----\na\n------END NATS USER JWT------\n-----BEGIN USER NKEY SEED-----\n${SEED}\n`;
    expect([
      from('NATS_PASSWORD_FILE', 's3cret\n', { NATS_USER: 'alice' }),
      from('NATS_TOKEN_FILE', 's3cret\n'),
      from('NATS_SEED_FILE', SEED),
      from('NATS_CREDS_FILE', creds),
    ]).toMatchObject([
      { kind: 'user', user: 'alice', password: 's3cret' },
      { kind: 'token', token: 's3cret' },
      { kind: 'nkey', seed: SEED },
      { kind: 'creds', file: join(dir, 'NATS_CREDS_FILE') },
    ]);
    expect(nats({ NATS_CA_FILE: file('ca', `${CERTIFICATES.ca}\n`) })).toEqual({
      url: ENV.NATS_URL,
      tls: { ca: CERTIFICATES.ca },
    });
  });

  it.each([
    [
      'http://a',
      'NATS_URL must be nats://host:port or tls://host:port, several separated by commas (it is not)',
    ],
    [
      'nats://a,b:1',
      'NATS_URL must be nats://host:port or tls://host:port, several separated by commas (its server 2 is not)',
    ],
    ['', 'NATS_URL must be nats://host:port or tls://host:port, several separated by commas (it is not set)'],
    ['nats://a,tls://b', 'NATS_URL mixes nats:// and tls://: all its servers are encrypted or none is'],
    [
      'nats://x:s3cret@a,nats://y:s3cret@b',
      'NATS_URL holds different logins: all its servers get the same one',
    ],
    ['nats://x:s3%zzcret@a', 'NATS_URL holds a login with a % that is no percent code: write % as %25'],
  ])('X22 NATS_URL=%s: %s', (url, mistake) => {
    expect(mistakes({ NATS_URL: url })).toEqual([mistake]);
    expect(mistake).not.toContain('s3');
  });

  it('X22 takes the domain of a JetStream behind a leaf node', () => {
    expect(nats({ NATS_JS_DOMAIN: 'hub' })).toEqual({ url: ENV.NATS_URL, jsDomain: 'hub' });
    expect(mistakes({ NATS_JS_DOMAIN: 'a.b' })).toEqual([
      'NATS_JS_DOMAIN must be the name of a JetStream domain (letters, digits, "_" and "-"), not "a.b"',
    ]);
  });

  it('X22 takes certificates for Postgres: by files, or with the authorities that are known', () => {
    const database = (env: Record<string, string>): unknown => {
      const { databaseUrl, databaseTls } = readSiteConfig({ ...ENV, ...env });
      return [databaseUrl, databaseTls];
    };
    const url = ENV.DATABASE_URL;
    const { ca, client, clientKey } = CERTIFICATES;
    expect(database({ DATABASE_URL: `${url}?sslmode=verify-full` })).toEqual([url, {}]);
    expect(database({ DATABASE_URL: `${url}?sslmode=disable` })).toEqual([url, undefined]);
    const files = {
      DATABASE_CA_FILE: file('db-ca', ca),
      DATABASE_CERT_FILE: file('db-cert', client),
      DATABASE_KEY_FILE: file('db-key', clientKey),
    };
    expect(database(files)).toEqual([url, { ca, cert: client, key: clientKey }]);
  });

  it('X22 says of certificates and modes what is wrong with them, with the variable', () => {
    const { client, clientKey, strangerKey, expired, expiredKey } = CERTIFICATES;
    const pair = (cert: string, key: string): Record<string, string> => ({
      NATS_CERT_FILE: file('pair-cert', cert),
      NATS_KEY_FILE: file('pair-key', key),
    });
    const url = ENV.DATABASE_URL;
    const told = [
      mistakes(pair(client, strangerKey)),
      mistakes(pair(expired, expiredKey)),
      mistakes(pair('s3cret', clientKey)),
      mistakes(pair(client, 's3cret')),
      mistakes({ DATABASE_CA_FILE: file('no-ca', 's3cret') }),
      mistakes({ DATABASE_URL: `${url}?sslmode=require` }),
      mistakes({ DATABASE_URL: `${url}?sslmode=verify-full&sslrootcert=/ca` }),
      mistakes({ DATABASE_URL: `${url}?sslmode=disable`, DATABASE_CA_FILE: file('a-ca', CERTIFICATES.ca) }),
    ];
    expect(told).toEqual([
      [
        expect.stringMatching(
          /^NATS_KEY_FILE names .*, which holds another key than that of .* NATS_CERT_FILE$/,
        ),
      ],
      [expect.stringMatching(/^NATS_CERT_FILE names .*, which holds a certificate that has expired \(Jan/)],
      [expect.stringMatching(/^NATS_CERT_FILE names .*, which holds no certificate in PEM$/)],
      [
        expect.stringMatching(
          /^NATS_KEY_FILE names .*, which holds no private key in PEM without a passphrase$/,
        ),
      ],
      [expect.stringMatching(/^DATABASE_CA_FILE names .*, which holds no certificate in PEM$/)],
      ['sslmode of DATABASE_URL must be verify-full or disable, not "require"'],
      ['sslrootcert of DATABASE_URL is not read: use DATABASE_CA_FILE'],
      [expect.stringMatching(/^sslmode=disable of DATABASE_URL and DATABASE_CA_FILE/)],
    ]);
    expect(JSON.stringify(told)).not.toContain('s3cret');
  });

  it('X22 names both of what contradicts each other, and never a secret', () => {
    const seedFile = file('seed', SEED);
    const secret = file('secret', 's3cret');
    const told = [
      mistakes({ NATS_URL: 'nats://alice:s3cret@a', NATS_SEED_FILE: seedFile }),
      mistakes({ NATS_TOKEN_FILE: secret, NATS_SEED_FILE: seedFile }),
      mistakes({ NATS_PASSWORD_FILE: secret }),
      mistakes({ NATS_CERT_FILE: secret }),
      mistakes({ NATS_SEED_FILE: secret }),
      mistakes({ NATS_CREDS_FILE: secret }),
      mistakes({ DATABASE_URL: 'postgres://u:s3cret@h/d', DATABASE_PASSWORD_FILE: secret }),
      mistakes({ DATABASE_URL: 'mysql://u:s3cret@h/d' }),
    ];
    expect(told.map((lines) => lines.join())).toEqual([
      'NATS_URL and NATS_SEED_FILE both hold a login: use one of them',
      'NATS_TOKEN_FILE and NATS_SEED_FILE both hold a login: use one of them',
      'NATS_USER and NATS_PASSWORD_FILE go together: NATS_USER is not set',
      'NATS_CERT_FILE and NATS_KEY_FILE go together: NATS_KEY_FILE is not set',
      `NATS_SEED_FILE names ${secret}, which holds no NKEY seed of a user (SU…)`,
      `NATS_CREDS_FILE names ${secret}, which is no credentials file (a user's JWT and its NKEY seed)`,
      'DATABASE_URL and DATABASE_PASSWORD_FILE both hold a password: use one of them',
      'DATABASE_URL must be postgres://user@host:port/database (it is not)',
    ]);
    expect(JSON.stringify(told)).not.toContain('s3cret');
  });
});
