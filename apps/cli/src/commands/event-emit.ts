import type { Command } from 'commander';
import type { EmitBody, EmitFlags } from '../emit/body.js';
import { isForPeople } from '../output/format.js';
import { pathOf, type RestClient } from '../rest-client.js';
import type { EmitAnswer, StatusAnswer } from '../rest/answers.js';
import { RETRIES, withRetries } from '../retry.js';
import type { Session } from '../session.js';
import { EMIT_COLUMNS } from '../views/event.view.js';
import {
  collectPairs,
  type OutputFlags,
  withExamples,
  withGroup,
  withOutput,
  withPlainDryRun,
} from './options.js';

export function addEmit(event: Command, session: Session): void {
  const command = withGroup(event.command('emit').description('emit a fact'))
    .requiredOption('--type <type>', 'what was observed, for example routerd.client.ipv4.observed')
    .option('--subject <subject>', 'what it was observed of, for example 10.88.60.9/32')
    .option('--payload <k=v...>', 'more about it; the values are strings', collectPairs)
    .option('--ttl <duration>', 'expires so long after it was observed: 500ms, 30m, 1h30m')
    .option('--expires-at <time>', 'expires then (RFC 3339)')
    .option('--observed-at <time>', 'when it was observed (RFC 3339; now)')
    .option('--id <id>', 'id of the fact (evt- and 16 random hex digits)')
    .option('--dedupe-key <key>', 'facts with one key are about the same thing')
    .option('--source-node <node>', 'who observed it; only our own node is accepted');
  withExamples(
    withPlainDryRun(withOutput(command)),
    'signalbox event emit --group cloudedge --type routerd.client.ipv4.observed \\',
    '    --subject 10.88.60.9/32 --payload address=10.88.60.9/32 ownerSide=onprem --ttl 30m',
    'signalbox event emit --type door.opened --id door-7-opened -o json',
  ).action(async ({ output, ...flags }: EmitFlags & OutputFlags) => {
    const { emitBody } = await import('../emit/body.js');
    const { client, terminal } = session;
    const body = emitBody(flags, terminal);
    let repeated = false;
    const answer = await withRetries(
      () =>
        client.call<EmitAnswer>(pathOf('groups', body.group, 'events'), {
          method: 'POST',
          has: ['id', 'accepted'],
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      terminal,
      (failure, repeat) => {
        repeated = true;
        session.note(`${failure.message}; trying again (${repeat}/${RETRIES.times})`);
      },
    );
    if (!isForPeople(output)) return session.printOne(answer, output, () => '');
    const sourceNode = body.sourceNode ?? (await nodeOf(client, body.group));
    const row = { ...body, ...answer, dedupeKey: body.dedupeKey ?? body.id, sourceNode };
    await session.printRows([row], EMIT_COLUMNS, output);
    if (answer.refreshed) session.note('the fact was stored already; it now expires later');
    else if (answer.duplicate && !repeated) session.note('the fact was stored already; nothing changed');
  });
}

/** The node that our facts of a group come from; the fact is stored whether or not we learn it. */
async function nodeOf(client: RestClient, group: EmitBody['group']): Promise<string> {
  const status = await client.call<StatusAnswer>(pathOf('status')).catch(() => undefined);
  return status?.groups.find(({ name }) => name === group)?.nodeName ?? '';
}
