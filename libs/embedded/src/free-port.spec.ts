import { spawnSync } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort, isPortFree } from './free-port.js';

describe('freePort', () => {
  const held: Server[] = [];
  const hold = async (port: number): Promise<number> => {
    const server = createServer();
    held.push(server);
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  };
  afterEach(() => held.splice(0).forEach((server) => server.close()));

  it('gives the preferred port when it is free', async () => {
    const port = await freePort();
    expect(await freePort(port)).toBe(port);
  });

  it('gives a later one when it is busy', async () => {
    const busy = await hold(await freePort());
    expect(await isPortFree(busy)).toBe(false);
    expect(await freePort(busy)).toBeGreaterThan(busy);
  });

  it('picks in 20000-29999 without a preference', async () => {
    const port = await freePort();
    expect(port).toBeGreaterThanOrEqual(20000);
    expect(port).toBeLessThan(30000);
  });

  it('never goes into the ephemeral range', async () => {
    await expect(freePort(32768)).rejects.toThrow('no free port');
  });

  (process.platform === 'linux' ? it : it.skip)(
    'holds it against other processes that pick one',
    async () => {
      const own = new Set(await Promise.all(Array.from({ length: 20 }, () => freePort())));
      expect(own.size).toBe(20);
      const pick = `import { createServer } from 'node:net';
      const holder = createServer().once('error', ({ code }) => console.log(code));
      holder.listen('\\0signalbox-port-${[...own][0]}', () => holder.close());`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', pick], {
        encoding: 'utf8',
      });
      expect(stdout).toBe('EADDRINUSE\n');
    },
  );
});
