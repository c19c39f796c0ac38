import { connect } from 'node:net';

const ANSWER_MS = 1_000;

/**
 * The name that the NATS server on this port of 127.0.0.1 gives in its INFO line.
 *
 * @throws Error when nothing there says INFO within a second
 */
export async function natsServerName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: ANSWER_MS });
    let heard = '';
    const fail = (why: Error): void => {
      socket.destroy();
      reject(why);
    };
    socket.setEncoding('utf8');
    socket.on('error', fail);
    socket.on('timeout', () => fail(new Error(`no INFO from port ${port}`)));
    socket.on('close', () => fail(new Error(`port ${port} closed the connection`)));
    socket.on('data', (chunk: string) => {
      heard += chunk;
      if (!heard.includes('\r\n')) return;
      const name = /^INFO .*"server_name":"([^"]*)"/.exec(heard)?.[1];
      if (name === undefined) return fail(new Error(`port ${port} is not NATS`));
      resolve(name);
      socket.destroy();
    });
  });
}
