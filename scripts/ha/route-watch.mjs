// Every change of the ways to the VIP that the kernel of the router makes, with when it was heard of.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { programFile } from './programs.mjs';
import { VIP } from './plan.mjs';

/** Ways to these are no way of anybody: they mark a place in what is heard. */
const MARK = '203.0.113';

export class RouteWatch {
  #lines = [];
  #marks = 0;
  #heard = new Map();

  /** Resolves when it hears. */
  static async start(namespaces) {
    const watch = new RouteWatch();
    watch.namespaces = namespaces;
    watch.child = namespaces.start('router', [programFile('ip'), '-o', 'monitor', 'route'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: watch.child.stdout }).on('line', (line) => watch.#hear(line));
    // what it does not hear of was changed before it listened
    while (!(await watch.#isHeard(50)));
    return watch;
  }

  /** Changes so far: text, and milliseconds of `performance.now()`. */
  async changes() {
    if (!(await this.#isHeard(10_000))) throw new Error('ip monitor does not hear any more');
    return [...this.#lines];
  }

  /** Ends it; gives the changes. */
  async end() {
    const changes = await this.changes();
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
    return changes;
  }

  /** Whether a mark that is made now is heard in this time. */
  async #isHeard(withinMs) {
    const mark = `${MARK}.${(this.#marks += 1) % 250}`;
    const heard = new Promise((resolve) => this.#heard.set(mark, () => resolve(true)));
    this.namespaces.ip('router', `route add ${mark}/32 dev lo`);
    this.namespaces.ip('router', `route del ${mark}/32 dev lo`);
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(() => resolve(false), withinMs)));
    const isHeard = await Promise.race([heard, late]);
    clearTimeout(timer);
    this.#heard.delete(mark);
    return isHeard;
  }

  #hear(line) {
    const mark = new RegExp(`\\b${MARK.replaceAll('.', '\\.')}\\.\\d+`).exec(line)?.[0];
    if (mark !== undefined) this.#heard.get(mark)?.();
    else if (line.includes(VIP)) this.#lines.push({ at: performance.now(), text: line.trim() });
  }
}
