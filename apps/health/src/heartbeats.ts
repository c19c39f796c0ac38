import { Injectable } from '@nestjs/common';
import { type HeartbeatRequest, subjectToken } from '@signalbox/contracts';
import type { ProbeResult } from './probes/probe.js';
import { monotonicMs, Timetable } from './timetable.js';

interface Listener {
  readonly ttlMs: number;
  readonly onResult: (result: ProbeResult) => void;
}

/** Backends with a `push` check: a heartbeat is a pass, a ttl without one is a failure. */
@Injectable()
export class Heartbeats {
  private readonly listeners = new Map<string, Listener>();
  /** Names that are not their own subject token, by token; most are. */
  private readonly names = new Map<string, string>();
  private readonly timetable = new Timetable((name) => this.miss(name));

  get isListening(): boolean {
    return this.listeners.size > 0;
  }

  /** Starts waiting; the first ttl begins now. */
  start(name: string, listener: Listener): void {
    this.listeners.set(name, listener);
    const token = subjectToken(name);
    if (token !== name) this.names.set(token, name);
    this.arm(name, listener);
  }

  stop(name: string): void {
    if (this.listeners.delete(name)) this.names.delete(subjectToken(name));
    this.timetable.delete(name);
  }

  /** Name of the backend whose heartbeats come with this subject token; the token itself when none is awaited. */
  nameOf(token: string): string {
    return this.names.get(token) ?? token;
  }

  /** A heartbeat; false when the backend does not wait for one. */
  beat({ backend, ok = true, detail }: HeartbeatRequest): boolean {
    const listener = this.listeners.get(backend);
    if (!listener) return false;
    this.arm(backend, listener);
    const code = ok ? 'L7OK' : 'L7RSP';
    listener.onResult({
      ok,
      layer: 'L7',
      code,
      detail: detail ?? (ok ? 'heartbeat' : 'the backend says that it does not work'),
      durationMs: 0,
    });
    return true;
  }

  close(): void {
    this.timetable.stop();
    this.listeners.clear();
    this.names.clear();
  }

  private miss(name: string): void {
    const listener = this.listeners.get(name);
    if (!listener) return;
    this.arm(name, listener);
    const detail = `no heartbeat for ${listener.ttlMs / 1000} s`;
    listener.onResult({ ok: false, layer: 'L7', code: 'L7TOUT', detail, durationMs: listener.ttlMs });
  }

  private arm(name: string, { ttlMs }: Listener): void {
    this.timetable.set(name, monotonicMs() + ttlMs);
  }
}
