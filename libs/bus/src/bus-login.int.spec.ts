import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedServer, ensureSiteKeys, startNats } from '@signalbox/embedded';
import { until } from '@signalbox/testing';
import { nkeys } from 'nats';
import { Bus } from './bus.js';
import type { NatsLogin } from './nats-access.js';

const USERS = `authorization {
  users = [
    { nkey: $SCRIBE_KEY, permissions { publish = ["$JS.API.INFO", "allowed"], subscribe = ["_INBOX_scribe.>"] } }
  ]
}
`;
const NOBODY = 'authorization { users = [ { user: nobody, password: "x" } ] }\n';

describe('a bus with a key', () => {
  let dir: string;
  let nats: EmbeddedServer;
  let seed: string;
  const lines: string[] = [];
  const say =
    (level: string) =>
    (_fields: object, message: string): void =>
      void lines.push(`${level}: ${message}`);
  const log = { info: say('info'), warn: say('warn'), error: say('error') };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-login-'));
    const usersFile = join(dir, 'users.conf');
    writeFileSync(usersFile, USERS);
    ensureSiteKeys({ dir, usersFile });
    seed = readFileSync(join(dir, 'scribe', 'nats.seed'), 'utf8').trim();
    nats = await startNats({
      env: process.env,
      stateDir: dir,
      usersFile: join(dir, 'nats', 'users.conf'),
      log: () => undefined,
    });
  });

  afterAll(async () => {
    await nats.stop();
    await rm(dir, { recursive: true });
  });

  /** Rewrites the users of the server and has it read them. */
  function letIn(users: string): void {
    const file = join(dir, 'nats', 'users.conf');
    chmodSync(file, 0o600);
    writeFileSync(file, users);
    process.kill(nats.pid()!, 'SIGHUP');
  }

  const key = (): NatsLogin => ({ kind: 'nkey', seed, from: 'NATS_SEED_FILE' });
  const login = (): Promise<Bus> => Bus.connect({ url: nats.url, name: 'scribe', login: key(), log });

  it('waits while its key is refused, and is let in when the server knows it', async () => {
    const publicKey = nkeys.fromSeed(Buffer.from(seed)).getPublicKey();
    const known = readFileSync(join(dir, 'nats', 'users.conf'), 'utf8');
    letIn(NOBODY);
    const waiting = login();
    await until('the refusal to be told', () => lines.length > 0);
    letIn(known);
    await (await waiting).close();
    expect(lines.splice(0)).toEqual([
      `warn: NATS refuses the login of this process (nkey ${publicKey} of NATS_SEED_FILE): is it one that the server knows? Trying again`,
      'info: NATS is there',
    ]);
  });

  it('says so when its key is that of another service', async () => {
    const stop = new AbortController();
    const reasons: unknown[] = [];
    const told = {
      ...log,
      warn: (fields: object) => void reasons.push((fields as { reason: unknown }).reason),
    };
    const waiting = Bus.connect({
      url: nats.url,
      name: 'other',
      login: key(),
      log: told,
      signal: stop.signal,
    });
    // on a busy machine a login may time out first, which is told as well
    await until('the reason', () =>
      reasons.some((reason) => String(reason).includes('is it the login of another service?')),
    );
    stop.abort();
    await expect(waiting).rejects.toThrow('gave up waiting for NATS');
    expect(new Set(reasons).size).toBe(reasons.length);
  });

  it('hears at once of a subject that it has no right to, and says so once', async () => {
    const bus = await login();
    for (const _twice of [1, 2])
      await expect(bus.publisher.publishJson('forbidden', {})).rejects.toThrow(
        'no ack for forbidden: the NATS user has no right to publish there',
      );
    await bus.close();
    expect(lines.splice(0)).toEqual(['error: the NATS user of this process has no right to do this']);
  });

  it('tells an outage once and its end once, and explains what fails meanwhile', async () => {
    const bus = await login();
    process.kill(nats.pid()!, 'SIGKILL');
    await until('the loss', () => !bus.isUp);
    const failure: unknown = await bus.publisher.publishJson('allowed', {}).catch((error: unknown) => error);
    expect(bus.outages.explain(failure)).toBe('nats-unavailable');
    await until('the return', () => bus.isUp);
    await bus.close();
    expect(lines.splice(0)).toEqual([
      'warn: lost the connection to NATS, reconnecting',
      'info: connected to NATS again',
    ]);
  });

  it('closes while NATS hangs, and does not come back', async () => {
    const bus = await login();
    process.kill(nats.pid()!, 'SIGSTOP');
    await bus.close();
    process.kill(nats.pid()!, 'SIGCONT');
    expect(bus.connection.isClosed()).toBe(true);
    expect(lines).toEqual([]);
  });
});
