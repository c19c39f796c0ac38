// Drives a chain, ours or the bare one, and looks at what comes out: the same for both.
import { isSteady } from './backlog.mjs';
import { offerSteadily, saturate } from './load.mjs';
import { pause, until } from './pause.mjs';
import { perUnit, processorTime } from './processor-time.mjs';
import { percentile } from './statistics.mjs';

/** Facts on the way when a chain is saturated. */
const BACKLOG = { full: 2000, quick: 500 };
/** Shares of the saturated rate that are tried as the sustained one. */
const SHARES = [0.9, 0.8, 0.7, 0.6, 0.45];
/** So many facts of a second are followed one by one, at most. */
const MOST_FOLLOWED = 100;
const FIRST_FACT_MS = 60_000;
const FIRST_EVERY_MS = 250;

/** A chain: facts in, configuration out. */
export class ChainUnderLoad {
  sent = 0;
  base = 0;
  refusal = undefined;

  /**
   * @param {{ frame: object, name: string, source: object, world: object, readable: object,
   *   offer: (text: string) => Promise<unknown>, roots: () => object[] }} parts offer: resolves when it is accepted
   */
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Sends the next fact; returns the name of the resource that follows. */
  send() {
    const { address, text } = this.source.next();
    this.sent += 1;
    this.offer(text).catch((error) => (this.refusal ??= error));
    return this.world.nameOf(address);
  }

  /** How many of what was sent can be read as configuration. Throws when something was refused. */
  async done() {
    if (this.refusal) throw this.refusal;
    return (await this.readable.count()) - this.base;
  }

  /** Waits for the first configuration, and runs the chain until its code is warm. */
  async warmUp() {
    const before = await this.done();
    const end = performance.now() + FIRST_FACT_MS;
    while ((await this.done()) === before) {
      if (performance.now() > end) throw new Error(`${this.name}: no configuration came of any fact`);
      this.send();
      await pause(FIRST_EVERY_MS);
    }
    await this.settled();
    // what was sent before the subscription was there makes nothing
    this.sent = 0;
    this.base += await this.done();
    const { frame } = this;
    await this.saturated({ settle: 0, seconds: frame.scaled(3, 1) });
    await this.drained(FIRST_FACT_MS);
  }

  /** The highest rate that comes out, with what it costs. */
  async saturated({ settle, seconds }) {
    let before;
    const { rate, counted } = await saturate({
      backlog: this.frame.scaled(BACKLOG.full, BACKLOG.quick),
      settle,
      seconds,
      send: () => this.send(),
      done: await this.doneFrom(),
      onSettled: () => (before = processorTime(this.roots())),
    });
    return { rate, cpu: perUnit(before, processorTime(this.roots()), counted) };
  }

  /**
   * A steady rate: first what it costs, undisturbed by readers, then how long facts take until a reader has them.
   * `late`: how many of those that were followed had not come when the wait was over; they count with the time waited.
   */
  async steady(rate, seconds, patienceMs) {
    const [quiet, followed] = [seconds * 0.4, seconds * 0.6];
    const every = Math.max(1, Math.ceil(rate / MOST_FOLLOWED));
    const [before, start] = [processorTime(this.roots()), await this.done()];
    await offerSteadily(rate, quiet, () => this.send());
    const [after, units] = [processorTime(this.roots()), (await this.done()) - start];
    await offerSteadily(rate, followed, (n) => {
      const name = this.send();
      if (n % every === 0) this.readable.await(name);
    });
    const end = performance.now() + patienceMs;
    while (this.readable.waiting.size > 0 && performance.now() < end) await pause(10);
    const { latencies, late } = this.readable.take();
    return {
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      late,
      followed: latencies.length,
      cpu: perUnit(before, after, units),
    };
  }

  /**
   * The highest of a few shares of the saturated rate whose backlog does not grow for so many seconds.
   *
   * @returns {Promise<{ rate: number, offered: number, share: number, backlog: number, isSustained: boolean, cpu: object }>}
   */
  async sustained(saturatedRate, seconds, firstShare = SHARES[0]) {
    let last;
    for (const share of SHARES.filter((one) => one <= firstShare)) {
      last = { share, ...(await this.hold(saturatedRate * share, seconds)) };
      await this.drained(60_000);
      if (last.isSustained) break;
      this.frame.progress(`${this.name}: ${Math.round(last.offered)}/s is not sustained`);
    }
    return last;
  }

  /** Offers a rate for so many seconds, or until the backlog says that it is too much. */
  async hold(rate, seconds) {
    const looks = [];
    const done = await this.doneFrom();
    const before = processorTime(this.roots());
    const began = performance.now();
    let isOver = false;
    const look = async () => {
      const out = await done();
      looks.push({ at: (performance.now() - began) / 1000, out, backlog: this.sent - this.sentBefore - out });
    };
    const watching = (async () => {
      for (; !isOver; await pause(500)) await look();
    })();
    const tooMuch = 3 * rate + 200;
    await offerSteadily(
      rate,
      seconds,
      () => this.send(),
      () => !(looks.at(-1)?.backlog > tooMuch),
    );
    isOver = true;
    await watching;
    await look();
    const after = processorTime(this.roots());
    const last = looks.at(-1);
    const first = looks.find(({ at }) => at >= seconds * 0.1) ?? looks[0];
    return {
      offered: rate,
      rate: (last.out - first.out) / (last.at - first.at),
      backlog: last.backlog,
      isSustained: isSteady(looks, seconds, rate),
      cpu: perUnit(before, after, last.out),
    };
  }

  /** A count of what comes out from now on; also notes what has been sent so far. */
  async doneFrom() {
    const start = await this.done();
    this.sentBefore = this.sent;
    return async () => (await this.done()) - start;
  }

  /** Waits until everything that was sent has come out. */
  drained(withinMs) {
    return until(`${this.name} to finish`, async () => (await this.done()) >= this.sent, withinMs, 50);
  }

  /** Waits until nothing more comes out. */
  async settled() {
    for (let before = -1, now = await this.done(); now !== before; now = await this.done()) {
      before = now;
      await pause(1000);
    }
  }
}
