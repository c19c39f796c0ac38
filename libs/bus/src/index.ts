export { answerEverywhere } from './answer-everywhere.js';
export { appendFenced } from './append-fenced.js';
export { WANTED_MS } from './marks.js';
export { Bus, type BusLog, type BusOptions, isInbox, isOfNats, PAYLOAD_RESERVE } from './bus.js';
export { appendDeadLetter, buryUnreadable, type Dead } from './dead-letters.js';
export { MessageController, OnRequest, OnRequestBatch, OnStream, OnStreamBatch } from './decorators.js';
export { getBySeq, getFirst, getLast, getLastAlone } from './direct-get.js';
export { ACK_WAIT_MS, deleteDurable, type DurableOptions, ensureDurable } from './durables.js';
export { FirstThenCount } from './first-then-count.js';
export { type FencedRecords, FencedWriter, QUEUED_PER_SUBJECT } from './fenced-writer.js';
export { Follower, type FollowOptions } from './follower.js';
export {
  type Binding,
  JetStreamServer,
  RequestContext,
  RetryLater,
  StreamContext,
} from './jetstream-server.js';
export { MessageBatch } from './message-batch.js';
export {
  type AccessSource,
  describeLogin,
  type NatsAccess,
  type NatsLogin,
  readNatsAccess,
} from './nats-access.js';
export { Outages, Presence } from './outages.js';
export { Pauses } from './pauses.js';
export {
  type Ack,
  Publisher,
  type PublishOptions,
  type StorageRefusal,
  WrongSequenceError,
} from './publisher.js';
export { BATCH_BOUNDS, RecordLog } from './record-log.js';
export { decodeOnce, readRecord } from './read-record.js';
export { LatestReader, type LatestOptions } from './latest-reader.js';
export { lastBefore } from './last-before.js';
export { lastOf, type EndOf } from './last-of.js';
export { ServiceAnswers, type ServiceIdentity } from './service-answers.js';
export type { StreamMessage } from './stream-message.js';
export {
  boundedStream,
  ensureStream,
  existingStream,
  factsDefinition,
  isNotFound,
  STREAM_DEFINITIONS,
  STREAM_KEEPERS,
  type StreamBounds,
  type StreamFill,
  streamFills,
  streamInfo,
} from './streams.js';
export { readTlsFiles, type TlsFiles } from './tls-files.js';
export { unlessClosing } from './unless-closing.js';
export { untilStream } from './until-stream.js';
export { whatIsKept } from './what-is-kept.js';
export { WorkConsumer } from './work-consumer.js';
