/**
 * What the command reads from the REST API, by the words that it uses itself. Every type is one of `rest-types.ts`,
 * which is made from the OpenAPI document; where that only says "an object", the kind of object is said here.
 */
import type {
  ActionPlan,
  BackendVitals,
  Directive,
  ErrorBody,
  HealthCheckSpec,
  HealthResult,
  NodePolicy,
  Resource,
  SinkFailure,
} from '@signalbox/contracts';
import type * as rest from './rest-types.js';

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Cursor of the next page; absent or null on the last one. */
  readonly next?: string | null;
}

type Changed<Dto, Members> = Omit<Dto, keyof Members> & Members;

/** What the words of these members are says `contracts`; an item of a list lacks what only the whole thing has. */
type Lacking<Dto, Member extends keyof Dto> = Omit<Dto, Member> & Partial<Pick<Dto, Member>>;

export type PlanEntry = rest.PlannedChangeDto;
export type ApplyAnswer = Changed<
  Lacking<rest.ApplyResultDto, 'waitingFor' | 'warnings'>,
  { readonly effect?: Effect }
>;
export type ApplyWarning = rest.ApplyWarningDto;
export type ResourceItem = Changed<Lacking<rest.ResourceItemDto, 'status'>, { readonly resource: Resource }>;
export type EventItem = Lacking<
  rest.EventItemDto,
  'acceptedAt' | 'expired' | 'own' | 'sourceNode' | 'version' | 'way'
>;
export type DeliveryItem = rest.DeliveryItemDto;
export type ExecutionItem = Changed<rest.ExecutionDto, { readonly error?: ErrorBody }>;
export type RevisionItem = rest.RevisionDto;
export type RevisedItem = rest.RevisedResourceDto;
export type RunItem = Changed<rest.RunItemDto, { readonly executions: readonly ExecutionItem[] }>;
export type PlannedAttempt = rest.PlannedAttemptDto;

/** Newest first, with what starts nothing. */
export interface RunPage extends Page<RunItem> {
  readonly waiting?: readonly rest.WaitingRunsDto[];
}

export type PartItem = Changed<
  Lacking<rest.PartItemDto, 'facts'>,
  {
    readonly body?: {
      readonly resources: readonly Resource[];
      readonly directives: readonly Directive[];
      readonly actionPlans: readonly ActionPlan[];
    };
  }
>;
export type DerivedResource = rest.DerivedResourceDto;
export type RouterDocument = Changed<
  rest.EffectiveConfigDto,
  { readonly spec: { readonly resources: readonly Resource[] } }
>;
export type SuppressedResource = rest.SuppressedResourceDto;
export type DiffAnswer = rest.EffectiveDiffDto;
export type ConfigMoment = rest.MomentDto;
export type ConfigChange = rest.ConfigChangeDto;
export type ConfigChanges = rest.ConfigChangesDto;
export type GenerationItem = rest.GenerationDto;
export type VersionItem = rest.VersionDto;
export type OriginPart = rest.OriginPartDto;
export type ResourceExplanation = rest.ResourceExplanationDto;
export type CompactionAnswer = rest.CompactionDto;
export type ExplainAnswer = Changed<
  rest.ExplanationDto,
  {
    /** What is kept no longer has but its place. */
    readonly event: rest.ExplainedEventDto & Pick<rest.EventItemDto, 'id' | 'group' | 'seq'>;
    readonly parts: readonly PartItem[];
    readonly runs: readonly RunItem[];
  }
>;
export type DeadLetterItem = Changed<
  rest.DeadLetterDto,
  {
    /** Only of one letter. */
    readonly letter?: {
      readonly stream?: string;
      readonly seq?: number;
      readonly deliveries?: number;
      readonly encoding: string;
      readonly data: string;
      readonly truncated: boolean;
    };
  }
