// What the processes of the bare chain share: connections, and batches of a stream that are handled one after another.
import { AckedPublisher } from '../acked-publisher.mjs';
import { connectNats, connectPostgres } from '../site.mjs';

/** Most messages of one batch; a batch is what arrived while the one before was handled. */
const BATCH = 500;
const BUFFERED = 2000;

/** Connects, runs `start`, tells the parent, and ends with it. */
export async function runStage(start) {
  const settings = JSON.parse(process.argv[2]);
  process.on('disconnect', () => process.exit(0));
  const nc = await connectNats(settings);
  const database = settings.databaseUrl && (await connectPostgres(settings.databaseUrl));
  const told = await start({ nc, database, publisher: new AckedPublisher(nc), settings });
  process.send({ ready: true, ...told });
}

/** Works on a stream from its beginning: a durable pull consumer, explicit acks after `handle`. */
export async function consumeBatches(nc, stream, durable, handle) {
  const manager = await nc.jetstreamManager();
  await manager.consumers.add(stream, {
    durable_name: durable,
    ack_policy: 'explicit',
    deliver_policy: 'all',
    max_ack_pending: 4 * BUFFERED,
  });
  const consumer = await nc.jetstream().consumers.get(stream, durable);
  let buffer = [];
  let isWorking = false;
  const work = async () => {
    isWorking = true;
    await Promise.resolve();
    while (buffer.length > 0) {
      const batch = buffer.slice(0, BATCH);
      buffer = buffer.slice(BATCH);
      await handle(batch);
      for (const message of batch) message.ack();
    }
    isWorking = false;
  };
  await consumer.consume({
    max_messages: BUFFERED,
    callback: (message) => {
      buffer.push(message);
      if (!isWorking) work().catch(fail);
    },
  });
}

function fail(error) {
  console.error(error);
  process.exit(1);
}
