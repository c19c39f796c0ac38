import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '@signalbox/embedded';
import { CHECKOUT, until } from '@signalbox/testing';
import { agrees, type Block, stepsOf, type Step } from './page-blocks.js';

/** For hangs only. Milliseconds. */
const COMMAND_MS = 120_000;
const START_MS = 180_000;
/** What a reader would look at again until it shows what the page says. */
const LOOKS =
  /^(signalbox|cloud|onprem) (show|get|run|dynamic|status|dead|event (list|get|explain|deliveries))\b/;
const LONG_RUNNING = /^npm run (up|services)\b(.*)$/;

/**
 * One reader of a page: a shell in a checkout of its own (links to this one, so that `.signalbox` is another site),
 * who types the blocks from top to bottom.
 */
export class PageShell {
  private readonly dir = mkdtempSync(join(tmpdir(), 'signalbox-page-'));
  private readonly sites: ChildProcess[] = [];
  private readonly shell: ChildProcess;
  private output = '';
  private commands = 0;

  constructor() {
    chmodSync(this.dir, 0o711); // the user of Postgres has to pass
    for (const entry of readdirSync(CHECKOUT))
      if (!entry.startsWith('.')) symlinkSync(join(CHECKOUT, entry), join(this.dir, entry));
    this.shell = spawn('sh', ['-s'], { cwd: this.dir, env: this.env, detached: true, stdio: 'pipe' });
    for (const stream of [this.shell.stdout, this.shell.stderr])
      stream!.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.shell.stdin!.on('error', () => undefined);
  }

  async run(block: Block): Promise<void> {
    try {
      if (block.file !== undefined) this.write(block.file, block.text);
      else for (const step of stepsOf(block)) await this.type(step, block.language !== 'console');
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${block.page}:${block.line}: ${why}`, { cause });
    }
  }

  async close(): Promise<void> {
    if (this.shell.exitCode === null && this.shell.signalCode === null) {
      const ended = once(this.shell, 'exit');
      process.kill(-this.shell.pid!, 'SIGKILL'); // with what it started in the background
      await ended;
    }
    for (const site of this.sites) {
      if (site.exitCode !== null) continue;
      const ended = once(site, 'exit');
      site.kill('SIGTERM');
      await ended;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  private get env(): NodeJS.ProcessEnv {
    const env = { ...process.env };
    for (const name of Object.keys(env))
      if (/^(SIGNALBOX_(?!TEST)|NATS_URL|DATABASE_URL|HTTP_PORT|npm_)/.test(name)) delete env[name];
    return {
      ...env,
      PATH: `${join(CHECKOUT, 'bin')}:${process.env['PATH']}`,
      NO_COLOR: '1',
      SIGNALBOX_CACHE_DIR: join(CHECKOUT, '.signalbox', 'cache'),
    };
  }

  private write(file: string, text: string): void {
    const path = join(this.dir, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text}\n`);
    chmodSync(path, text.startsWith('#!') ? 0o755 : 0o644);
  }

  private async type({ command, shown }: Step, isScript: boolean): Promise<void> {
    const lines = command.split('\n').filter((line) => !line.startsWith('#'));
    const [, , flags] = LONG_RUNNING.exec(lines[0] ?? '') ?? [];
    if (flags !== undefined) {
      if (lines.length > 1) throw new Error(`nothing after "${lines[0]}" is ever run: a block of its own`);
      return this.startSite(lines[0]!, /--state (\S+)/.exec(flags)?.[1] ?? '.signalbox');
    }
    const looksAgain = LOOKS.test(command);
    const fails = shown[0]?.startsWith('signalbox: ') === true;
    const wrongNow = async (): Promise<string | undefined> => {
      const { status, output } = await this.execute(command, isScript);
      if ((status !== 0) !== fails) return `"${command}" ended with ${status}:\n${output}`;
      if (agrees(shown, output)) return undefined;
      return `"${command}" printed\n${output}\nand the page shows\n${shown.join('\n')}`;
    };
    let wrong = await wrongNow();
    if (wrong !== undefined && looksAgain)
      await until(
        'the page to be right',
        async () => (wrong = await wrongNow()) === undefined,
        COMMAND_MS,
      ).catch(() => undefined);
    if (wrong !== undefined) throw new Error(wrong);
  }

  /** `mustHold`: the first command of several that fails ends the shell. */
  private async execute(command: string, mustHold: boolean): Promise<{ status: number; output: string }> {
    const mark = `@@${(this.commands += 1)}@@`;
    const from = this.output.length;
    this.shell.stdin!.write(
      `set ${mustHold ? '-e' : '+e'}\n{\n${command}\n} </dev/null 2>&1\necho "${mark}$?"\n`,
    );
    const end = new RegExp(`${mark}(\\d+)\\n`);
    const found = await until(
      `"${command}" to end`,
      () => {
        const match = end.exec(this.output.slice(from));
        if (match) return match;
        if (this.shell.exitCode === null) return undefined;
        return Object.assign(['', String(this.shell.exitCode)], { index: Infinity });
      },
      COMMAND_MS,
    );
    return { status: Number(found[1]), output: this.output.slice(from, from + found.index) };
  }

  /** `npm run up` goes on: it runs beside the shell, on ports that are free. */
  private async startSite(command: string, state: string): Promise<void> {
    const stateDir = join(this.dir, state);
    mkdirSync(stateDir, { recursive: true });
    chmodSync(stateDir, 0o711);
    if (!existsSync(join(stateDir, 'ports.json'))) {
      const ports = { api: await freePort(), nats: await freePort(), postgres: await freePort() };
      writeFileSync(join(stateDir, 'ports.json'), JSON.stringify(ports));
    }
    const site = spawn('sh', ['-c', `exec ${command.replace(/#.*/, '')}`], {
      cwd: this.dir,
      env: { ...this.env, INIT_CWD: this.dir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.sites.push(site);
    let said = '';
    for (const stream of [site.stdout, site.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until(
      'Signalbox to be ready',
      () => said.includes('Signalbox is ready') || site.exitCode !== null,
      START_MS,
    );
    if (!said.includes('Signalbox is ready')) throw new Error(`"${command}" printed\n${said}`);
    readFileSync(join(stateDir, 'context.json'));
  }
}
