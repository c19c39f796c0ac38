import {
  EVENT_GROUP,
  type EventGroupSpec,
  isOfKind,
  refOf,
  refText,
  toRouterDocument,
} from '@signalbox/contracts';
import { EXIT } from '../exit-codes.js';
import { dataText } from '../output/format.js';
import type { Session } from '../session.js';
import { readConfig } from './given-config.js';
import { readFacts } from './given-facts.js';
import { OfflineSite } from './offline-site.js';
import { executablesOf, pluginPlace } from './plugin-place.js';

/** What is rendered without a site. */
export interface RenderFilesFlags {
  readonly config: readonly string[];
  readonly events?: string;
  readonly pluginDir?: readonly string[];
  readonly var?: Readonly<Record<string, string>>;
  readonly output: 'yaml' | 'json';
}

/**
 * Prints the effective config that a new site with these resources would have after these facts. What failed or was rejected
 * goes to stderr; the exit code is then that of parts that are held back.
 */
export async function renderFiles(session: Session, flags: RenderFilesFlags): Promise<void> {
  const { terminal } = session;
  const resources = await readConfig(session, flags.config, flags.var);
  const [group, ...others] = resources.filter((resource) => isOfKind(resource, EVENT_GROUP));
  const defaults = {
    group: others.length === 0 ? (group?.metadata.name ?? 'default') : 'default',
    sourceNode: (group?.spec as EventGroupSpec | undefined)?.nodeName ?? 'local',
  };
  const facts = flags.events === undefined ? [] : await readFacts(flags.events, defaults, terminal);

  const place = await pluginPlace(session, flags.pluginDir, executablesOf(resources));
  const site = new OfflineSite(resources, place, terminal.nowMs());
  for (const fact of facts) site.take(fact);
  await site.work().finally(() => site.stop());

  const rendered = site.render().map(({ resource }) => resource);
  session.print(await dataText(toRouterDocument('effective', rendered), flags.output));
  for (const { order, error } of site.runs) {
    if (!error) continue;
    session.exitCode = EXIT.quarantine;
    const events = order.facts.map(({ id }) => id).join(', ');
    session.note(
      `EventSubscription/${order.subscription}, event ${events}, attempt ${order.attempt}: ${error.code}: ${error.message}`,
    );
  }
  const added = site.render().filter(({ part }) => part !== undefined);
  const names = added.map(({ resource }) => refText(refOf(resource)));
  if (names.length > 0) session.note(`parts bring ${names.join(', ')}`);
}
