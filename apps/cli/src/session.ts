import type { Command } from 'commander';
import { findSite, type Site, type SiteFlags } from './context.js';
import { contextsPath, readContexts } from './contexts-file.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { Failure } from './failure.js';
import { type Paint, paintFor } from './output/colour.js';
import { dataText, type Format, isForPeople } from './output/format.js';
import { foldText } from './output/fold.js';
import { namesText } from './output/names.js';
import { type Column, tableText, type TableStyle } from './output/table.js';
import { HeldRequest } from './held-request.js';
import { RestClient } from './rest-client.js';
import type { Page } from './rest/answers.js';
import type { Output, Terminal } from './terminal.js';

/** Columns of a terminal that does not say how wide it is. */
const DEFAULT_WIDTH = 80;

/** Flags that every command takes. */
export interface GlobalFlags extends SiteFlags {
  readonly color?: string;
  /** Seconds. */
  readonly timeout?: number;
}

/** One call of the command: the site it speaks to, what it prints, and how it ends. */
export class Session {
  /** Ends the process unless a command fails. */
  exitCode: ExitCode = EXIT.ok;
  /** The command was called with --dry-run: what would change the site is told, and not sent. */
  isDryRun = false;
  private readonly warned = new Set<string>();

  constructor(
    readonly terminal: Terminal,
    private readonly program: Command,
  ) {}

  get flags(): GlobalFlags {
    return this.program.opts<GlobalFlags>();
  }

  get site(): Site {
    return findSite(this.flags, this.terminal, (text) => this.warn(text));
  }

  /** The site, or undefined when none can be found. */
  findSite(): Site | undefined {
    try {
      return this.site;
    } catch (error) {
      if (error instanceof Failure) return undefined;
      throw error;
    }
  }

  get client(): RestClient {
    const { site } = this;
    const { timeout } = this.flags;
    return new RestClient(site, {
      ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
      onChange: (request) => {
        if (this.isDryRun) throw new HeldRequest(request);
        this.noteSite(site);
      },
    });
  }

  /** A stored choice is what people believe to change: another site is named before it is changed. */
  private noteSite({ name, url, from, isStoredChoice }: Site): void {
    if (isStoredChoice || this.warned.has(url)) return;
    const { current } = readContexts(contextsPath(this.terminal.home), (text) => this.warn(text));
    if (current === undefined) return;
    this.warned.add(url);
    const site = name === '-' ? url : `${name}, ${url}`;
    this.note(`this changes ${site} (${from}), not the chosen context ${current}`);
  }

  print(text: string): void {
    this.terminal.out.write(text);
  }

  /** A text for people: no line is longer than the terminal. */
  printText(text: string): void {
    const { out } = this.terminal;
    this.print(out.isTty ? foldText(text, out.columns ?? DEFAULT_WIDTH) : text);
  }

  /** A line beside the output, so that a pipe does not get it. */
  note(text: string): void {
    this.terminal.err.write(`signalbox: ${text}\n`);
  }

  /** After a 202. */
  notePending(): void {
    this.note('pending: the command is recorded, what follows from it cannot be read yet');
  }

  warn(text: string): void {
    if (this.warned.has(text)) return;
    this.warned.add(text);
    this.note(`warning: ${text}`);
  }

  paint(output: Output = this.terminal.out): Paint {
    return paintFor(output, this.terminal.env, this.flags.color);
  }

  /** Prints something, and with `--watch` again whenever the site says that things of these kinds have changed. */
  async drawn(
    watch: boolean | undefined,
    kinds: readonly string[],
    draw: () => Promise<void>,
  ): Promise<void> {
    if (!watch) return draw();
    const { redraw } = await import('./watch/redraw.js');
    return redraw(this, kinds, draw);
  }

  /** A page of a list; says on stderr how to get the next one. */
  async printPage<Item>(page: Page<Item>, columns: readonly Column<Item>[], format: Format): Promise<void> {
    await this.printRows(page.items, columns, format);
    this.hintNext(page);
  }

  /** Says on stderr how to get the next page, when there is one. */
  hintNext({ next }: Pick<Page<unknown>, 'next'>): void {
    if (next) this.note(`more follow: add --after ${next}`);
  }

  /** Says on stderr that a list goes on, and how to see the rest: a larger page, or the next one. */
  hintMore({ items, next }: Page<unknown>, which: 'newest' | 'oldest'): void {
    if (next)
      this.note(
        `the ${which} ${items.length} are shown, more follow: add --limit N (up to 1000), or add --after ${next} for the next`,
      );
  }

  async printRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], format: Format): Promise<void> {
    if (isForPeople(format)) this.print(tableText(columns, rows, this.tableStyle(format)));
    else if (format === 'name') this.print(namesText(columns, rows));
    else this.print(await dataText(rows, format));
  }

  /** How tables are printed where stdout goes: whole into a pipe, as wide as a terminal else. */
  tableStyle(format: 'table' | 'wide'): TableStyle {
    const wide = format === 'wide';
    const { out } = this.terminal;
    if (!out.isTty) return { wide };
    return {
      wide,
      screen: {
        width: out.columns ?? DEFAULT_WIDTH,
        paint: this.paint(),
        nowMs: this.terminal.nowMs(),
        onLeftOut: (titles) => this.note(`no room for ${titles.join(', ')}: add -o wide`),
      },
    };
  }

  /** One thing: `text` for people, the whole object for programs. */
  async printOne<Thing>(
    thing: Thing,
    format: Format,
    text: (thing: Thing, format: 'table' | 'wide', style: TableStyle) => string | Promise<string>,
  ): Promise<void> {
    if (!isForPeople(format)) return this.print(await dataText(thing, format));
    this.printText(await text(thing, format, this.tableStyle(format)));
  }
}
