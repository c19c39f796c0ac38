import { type Command, Option } from 'commander';
import type { AlarmsAnswer, BackendDetail, FrontendItem, HealthCheckItem } from '../balance-shapes.js';
import type { Column } from '../output/table.js';
import { pathOf } from '../rest-client.js';
import type { Page } from '../rest-shapes.js';
import type { Session } from '../session.js';
import { type ListFlags, type OutputFlags, withExamples, withOutput, withPaging } from './options.js';
import { BACKEND_STATES } from './states.js';

/** A noun of `show`. Its view is loaded when it is needed, so that no other command pays for it. */
interface Shown<Item> {
  readonly list: string;
  readonly single: string;
  readonly description: string;
  readonly example: string;
  readonly options?: readonly Option[];
  readonly view: () => Promise<{
    readonly columns: readonly Column<Item>[];
    readonly text: (item: Item, nowMs: number, format: 'table' | 'wide') => string;
  }>;
}

const BACKENDS: Shown<BackendDetail> = {
  list: 'backends',
  single: 'backend',
  description: 'backends and their states, or everything of one of them',
  example: 'nginx1',
  options: [new Option('--state <state>', 'only backends in it').choices(BACKEND_STATES)],
  view: async () => {
    const { BACKEND_COLUMNS, backendText } = await import('../views/backend.view.js');
    return { columns: BACKEND_COLUMNS, text: backendText };
  },
};

const FRONTENDS: Shown<FrontendItem> = {
  list: 'frontends',
  single: 'frontend',
  description: 'frontends and their states, or the pools and weights of one of them',
  example: 'http-vip',
  view: async () => {
    const { FRONTEND_COLUMNS, frontendText } = await import('../views/frontend.view.js');
    return { columns: FRONTEND_COLUMNS, text: frontendText };
  },
};

const HEALTHCHECKS: Shown<HealthCheckItem> = {
  list: 'healthchecks',
  single: 'healthcheck',
  description: 'health checks, or everything of one of them',
  example: 'http-check',
  view: async () => {
    const { HEALTHCHECK_COLUMNS, healthcheckText } = await import('../views/healthcheck.view.js');
    return { columns: HEALTHCHECK_COLUMNS, text: healthcheckText };
  },
};

export function addShow(program: Command, session: Session): void {
  const show = program.command('show').description('backends, frontends, health checks and alarms');
  withExamples(show, 'signalbox show backends', 'signalbox show frontends http-vip');
  addShown(show, session, BACKENDS);
  addShown(show, session, FRONTENDS);
  addShown(show, session, HEALTHCHECKS);
  addAlarms(show, session);
}

function addShown<Item>(show: Command, session: Session, shown: Shown<Item>): void {
  const { list, single, description, example, options = [], view } = shown;
  const command = show
    .command(list)
    .alias(single)
    .description(description)
    .argument('[name]', `one ${single}`);
  for (const option of options) command.addOption(option);
  withExamples(
    withPaging(command),
    `signalbox show ${list}`,
    `signalbox show ${list} ${example}`,
    `signalbox show ${list} -o json`,
  ).action(async (name: string | undefined, { output, ...query }: ListFlags) => {
    if (name === undefined) {
      const page = await session.client.call<Page<Item>>(pathOf(list), {
        query: { ...query },
        has: ['items'],
      });
      return session.printPage(page, (await view()).columns, output);
    }
    const item = await session.client.call<Item>(pathOf(list, name), {
      ifMissing: `signalbox show ${list}`,
      has: ['name'],
    });
    const { text } = await view();
    const nowMs = session.terminal.nowMs();
    return session.printOne(item, output, (_item, format) => text(item, nowMs, format));
  });
}

function addAlarms(show: Command, session: Session): void {
  const command = show.command('alarms').alias('alarm').description('what is wrong now');
  withExamples(withOutput(command), 'signalbox show alarms', 'signalbox show alarms -o json').action(
    async ({ output }: OutputFlags) => {
      const { items } = await session.client.call<AlarmsAnswer>(pathOf('alarms'), { has: ['items'] });
      const { ALARM_COLUMNS } = await import('../views/alarm.view.js');
      await session.printRows(items, ALARM_COLUMNS, output);
    },
  );
}
