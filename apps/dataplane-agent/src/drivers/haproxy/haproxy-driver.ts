import type { ErrorBody, NodeState } from '@signalbox/contracts';
import type {
  ApplyResult,
  DataplaneDriver,
  Deadline,
  FlushRequest,
  ListenerCounters,
  ObservedListener,
} from '../driver.js';
import type { PortMemory } from '../port-memory.js';
import { CertificateJudge } from '../certificates/certificate-judge.js';
import { appliedListeners } from './applied-listeners.js';
import { CertificateCopies } from './certificate-copies.js';
import { CertificateShelf, type ShelfState } from './certificate-shelf.js';
import { certificateTrial } from './certificate-trial.js';
import { ConfigFile } from './config-file.js';
import { configText, type ConfigSettings, type Sections } from './config-text.js';
import { Expiry, unavailable } from './expiry.js';
import { HAPROXY_CAPABILITIES } from './haproxy-capabilities.js';
import { HaproxyControl } from './haproxy-control.js';
import { HaproxyCounters } from './haproxy-counters.js';
import { flushTarget } from './haproxy-flush.js';
import { HaproxyProcess } from './haproxy-process.js';
import { HaproxyWriter, type RunningHaproxy } from './haproxy-writer.js';
import { observedListeners } from './observed-listeners.js';
import { connectionsFor, openFilesLimit } from './open-files.js';
import { type Placement, placeListeners } from './place-listeners.js';
import { PrivateDirectory } from './private-directory.js';
import { isRefusal, UntakenListeners } from './untaken-listeners.js';

/** Where HAProxy is, and whose it is. */
export interface HaproxySettings {
  /** The program, which also checks each file; absent: `haproxy` of the PATH. HAProxy 2.6 or newer. */
  readonly program?: string;
  /** The whole file is ours. */
  readonly configFile: string;
  /** Unix socket of the master (`-S`). At most {@link MOST_SOCKET_BYTES}. */
  readonly masterSocket: string;
  /** Unix socket of the admin commands, which the file names. At most {@link MOST_SOCKET_BYTES}. */
  readonly statsSocket: string;
  /** True: it is started when none runs, and ended by `close`. False: somebody else does both. */
  readonly ownsProcess: boolean;
  /** Most connections at once. Absent: what the limit of open files allows. */
  readonly maxConnections?: number;
  /** Milliseconds since 1970, by which certificates are valid; absent: those of the system. */
  readonly now?: () => number;
}

/** Longest path of a socket: the system takes 107 bytes, and HAProxy adds its own ending while it starts. */
export const MOST_SOCKET_BYTES = 84;

/** How long a look for HAProxy may take that decides on nothing but announcements. Milliseconds. */
const LOOK_MS = 1_000;

/** What one apply is about. */
interface Wish {
  readonly desired: NodeState;
  readonly running: RunningHaproxy | undefined;
  readonly shelf: ShelfState;
  readonly expiry: Expiry;
}

/** What came of it: `writes` is undefined when HAProxy did not get a place, and goes on as before. */
interface Brought {
  readonly placement: Placement;
  readonly writes: number | undefined;
}

/** HAProxy as a data plane: TCP, and HTTP as a proxy of requests, also behind TLS that ends here. */
export class HaproxyDriver implements DataplaneDriver {
  readonly capabilities = HAPROXY_CAPABILITIES;
  private readonly control: HaproxyControl;
  private readonly writer: HaproxyWriter;
  private readonly certificates: PrivateDirectory;
  private readonly judge: CertificateJudge;
  private readonly shelf: CertificateShelf;
  private readonly untaken: UntakenListeners;
  private fileChanged: () => void = () => undefined;
  private readonly process?: HaproxyProcess;
  private readonly counts: HaproxyCounters;
  private readonly openFiles = openFilesLimit();
  /** Of the last file, so that a change of one listener makes one section. */
  private sections: Sections = new Map();

  constructor(
    private readonly settings: HaproxySettings,
    private readonly ports: PortMemory,
  ) {
    const { program = 'haproxy', configFile, masterSocket, statsSocket, ownsProcess } = settings;
    for (const socket of [masterSocket, statsSocket]) {
      if (Buffer.byteLength(socket) > MOST_SOCKET_BYTES) {
        throw unavailable(`${socket} is longer than ${MOST_SOCKET_BYTES} bytes; name a shorter path`);
      }
    }
    this.control = new HaproxyControl(masterSocket, statsSocket);
    if (ownsProcess) {
      const own = { program, configFile, masterSocket };
      this.process = new HaproxyProcess(own, this.control, () => this.fileChanged());
    }
    const file = new ConfigFile(configFile, program);
    this.counts = new HaproxyCounters(this.control);
    this.writer = new HaproxyWriter(file, this.control, this.counts, this.process);
    this.certificates = new PrivateDirectory(`${configFile}.certificates`);
    this.judge = new CertificateJudge(() => this.fileChanged(), settings.now ?? Date.now);
    this.untaken = new UntakenListeners(file);
    this.shelf = new CertificateShelf(
      this.certificates,
      this.judge,
      new CertificateCopies(this.certificates, certificateTrial(file)),
    );
  }

