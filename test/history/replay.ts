import { Bus, ensureStream, factsDefinition, STREAM_DEFINITIONS } from '@signalbox/bus';
import { groupOfStream, SUBJECTS } from '@signalbox/contracts';
import { createDataSource, MATCHES, migrate, Projector, restoreTables } from '@signalbox/store';
import { connect, headers, type JetStreamClient, type JetStreamManager, type MsgHdrs } from 'nats';
import {
  bytesOf,
  type RecordedHistory,
  type RecordedMessage,
  type RecordedStream,
} from './recorded-history.js';
import { chainProjections, groupsOf } from './site-history.js';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Demands of the server that held when the message was first stored: what came before may be gone. */
const DEMANDS = /^Nats-Expected-/;

/**
 * Makes the streams of a history on an empty server, as this version defines them: the same messages under the same
 * sequences, and nothing between them.
 */
export async function publishHistory(natsUrl: string, { streams }: RecordedHistory): Promise<void> {
  const bus = await Bus.connect({ url: natsUrl, name: 'replay', log: SILENT });
  const connection = await connect({ servers: natsUrl });
  try {
    const renamed = new Map<string, string>();
    for (const { name, created } of streams)
      renamed.set(created, (await ensureStream(bus.manager, definitionOf(name), SILENT)).created);
    for (const stream of streams)
      await publishStream(connection.jetstream(), bus.manager, withTimes(stream, renamed));
  } finally {
    await connection.close();
    await bus.close();
  }
}

/** A position in a stream is that of the stream that was made at one time: a snapshot of positions names the new times. */
function withTimes(stream: RecordedStream, renamed: ReadonlyMap<string, string>): RecordedStream {
  const messages = stream.messages.map((message) => {
    if (message.subject !== SUBJECTS.snapshot(MATCHES)) return message;
    const data = [...renamed].reduce((text, [then, now]) => text.replaceAll(then, now), message.data);
    return { ...message, data };
  });
  return { ...stream, messages };
}

function definitionOf(stream: string): ReturnType<typeof factsDefinition> {
  const group = groupOfStream(stream);
  if (group !== undefined) return factsDefinition(group);
  const definition = Object.values(STREAM_DEFINITIONS).find(({ name }) => name === stream);
  if (!definition) throw new Error(`this version has no stream ${stream}`);
  return definition;
}

async function publishStream(
  client: JetStreamClient,
  manager: JetStreamManager,
  { name, lastSeq, messages }: RecordedStream,
): Promise<void> {
  const bySeq = new Map(messages.map((message) => [message.seq, message]));
  const fillers: number[] = [];
  // stands where a message is gone, until all are there
  const filler = definitionOf(name).subjects[0]!.replace('>', 'filler');
  for (let seq = 1; seq <= lastSeq; seq += 1) {
    const message = bySeq.get(seq);
    const ack = message
      ? await client.publish(message.subject, bytesOf(message), { headers: headersOf(message) })
      : await client.publish(filler, '');
    if (ack.seq !== seq) throw new Error(`message ${seq} of ${name} was stored as ${ack.seq}`);
    if (!message) fillers.push(seq);
  }
  for (const seq of fillers) await manager.streams.deleteMessage(name, seq);
}

function headersOf({ headers: given = {} }: RecordedMessage): MsgHdrs {
  const made = headers();
  for (const [name, value] of Object.entries(given)) if (!DEMANDS.test(name)) made.set(name, value);
  return made;
}

/** Makes the tables of the chain in an empty database, as the services do that find theirs lost. */
export async function foldHistory(
  natsUrl: string,
  databaseUrl: string,
  history: RecordedHistory,
): Promise<void> {
  const bus = await Bus.connect({ url: natsUrl, name: 'replay', log: SILENT });
  const dataSource = await createDataSource(databaseUrl).initialize();
  try {
    await migrate(dataSource);
    // dead letters first: whoever meets a record that cannot be read buries it again
    const projections = [...chainProjections(groupsOf(history))].reverse();
    await restoreTables(bus, dataSource, projections);
    for (const projection of projections) {
      const projector = await Projector.start(bus, dataSource, projection);
      await projector.caughtUp;
      await projector.stop();
    }
  } finally {
    await dataSource.destroy();
    await bus.close();
  }
}
