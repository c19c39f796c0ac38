import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { isForPeople } from '../output/format.js';
import { pathOf } from '../rest-client.js';
import type { Page } from '../rest/answers.js';
import type { Session } from '../session.js';
import type { SinkDetail, SinkItem, SinkRenderingItem } from '../rest/answers.js';
import {
  type ListFlags,
  type OutputFlags,
  withExamples,
  withOutput,
  withPlainDryRun,
  withPaging,
  withWatch,
} from './options.js';

const IF_MISSING = 'signalbox sink list';

export function addSink(program: Command, session: Session): void {
  const sink = program
    .command('sink')
    .description('where the effective config goes: files, NATS KV and servers, as ConfigSinks declare them');
  withExamples(sink, 'signalbox sink list', 'signalbox sink describe backends');
  addList(sink, session);
  addDescribe(sink, session);
  addCommand(sink, session, 'pause', 'write nothing to its target until it is resumed');
  addCommand(
    sink,
    session,
    'resume',
    'write the newest: after a pause, at once after a failure, over what somebody else changed, past what held it',
  );
  addRender(sink, session);
}

function addList(sink: Command, session: Session): void {
  const command = sink.command('list').description('sinks, what each has and what is wrong with it');
  withExamples(withWatch(withPaging(command)), 'signalbox sink list', 'signalbox sink list --watch').action(
    async ({ output, watch, ...query }: ListFlags) =>
      session.drawn(watch, ['sink'], async () => {
        const page = await session.client.call<Page<SinkItem>>(pathOf('sinks'), { query, has: ['items'] });
        const { SINK_COLUMNS } = await import('../views/sink.view.js');
        await session.printPage(page, SINK_COLUMNS, output);
      }),
  );
}

function addDescribe(sink: Command, session: Session): void {
  const command = sink
    .command('describe')
    .description('everything of one sink: its content, what failed with its output, what was tried last')
    .argument('<name>', 'the sink');
  withExamples(withOutput(command), 'signalbox sink describe backends').action(
    async (name: string, { output }: OutputFlags) => {
      const item = await session.client.call<SinkDetail>(pathOf('sinks', name), {
        ifMissing: IF_MISSING,
        has: ['name'],
      });
      const { sinkText } = await import('../views/sink.view.js');
      await session.printOne(item, output, sinkText);
    },
  );
}

function addCommand(sink: Command, session: Session, verb: 'pause' | 'resume', description: string): void {
  const command = sink
    .command(verb)
    .description(description)
    .argument('<name>', 'the sink')
    .option('--reason <text>', 'why, for the history');
  withExamples(
    withPlainDryRun(withOutput(command)),
    `signalbox sink ${verb} backends --reason "new kernel"`,
  ).action(async (name: string, { reason, output }: OutputFlags & { readonly reason?: string }) => {
    const { body, pending } = await session.client.answer<SinkDetail>(pathOf('sinks', name, verb), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason }),
      ifMissing: IF_MISSING,
      has: ['name'],
    });
    const { sinkOutcomeText } = await import('../views/sink.view.js');
    await session.printOne(body, output, sinkOutcomeText);
    if (pending) session.notePending();
  });
}

function addRender(sink: Command, session: Session): void {
  const command = sink
    .command('render')
    .description('what a sink would write now, and nothing is written; exit 3 when it would be held')
    .argument('<name>', 'the sink');
  withExamples(
    withOutput(command),
    'signalbox sink render backends',
    'signalbox sink render backends | diff /etc/haproxy/backends.cfg -',
    'signalbox sink render backends -o json',
  ).action(async (name: string, { output }: OutputFlags) => {
    const rendering = await session.client.call<SinkRenderingItem>(pathOf('sinks', name, 'render'), {
      ifMissing: IF_MISSING,
      has: ['text'],
    });
    const { renderingNotes } = await import('../views/sink.view.js');
    await session.printOne(rendering, output, ({ text }) => text);
    if (isForPeople(output)) session.note(renderingNotes(rendering));
    if (rendering.held === undefined) return;
    session.note(`it would not be written: ${rendering.held}`);
    session.exitCode = EXIT.quarantine;
  });
}
