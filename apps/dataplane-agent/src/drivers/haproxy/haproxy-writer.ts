import type { ServerRow } from './answers.js';
import type { ShelvedCertificate } from './certificate-shelf.js';
import type { ConfigFile, ReadConfig } from './config-file.js';
import { type ConfigText, shapeOfDescription } from './config-text.js';
import { isAbsent } from './control-socket.js';
import { type Expiry, unavailable } from './expiry.js';
import type { HaproxyControl } from './haproxy-control.js';
import type { HaproxyCounters } from './haproxy-counters.js';
import type { HaproxyProcess } from './haproxy-process.js';
import { hasTable } from './listener-text.js';
import type { PlacedListener } from './placed-listener.js';
import { renewCertificates } from './renew-certificates.js';
import { runtimeDelta } from './runtime-delta.js';

/** What a HAProxy that runs has. */
export interface RunningHaproxy {
  /** Undefined: it does not run a file of ours. */
  readonly shape?: string;
  /** The file that it runs; undefined when that is gone. */
  readonly config?: ReadConfig;
  /** The file that stood when it was looked at; undefined: it was not read, or there was none. */
  readonly standing?: ReadConfig;
  readonly rows: readonly ServerRow[];
}

/**
 * Brings HAProxy to a file. The file comes first, always: a reload forgets what the admin socket changed, and whoever
 * starts HAProxy anew starts it as it was. Then what differs is changed at run time, and only what cannot be makes a reload.
 */
export class HaproxyWriter {
  constructor(
    private readonly file: ConfigFile,
    private readonly control: HaproxyControl,
    private readonly counters: HaproxyCounters,
    /** Absent: HAProxy is started and ended by somebody else. */
    private readonly process?: HaproxyProcess,
  ) {}

  /** Undefined when none runs. */
  async running(expiry: Expiry): Promise<RunningHaproxy | undefined> {
    const worker = await this.control.serving(expiry).catch(absent);
    // a worker whose file has another admin socket, or none
    if (!worker) return (await this.control.processes(expiry)) && { rows: [] };
    const shape = shapeOfDescription(worker.description);
    // whoever does not run a file of ours may have one that is not for us to read
    const standing = shape === undefined ? undefined : await this.file.read();
    return { shape, config: await this.file.ofShape(shape, standing), standing, rows: worker.rows };
  }

  /** How many changes that took; undefined: HAProxy did not take the listeners, and goes on as before. */
  async bring(
    wanted: ConfigText,
    listeners: readonly PlacedListener[],
    certificates: readonly ShelvedCertificate[],
    running: RunningHaproxy | undefined,
    expiry: Expiry,
  ): Promise<number | undefined> {
    if (!running) return this.start(wanted, expiry);
    let writes = 0;
    const standing = running.standing ?? (await this.file.read());
    if (running.shape === wanted.shape) {
      if (standing?.text !== wanted.text) {
        await this.file.replace(wanted.text);
        writes += 1;
      }
      const changes = await this.change(listeners, running.rows, expiry);
      const renewed =
        changes === undefined ? undefined : await renewCertificates(this.control, certificates, expiry);
      if (changes !== undefined && renewed !== undefined) return writes + changes + renewed;
    }
    return (await this.reload(wanted, listeners, running, expiry)) ? writes + 1 : undefined;
  }

  private async start(wanted: ConfigText, expiry: Expiry): Promise<number> {
    await this.file.read();
    await this.file.check(wanted.text, expiry);
    await this.file.replace(wanted.text);
    if (!this.process) {
      throw unavailable(
        `no HAProxy runs; start it in master-worker mode with ${this.file.path}, which is written`,
      );
    }
    await this.process.start(expiry);
    return 1;
  }

  /** Changes servers at run time and reads them back; undefined: only a reload helps. */
  private async change(
    listeners: readonly PlacedListener[],
    rows: readonly ServerRow[],
    expiry: Expiry,
  ): Promise<number | undefined> {
    const { commands, tidying, needsReload } = runtimeDelta(listeners, rows);
    if (needsReload) return undefined;
    if (commands.length + tidying.length === 0) return 0;
    const { rows: now } = await this.control.serving(expiry, [...commands, ...tidying]);
    const left = runtimeDelta(listeners, now);
    if (left.needsReload || left.commands.length > 0) return undefined;
    return commands.length + tidying.length - left.tidying.length;
  }

  private async reload(
    wanted: ConfigText,
    listeners: readonly PlacedListener[],
    running: RunningHaproxy,
    expiry: Expiry,
  ): Promise<boolean> {
    await this.file.check(wanted.text, expiry);
    const hadTables = running.config?.listeners.some(hasTable) ?? false;
    const handsOver = hadTables && listeners.some(hasTable) && (await this.control.remembersClients(expiry));
    if (handsOver) await this.control.untilTablesKnown('beforeReload', expiry);
    if (running.config) await this.file.keepBefore(running.config.text);
    await this.file.replace(wanted.text);
    await this.process?.boundLog();
    // a worker without connections ends at once, and takes with it what it counted
    if (running.shape !== undefined) await this.counters.note();
    if (!(await this.control.reload(expiry))) {
      if (running.config) await this.file.replace(running.config.text);
      return false;
    }
    if (handsOver) await this.control.untilTablesKnown('afterReload', expiry);
    const { description, rows } = await this.control.serving(expiry);
    const { commands, needsReload } = runtimeDelta(listeners, rows);
    if (shapeOfDescription(description) !== wanted.shape || needsReload || commands.length > 0) {
      throw unavailable(
        `HAProxy serves something else than ${this.file.path}; see that it was started with that file`,
      );
    }
    return true;
  }
}

function absent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}
