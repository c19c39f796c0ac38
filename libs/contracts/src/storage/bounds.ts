const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const DAY_MS = 24 * 3_600_000;

/**
 * Every number that bounds what a site keeps, in the one place: what bounds itself takes its number from here, and
 * {@link STORED} says what each of them bounds. Bytes where the name says so, milliseconds where it ends in `Ms`, else how
 * many.
 */
export const BOUNDS = {
  // streams
  factsBytes: 2 * GIB,
  intakeBytes: 256 * MIB,
  deadBytes: 256 * MIB,
  deadAgeMs: 90 * DAY_MS,
  nodesBytes: 64 * MIB,
  leadersBytes: 16 * MIB,
  sinkBucketBytes: 64 * MIB,
  /** From here on people are told; nothing is refused and nothing goes. */
  activityWarnBytes: 8 * GIB,
  journalWarnBytes: 1 * GIB,
  // what is kept of them
  factsAgeMs: 30 * DAY_MS,
  factsEvents: 1_000_000,
  activityAgeMs: 30 * DAY_MS,
  // read and not handled yet, of one reader
  readAheadMessages: 1000,
  readAheadBytes: 4 * MIB,
  /** Records of one subject that wait for NATS; after that the newest is merged with each newcomer. */
  recordsOfSubject: 16,
  /** Kinds of warnings that are told once and then counted, and refusals that are told. */
  toldKinds: 100,
  // of `api`
  changesInLine: 100,
  eventStreams: 200,
  /** Tickets for event streams that nobody has used yet. */
  streamTickets: 1000,
  /** Sources that one event stream reads: facts of that many groups. */
  streamGroups: 64,
  /** Newest records of one source that clients of the event stream resume from without a reader of their own. */
  feedMessages: 1024,
  feedBytes: 2 * MIB,
  /** Answers to requests with an Idempotency-Key, and the largest of them. */
  keptAnswers: 100_000,
  keptAnswersAgeMs: DAY_MS,
  keptAnswerBytes: 64 * KIB,
  /** Of everything that is measured: six hours, one a minute. */
  samples: 360,
  // of `ingest`
  factsInLine: 20_000,
  /** Accepted facts that the table does not have yet. */
  factsUnprojected: 200_000,
  signatures: 65_536,
  senderClocks: 256,
  // of `federation`, for each peer
  deliveriesInWork: 32,
  recentDeliveries: 1024,
  // of `matcher`
  plansInLine: 32,
  factsAtHandBytes: 32 * MIB,
  endedRuns: 10_000,
  // of `plugin-runner`
  pluginDigests: 256,
  /** Runs of one persistent plugin that wait for room on its processes. */
  runsOfPlugin: 1024,
  // of `health`: compiled expressions of checks
  bodyPatterns: 256,
  // files
  serverLogBytes: 10 * MIB,
  /** Clients that a listener with affinity remembers. */
  rememberedClients: 100_000,
  /** Connections that nftables cut, and whose clients may not know. */
  cutConnections: 262_144,
  /** Connections of a listener of `sim` that names no limit: two file descriptors each. */
  simConnections: 4_000,
  /** Flows of datagrams of a listener of `sim` that names no limit: one file descriptor each. */
  simFlows: 4_000,
} as const;
