import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BackendCommandRequest, CodedError, SUBJECTS } from '@signalbox/contracts';
import { backendsProjection, frontendsProjection } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';
import { BalanceCast, configured, target } from '../testing/balance.fixture.js';
import type { BackendDto } from './backends.dto.js';
import type { FrontendDto } from './frontends.dto.js';

const START_MS = 300_000;
const COMMANDS = SUBJECTS.command('health', 'backend');
const HEARTBEATS = SUBJECTS.command('health', 'heartbeat');
let site: ApiSite;
let cast: BalanceCast;

const post = <T = BackendDto>(path: string, body?: unknown): Promise<Answer<T>> =>
  site.call<T>(`/v1/backends/${path}`, {
    method: 'POST',
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  cast = await BalanceCast.start(site);
  await cast.configure(configured('Frontend', 'web', { address: '192.0.2.1', pools: [{ name: 'primary' }] }));
  await cast.readable(backendsProjection, await cast.backend('b1', 'up'));
  await cast.readable(
    frontendsProjection,
    await cast.frontend('web', { targets: [target('primary', 'b1')] }),
  );
}, START_MS);
afterAll(async () => {
  await cast.stop();
  await site.destroy();
}, START_MS);

it('answers 503 when nobody decides', async () => {
  const notReady = { status: 503, body: { code: 'not-ready', retryable: true } };
  expect(await post('b1/disable')).toMatchObject(notReady);
  expect(await post('b1/heartbeat')).toMatchObject(notReady);
});

describe('a command', () => {
  let seen: BackendCommandRequest[];
  beforeAll(() => {
    seen = cast.playHealth();
  });

  it('is answered 202 with what is readable while balancer has not followed', async () => {
    const { status, body } = await post('b1/pause');
    expect(status).toBe(202);
    expect(body).toMatchObject({ name: 'b1', state: 'paused', version: 2 });
  });

  it('is answered at once when it changes nothing', async () => {
    expect(await post('b1/pause')).toMatchObject({ status: 200, body: { state: 'paused', version: 2 } });
  });

  it('is readable everywhere when it is answered, from the backend to the weight in the frontend', async () => {
    cast.playBalancer('web');
    for (let round = 0; round < 10; round += 1) {
      for (const [command, state, effective] of [
        ['disable', 'disabled', 0],
        ['enable', 'unknown', 0],
      ] as const) {
        const answer = await post(`b1/${command}`);
        expect(answer).toMatchObject({ status: 200, body: { state, enabled: state !== 'disabled' } });
        const { body } = await site.call<FrontendDto>('/v1/frontends/web');
        expect(body.pools[0]?.backends).toMatchObject([{ name: 'b1', state, effective }]);
      }
      const seq = await cast.backend('b1', 'up');
      await cast.readable(backendsProjection, seq);
    }
  });

  it('goes to health with the name of the token and the reason', async () => {
    expect(await post('b1/disable', { reason: 'kernel' })).toMatchObject({
      status: 200,
      body: { by: { author: 'first-start', reason: 'kernel' }, result: { code: 'disabled' } },
    });
    expect(seen.at(-1)).toEqual({
      backend: 'b1',
      command: 'disable',
      author: 'first-start',
      reason: 'kernel',
      from: { subject: expect.stringMatching(/^token:tok-/), address: '127.0.0.1', agent: 'node' },
    });
  });

  it.each(['pause', 'resume'])('R1: %s of a disabled backend is refused by its state', async (command) => {
    const { status, headers, body } = await post<Record<string, unknown>>(`b1/${command}`);
    expect(status).toBe(409);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'wrong-state', detail: 'backend b1 is disabled: enable it first' });
  });

  it('is refused for a backend that is not there', async () => {
    expect(await post('none/disable')).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await post('b1/restart')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('takes an empty body of any type', async () => {
    for (const type of ['application/json', 'text/plain']) {
      const headers = { 'content-type': type };
      const answer = await site.call('/v1/backends/b1/disable', { method: 'POST', headers, body: '' });
      expect({ type, status: answer.status }).toEqual({ type, status: 200 });
    }
    expect(await post('b1/disable', {})).toMatchObject({ status: 200 });
  });

  it.each([
    [{ reason: 'x'.repeat(1001) }, '/reason'],
    [{ reason: 'a\0b' }, '/reason'],
    [{ reason: null }, '/reason'],
    [{ colour: 'red' }, '/colour'],
    [['reason'], ''],
    [null, ''],
  ])('refuses the body %j', async (body, pointer) => {
    const before = seen.length;
    expect(await post('b1/enable', body)).toMatchObject({
      status: 422,
      body: { code: 'validation-failed', errors: [{ pointer }] },
    });
    expect(seen).toHaveLength(before);
  });

  it.each(['__proto__', 'constructor'])('X7 refuses the unknown member %s like any other', async (name) => {
    const before = seen.length;
    const headers = { 'content-type': 'application/json' };
    const body = `{"${name}":{"reason":"x"}}`;
    expect(await site.call('/v1/backends/b1/enable', { method: 'POST', headers, body })).toMatchObject({
      status: 422,
      body: { code: 'validation-failed', errors: [{ pointer: `/${name}` }] },
    });
    expect(seen).toHaveLength(before);
  });

  it('X25 takes JSON only', async () => {
    const headers = { 'content-type': 'application/yaml' };
    const answer = await site.call('/v1/backends/b1/enable', { method: 'POST', headers, body: 'reason: x' });
    expect(answer).toMatchObject({
      status: 415,
      body: {
        code: 'unsupported-media-type',
        detail: 'a body of Content-Type application/yaml is not accepted here: send application/json',
      },
    });
  });

  it('is refused as broken JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await site.call('/v1/backends/b1/enable', { method: 'POST', headers, body: '{' })).toMatchObject({
      status: 400,
      body: { code: 'bad-json' },
    });
  });

  it('answers 503 again when health is gone', async () => {
    cast.leave(COMMANDS);
    expect(await post('b1/enable')).toMatchObject({ status: 503, body: { code: 'not-ready' } });
  });
});

describe('a heartbeat', () => {
  const beats: unknown[] = [];
  beforeAll(() => {
    cast.answer<{ backend: string }>(HEARTBEATS, (beat) => {
      if (beat.backend === 'none') throw new CodedError('not-found', 'there is no backend "none"');
      if (beat.backend === 'b2') throw new CodedError('wrong-state', 'its check is not push');
      beats.push(beat);
      return {};
    });
  });

  it('is handed to health', async () => {
    expect(await post('b1/heartbeat')).toMatchObject({ status: 202, body: { accepted: true } });
    expect((await post('b1/heartbeat', { ok: false, detail: 'disk full' })).status).toBe(202);
    expect(beats).toEqual([{ backend: 'b1' }, { backend: 'b1', ok: false, detail: 'disk full' }]);
  });

  it('is refused by health', async () => {
    expect(await post('b2/heartbeat')).toMatchObject({ status: 409, body: { code: 'wrong-state' } });
    expect(await post('none/heartbeat')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it.each([
    [{ ok: 'yes' }, '/ok'],
    [{ detail: 'x'.repeat(201) }, '/detail'],
  ])('is refused with the body %j', async (body, pointer) => {
    expect(await post('b1/heartbeat', body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });
});
