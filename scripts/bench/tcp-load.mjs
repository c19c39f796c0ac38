// Traffic through a forwarder of TCP on loopback, with as little work of its own as can be.
import { connect } from 'node:net';
import { throughput } from './load.mjs';

const STREAMS = 4;
const CLIENTS = 16;
const REQUEST = Buffer.alloc(128, 'q');
const MB = 1e6;

/** MB per second of streams that take what the server sends. */
export async function bulkRate(port, seconds) {
  let bytes = 0;
  const began = performance.now();
  const sockets = Array.from({ length: STREAMS }, () =>
    open(port).on('data', ({ length }) => (bytes += length)),
  );
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const rate = (bytes / MB) * (1000 / (performance.now() - began));
  await Promise.all(sockets.map(close));
  return rate;
}

/** Requests per second over kept connections, one in flight on each. */
export async function requestRate(port, seconds) {
  const sockets = Array.from({ length: CLIENTS }, () => open(port));
  const rate = await throughput(CLIENTS, seconds, (lane) => exchange(sockets[lane]));
  await Promise.all(sockets.map(close));
  return rate;
}

/** Requests per second, each with a connection of its own that both sides end in order. */
export function connectionRate(port, seconds) {
  return throughput(CLIENTS, seconds, async () => {
    const socket = open(port);
    await exchange(socket);
    await new Promise((resolve) => socket.once('close', resolve).end());
  });
}

function open(port) {
  return connect({ host: '127.0.0.1', port, noDelay: true });
}

function close(socket) {
  return new Promise((resolve) => socket.removeAllListeners('close').once('close', resolve).destroy());
}

/** Sends a request and waits until as many bytes came back; rejects when the connection ends before. */
function exchange(socket) {
  return new Promise((resolve, reject) => {
    let missing = REQUEST.length;
    const broken = (error) => done(() => reject(error instanceof Error ? error : new Error('it was closed')));
    const take = ({ length }) => {
      missing -= length;
      if (missing === 0) done(resolve);
    };
    const done = (settle) => {
      socket.off('data', take).off('error', broken).off('close', broken);
      settle();
    };
    socket.on('data', take).on('error', broken).on('close', broken);
    socket.write(REQUEST);
  });
}
