import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { EventConnection } from './event-connection.js';
import { STREAM_LIMITS } from './stream-limits.js';

/** More than the buffers of a kernel take. */
const MUCH = `data: ${'x'.repeat(1024 * 1024)}\n\n`;
const MOST_EVENTS = 64;

let server: Server;
let client: Socket;
let connection: EventConnection;

/** A client that reads nothing until it is told to. */
beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [
    unknown,
    ConstructorParameters<typeof EventConnection>[0],
  ];
  connection = new EventConnection(response);
  await connection.open();
});
afterEach(() => {
  jest.restoreAllMocks();
  client.destroy();
  server.close();
  server.closeAllConnections();
});

it('gives up a client that does not read', async () => {
  jest.replaceProperty(STREAM_LIMITS, 'slowMs', 50);
  for (let i = 0; connection.isOpen && i < MOST_EVENTS; i += 1) await connection.send(MUCH);
  expect(connection.isOpen).toBe(false);
  await connection.closed;
});

it('waits for a client that reads slowly, so that memory stays bounded', async () => {
  let received = 0;
  const sent = (async () => {
    for (let i = 0; i < MOST_EVENTS; i += 1) await connection.send(MUCH);
  })();
  client.on('data', (chunk: Buffer) => (received += chunk.byteLength));
  await sent;
  expect(connection.isOpen).toBe(true);
  await connection.close();
  await once(client, 'close');
  expect(received).toBeGreaterThan(MOST_EVENTS * MUCH.length);
});

it('ends the connection of a client that does not read its end', async () => {
  jest.replaceProperty(STREAM_LIMITS, 'closeMs', 50);
  void connection.send(MUCH.repeat(MOST_EVENTS));
  await connection.close();
  expect(connection.isOpen).toBe(false);
});

it('notices that the client left, and sends nothing more', async () => {
  client.destroy();
  await connection.closed;
  await connection.send('data: {}\n\n');
  expect(connection.isOpen).toBe(false);
});