  async apply(desired: NodeState, deadline: Deadline): Promise<ApplyResult> {
    const expiry = new Expiry(deadline);
    const running = await this.writer.running(expiry);
    const shelf = await this.shelf.take(desired.listeners, expiry);
    const wish: Wish = { desired, running, shelf, expiry };
    const first = await this.place(wish, new Set());
    let { placement, writes } = await this.bringWhatFits(wish, first);
    if (writes === undefined && placement.untried.size > 0) {
      placement = await this.place(wish, placement.untried);
      writes = await this.bring(wish, placement);
    }
    if (writes === undefined) {
      throw unavailable('HAProxy did not take its file, and goes on as before; its log says why');
    }
    await this.shelf.settle(placement.listeners);
    return { listeners: appliedListeners(desired, placement, shelf), writes };
  }

  async observe(deadline: Deadline): Promise<readonly ObservedListener[]> {
    const running = await this.writer.running(new Expiry(deadline));
    if (!running) this.checkAbsence();
    return running?.config ? observedListeners(running.config.listeners, running.rows) : [];
  }

  async counters(deadline: Deadline): Promise<readonly ListenerCounters[]> {
    const expiry = new Expiry(deadline);
    const running = await this.writer.running(expiry);
    if (!running) this.checkAbsence();
    return running?.config ? this.counts.of(running.config.listeners, expiry) : [];
  }

  async flush(request: FlushRequest, deadline: Deadline): Promise<number> {
    const expiry = new Expiry(deadline);
    if (!(await this.control.processes(expiry))) {
      this.checkAbsence();
      return 0;
    }
    return flushTarget(this.control, request, expiry);
  }

  onOutsideChange(changed: () => void): void {
    this.fileChanged = changed;
  }

  async isOutsideChanged(): Promise<boolean> {
    return this.judge.lookAgain();
  }

  /** One that listens at none of its sockets has ended, whoever started it. */
  async servesNobody(): Promise<boolean> {
    return (
      (await this.control.processes(new Expiry({ deadlineMs: LOOK_MS })).catch(() => true)) === undefined
    );
  }

  /** One of our own ends with the agent. */
  get endsWithAgent(): boolean {
    return this.process !== undefined;
  }

  async close(): Promise<void> {
    this.judge.close();
    await this.process?.end();
  }

  /** Leaves out what HAProxy is known not to take. */
  private async place({ desired, running, shelf }: Wish, barred: ReadonlySet<string>): Promise<Placement> {
    const standing = {
      listeners: running?.config?.listeners ?? [],
      isKnown: !running || running.config !== undefined,
      hasOtherRights: !this.settings.ownsProcess,
    };
    const placeBut = (unusable: ReadonlyMap<string, ErrorBody>): Promise<Placement> =>
      placeListeners(desired.listeners, standing, this.ports, barred, unusable);
    const placement = await placeBut(shelf.refused);
    const untaken = this.untaken.among(placement.listeners, this.configSettings(0));
    return untaken.size === 0 ? placement : placeBut(new Map([...shelf.refused, ...untaken]));
  }

  /** When HAProxy does not take the file, the listeners that are why are refused, and the others brought. */
  private async bringWhatFits(wish: Wish, placement: Placement): Promise<Brought> {
    try {
      return { placement, writes: await this.bring(wish, placement) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const standing = wish.running?.config?.listeners ?? [];
      const settings = this.configSettings(placement.listeners.length);
      if (!(await this.untaken.find(placement.listeners, standing, settings, wish.expiry))) throw error;
      const fitting = await this.place(wish, new Set());
      return { placement: fitting, writes: await this.bring(wish, fitting) };
    }
  }

  private async bring(
    { running, shelf, expiry }: Wish,
    { listeners }: Placement,
  ): Promise<number | undefined> {
    const wanted = configText(listeners, this.configSettings(listeners.length), this.sections);
    this.sections = wanted.sections;
    await this.shelf.writeLists(listeners);
    return this.writer.bring(wanted, listeners, shelf.shelved, running, expiry);
  }

  private configSettings(listeners: number): ConfigSettings {
    const { statsSocket } = this.settings;
    return { statsSocket, maxConnections: this.connections(listeners), certificates: this.certificates.path };
  }

  /** The limit of a HAProxy of somebody else is not ours to know. */
  private connections(listeners: number): number | undefined {
    const { maxConnections, ownsProcess } = this.settings;
    if (maxConnections !== undefined || !ownsProcess || this.openFiles === undefined) return maxConnections;
    return connectionsFor(this.openFiles, listeners);
  }

  /** A HAProxy of our own that does not run has no listeners; one of somebody else is missing. */
  private checkAbsence(): void {
    if (!this.process) throw unavailable(`nobody listens at ${this.settings.masterSocket}; start HAProxy`);
  }
}