>;
export type ProjectionItem = rest.ProjectionItemDto;
export type RebuildProgressLine = rest.RebuildProgressDto;
export type RebuiltProjection = rest.RebuildReportDto;
export type VerifiedTable = rest.TableReportDto;
export type VerifiedProjection = rest.ProjectionReportDto;
export type StorageItem = rest.StorageItemDto;
export type StorageAnswer = rest.StorageDto;
export type StatusAnswer = rest.StatusDto;

export type Origin = rest.OriginDto;
export type BackendItem = Changed<rest.BackendItemDto, { readonly result: HealthResult }>;
export type TransitionItem = rest.TransitionDto;
export type BackendDetail = Changed<
  rest.BackendDto,
  { readonly result: HealthResult; readonly vitals?: BackendVitals }
>;
export type BackendOutcome = BackendDetail & Pick<rest.BackendOutcomeDto, 'changed'>;
export type TargetItem = rest.FrontendTargetDto;
export type FrontendItem = rest.FrontendDto;
export type HealthCheckItem = Changed<rest.HealthCheckDto, { readonly spec: HealthCheckSpec }>;
export type AlarmsAnswer = rest.AlarmsDto;

export type Effect = Changed<rest.EffectDto, { readonly effective?: EffectiveEffect }>;
export type EffectiveEffect = Lacking<rest.EffectiveEffectDto, 'revision'>;
export type EffectiveChange = rest.EffectiveChangeDto;
export type WeightEffect = rest.WeightEffectDto;
export type FrontendEffect = rest.FrontendEffectDto;
export type VipEffect = rest.VipEffectDto;

export type NodeItem = rest.NodeItemDto;
export type NodeDetail = rest.NodeDto;
export type ListenerStatusItem = rest.ListenerStatusDto;
/** What a node says of a listener, whether the node or the listener was asked for. */
export type ServingItem = Partial<Omit<rest.NodeListenerDto, 'listener' | 'state'>>;
export type TrafficItem = rest.ListenerTrafficDto;
export type ListenerItem = Changed<rest.ListenerDto, { readonly policies?: readonly NodePolicy[] }>;
export type LoadBalancerItem = rest.LoadBalancerDto;
export type PoolItem = rest.PoolViewDto;
export type ListenerStatsItem = rest.ListenerStatsDto;
export type DrainAnswer = rest.DrainDto;
export type VipPoolItem = Lacking<rest.VipPoolDto, 'origin'>;
export type VipClaimItem = Lacking<rest.VipClaimDto, 'description' | 'origin'>;
export type VipItem = rest.VipDto;

export type KindUse = rest.KindUseDto;
export type OrgItem = Lacking<rest.OrgDto, 'description' | 'origin' | 'projects' | 'use'>;
export type QuotaItem = Lacking<rest.QuotaDto, 'description' | 'origin'>;
export type ProjectItem = Changed<
  Lacking<rest.ProjectDto, 'description' | 'origin' | 'use'>,
  { readonly quotas?: readonly QuotaItem[] }
>;

export type SinkApply = Changed<rest.SinkApplyDto, { readonly failure?: SinkFailure }>;
export type SinkItem = Changed<Lacking<rest.SinkItemDto, 'description'>, { readonly failure?: SinkFailure }>;
export type SinkDetail = SinkItem & { readonly applies?: readonly SinkApply[] };
export type SinkRenderingItem = rest.SinkRenderingDto;
export type BackendSourceItem = Lacking<rest.BackendSourceDto, 'description' | 'origin'>;

/** The answer to a fact that was sent. */
export interface EmitAnswer {
  readonly accepted: boolean;
  readonly id: string;
  readonly duplicate: boolean;
  /** Observed again before it expired; it stays, for longer. */
  readonly refreshed: boolean;
  readonly seq: number;
}

export type AuditEntryItem = rest.AuditEntryDto;
export type AuditHeadItem = rest.AuditHeadDto;
export type JournalReportItem = rest.JournalReportDto;
export type RefusedItem = rest.RefusedLineDto;
export type TokenItem = rest.TokenDto;
export type NewTokenItem = rest.NewTokenDto;
export type CallerItem = rest.CallerDto;
