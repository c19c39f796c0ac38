export { type KeptAnswer, KeptAnswers, type KeyState } from './answers/kept-answers.js';
export { BackendRow } from './backends/backend.entity.js';
export { BackendTransitionRow } from './backends/backend-transition.entity.js';
export { backendIntentsProjection } from './backends/backend-intents.projection.js';
export { backendsProjection } from './backends/backends.projection.js';
export { NAMED_DIFFERENCES, type RowDifference, type TableReport } from './compare-tables.js';
export { createDataSource, migrate, openStore, type Store } from './data-source.js';
export type { StoreAccess } from './store-access.js';
export { type LinkLog, StoreLink } from './store-link.js';
export { isUnavailable } from './unavailable.js';
export { DeadLetterRow } from './dead/dead-letter.entity.js';
export { deadLettersProjection } from './dead/dead-letters.projection.js';
export { deliveredVersions, deliveriesProjection, openAttempts } from './deliveries/deliveries.projection.js';
export { DeliveryRow } from './deliveries/delivery.entity.js';
export { EffectiveBook, type EffectiveChange, type KindsOfGroup } from './effective/effective-book.js';
export {
  findFacts,
  type FoundFacts,
  NEWEST_FIRST,
  type IndexedFact,
  type NewestOfLineage,
} from './facts/fact-index.queries.js';
export { type FoldTables, inFoldTransaction } from './fold-transaction.js';
export {
  countUndelivered,
  deleteFactsUpTo,
  factsUpTo,
  firstTooMany,
  type Undelivered,
} from './facts/fact-retention.queries.js';
export { FACT_COLUMNS, type FactColumns, factOfColumns } from './facts/fact-columns.js';
export { FactRow } from './facts/fact.entity.js';
export { factsProjection, factsProjectionName, lineageColumn, lineageKey } from './facts/facts.projection.js';
export { FrontendRow } from './frontends/frontend.entity.js';
export { FrontendTargetRow, targetOfRow } from './frontends/frontend-target.entity.js';
export { frontendsProjection } from './frontends/frontends.projection.js';
export { weightOverridesProjection } from './frontends/weight-overrides.projection.js';
export { jsonRows, lastPerKey } from './json-rows.js';
export { NodeListenerRow, reportOfRow } from './nodes/node-listener.entity.js';
export { NodeRow } from './nodes/node.entity.js';
export { WRITES_VIP, WRITTEN_VIP } from './vips/written-vip.js';
export { NodeVipRow, vipReportOfRow } from './nodes/node-vip.entity.js';
export { nodeDrainsProjection } from './nodes/node-drains.projection.js';
export { nodesProjection } from './nodes/nodes.projection.js';
export { VipAddressRow } from './vips/vip-address.entity.js';
export { VipHolderRow } from './vips/vip-holder.entity.js';
export { vipRecordsOf, vipsProjection } from './vips/vips.projection.js';
export {
  configAt,
  generationAt,
  generationRange,
  type KeptGeneration,
  type PastConfig,
  type VersionPair,
  versionsBetween,
} from './parts/effective-history.queries.js';
export {
  changesOf,
  type GenerationChange,
  type ResourceVersion,
  type VersionedName,
  versionsOf,
} from './parts/resource-history.queries.js';
export { GenerationRow } from './parts/generation.entity.js';
export { PartRow } from './parts/part.entity.js';
export { partsProjection } from './parts/parts.projection.js';
export { projectedGroups, siteProjections } from './projections.js';
export { loadPosition, MATCHES, type Position, savePosition, streamCreated } from './positions.js';
export type { Projection, ProjectionTable } from './projection.js';
export { Projector } from './projector.js';
export { Projectors } from './projectors.js';
export { type GoneRow, type GoneRowsListener, pruneRows } from './prune-rows.js';
export { restoreTables } from './start-position.js';
export {
  horizonOf,
  newestSnapshot,
  restoreSnapshot,
  type Snapshotted,
  takeSnapshot,
  untilRestored,
} from './snapshots.js';
export { readUpTo, type StreamRange } from './read-up-to.js';
export { type BookEntry, ResourceBook } from './resources/resource-book.js';
export { ResourceVersionRow } from './resources/resource-version.entity.js';
export { resourcesProjection } from './resources/resources.projection.js';
export { nameIn, projectIn, scopedIn } from './scoped-names.js';
export { type TableSize, tableSizes } from './table-sizes.js';
export { APPLY_OUTCOMES, type ApplyOutcome, SinkApplyRow } from './sinks/sink-apply.entity.js';
export { sinkIntentsProjection } from './sinks/sink-intents.projection.js';
export { SinkRow } from './sinks/sink.entity.js';
export { sinksProjection } from './sinks/sinks.projection.js';
export { tokensProjection } from './resources/tokens.projection.js';
export { RunRow } from './runs/run.entity.js';
export { evolveRun, type ExecutionView, orderOfView, type RunView } from './runs/run-state.js';
export { runsProjection } from './runs/runs.projection.js';
export {
  isMended,
  type MendedTable,
  rebuildProjection,
  type RebuildProgress,
  type RebuildReport,
} from './rebuild-projection.js';
export { ScratchSpace } from './scratch-space.js';
export { type ProjectionReport, verifyProjection } from './verify-projection.js';
