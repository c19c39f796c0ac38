// The agent of a node, as a process on its machine.
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { DEVICES } from './plan.mjs';

/** Of what it prints the last is kept. Characters. */
const MOST_OUTPUT = 200_000;
const HTTP_PORT = 8080;

export class Agent {
  #child;
  output = '';
  /** How many characters it has printed. */
  said = 0;

  /**
   * @param {{ namespaces: object, machine: string, directory: string, natsUrl: string, bird: object, include: string }} place
   *   include: the file of BIRD that is the agent's
   */
  constructor(place) {
    Object.assign(this, place);
  }

  start() {
    const { machine, namespaces, directory, natsUrl, bird, include } = this;
    const state = join(directory, `${machine}-state`);
    mkdirSync(state, { recursive: true });
    const env = {
      ...process.env,
      NATS_URL: natsUrl,
      HTTP_PORT: String(HTTP_PORT),
      SIGNALBOX_NODE: machine,
      SIGNALBOX_LB_NODE: machine,
      SIGNALBOX_STATE_DIR: state,
      SIGNALBOX_NFTABLES_DEVICES: DEVICES.segment,
      SIGNALBOX_BIRD_INCLUDE: include,
      SIGNALBOX_BIRD_SOCKET: bird.socket,
    };
    delete env.DATABASE_URL;
    const words = [process.execPath, join(ROOT, 'dist', 'bundle', 'dataplane-agent.js')];
    this.#child = namespaces.start(machine, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        this.said += text.length;
        this.output = (this.output + text).slice(-MOST_OUTPUT);
      });
  }

  /** What it printed since it had printed so much. */
  saidSince(said) {
    return this.output.slice(Math.max(0, this.output.length - (this.said - said)));
  }

  get isRunning() {
    const { exitCode, signalCode } = this.#child ?? { exitCode: 0 };
    return exitCode === null && signalCode === null;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Resolves when it is gone. */
  async end(signal) {
    if (!this.isRunning) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    await gone;
  }
}
