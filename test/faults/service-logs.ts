import type { Site } from '@signalbox/testing';

/** What pino calls a warning; errors are above. */
const WARN = 40;
/** Of each service. */
const SHOWN_LINES = 100;

interface LogLine {
  readonly level: number;
  readonly msg: string;
}

/** What the services of a site have said since {@link begin}. */
export class ServiceLogs {
  private constructor(
    private readonly site: Site,
    private readonly lengths: ReadonlyMap<string, number>,
  ) {}

  static async begin(site: Site): Promise<ServiceLogs> {
    return new ServiceLogs(site, new Map(await textsOf(site, (text) => text.length)));
  }

  /** Per service, in order: every warning and error, and every line that says that something is there again. */
  async troubles(): Promise<Record<string, readonly string[]>> {
    const messages = (text: string, name: string): string[] =>
      this.troubledLines(text, name).map((line) => parsed(line).msg);
    return Object.fromEntries(await textsOf(this.site, messages));
  }

  /** All that they said, starts included, for the eyes of who looks for a mistake. */
  async show(): Promise<string> {
    const lines = await textsOf(this.site, (text, name) =>
      text.slice(this.lengths.get(name)).trimEnd().split('\n').slice(-SHOWN_LINES).join('\n'),
    );
    return lines.map(([name, text]) => `--- ${name}\n${text}\n`).join('');
  }

  private troubledLines(text: string, name: string): string[] {
    const lines = text.slice(this.lengths.get(name)).split('\n');
    return lines.filter((line) => {
      if (!line.startsWith('{')) return false;
      const { level, msg } = parsed(line);
      return level >= WARN || msg.endsWith(' again');
    });
  }
}

function parsed(line: string): LogLine {
  return JSON.parse(line) as LogLine;
}

async function textsOf<T>(site: Site, use: (text: string, name: string) => T): Promise<[string, T][]> {
  const names = [...(await site.serviceUrls()).keys()];
  return Promise.all(
    names.map(async (name) => [name, use(await site.serviceLog(name), name)] as [string, T]),
  );
}
