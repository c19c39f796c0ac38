import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CHECKOUT, until } from '@signalbox/testing';

/** A site and three servers start before the first line. Milliseconds. */
const START_MS = 120_000;

/** `npm run demo:health` while it runs, and what it has printed. */
export class HealthDemo {
  stdout = '';
  stderr = '';
  private readonly child = spawn(process.execPath, ['scripts/demo-health.mjs'], { cwd: CHECKOUT });
  /** Its exit code. */
  readonly ended: Promise<unknown> = once(this.child, 'close').then(([code]: unknown[]) => code);

  constructor() {
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  /** Pid of one of its servers, once that has answered. */
  async serverPid(name: string): Promise<number> {
    const line = new RegExp(`^ +${name}  pid (\\d+) `, 'm');
    return Number(await until(`${name} to answer`, () => line.exec(this.stdout)?.[1], START_MS));
  }

  /** Waits until a step has begun. */
  async step(number: number): Promise<void> {
    await until(`step ${number}`, () => this.stdout.includes(`\n${number}. `), START_MS);
  }

  interrupt(): void {
    this.child.kill('SIGINT');
  }
}
