// A BIRD on a machine of the world.
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programFile } from './programs.mjs';

const START_MS = 10_000;

export class Bird {
  #child;
  #config;
  output = '';

  /** @param {{ namespaces: object, machine: string, directory: string }} place directory: of its file and its socket */
  constructor({ namespaces, machine, directory }) {
    Object.assign(this, { namespaces, machine });
    this.#config = join(directory, `${machine}.bird.conf`);
    this.socket = join(directory, `${machine}.bird.ctl`);
  }

  /** Starts it with this configuration. Resolves when it answers. */
  async start(text) {
    writeFileSync(this.#config, text);
    rmSync(this.socket, { force: true });
    const words = [programFile('bird'), '-f', '-c', this.#config, '-s', this.socket];
    this.#child = this.namespaces.start(this.machine, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.output += text));
    for (const deadline = Date.now() + START_MS; !this.#answers();) {
      if (!this.isRunning || Date.now() > deadline)
        throw new Error(`bird on ${this.machine} did not start: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Its socket is there before it has read its file. */
  #answers() {
    try {
      return existsSync(this.socket) && this.ask('show status').includes('Daemon is up');
    } catch {
      return false;
    }
  }

  get isRunning() {
    const { exitCode, signalCode } = this.#child ?? { exitCode: 0 };
    return exitCode === null && signalCode === null;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** What `birdc` prints. */
  ask(command) {
    const words = [programFile('birdc'), '-s', this.socket, '-r', ...command.split(' ')];
    return this.namespaces.run(this.machine, words);
  }

  /** The same for commands that change something. */
  tell(command) {
    return this.namespaces.run(this.machine, [
      programFile('birdc'),
      '-s',
      this.socket,
      ...command.split(' '),
    ]);
  }

  /** kill -9; resolves when it is gone. */
  async kill() {
    if (!this.isRunning) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
