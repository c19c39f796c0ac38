import { type Command, Option } from 'commander';
import { type Call, pathOf } from '../rest-client.js';
import type { DeliveryItem, EventItem, ExplainAnswer, Page } from '../rest/answers.js';
import type { Session } from '../session.js';
import { DELIVERY_COLUMNS, EVENT_COLUMNS, eventText } from '../views/event.view.js';
import { explainText } from '../views/explain.view.js';
import { sincePage } from '../words/since.js';
import { addEmit } from './event-emit.js';
import {
  type ListFlags,
  NEWEST,
  type OutputFlags,
  withExamples,
  type SinceFlags,
  withGroup,
  withOutput,
  withPaging,
  withSince,
  withWatch,
} from './options.js';
import { DELIVERY_STATES } from './states.js';

interface EventListFlags extends ListFlags, SinceFlags {
  readonly group: string;
  readonly includeExpired?: boolean;
  readonly type?: string;
  readonly subject?: string;
  readonly source?: string;
  readonly oldest?: boolean;
}

interface DeliveryFlags extends ListFlags {
  readonly group?: string;
  readonly eventId?: string;
  readonly peer?: string;
  readonly status?: string;
}

interface GroupFlags extends OutputFlags {
  readonly group: string;
}

export function addEvent(program: Command, session: Session): void {
  const event = program.command('event').description('facts: emit, read and explain them');
  withExamples(
    event,
    'signalbox event list --group cloudedge',
    'signalbox event explain evt-0123456789abcdef --group cloudedge',
  );
  addEmit(event, session);
  addList(event, session);
  addGet(event, session);
  addExplain(event, session);
  addDeliveries(event, session);
}

function addList(event: Command, session: Session): void {
  const command = withGroup(event.command('list').description('stored facts, newest first'))
    .option('--include-expired', 'also facts that have expired')
    .option('--type <type>', 'only this type')
    .option('--subject <subject>', 'only this subject')
    .option('--source <node>', 'only facts of this source node')
    .option('--oldest', 'oldest first');
  withExamples(
    withWatch(withSince(withPaging(command, NEWEST))),
    'signalbox event list --group cloudedge',
    'signalbox event list --since 10m --watch',
    'signalbox event list --type routerd.client.ipv4.observed --include-expired -o wide',
    'signalbox event list -o ndjson --limit 1000',
  ).action(async ({ group, output, since, watch, ...query }: EventListFlags) => {
    const { includeExpired, type, subject, source, oldest, limit, after } = query;
    const order = oldest ? 'oldest' : 'newest';
    await session.drawn(watch, ['fact'], async () => {
      const answer = await session.client.call<Page<EventItem>>(pathOf('groups', group, 'events'), {
        has: ['items'],
        query: { includeExpired, type, subject, source, order, limit, after },
      });
      const timeOf = (item: EventItem) => item.acceptedAt ?? item.observedAt;
      const page = sincePage(answer, since, timeOf, session.terminal.nowMs(), 'signalbox event list --help');
      await session.printRows(page.items, EVENT_COLUMNS, output);
      session.hintMore(page, oldest ? 'oldest' : 'newest');
    });
  });
}

function addGet(event: Command, session: Session): void {
  const command = event.command('get').description('one fact').argument('<id>', 'id of the fact');
  withExamples(
    withOutput(withGroup(command)),
    'signalbox event get evt-0123456789abcdef --group cloudedge -o json',
  ).action(async (id: string, { group, output }: GroupFlags) => {
    const item = await session.client.call<EventItem>(...callOf(group, id, ['id', 'type']));
    await session.printOne(item, output, eventText);
  });
}

function addExplain(event: Command, session: Session): void {
  const command = event
    .command('explain')
    .description('why a fact did or did not start something, and what followed')
    .argument('<id>', 'id of the fact');
  withExamples(
    withOutput(withGroup(command)),
    'signalbox event explain evt-0123456789abcdef --group cloudedge',
  ).action(async (id: string, { group, output }: GroupFlags) => {
    const answer = await session.client.call<ExplainAnswer>(
      ...callOf(group, id, ['event', 'decisions'], 'explain'),
    );
    await session.printOne(answer, output, () => explainText(answer, session.paint()));
  });
}

function addDeliveries(event: Command, session: Session): void {
  const command = event
    .command('deliveries')
    .description('deliveries of facts to peers')
    .option('--group <name>', 'only this group')
    .option('--event-id <id>', 'only this fact')
    .option('--peer <name>', 'only this peer, by its node or its EventPeer')
    .addOption(new Option('--status <status>', 'only deliveries with it').choices(DELIVERY_STATES));
  withExamples(
    withWatch(withPaging(command)),
    'signalbox event deliveries --group cloudedge --status failed',
    'signalbox event deliveries --event-id evt-0123456789abcdef',
  ).action(async ({ group, eventId, peer, status, limit, after, watch, output }: DeliveryFlags) => {
    await session.drawn(watch, ['delivery'], async () => {
      const page = await session.client.call<Page<DeliveryItem>>(pathOf('deliveries'), {
        has: ['items'],
        query: { group, eventId, peer, status, limit, after },
      });
      await session.printPage(page, DELIVERY_COLUMNS, output);
    });
  });
}

/** A call about one fact. No path leads to the ids `.` and `..`: every client shortens it, also in percent-encoding. */
function callOf(
  group: string,
  id: string,
  has: readonly string[],
  ...below: readonly string[]
): [path: string, call: Call] {
  const call = { ifMissing: listHint(group), has };
  if (id === '.' || id === '..')
    return [pathOf('groups', group, 'event', ...below), { ...call, query: { id } }];
  return [pathOf('groups', group, 'events', id, ...below), call];
}

function listHint(group: string): string {
  return `signalbox event list --group ${group} --include-expired`;
}
