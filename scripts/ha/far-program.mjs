// A Node program on another machine of the world, which is asked by lines of JSON and ends when its input does.
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../prepare.mjs';

/** After it a program that does not answer is given up. Milliseconds. */
const ANSWER_MS = 60_000;

export class FarProgram {
  #child;
  #waiting = [];
  #name;

  /** Starts `scripts/ha/<file>`. */
  constructor(namespaces, machine, file, ...args) {
    this.#name = `${file} on ${machine}`;
    const words = [process.execPath, join(ROOT, 'scripts', 'ha', file), ...args.map(String)];
    this.#child = namespaces.start(machine, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) =>
      this.#waiting.shift()?.(JSON.parse(line)),
    );
  }

  /** Asks, and gives the answer. */
  async do(what, ...args) {
    let timer;
    const answered = new Promise((resolve) => this.#waiting.push(resolve));
    const never = new Promise((_resolve, reject) => {
      const late = new Error(`${this.#name} does not answer ${what}`);
      timer = setTimeout(() => reject(late), ANSWER_MS);
    });
    this.#child.stdin.write(`${JSON.stringify([what, ...args])}\n`);
    try {
      return await Promise.race([answered, never]);
    } finally {
      clearTimeout(timer);
    }
  }

  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
