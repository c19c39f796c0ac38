import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionalProgram, until } from '@signalbox/testing';
import type { DriverSubject } from '../contract/driver-stage.fixture.js';
import { ProcessPortMemory } from '../port-memory.js';
import type { ProcessTable } from './answers.js';
import { Expiry } from './expiry.js';
import { HaproxyControl } from './haproxy-control.js';
import { HaproxyDriver, type HaproxySettings } from './haproxy-driver.js';

/** Absent where HAProxy is not installed: the end of the run names what was left out. */
export const HAPROXY = optionalProgram('haproxy', 'the driver haproxy, with a real HAProxy');

/** For hangs only. Milliseconds. */
const PATIENT = { deadlineMs: 30_000 };

/** A HAProxy in a folder of its own, and drivers of it. */
export class HaproxyStand implements DriverSubject {
  readonly control: HaproxyControl;
  readonly driver: HaproxyDriver;
  private stopped: readonly number[] = [];

  private constructor(
    readonly directory: string,
    readonly settings: HaproxySettings,
    readonly ports: ProcessPortMemory,
  ) {
    this.control = new HaproxyControl(settings.masterSocket, settings.statsSocket);
    this.driver = new HaproxyDriver(settings, ports);
  }

  static async open(changes: Partial<HaproxySettings> = {}): Promise<HaproxyStand> {
    const directory = await mkdtemp(join(tmpdir(), 'haproxy-'));
    const settings = {
      program: HAPROXY,
      configFile: join(directory, 'haproxy.cfg'),
      masterSocket: join(directory, 'master.sock'),
      statsSocket: join(directory, 'stats.sock'),
      ownsProcess: true,
      ...changes,
    };
    return new HaproxyStand(directory, settings, new ProcessPortMemory());
  }

  /** A HAProxy that somebody else started, before our driver came. */
  static async attached(): Promise<HaproxyStand> {
    const stand = await HaproxyStand.open({ ownsProcess: false });
    await stand.owner().apply({ node: 'n1', generation: 1, listeners: [] }, PATIENT);
    return stand;
  }

  async again(changes: Partial<HaproxySettings> = {}): Promise<HaproxyDriver> {
    return new HaproxyDriver({ ...this.settings, ...changes }, this.ports);
  }

  async processes(): Promise<ProcessTable> {
    const table = await this.control.processes(new Expiry(PATIENT));
    if (!table) throw new Error('HAProxy does not run');
    return table;
  }

  /** Says something to the worker that serves, as anybody may. */
  async tell(...commands: readonly string[]): Promise<string> {
    return this.control.tell(commands, new Expiry(PATIENT));
  }

  /** Stops its processes, without ending them. */
  async hang(): Promise<void> {
    const { master, worker } = await this.processes();
    this.stopped = [master, ...(worker === undefined ? [] : [worker])];
    for (const pid of this.stopped) process.kill(pid, 'SIGSTOP');
    // a process that runs on another processor goes on for a moment
    for (const pid of this.stopped) await until('it to stop', () => isStopped(pid));
  }

  async wake(): Promise<void> {
    for (const pid of this.stopped) process.kill(pid, 'SIGCONT');
    this.stopped = [];
  }

  async end(): Promise<void> {
    await this.wake();
    await this.owner().close();
    await rm(this.directory, { recursive: true, force: true });
  }

  private owner(): HaproxyDriver {
    return new HaproxyDriver({ ...this.settings, ownsProcess: true }, this.ports);
  }
}

/** Whether no thread of a process runs. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8')),
  );
  return states.every((state) => /^\d+ \(.*\) T /.test(state));
}
