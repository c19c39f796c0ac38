import { afterEach, describe, expect, it } from '@jest/globals';
import { LocalProber } from './local-prober.js';
import type { ProbeTarget } from './probe.js';
import { HASTY_MS, NEVER, result, Servers, target } from './servers.fixture.js';

const servers = new Servers();
const prober = new LocalProber();
afterEach(() => servers.close());

const probe = (port: number, params: ProbeTarget['params'], more: Partial<ProbeTarget> = {}) =>
  prober.probe(target('udp', port, params, more), NEVER);

describe('a udp probe', () => {
  const echo = () => servers.udp((message, from, socket) => socket.send(`got ${message}`, from.port));

  it('passes with any answer', async () => {
    expect(await probe(await echo(), { send: 'ping' })).toEqual(result('L7OK', '8 bytes answered'));
  });

  it('passes with an answer that contains what is expected', async () => {
    expect(await probe(await echo(), { send: 'ping', expect: 't pin' })).toEqual(result('L7OK'));
  });

  it('X34 sends and expects bytes above 0x7f', async () => {
    const got: Buffer[] = [];
    const port = await servers.udp((message, from, socket) => {
      got.push(message);
      socket.send(Buffer.from([0x00, 0xff, 0xc3, 0x28]), from.port);
    });
    const sendHex = 'ff FF 00 80';
    expect(await probe(port, { sendHex, expectHex: 'ffc3' })).toEqual(result('L7OK', '4 bytes answered'));
    expect(got).toEqual([Buffer.from([0xff, 0xff, 0x00, 0x80])]);
    expect(await probe(port, { sendHex, expectHex: 'ef bf bd' })).toEqual(
      result('L7RSP', 'the answer does not contain the bytes efbfbd'),
    );
  });

  it('L7RSP: another answer', async () => {
    const probed = await probe(await echo(), { send: 'ping', expect: 'pong' });
    expect(probed).toEqual(result('L7RSP', 'the answer does not contain pong'));
  });

  it('L7TOUT: none', async () => {
    const port = await servers.udp(() => undefined);
    const probed = await probe(port, { send: 'ping' }, { timeoutMs: HASTY_MS });
    expect(probed).toEqual(result('L7TOUT', 'no response within 150 ms'));
  });

  it('L7TOUT: an answer from elsewhere is none', async () => {
    const port = await servers.udp((_, { port: back }) => {
      void servers.udp(
        () => undefined,
        (socket) => socket.send('pong', back, '127.0.0.1'),
      );
    });
    const probed = await probe(port, { send: 'ping' }, { timeoutMs: HASTY_MS });
    expect(probed).toEqual(result('L7TOUT'));
  });

  it('L4CON: a closed port', async () => {
    const probed = await probe(await servers.closedPort('udp'), { send: 'ping' });
    expect(probed).toEqual(result('L4CON', 'connection refused'));
  });

  it('L4CON: nowhere to send to', async () => {
    const broken = await probe(9, { send: 'ping' }, { address: '255.255.255.255' });
    expect(broken).toEqual(result('L4CON', 'not permitted'));
  });

  it('is sent from the source', async () => {
    let from: string | undefined;
    const port = await servers.udp((_, sender, socket) => {
      from = sender.address;
      socket.send('ok', sender.port, sender.address);
    });
    expect(await probe(port, { send: 'x' }, { source: '127.0.0.7' })).toEqual(result('L7OK'));
    expect(from).toBe('127.0.0.7');
    expect(await probe(port, { send: 'x' }, { source: '203.0.113.9' })).toEqual(
      result('L4CON', 'cannot send from 203.0.113.9: address not available'),
    );
  });
});
