// When and how many facts can be read as configuration, by the watermark of the table and the table itself.

import { WantedMarks } from './wanted-marks.mjs';

/** Most names that one look asks for: what waits longest comes first. */
const MOST_NAMES = 200;

/**
 * Where a site's effective config can be read: the table behind `GET /v1/effective-config`, and the core message that
 * tells of every commit to it.
 */
export const SITE_CONFIG = {
  watermark: 'watermark.parts',
  found: `select name from effective_resources
    where api_version = $1 and kind = $2 and project = 'default' and name = any($3)`,
  count: 'select resources as count from generations order by generation desc limit 1',
};

/** The same of the bare chain. */
export const BARE_CONFIG = {
  watermark: 'bare.watermark.render',
  found: `select name from bare_effective
    where api_version = $1 and kind = $2 and project = 'default' and name = any($3)`,
  count: `select resources as count from bare_positions where name = 'render'`,
};

/** Looks at a config from outside, as a reader would who is woken by the watermark. */
export class Readable {
  waiting = new Map();
  latencies = [];
  looking = false;
  again = false;

  constructor(nc, database, config, { apiVersion, kind }) {
    Object.assign(this, { database, config, apiVersion, kind });
    this.wanted = new WantedMarks(nc);
    this.subscription = nc.subscribe(config.watermark, { callback: () => void this.look() });
  }

  /** How many resources can be read. */
  async count() {
    const { rows } = await this.database.query({ name: 'count', text: this.config.count });
    return Number(rows[0]?.count ?? 0);
  }

  /** From now on it is awaited that this resource can be read. */
  await(name) {
    this.wanted.say();
    this.waiting.set(name, performance.now());
  }

  /**
   * Milliseconds from {@link await} to the row in the reader's hands, sorted; then begins anew. What has not come yet counts
   * with the time so far; `late` says how many these are.
   */
  take() {
    const now = performance.now();
    const late = this.waiting.size;
    for (const at of this.waiting.values()) this.latencies.push(now - at);
    const latencies = this.latencies.sort((a, b) => a - b);
    this.latencies = [];
    this.waiting.clear();
    return { latencies, late };
  }

  stop() {
    this.subscription.unsubscribe();
  }

  async look() {
    if (this.waiting.size === 0) return;
    if (this.looking) {
      this.again = true;
      return;
    }
    this.looking = true;
    try {
      do {
        this.again = false;
        await this.readOnce();
      } while (this.again && this.waiting.size > 0);
    } finally {
      this.looking = false;
    }
  }

  async readOnce() {
    const names = [];
    for (const name of this.waiting.keys()) if (names.push(name) === MOST_NAMES) break;
    const values = [this.apiVersion, this.kind, names];
    const { rows } = await this.database.query({ name: 'found', text: this.config.found, values });
    const now = performance.now();
    for (const { name } of rows) {
      const at = this.waiting.get(name);
      if (at === undefined) continue;
      this.waiting.delete(name);
      this.latencies.push(now - at);
    }
  }
}
