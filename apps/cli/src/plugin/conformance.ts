import { resolve } from 'node:path';
import { EXIT } from '../exit-codes.js';
import { BY_HAND, readFacts } from '../offline/given-facts.js';
import { pluginPlace } from '../offline/plugin-place.js';
import { isForPeople } from '../output/format.js';
import type { Column } from '../output/table.js';
import type { OutputFlags } from '../commands/options.js';
import type { Session } from '../session.js';
import { checkConformance, type ConformanceCheck } from './conformance-checks.js';

/** How a plugin is held to the protocol. */
export interface ConformanceFlags extends OutputFlags {
  readonly event?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Name → file. */
  readonly secret?: Readonly<Record<string, string>>;
  readonly timeout: string;
  readonly pluginDir?: readonly string[];
}

const COLUMNS: readonly Column<ConformanceCheck>[] = [
  { title: 'VERDICT', value: ({ verdict }) => verdict },
  { title: 'CHECK', value: ({ check }) => check },
  { title: 'SEEN', value: ({ seen }) => seen },
];

/** Prints what a plugin keeps of the protocol; exit code 1 when it breaks any of it. */
export async function conformance(session: Session, path: string, flags: ConformanceFlags): Promise<void> {
  const { terminal } = session;
  const executable = resolve(terminal.cwd, path);
  const checks = await checkConformance({
    executable,
    place: await pluginPlace(session, flags.pluginDir, [executable]),
    facts: flags.event === undefined ? [] : await readFacts(flags.event, BY_HAND, terminal),
    env: flags.env ?? {},
    secrets: Object.entries(flags.secret ?? {}).map(([secret, file]) => ({
      name: secret,
      file: resolve(terminal.cwd, file),
    })),
    timeout: flags.timeout,
    nowMs: terminal.nowMs(),
  });
  await session.printRows(checks, COLUMNS, flags.output);
  const failed = checks.filter(({ verdict }) => verdict === 'fail').length;
  if (failed > 0) session.exitCode = EXIT.failure;
  if (!isForPeople(flags.output)) return;
  if (failed > 0) session.note(`${failed} of ${checks.length} checks failed`);
  else if (flags.event === undefined)
    session.note('add --event with facts that the plugin is for, to see them answered');
}
