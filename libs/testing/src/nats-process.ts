import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findNatsBinary, freePort } from '@signalbox/embedded';
import { until } from './until.js';

/**
 * A nats-server with a configuration of the test's own, which is killed and started again when the test says so: nobody
 * restarts it. Data and port stay.
 */
export class NatsProcess {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly binary: string,
    private readonly dir: string,
    readonly port: number,
    /** Lines of its configuration. */
    private readonly config: readonly string[],
  ) {}

  /** Configured, not started yet. */
  static async prepare(dir: string, config: readonly string[] = [], port?: number): Promise<NatsProcess> {
    mkdirSync(dir, { recursive: true });
    return new NatsProcess(
      await findNatsBinary({
        env: process.env,
        cacheDir: process.env['SIGNALBOX_CACHE_DIR'] ?? '.signalbox/cache',
      }),
      dir,
      port ?? (await freePort()),
      config,
    );
  }

  static async start(dir: string, config: readonly string[] = []): Promise<NatsProcess> {
    const server = await NatsProcess.prepare(dir, config);
    await server.start();
    return server;
  }

  /** Host and port. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `nats://${this.host}`;
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    this.spawn();
    await until('nats-server to listen', () => this.listens());
  }

  /** Starts it and does not wait. */
  spawn(): void {
    const file = join(this.dir, 'nats.conf');
    const jetstream = `jetstream { store_dir: ${JSON.stringify(join(this.dir, 'store'))} }`;
    writeFileSync(file, [`listen: "${this.host}"`, jetstream, ...this.config, ''].join('\n'));
    const log = join(this.dir, 'nats.log');
    this.child = spawn(this.binary, ['-c', file, '-l', log], { stdio: 'ignore' });
  }

  /** It takes bytes and answers nothing, until {@link goOn}. */
  hang(): void {
    this.child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.child?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  private listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('data', () => resolve(true)).once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      socket.once('data', () => socket.destroy());
    });
  }
}
