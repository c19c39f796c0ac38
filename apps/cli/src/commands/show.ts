import type { Command } from 'commander';
import type { AlarmsAnswer } from '../rest/answers.js';
import type { ListenerStatsItem } from '../rest/answers.js';
import { pathOf } from '../rest-client.js';
import type { Page } from '../rest/answers.js';
import type { Session } from '../session.js';
import {
  BACKENDS,
  FRONTENDS,
  HEALTHCHECKS,
  LISTENERS,
  LOAD_BALANCERS,
  NODES,
  ORGS,
  POOLS,
  PROJECTS,
  QUOTAS,
  type Shown,
  BACKEND_SOURCES,
  VIP_CLAIMS,
  VIP_POOLS,
  VIPS,
} from './nouns.js';
import { addShowVpp } from './vpp.js';
import {
  type ListFlags,
  type OutputFlags,
  type ProjectFlags,
  withExamples,
  withOutput,
  withPaging,
  withWatch,
} from './options.js';

/** What changes when a thing changes that `show` shows. */
const WATCHED = ['backend', 'frontend', 'node', 'resource'];

export function addShow(program: Command, session: Session): void {
  const show = program
    .command('show')
    .description(
      'backends, their sources, frontends, listeners and what they counted, nodes, VIPs, tenants, quotas, health checks and alarms',
    );
  withExamples(show, 'signalbox show backends', 'signalbox show frontends http-vip');
  addShown(show, session, BACKENDS);
  addShown(show, session, FRONTENDS);
  addShown(show, session, HEALTHCHECKS);
  addShown(show, session, LOAD_BALANCERS);
  addShown(show, session, LISTENERS);
  addShown(show, session, POOLS);
  addShown(show, session, NODES);
  addShown(show, session, VIPS);
  addShown(show, session, VIP_POOLS);
  addShown(show, session, VIP_CLAIMS);
  addShown(show, session, BACKEND_SOURCES);
  addStats(show, session);
  addShown(show, session, ORGS);
  addShown(show, session, PROJECTS);
  addShown(show, session, QUOTAS);
  addShowVpp(show, session);
  addAlarms(show, session);
}

function addShown<Item>(show: Command, session: Session, shown: Shown<Item>): void {
  const {
    list,
    path = list,
    single,
    description,
    example,
    options = [],
    view,
    ofNoProject,
    identity = 'name',
  } = shown;
  const command = show
    .command(list)
    .alias(single)
    .description(description)
    .argument(`[${identity}]`, `one ${single}`);
  if (!ofNoProject)
    command.option(
      '--project <name>',
      `only of this project; with a name: its project, default when left out`,
    );
  for (const option of options) command.addOption(option);
  withExamples(
    withWatch(withPaging(command)),
    `signalbox show ${list}`,
    `signalbox show ${list} ${example}`,
    `signalbox show ${list} -o json`,
  ).action(async (name: string | undefined, { output, watch, ...query }: ListFlags & ProjectFlags) =>
    session.drawn(watch, WATCHED, async () => {
      if (name === undefined) {
        const page = await session.client.call<Page<Item>>(pathOf(path), {
          query: { ...query },
          has: ['items'],
        });
        return session.printPage(page, (await view()).columns(page.items), output);
      }
      const { project } = query;
      const item = await session.client.call<Item>(pathOf(path, name), {
        query: { project },
        ifMissing: `signalbox show ${list}`,
        has: [identity],
      });
      const { text } = await view();
      const nowMs = session.terminal.nowMs();
      return session.printOne(item, output, (_item, format) => text(item, nowMs, format));
    }),
  );
}

function addStats(show: Command, session: Session): void {
  const command = show
    .command('stats')
    .alias('stat')
    .description('what the nodes of a listener counted: connections, bytes, requests and errors')
    .argument('<listener>', 'one listener')
    .option('--project <name>', 'its project, default when left out');
  withExamples(withOutput(command), 'signalbox show stats shop', 'signalbox show stats shop -o json').action(
    async (name: string, { output, project }: OutputFlags & ProjectFlags) => {
      const stats = await session.client.call<ListenerStatsItem>(pathOf('listeners', name, 'stats'), {
        query: { project },
        ifMissing: 'signalbox show listeners',
        has: ['nodes'],
      });
      const { statsText } = await import('../views/stats.view.js');
      return session.printOne(stats, output, statsText);
    },
  );
}

function addAlarms(show: Command, session: Session): void {
  const command = show
    .command('alarms')
    .alias('alarm')
    .description('what is wrong now')
    .option('--project <name>', 'only of this project; those of the site itself are in default');
  withExamples(
    withWatch(withOutput(command)),
    'signalbox show alarms',
    'signalbox show alarms --watch',
    'signalbox show alarms -o json',
  ).action(async ({ output, project, watch }: ListFlags & ProjectFlags) =>
    session.drawn(watch, ['alarm'], async () => {
      const { items } = await session.client.call<AlarmsAnswer>(pathOf('alarms'), {
        query: { project },
        has: ['items'],
      });
      const { ALARM_COLUMNS } = await import('../views/alarm.view.js');
      await session.printRows(items, ALARM_COLUMNS, output);
    }),
  );
}
