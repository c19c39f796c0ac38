import { basename, resolve } from 'node:path';
import { PLUGIN_API, validateResource } from '@signalbox/contracts';
import { EXIT } from '../exit-codes.js';
import { BY_HAND, readFacts } from '../offline/given-facts.js';
import { pluginPlace } from '../offline/plugin-place.js';
import { isForPeople } from '../output/format.js';
import type { Column } from '../output/table.js';
import type { OutputFlags } from '../commands/options.js';
import type { Session } from '../session.js';
import { checkConformance, type ConformanceCheck, type ConformanceInput } from './conformance-checks.js';

/** How a plugin is held to the protocol. */
export interface ConformanceFlags extends OutputFlags {
  readonly event?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Name → file. */
  readonly secret?: Readonly<Record<string, string>>;
  readonly timeout: string;
  readonly pluginDir?: readonly string[];
  readonly caFile?: string;
}

const COLUMNS: readonly Column<ConformanceCheck>[] = [
  { title: 'VERDICT', value: ({ verdict }) => verdict },
  { title: 'CHECK', value: ({ check }) => check },
  { title: 'SEEN', value: ({ seen }) => seen },
];

/** Prints what a plugin keeps of the protocol, an executable or the URL of an endpoint; exit code 1 when it breaks any of it. */
export async function conformance(session: Session, where: string, flags: ConformanceFlags): Promise<void> {
  const { terminal } = session;
  const plugin = pluginAt(session, where, flags);
  const { executable } = plugin;
  const checks = await checkConformance({
    plugin,
    name: executable === undefined ? 'endpoint' : basename(executable),
    place: await pluginPlace(session, flags.pluginDir, executable === undefined ? [] : [executable]),
    facts: flags.event === undefined ? [] : await readFacts(flags.event, BY_HAND, terminal),
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

/** The spec of what is tried, so far as it says where that is and what it is given. Throws `validation-failed` as an apply would. */
function pluginAt(
  { terminal }: Session,
  where: string,
  { env = {}, secret = {}, caFile }: ConformanceFlags,
): ConformanceInput['plugin'] {
  const path = (given: string): string => resolve(terminal.cwd, given);
  const secrets = Object.entries(secret).map(([name, file]) => ({ name, file: path(file) }));
  if (!/^https?:/i.test(where)) return { executable: path(where), env, secrets };
  const [bearer] = secrets;
  const http = {
    url: where,
    ...(caFile !== undefined && { caFile: path(caFile) }),
    ...(bearer && { bearerSecret: bearer.name }),
  };
  const spec = { mode: 'http', http, secrets } as const;
  validateResource({ apiVersion: PLUGIN_API, kind: 'Plugin', metadata: { name: 'endpoint' }, spec });
  return spec;
}
