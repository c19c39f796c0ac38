/** Bodies of the REST API. Made from docs/reference/openapi.json by `npm run rest-types`: do not edit. */

export interface AcceptedFactDto {
  readonly accepted: true;
  readonly id: string;
  /** It was known, with the same content. */
  readonly duplicate: boolean;
  /** It was known and stands longer now. */
  readonly refreshed: boolean;
  /** Of its newest record in the stream of the group. */
  readonly seq: number;
  readonly keptFirst?: true;
}

export interface ActionDto {
  readonly action: string;
  readonly reason: string;
  readonly targetGroup?: string;
  readonly targetPeer?: string;
  readonly targetResource?: string;
  /** Nothing can get worse by it. */
  readonly safe: boolean;
  readonly requiresOperatorApproval: boolean;
  /** The command to begin with. */
  readonly command?: string;
}

export interface AddressMobilityDomainResource {
  readonly apiVersion: 'hybrid.routerd.net/v1alpha1';
  readonly kind: 'AddressMobilityDomain';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly prefix: string;
    readonly mode: 'selective-address';
    readonly peerRef?: string;
  };
}

export interface AffectedResourceDto {
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
}

export interface AlarmDto {
  readonly kind:
    | 'announcer-unavailable'
    | 'backend-down'
    | 'bgp-peer-down'
    | 'data-plane-unavailable'
    | 'desired-state-incomplete'
    | 'frontend-down'
    | 'group-missing'
    | 'mass-failure'
    | 'node-silent'
    | 'prober-short'
    | 'listener-closed'
    | 'listener-refused'
    | 'peer-refuses'
    | 'peer-unreachable'
    | 'plugin-missing'
    | 'plugin-suspended'
    | 'plugin-unusable'
    | 'secret-missing'
    | 'service-silent'
    | 'sink-degraded'
    | 'sink-drifted'
    | 'sink-held'
    | 'source-held-back'
    | 'source-rejected'
    | 'source-unavailable'
    | 'storage-nearly-full'
    | 'storage-refused'
    | 'subscription-suspended'
    | 'table-mismatch'
    | 'vip-missing'
    | 'vip-not-announced'
    | 'vip-refused';
  /** Backend or frontend (outside the project default as project/name), group, EventPeer, EventSubscription, Plugin, service or stream; `health` for the guard. */
  readonly name: string;
  /** Of a backend, frontend or listener; absent: default. */
  readonly project?: string;
  /** One word for programs: an error code where there is one. */
  readonly reason?: string;
  /** Resources that work less for it, most concerned first. */
  readonly resources?: readonly AlarmedResourceDto[];
  readonly since: string;
  readonly text: string;
  /** Why nobody is to be woken. */
  readonly silencedBy?: string;
}

export interface AlarmSummaryDto {
  /** How many there are, silenced ones among them. */
  readonly count: number;
  /** The first of them; `GET /v1/alarms` has all. */
  readonly first: readonly AlarmDto[];
}

export interface AlarmedResourceDto {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

export interface AlarmsDto {
  /** By kind, then name. */
  readonly items: readonly AlarmDto[];
}

export interface AnnouncementResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Announcement';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly method: 'bird' | 'gobgp' | 'vrrp' | 'address';
    readonly vipPools: readonly string[];
    readonly nodeGroups?: readonly string[];
    readonly withdrawWithoutTargets?: boolean;
    readonly drainTime?: string;
    readonly peers?: readonly string[];
    readonly communities?: readonly string[];
    readonly localPref?: number;
    readonly med?: number;
    readonly interface?: string;
    readonly leaseTime?: string;
    readonly virtualRouterIds?: readonly number[];
    readonly advertInterval?: string;
    readonly preempt?: boolean;
    readonly antiAffinity?: readonly (readonly string[])[];
  };
}

export interface ApplyResultDto {
  /** Revision at which the resources stand now. */
  readonly revision: number;
  readonly changed: boolean;
  readonly dryRun: boolean;
  /** Stored, but not everybody has followed yet. */
  readonly pending: boolean;
  /** Who has not followed yet. */
  readonly waitingFor: readonly string[];
  /** Newest generation of the effective config. */
  readonly generation: number;
  readonly plan: readonly PlannedChangeDto[];
  /** What was given, accepted and does not do what it says; the same conditions stand in the resources. */
  readonly warnings: readonly ApplyWarningDto[];
  /** What would follow; of a dry run. */
  readonly effect?: EffectDto;
}

export interface ApplyWarningDto {
  readonly apiVersion: string;
  /** `Router` when it is about the bundle itself. */
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  /** JSON Pointer into the resource; empty when it is about the whole. */
  readonly pointer: string;
  /** One word for programs, such as `accepted-without-effect`. */
  readonly reason: string;
  readonly message: string;
}

export interface AuditEntryDto {
  /** Of the record in JOURNAL; of a changeset its revision. */
  readonly seq: number;
  /** Of the things that the record changes, from 0. */
  readonly place: number;
  readonly at: string;
  /** Name of who did it. */
  readonly author: string;
  /** Tells callers apart for ever, such as `token:tok-…`. */
  readonly subject?: string;
  /** IP address of the client. */
  readonly address?: string;
  /** Program of the client. */
  readonly agent?: string;
  /** `apply`, `delete`, or what was commanded. */
  readonly action: string;
  readonly apiVersion?: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  /** Of a weight: pool and backend. */
  readonly part?: string;
  /** Why, as the author said. */
  readonly reason?: string;
  /** What is other than before, with `changes`. */
  readonly changes?: readonly FieldChangeDto[];
}

export interface AuditFindingDto {
  readonly kind:
    | 'edited'
    | 'missing'
    | 'missing-when-sealed'
    | 'cut'
    | 'seal-broken'
    | 'seal-missing'
    | 'unknown-key'
    | 'other-history';
  /** First sequence of JOURNAL that it is about. */
  readonly from?: number;
  /** The last one. */
  readonly to?: number;
  /** Number of a seal. */
  readonly seal?: number;
  /** Of an edited record. */
  readonly subject?: string;
  readonly message: string;
}

export interface AuditHeadDto {
  /** Identity of the site. */
  readonly siteId: string;
  /** Of the seal; 0: there is none yet. */
  readonly number: number;
  /** When it was made; empty: there is none yet. */
  readonly at: string;
  /** Sequence of JOURNAL up to which it stands for everything. */
  readonly to: number;
  /** HMAC-SHA256 in hex. */
  readonly head: string;
  /** Which key it was made with. */
  readonly key: string;
}

export interface BackendDto {
  readonly name: string;
  /** Absent: default. Check and frontends are of the same. */
  readonly project?: string;
  readonly address: string;
  /** Absent: the port of the VIP. */
  readonly port?: number;
  /** Absent for static backends. */
  readonly healthcheck?: string;
  readonly state: 'unknown' | 'up' | 'down' | 'paused' | 'disabled' | 'removed';
  /** Not disabled. */
  readonly enabled: boolean;
  /** When it entered its state. */
  readonly since: string;
  /** Time of its newest record. */
  readonly at: string;
  /** How many records it has. */
  readonly version: number;
  readonly result: HealthResultDto;
  /** Who caused the newest record, when a person did. */
  readonly by?: OperatorNoteDto;
  /** Frontends that have it as a target. */
  readonly frontends: readonly string[];
  /** The last ones, newest first. */
  readonly transitions: readonly TransitionDto[];
  /** Absent while `health` does not answer, and when it is removed. */
  readonly vitals?: BackendVitalsDto;
  /** Absent when it is not in the effective config. */
  readonly origin?: OriginDto;
}

export interface BackendItemDto {
  readonly name: string;
  /** Absent: default. Check and frontends are of the same. */
  readonly project?: string;
  readonly address: string;
  /** Absent: the port of the VIP. */
  readonly port?: number;
  /** Absent for static backends. */
  readonly healthcheck?: string;
  readonly state: 'unknown' | 'up' | 'down' | 'paused' | 'disabled' | 'removed';
  /** Not disabled. */
  readonly enabled: boolean;
  /** When it entered its state. */
  readonly since: string;
  /** Time of its newest record. */
  readonly at: string;
  /** How many records it has. */
  readonly version: number;
  readonly result: HealthResultDto;
  /** Who caused the newest record, when a person did. */
  readonly by?: OperatorNoteDto;
  /** Frontends that have it as a target. */
  readonly frontends: readonly string[];
}

export interface BackendOutcomeDto {
  readonly name: string;
  /** Absent: default. Check and frontends are of the same. */
  readonly project?: string;
  readonly address: string;
  /** Absent: the port of the VIP. */
  readonly port?: number;
  /** Absent for static backends. */
  readonly healthcheck?: string;
  readonly state: 'unknown' | 'up' | 'down' | 'paused' | 'disabled' | 'removed';
  /** Not disabled. */
  readonly enabled: boolean;
  /** When it entered its state. */
  readonly since: string;
  /** Time of its newest record. */
  readonly at: string;
  /** How many records it has. */
  readonly version: number;
  readonly result: HealthResultDto;
  /** Who caused the newest record, when a person did. */
  readonly by?: OperatorNoteDto;
  /** Frontends that have it as a target. */
  readonly frontends: readonly string[];
  /** The last ones, newest first. */
  readonly transitions: readonly TransitionDto[];
  /** Absent while `health` does not answer, and when it is removed. */
  readonly vitals?: BackendVitalsDto;
  /** Absent when it is not in the effective config. */
  readonly origin?: OriginDto;
  /** False when it was so already. */
  readonly changed: boolean;
}

export interface BackendResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Backend';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly address: string;
    readonly port?: number;
    readonly healthcheck?: string;
    readonly enabled?: boolean;
    readonly dependsOn?: readonly string[];
  };
}

export interface BackendSourceDto {
  readonly name: string;
  /** Absent: default. */
  readonly project?: string;
  readonly description: string;
  /** How it learns of backends. */
  readonly way: 'facts' | 'dns' | 'file' | 'kubernetes';
  /** The Pool that its backends join. */
  readonly pool?: string;
  /** This and what is behind it, up to `rejected`, is absent while `balancer` does not say. */
  readonly state?: 'starting' | 'synced' | 'unavailable';
  /** Since when that is its state. */
  readonly since?: string;
  /** Why it is unavailable. */
  readonly reason?: string;
  /** Backends in pools that it brings. */
  readonly endpoints?: number;
  /** How many of them get nothing new. */
  readonly draining?: number;
  /** Too many would leave at once: all of them stay. */
  readonly heldBack?: HeldBackDto;
  /** What was left out, and why; at most 20. */
  readonly refused?: readonly string[];
  /** What it brought last is not in the config; what it brought before is. */
  readonly rejected?: SourceRejectionDto;
  /** Absent: it has brought nothing yet. */
  readonly part?: SourcePartDto;
  readonly origin: OriginDto;
}

export interface BackendSourceResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'BackendSource';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly description?: string;
    readonly pool?: string;
    readonly healthCheck?: string;
    readonly weight?: number;
    readonly drain?: string;
    readonly onUnavailable?: 'hold' | 'drain';
    readonly unavailableAfter?: string;
    readonly maxRemovedPercent?: number;
    readonly facts?: {
      readonly group: string;
      readonly type: string;
      readonly subject?: string;
      readonly retractType?: string;
      readonly tags?: readonly string[];
      readonly ttl?: string;
    };
    readonly dns?: {
      readonly name: string;
      readonly type: 'A' | 'AAAA' | 'SRV';
      readonly port?: number;
      readonly family?: 'ipv4' | 'ipv6';
      readonly servers?: readonly string[];
      readonly minInterval?: string;
      readonly maxInterval?: string;
    };
    readonly file?: {
      readonly path: string;
    };
    readonly kubernetes?: {
      readonly server: string;
      readonly credentials?: string;
      readonly namespace?: string;
      readonly selector?: string;
      readonly loadBalancerClass?: string;
      readonly vipPool?: string;
      readonly writeStatus?: boolean;
    };
  };
}

export interface BackendVitalsDto {
  readonly counter: number;
  /** Highest value of the counter: rise + fall - 1. */
  readonly max: number;
  readonly rise: number;
  readonly fall: number;
  /** Why it is degraded. */
  readonly degraded?: string;
  /** Absent before the first result. */
  readonly last?: LastResultDto;
  /** Time between probes now; absent when none are made. */
  readonly intervalMs?: number;
  /** Until when the guard holds its transition to down. */
  readonly heldUntil?: string;
}

export interface BehindFactDto {
  readonly id: string;
  /** Node that observed it. */
  readonly origin: string;
  readonly group: string | null;
  readonly type: string | null;
  readonly observedAt: string | null;
  readonly acceptedAt: string | null;
  /** `pub`, `request`, `rest` or `peer`. */
  readonly way: string | null;
}

export interface BfdProfileResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'BfdProfile';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly receiveInterval?: string;
    readonly transmitInterval?: string;
    readonly detectMultiplier?: number;
  };
}

export interface BgpPeerResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'BgpPeer';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly address: string;
    readonly asn: number;
    readonly localAsn: number;
    readonly port?: number;
    readonly localAddress?: string;
    readonly nodeGroups?: readonly string[];
    readonly holdTime?: string;
    readonly keepaliveTime?: string;
    readonly connectTime?: string;
    readonly passwordFile?: string;
    readonly multihop?: number;
    readonly bfdProfile?: string;
    readonly gracefulRestart?: boolean;
  };
}

export interface CallerDto {
  /** `token:<id>` or `oidc:<issuer>#<subject>`. */
  readonly subject: string;
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'author' | 'admin';
  readonly orgs?: readonly string[];
  readonly projects?: readonly string[];
  readonly emits?: readonly string[];
  readonly expiresAt?: string;
}

export interface CapabilitiesDto {
  readonly protocols: readonly ('tcp' | 'udp' | 'http' | 'terminated-https' | 'any')[];
  readonly algorithms: readonly ('round-robin' | 'least-connections' | 'source-hash' | 'maglev' | 'random')[];
  readonly affinity: readonly ('source-ip' | 'http-cookie' | 'app-cookie')[];
  /** Connections of one target can be cut. */
  readonly flush: boolean;
  /** A target may have another port than the VIP. */
  readonly targetPorts: boolean;
  /** VIP and target may be of different address families. */
  readonly mixedFamilies: boolean;
  readonly connectionLimit: boolean;
  /** Targets can be told of the client by the PROXY protocol. */
  readonly proxyProtocol?: boolean;
  /** Requests can be rejected, redirected and sent to other pools by policies. */
  readonly policies?: boolean;
  /** Requests are counted, by the class of their answers. */
  readonly requestCounters?: boolean;
  /** With which targets can answer clients themselves; absent or empty: they cannot. */
  readonly dsr?: readonly ('round-robin' | 'least-connections' | 'source-hash' | 'maglev' | 'random')[];
  /** Targets of one listener; most. */
  readonly maxTargets: number;
}

export interface CauseDto {
  readonly stream: string;
  readonly seq: number;
}

export interface CertificateResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Certificate';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly file: string;
    readonly description?: string;
    readonly keyFile?: string;
  };
}

export interface CheckDto {
  readonly area:
    | 'config'
    | 'services'
    | 'nats'
    | 'postgres'
    | 'clock'
    | 'disk'
    | 'keys'
    | 'federation'
    | 'plugins'
    | 'projections'
    | 'consumers'
    | 'dead-letters'
    | 'alarms';
  /** One word for programs; does not change. */
  readonly code: string;
  /** What was looked at. */
  readonly name: string;
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  /** What was found. */
  readonly detail: string;
  /** What to do now: a command where there is one. */
  readonly remedy?: string;
  readonly group?: string;
  readonly peer?: string;
  /** `Kind/name` of the resource that it is about. */
  readonly resource?: string;
}

export interface CloudEventDto {
  readonly specversion: '1.0';
  readonly id: string;
  /** URI of the node. */
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time?: string;
  readonly data?: Readonly<Record<string, string>>;
}

export interface CloudProviderProfileResource {
  readonly apiVersion: 'hybrid.routerd.net/v1alpha1';
  readonly kind: 'CloudProviderProfile';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly provider: 'azure' | 'aws' | 'oci' | 'gcp';
    readonly capabilities: readonly string[];
    readonly auth: {
      readonly mode: 'external-command';
      readonly command: string;
    };
    readonly subscriptionID?: string;
    readonly resourceGroup?: string;
    readonly region?: string;
    readonly account?: string;
  };
}

export interface CompactionDto {
  /** The last record of ACTIVITY that is no longer kept, 0 when all are. */
  readonly upTo: number;
  /** Messages that were removed. */
  readonly purged: number;
}

export interface ConditionDto {
  readonly type: 'WithoutEffect' | 'Pending' | 'Degraded' | 'Contained' | 'Uncontained' | 'Unprotected';
  readonly status: 'True' | 'False';
  /** One word for programs; an error code where there is one. */
  readonly reason: string;
  readonly message: string;
  /** JSON Pointer into the resource, where it is about a field. */
  readonly pointer?: string;
}

export interface ConfigChangeDto {
  readonly action: 'added' | 'changed' | 'removed';
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  /** Source of the part that it stems from; that it stemmed from, when removed. */
  readonly source?: string;
  /** Revision that put it, when people declared it. */
  readonly revision?: number;
  /** Of `changed`, without provenance annotations. */
  readonly fields?: readonly FieldChangeDto[];
}

export interface ConfigChangesDto {
  readonly from: MomentDto;
  readonly to: MomentDto;
  /** Sorted by identity; what came back as it was is left out. */
  readonly items: readonly ConfigChangeDto[];
  /** Cursor of the next page; absent on the last. */
  readonly next?: string;
}

export interface ConfigSinkResource {
  readonly apiVersion: 'config.signalbox.dev/v1alpha1';
  readonly kind: 'ConfigSink';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly description?: string;
    readonly select?: {
      readonly kinds?: readonly string[];
      readonly names?: readonly string[];
      readonly labels?: Readonly<Record<string, string>>;
      readonly projects?: readonly string[];
    };
    readonly format?: 'yaml' | 'json';
    readonly template?: string;
    readonly minWait?: string;
    readonly maxWait?: string;
    readonly onEmpty?: 'hold' | 'write';
    readonly maxRemovedPercent?: number;
    readonly onDrift?: 'report' | 'overwrite';
    readonly file?: {
      readonly path: string;
      readonly mode?: string;
      readonly owner?: string;
      readonly group?: string;
      readonly check?: {
        readonly argv: readonly string[];
        readonly timeout?: string;
      };
      readonly reload?: {
        readonly argv: readonly string[];
        readonly timeout?: string;
      };
      readonly verify?: {
        readonly argv: readonly string[];
        readonly timeout?: string;
      };
    };
    readonly natsKv?: {
      readonly bucket: string;
      readonly prefix?: string;
    };
    readonly webhook?: {
      readonly url: string;
      readonly secretFile?: string;
      readonly caFile?: string;
      readonly plaintext?: boolean;
      readonly timeout?: string;
    };
  };
}

export interface ConsumerVitalsDto {
  readonly name: string;
  readonly stream: string;
  /** Messages before it. */
  readonly lag: number;
  /** Given out, and not acknowledged. */
  readonly inWork: number;
}

export interface CountsDto {
  readonly pass: number;
  readonly warn: number;
  readonly fail: number;
  readonly skip: number;
}

export interface DeadLetterDto {
  readonly seq: number;
  readonly service: string;
  readonly code: string;
  readonly message: string;
  /** Subject of the message. */
  readonly subject: string;
  readonly at: string;
  readonly about: Readonly<Record<string, string>>;
  /** The whole record with the payload of the message. */
  readonly letter: unknown;
}

export interface DeadLetterItemDto {
  readonly seq: number;
  readonly service: string;
  readonly code: string;
  readonly message: string;
  /** Subject of the message. */
  readonly subject: string;
  readonly at: string;
  readonly about: Readonly<Record<string, string>>;
}

export interface DecisionDto {
  readonly subscription: string;
  readonly matched: boolean;
  /** The first clause that failed. */
  readonly clause?: string;
  /** What was wanted and what was found. */
  readonly message?: string;
  /** It matched, and its run waits for this resource. */
  readonly waitsFor?: string;
  /** The fact retracts under it: what it ends and when, or why nothing. */
  readonly retracts?: string;
  /** Why it waits. */
  readonly reason?: 'plugin-missing' | 'plugin-suspended' | 'subscription-suspended';
  /** The subscription or its plugin changed at this revision since, for new facts only (`onChange: ignore`). */
  readonly changedAt?: number;
}

export interface DeliveryItemDto {
  readonly eventId: string;
  readonly group: string;
  /** Name of the EventPeer. */
  readonly peer: string;
  /** Node of the peer; null once it is not declared. */
  readonly node: string | null;
  readonly status: 'pending' | 'failed' | 'delivered' | 'dead';
  readonly attempts: number;
  /** null when it was never tried. */
  readonly lastAttempt: string | null;
  /** `code: message` of the last try, or why it was never tried. */
  readonly lastError: string | null;
  readonly deliveredAt: string | null;
  /** Record of the fact that is or was delivered. */
  readonly version: number;
  readonly expiresAt: string | null;
}

export interface DeliveryThresholdsDto {
  readonly lagWarnSeconds: number;
  readonly lagFailSeconds: number;
  readonly expiresSoonSeconds: number;
}

export interface DerivedResourceDto {
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly source: string;
  readonly generation: number;
}

export interface DoctorDto {
  readonly summary: SummaryDto;
  readonly checks: readonly CheckDto[];
  readonly federation: FederationSummaryDto;
  /** With `plan` only. */
  readonly remediationPlan?: PlanDto;
}

export interface DrainBody {
  /** Why, for the history. */
  readonly reason?: string;
  /** Only in this listener, in all of them when left out. */
  readonly listener?: string;
  /** Ends by itself after this time. */
  readonly expiresIn?: string;
}

export interface DrainDto {
  readonly backend: string;
  /** Absent: default. Its listeners are of the same. */
  readonly project?: string;
  /** By listener, then pool. */
  readonly targets: readonly DrainedTargetDto[];
}

export interface DrainedTargetDto {
  readonly listener: string;
  readonly pool: string;
  readonly weight: number;
  /** What the data plane must use. */
  readonly effective: number;
}

export interface DynamicConfigSourceResource {
  readonly apiVersion: 'plugin.routerd.net/v1alpha1';
  readonly kind: 'DynamicConfigSource';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly pluginRef: string;
    readonly ttl: string;
    readonly mergePolicy?: {
      readonly conflict?: '' | 'reject';
    };
    readonly triggers?: readonly {
      readonly type: 'interval' | 'event';
      readonly every?: string;
      readonly topic?: string;
    }[];
  };
}

export interface DynamicOverridePolicyResource {
  readonly apiVersion: 'config.routerd.net/v1alpha1';
  readonly kind: 'DynamicOverridePolicy';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly allow: readonly {
      readonly source: string;
      readonly operations: readonly 'mask'[];
      readonly targets: readonly {
        readonly apiVersion: string;
        readonly kind: string;
        readonly name: string;
        readonly project?: string;
      }[];
    }[];
  };
}

export interface EffectDto {
  /** On the effective config; absent when `renderer` did not tell. With `project`, without parts. */
  readonly effective?: EffectiveEffectDto;
  /** On effective weights, by the health that is recorded now and what `health` makes of it at once; absent when `balancer` did not tell. */
  readonly weights?: WeightEffectDto;
  /** Who did not tell, and why. */
  readonly unanswered: readonly UnansweredDto[];
}

export interface EffectiveChangeDto {
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly action: 'added' | 'changed' | 'removed';
  /** Source of the part that it would stem from; that it stems from, when removed. */
  readonly source?: string;
  /** Of `changed`, without provenance annotations. */
  readonly fields?: readonly FieldChangeDto[];
}

export interface EffectiveConfigDto {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: EffectiveMetadataDto;
  readonly spec: EffectiveSpecDto;
}

export interface EffectiveDiffDto {
  readonly generation: number;
  /** Operator resources that masks hide. */
  readonly suppressed: readonly SuppressedResourceDto[];
  readonly addedResources: readonly DerivedResourceDto[];
  readonly activeParts: readonly EndingPartDto[];
  /** The last 100. */
  readonly expiredParts: readonly EndingPartDto[];
  readonly quarantined: readonly QuarantinedPartDto[];
}

export interface EffectiveEffectDto {
  /** Generation that it is compared with. */
  readonly generation: number;
  /** Revision of the operator resources in it. */
  readonly revision: number;
  /** Sorted by identity. */
  readonly changes: readonly EffectiveChangeDto[];
  /** Parts that would no longer merge, and why. */
  readonly quarantined: readonly QuarantinedPartDto[];
  /** Parts that would merge again; `reason` is what holds them back now. */
  readonly restored: readonly QuarantinedPartDto[];
  /** Operator resources that masks would hide. */
  readonly masked: readonly SuppressedResourceDto[];
  /** Those that no mask would hide any more. */
  readonly shown: readonly AffectedResourceDto[];
  /** Parts that would end because who stands for them goes. */
  readonly withdrawn: readonly QuarantinedPartDto[];
  /** Given resources that bring parts by themselves: what these will have is not known before. */
  readonly undecided: readonly AffectedResourceDto[];
}

export interface EffectiveMetadataDto {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface EffectiveSpecDto {
  /** Sorted by apiVersion, kind, project, name. */
  readonly resources: readonly unknown[];
}

export interface EndDto {
  readonly generation: number;
  readonly at: string | null;
  /** One sentence for people. */
  readonly why: string;
}

export interface EndingPartDto {
  readonly source: string;
  readonly generation: number;
  readonly expiresAt: string | null;
}

export interface ErrorBodyDto {
  readonly code: string;
  readonly message: string;
}

export interface EventGroupResource {
  readonly apiVersion: 'federation.routerd.net/v1alpha1';
  readonly kind: 'EventGroup';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly nodeName: string;
    readonly auth?: {
      readonly mode?: '' | 'hmac';
      readonly secretFile?: string;
      readonly secretRef?: string;
    };
    readonly listen?: {
      readonly address?: string;
      readonly port?: number;
    };
    readonly replayWindow?: string;
    readonly members?: readonly string[];
    readonly retention?: {
      readonly maxEvents?: number;
      readonly maxAge?: string;
    };
    readonly peersFrom?: readonly {
      readonly resource: string;
      readonly optional?: boolean;
    }[];
    readonly when?: unknown;
  };
}

export interface EventItemDto {
  readonly id: string;
  readonly group: string;
  readonly sourceNode: string;
  readonly type: string;
  readonly subject?: string;
  readonly dedupeKey: string;
  readonly payload?: Readonly<Record<string, string>>;
  readonly observedAt: string;
  readonly expiresAt?: string;
  readonly traceparent?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  /** Newest record of the id in the stream of the group. */
  readonly seq: number;
  /** How many records of the id were accepted. */
  readonly version: number;
  /** This site originated it. */
  readonly own: boolean;
  readonly way: 'pub' | 'request' | 'rest' | 'peer';
  readonly acceptedAt: string;
  readonly expired: boolean;
}

export interface EventPeerResource {
  readonly apiVersion: 'federation.routerd.net/v1alpha1';
  readonly kind: 'EventPeer';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly groupRef: string;
    readonly nodeName: string;
    readonly endpoint: string;
    readonly direction?: '' | 'push';
    readonly types?: readonly string[];
    readonly subjectPrefixes?: readonly string[];
  };
}

export interface EventSubscriptionResource {
  readonly apiVersion: 'federation.routerd.net/v1alpha1';
  readonly kind: 'EventSubscription';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly groupRef: string;
    readonly match: {
      readonly types: readonly string[];
      readonly subjectPrefixes?: readonly string[];
      readonly payload?: Readonly<Record<string, string>>;
      readonly sourceNodes?: readonly string[];
    };
    readonly trigger: {
      readonly pluginRef: string;
      readonly concurrency?: number;
      readonly batchWindow?: string;
      readonly debounce?: string;
    };
    readonly suspend?: boolean;
    readonly onChange?: 'reevaluate' | 'ignore';
    readonly retry?: {
      readonly maxAttempts?: number;
      readonly backoff?: string;
      readonly maxBackoff?: string;
    };
    readonly retract?: {
      readonly types: readonly string[];
      readonly grace?: string;
    };
  };
}

export interface ExecutionDto {
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationMs: number;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly pluginDigest?: string;
  readonly stdoutDigest?: string;
  /** At most the last 8 KiB. */
  readonly stderr?: string;
  readonly outcome: 'proposed' | 'failed' | 'lost' | 'skipped';
  readonly error?: ErrorBodyDto;
}

export interface ExplainedEventDto {
  readonly id?: string;
  readonly group?: string;
  readonly sourceNode?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly dedupeKey?: string;
  readonly payload?: Readonly<Record<string, string>>;
  readonly observedAt?: string;
  readonly expiresAt?: string;
  readonly traceparent?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  /** Newest record of the id in the stream of the group. */
  readonly seq?: number;
  /** How many records of the id were accepted. */
  readonly version?: number;
  /** This site originated it. */
  readonly own?: boolean;
  readonly way?: 'pub' | 'request' | 'rest' | 'peer';
  readonly acceptedAt?: string;
  readonly expired?: boolean;
  /** The fact is no longer kept: since when and why. */
  readonly pruned?: string;
}

export interface ExplanationDto {
  readonly event: ExplainedEventDto;
  /** Revision at which the fact was decided; 0 without subscriptions. */
  readonly revision: number;
  /** To peers, when the fact is ours. */
  readonly deliveries?: readonly DeliveryItemDto[];
  readonly decisions: readonly DecisionDto[];
  readonly runs: readonly RunItemDto[];
  readonly parts: readonly PartItemDto[];
  readonly resources: readonly DerivedResourceDto[];
  /** One sentence for people. */
  readonly verdict: string;
}

export interface FactOutcomeDto {
  readonly eventId: string;
  readonly outcome: 'applied' | 'ignored' | 'failed';
  readonly reason?: string;
}

export interface FactResultsDto {
  readonly results: readonly (AcceptedFactDto | RefusedFactDto)[];
}

export interface FederationSLOResource {
  readonly apiVersion: 'federation.routerd.net/v1alpha1';
  readonly kind: 'FederationSLO';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly groupRef: string;
    readonly delivery?: {
      readonly lagWarnSeconds?: number;
      readonly lagFailSeconds?: number;
      readonly expiresSoonSeconds?: number;
    };
    readonly subscription?: {
      readonly maxPendingRuns?: number;
      readonly maxFailedRuns?: number;
    };
  };
}

export interface FederationSummaryDto {
  readonly severityCounts: CountsDto;
  readonly failedDeliveryCount: number;
  readonly staleTTLCount: number;
  readonly pendingDeliveryCount: number;
  readonly missingExpectedPeerCount: number;
  /** Within the last hour. */
  readonly maxDeliveryLagSeconds: number;
  /** 0: nothing expires. */
  readonly minExpiresInSeconds: number;
  readonly totalEvents: number;
  readonly totalDelivered: number;
  /** Of the last hour, and those before that are not at an end. */
  readonly subscriptionRunsTotal: number;
  readonly subscriptionRunsSucceeded: number;
  readonly subscriptionRunsFailed: number;
  readonly subscriptionRunsPending: number;
  readonly slo: SloDto;
}

export interface FieldChangeDto {
  /** JSON Pointer into the resource; `/set` is the set that owns it. */
  readonly path: string;
  /** Absent when the field is new. */
  readonly from?: string | number | boolean | Readonly<Record<string, unknown>> | readonly unknown[] | null;
  /** Absent when the field is gone. */
  readonly to?: string | number | boolean | Readonly<Record<string, unknown>> | readonly unknown[] | null;
}

export interface FieldErrorDto {
  /** JSON Pointer into the request. */
  readonly pointer: string;
  readonly message: string;
}

export interface FoldErrorDto {
  readonly code:
    | 'bad-request'
    | 'bad-json'
    | 'bad-yaml'
    | 'bad-text'
    | 'too-complex'
    | 'unsupported-media-type'
    | 'unsupported-envelope'
    | 'bad-maglev'
    | 'bad-grammar'
    | 'validation-failed'
    | 'unknown-kind'
    | 'unknown-group'
    | 'group-mismatch'
    | 'type-mismatch'
    | 'foreign-source'
    | 'self-origin'
    | 'not-a-member'
    | 'observed-in-future'
    | 'expired'
    | 'content-conflict'
    | 'origin-conflict'
    | 'replay'
    | 'too-large'
    | 'storage-full'
    | 'bad-timestamp'
    | 'bad-signature'
    | 'stale-timestamp'
    | 'unauthorized'
    | 'forbidden'
    | 'method-not-allowed'
    | 'request-timeout'
    | 'url-too-long'
    | 'headers-too-large'
    | 'rate-limited'
    | 'precondition-required'
    | 'key-reused'
    | 'answer-not-kept'
    | 'not-found'
    | 'revision-conflict'
    | 'reference-missing'
    | 'duplicate-resource'
    | 'unfilled-variable'
    | 'quota-exceeded'
    | 'changeset-too-large'
    | 'result-too-large'
    | 'not-ready'
    | 'nats-unavailable'
    | 'store-unavailable'
    | 'store-newer'
    | 'certificate-refused'
    | 'internal'
    | 'poison-message'
    | 'peer-refused-fact'
    | 'peer-refused-us'
    | 'peer-unreachable'
    | 'secret-missing'
    | 'secret-refused'
    | 'secret-in-result'
    | 'plugin-missing'
    | 'plugin-untrusted'
    | 'sandbox-unavailable'
    | 'plugin-start-failed'
    | 'plugin-unreachable'
    | 'plugin-refused'
    | 'plugin-timeout'
    | 'plugin-exit'
    | 'plugin-output-limit'
    | 'plugin-output-invalid'
    | 'capability-missing'
    | 'run-lost'
    | 'not-kept'
    | 'retention'
    | 'superseded'
    | 'rule-changed'
    | 'part-conflict'
    | 'startup-conflict'
    | 'part-invalid'
    | 'part-expired'
    | 'mask-denied'
    | 'grant-exceeded'
    | 'wrong-state'
    | 'sink-template'
    | 'sink-place'
    | 'sink-write'
    | 'sink-program'
    | 'sink-command'
    | 'data-plane-unavailable'
    | 'data-plane-refused'
    | 'announcer-unavailable'
    | 'announce-refused'
    | 'listen-failed'
    | 'certificate-unusable'
    | 'sink-changed'
    | 'sink-refused'
    | 'sink-unreachable'
    | 'verify-running'
    | 'subscription-gone';
  readonly message: string;
}

export interface FoldFailedDto {
  /** Why it ends here: nothing follows. */
  readonly error: FoldErrorDto;
}

export interface FrontendDto {
  readonly name: string;
  /** Absent: default. Its backends are of the same. */
  readonly project?: string;
  readonly description: string;
  readonly address: string;
  readonly protocol: 'tcp' | 'udp' | 'any';
  /** 0 = all ports. */
  readonly port: number;
  readonly state: 'unknown' | 'up' | 'down';
  /** When it entered its state. */
  readonly since: string;
  /** The pool that gets traffic, or would. */
  readonly activePool: string;
  /** Absent: maglev. */
  readonly algorithm?: 'round-robin' | 'least-connections' | 'source-hash' | 'maglev' | 'random';
  readonly srcIpSticky: boolean;
  readonly flushOnDown: boolean;
  readonly failbackDelay?: string;
  readonly minUp?: number;
  readonly poolActivation?: 'up' | 'up-weighted';
  readonly slowStart?: string;
  readonly allDown?: 'drop' | 'keep-last' | 'spread';
  /** In order of preference. */
  readonly pools: readonly PoolDto[];
  readonly origin: OriginDto;
}

export interface FrontendEffectDto {
  readonly project: string;
  /** Frontend or Listener. */
  readonly frontend: string;
  /** Absent: it would be new. */
  readonly before?: FrontendStandingDto;
  /** Absent: it would go. */
  readonly after?: FrontendStandingDto;
  /** Backends whose effective weight or share would be another. */
  readonly targets: readonly TargetEffectDto[];
}

export interface FrontendResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Frontend';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly address: string;
    readonly pools: readonly {
      readonly name: string;
      readonly backends?: Readonly<
        Record<
          string,
          {
            readonly weight?: number;
          }
        >
      >;
    }[];
    readonly description?: string;
    readonly nodeGroup?: string;
    readonly protocol?: 'tcp' | 'udp';
    readonly port?: number;
    readonly algorithm?: 'round-robin' | 'least-connections' | 'source-hash' | 'maglev' | 'random';
    readonly srcIpSticky?: boolean;
    readonly flushOnDown?: boolean;
    readonly failbackDelay?: string;
    readonly minUp?: number;
    readonly poolActivation?: 'up' | 'up-weighted';
    readonly slowStart?: string;
    readonly allDown?: 'drop' | 'keep-last' | 'spread';
  };
}

export interface FrontendStandingDto {
  readonly state: 'unknown' | 'up' | 'down';
  readonly activePool: string;
}

export interface FrontendTargetDto {
  readonly name: string;
  /** Absent while the backend is not in the effective config. */
  readonly address?: string;
  /** Absent: the port of the VIP. */
  readonly port?: number;
  /** `missing`: no record tells of it. */
  readonly state: 'unknown' | 'up' | 'down' | 'paused' | 'disabled' | 'removed' | 'missing';
  /** Not disabled. */
  readonly enabled: boolean;
  /** Of the config, or of the override. */
  readonly weight: number;
  /** What the data plane must use. */
  readonly effective: number;
  /** Its flows are to be cut. */
  readonly flush: boolean;
  readonly why: WeightReasonDto;
  /** When it was last recorded. */
  readonly since: string;
  /** A weight that an operator set at run time. */
  readonly override?: WeightOverrideDto;
}

export interface GenerationDto {
  readonly generation: number;
  readonly at: string;
  readonly cause: CauseDto;
  /** Revision of the operator resources in it. */
  readonly revision: number;
  readonly digest: string;
  readonly resources: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly quarantined: readonly QuarantinedPartDto[];
  /** As the generation was recorded. */
  readonly suppressed: readonly SuppressedResourceDto[];
  /** Who and why, in one sentence. */
  readonly why: string;
  /** The first five. */
  readonly changes: readonly NamedChangeDto[];
}

/** Known kinds have the schema of their `spec`; other kinds are kept as they are. */
export type GivenResource =
  | AddressMobilityDomainResource
  | AnnouncementResource
  | BackendResource
  | BackendSourceResource
  | BfdProfileResource
  | BgpPeerResource
  | CertificateResource
  | CloudProviderProfileResource
  | ConfigSinkResource
  | DynamicConfigSourceResource
  | DynamicOverridePolicyResource
  | EventGroupResource
  | EventPeerResource
  | EventSubscriptionResource
  | FederationSLOResource
  | FrontendResource
  | HealthCheckResource
  | HealthCheckerResource
  | L7PolicyResource
  | L7RuleResource
  | ListenerResource
  | LoadBalancerResource
  | MaintenanceWindowResource
  | NodeResource
  | OrgResource
  | OverlayPeerResource
  | PluginResource
  | PoolResource
  | PoolMemberResource
  | ProjectResource
  | QuotaResource
  | RemoteAddressClaimResource
  | ResourceSchemaResource
  | VipClaimResource
  | VipPoolResource
  | VppDataPlaneResource
  | ResourceDto;

export interface GroupDto {
  readonly name: string;
  /** Origin of our facts. */
  readonly nodeName: string;
  /** Accepted facts that are kept, renewals as well. */
  readonly facts: number;
  /** What they take in NATS. */
  readonly bytes: number;
  /** Bound of `bytes`; absent: none. */
  readonly maxBytes?: number;
  /** The one that was observed last; absent: there is none. */
  readonly newest?: NewestFactDto;
  /** EventPeers that get facts of it. */
  readonly peers: number;
  /** EventSubscriptions that look at its facts. */
  readonly subscriptions: number;
}

export interface GroupStatusDto {
  readonly name: string;
  readonly nodeName: string;
  readonly stream: StreamStateDto;
}

export interface GroupVitalsDto {
  readonly name: string;
  /** Sequence of its newest fact: it rises by one with each. */
  readonly accepted: number;
}

export interface HalvingDto {
  /** The run of the whole batch. */
  readonly of: string;
  /** Run and attempt at whose end this run was planned. */
  readonly after: string;
  /** The pieces that come after this run. */
  readonly rest: readonly (readonly RunFactDto[])[];
}

export interface HealthCheckDto {
  readonly name: string;
  /** Absent: default. Its backends are of the same. */
  readonly project?: string;
  /** `spec` of the resource HealthCheck. */
  readonly spec: unknown;
  /** Backends that use it. */
  readonly backends: readonly string[];
  readonly origin: OriginDto;
}

export interface HealthCheckResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'HealthCheck';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly type: 'http' | 'https' | 'tcp' | 'icmp' | 'udp' | 'dns' | 'grpc' | 'tls' | 'push';
    readonly port?: number;
    readonly interval?: string;
    readonly fastInterval?: string;
    readonly downInterval?: string;
    readonly timeout?: string;
    readonly rise?: number;
    readonly fall?: number;
    readonly counter?: 'haproxy' | 'linear';
    readonly probeIpv4Src?: string;
    readonly probeIpv6Src?: string;
    readonly netns?: string;
    readonly params?: {
      readonly path?: string;
      readonly host?: string;
      readonly responseCode?: string | number;
      readonly responseRegexp?: string;
      readonly ssl?: boolean;
      readonly serverName?: string;
      readonly insecureSkipVerify?: boolean;
      readonly send?: string;
      readonly sendHex?: string;
      readonly expect?: string;
      readonly expectHex?: string;
      readonly name?: string;
      readonly recordType?: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'SOA' | 'SRV' | 'TXT';
      readonly service?: string;
      readonly warnBefore?: string;
      readonly ttl?: string;
    };
  };
}

export interface HealthCheckerResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'HealthChecker';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly transitionHistory?: number;
    readonly netns?: string;
    readonly guardPercent?: number;
  };
}

export interface HealthResultDto {
  readonly ok: boolean;
  readonly layer?: 'L4' | 'L6' | 'L7';
  readonly code: string;
  readonly detail: string;
}

export interface HeartbeatAnswerDto {
  readonly accepted: boolean;
}

export interface HeartbeatBody {
  /** false: the backend itself finds that it does not work. */
  readonly ok?: boolean;
  /** For people. */
  readonly detail?: string;
}

export interface HeldBackDto {
  /** How many backends the source has no longer. */
  readonly leaving: number;
  /** Of how many. */
  readonly of: number;
  readonly since: string;
}

export interface JournalReportDto {
  /** Nothing was found. */
  readonly isWhole: boolean;
  readonly seals: number;
  /** Records that are as they were sealed. */
  readonly records: number;
  /** Sequence up to which JOURNAL is sealed. */
  readonly sealedTo: number;
  /** At most 100. */
  readonly findings: readonly AuditFindingDto[];
  readonly findingsInAll: number;
}

export interface KindUseDto {
  readonly kind:
    | 'Backend'
    | 'BackendSource'
    | 'Certificate'
    | 'Frontend'
    | 'HealthCheck'
    | 'L7Policy'
    | 'L7Rule'
    | 'Listener'
    | 'LoadBalancer'
    | 'MaintenanceWindow'
    | 'Pool'
    | 'PoolMember'
    | 'VipClaim';
  /** Resources in the effective config. */
  readonly used: number;
  /** The lowest limit of the quotas over it; absent: none. */
  readonly limit?: number;
}

export interface L7PolicyResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'L7Policy';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly listener: string;
    readonly action: 'reject' | 'redirect-to-url' | 'redirect-prefix' | 'redirect-to-pool';
    readonly position: number;
    readonly description?: string;
    readonly url?: string;
    readonly prefix?: string;
    readonly redirectPool?: string;
    readonly code?: 301 | 302 | 303 | 307 | 308;
    readonly enabled?: boolean;
  };
}

export interface L7RuleResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'L7Rule';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly policy: string;
    readonly type: 'host-name' | 'path' | 'header' | 'cookie' | 'file-type';
    readonly compare: 'equal-to' | 'starts-with' | 'ends-with' | 'contains' | 'regex';
    readonly value: string;
    readonly description?: string;
    readonly key?: string;
    readonly invert?: boolean;
    readonly enabled?: boolean;
  };
}

export interface LastResultDto {
  readonly ok: boolean;
  readonly layer?: 'L4' | 'L6' | 'L7';
  readonly code: string;
  readonly detail: string;
  readonly at: string;
  readonly durationMs: number;
}

export interface LastRunDto {
  readonly runId: string;
  readonly state:
    | 'waiting'
    | 'queued'
    | 'running'
    | 'retrying'
    | 'proposed'
    | 'succeeded'
    | 'failed'
    | 'withdrawn'
    | 'skipped';
  readonly plannedAt: string;
}

export interface ListenerDto {
  readonly name: string;
  readonly protocol: 'tcp' | 'udp' | 'http' | 'terminated-https' | 'any';
  /** 0 = all ports. */
  readonly port: number;
  /** Whether its nodes do what is decided. `pending`: one does not serve the newest state yet; `error`: one refuses it; `unplaced`: no node serves it; `unknown`: nobody says which nodes shall. */
  readonly provisioningStatus: 'active' | 'pending' | 'error' | 'unplaced' | 'unknown';
  /** Why it is not `active`. */
  readonly provisioningReason?: string;
  /** Whether clients are served. `degraded`: a target of the active pool, or of one of its policies, is not up; `draining`: nothing new is let in; `no-monitor`: nothing is probed. */
  readonly operatingStatus: 'online' | 'degraded' | 'draining' | 'offline' | 'no-monitor';
  /** Why it is not `online`. */
  readonly operatingReason?: string;
  /** Absent: default. Its backends are of the same. */
  readonly project?: string;
  /** Kind of the resource that declares it. */
  readonly declaredBy: 'Frontend' | 'Listener';
  /** Of a Frontend its own name. */
  readonly loadBalancer: string;
  readonly description: string;
  /** The VIP; absent while its claim has none. */
  readonly address?: string;
  /** Whether nodes shall serve it. */
  readonly enabled: boolean;
  readonly algorithm: 'round-robin' | 'least-connections' | 'source-hash' | 'maglev' | 'random';
  /** Targets answer clients themselves, direct server return; absent: by way of the node. */
  readonly forwarding?: 'dsr';
  /** Most connections at once; absent: no limit of its own. */
  readonly connectionLimit?: number;
  /** Of terminated-https. */
  readonly tls?: ListenerTlsDto;
  /** What targets are told of a client. */
  readonly insertHeaders?: readonly ('X-Forwarded-For' | 'X-Forwarded-Proto' | 'X-Forwarded-Port')[];
  /** In the order in which they are asked: the first that matches decides. Absent: none. */
  readonly policies?: readonly ListenerPolicyDto[];
  /** In which targets are told of a client. */
  readonly proxyProtocol?: 'v1' | 'v2';
  /** What its targets come down to. */
  readonly state: 'unknown' | 'up' | 'down';
  /** When it entered its state. */
  readonly since: string;
  /** The pool that gets traffic, or would. */
  readonly activePool: string;
  /** In order of preference. */
  readonly pools: readonly PoolDto[];
  /** What policies send requests to, by name; absent: nothing. */
  readonly policyPools?: readonly PolicyPoolDto[];
  /** By name. */
  readonly nodes: readonly ListenerNodeDto[];
  /** Nodes with its newest state choose targets alike; absent when fewer than two tell. */
  readonly digestsAgree?: boolean;
  readonly origin: OriginDto;
}

export interface ListenerNodeDto {
  readonly node: string;
  readonly driver?: 'sim' | 'haproxy' | 'nftables' | 'vpp';
  /** `refused`: what served before goes on; `missing`: the node says nothing of it. */
  readonly state: 'applied' | 'refused' | 'missing';
  /** It serves the newest state. */
  readonly current: boolean;
  /** Why it was not told the newest state yet. */
  readonly waits?: string;
  /** In which generation of the node it was applied as it is, or refused. */
  readonly generation?: number;
  /** Where the node really listens; absent: nowhere. */
  readonly listensAt?: ListensAtDto;
  /** Of the desired state that stands. */
  readonly digest?: string;
  /** Of the table that chooses targets; of maglev only. */
  readonly tableDigest?: string;
  /** Of terminated-https: what it shows to clients. */
  readonly certificates?: readonly ServedCertificateDto[];
  /** Why it is refused. */
  readonly error?: NodeErrorDto;
  readonly warning?: string;
  /** When the node last said so. */
  readonly at?: string;
}

export interface ListenerPolicyDto {
  /** Of the L7Policy. */
  readonly name: string;
  readonly action: 'reject' | 'redirect-to-url' | 'redirect-prefix' | 'redirect-to-pool';
  /** Of redirect-to-url. */
  readonly url?: string;
  /** Of redirect-prefix. */
  readonly prefix?: string;
  /** Of redirect-to-pool: one of policyPools. */
  readonly pool?: string;
  /** Of redirects that clients are told of. */
  readonly code?: 301 | 302 | 303 | 307 | 308;
  /** All of them have to match. */
  readonly rules: readonly ListenerRuleDto[];
}

export interface ListenerResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Listener';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly loadBalancer: string;
    readonly protocol: 'tcp' | 'udp' | 'http' | 'terminated-https';
    readonly port: number;
    readonly pools: readonly string[];
    readonly description?: string;
    readonly enabled?: boolean;
    readonly forwarding?: 'via-node' | 'dsr';
    readonly connectionLimit?: number;
    readonly connectTimeout?: string;
    readonly clientTimeout?: string;
    readonly targetTimeout?: string;
    readonly tls?: {
      readonly certificates: readonly string[];
      readonly minVersion?: '1.2' | '1.3';
      readonly http2?: boolean;
    };
    readonly insertHeaders?: readonly ('X-Forwarded-For' | 'X-Forwarded-Proto' | 'X-Forwarded-Port')[];
    readonly flushOnDown?: boolean;
    readonly failbackDelay?: string;
    readonly minUp?: number;
    readonly poolActivation?: 'up' | 'up-weighted';
    readonly slowStart?: string;
    readonly allDown?: 'drop' | 'keep-last' | 'spread';
  };
}

export interface ListenerRuleDto {
  readonly type: 'host-name' | 'path' | 'header' | 'cookie' | 'file-type';
  /** Name of the header or cookie. */
  readonly key?: string;
  readonly compare: 'equal-to' | 'starts-with' | 'ends-with' | 'contains' | 'regex';
  readonly value: string;
  /** It matches what it would not match. */
  readonly invert?: boolean;
}

export interface ListenerStatsDto {
  readonly name: string;
  /** Absent: default. */
  readonly project?: string;
  /** When the nodes were asked. */
  readonly at: string;
  /** All nodes that answered, together. */
  readonly total: ListenerTrafficDto;
  /** By name. */
  readonly nodes: readonly NodeStatsDto[];
  /** Nodes that serve it, and did not tell; by name. */
  readonly silent: readonly string[];
}

export interface ListenerStatusDto {
  readonly name: string;
  readonly protocol: 'tcp' | 'udp' | 'http' | 'terminated-https' | 'any';
  /** 0 = all ports. */
  readonly port: number;
  /** Whether its nodes do what is decided. `pending`: one does not serve the newest state yet; `error`: one refuses it; `unplaced`: no node serves it; `unknown`: nobody says which nodes shall. */
  readonly provisioningStatus: 'active' | 'pending' | 'error' | 'unplaced' | 'unknown';
  /** Why it is not `active`. */
  readonly provisioningReason?: string;
  /** Whether clients are served. `degraded`: a target of the active pool, or of one of its policies, is not up; `draining`: nothing new is let in; `no-monitor`: nothing is probed. */
  readonly operatingStatus: 'online' | 'degraded' | 'draining' | 'offline' | 'no-monitor';
  /** Why it is not `online`. */
  readonly operatingReason?: string;
}

export interface ListenerTlsDto {
  /** Names of Certificates; the first serves whoever names no other host. */
  readonly certificates: readonly string[];
  readonly minVersion: '1.2' | '1.3';
  /** Clients may choose HTTP/2. */
  readonly http2: boolean;
}

export interface ListenerTrafficDto {
  /** That stand. */
  readonly connections: number;
  readonly connectionsTotal: number;
  /** From clients. */
  readonly bytesIn: number;
  /** To clients. */
  readonly bytesOut: number;
  /** Connections, or requests, that got no target. */
  readonly refusedTotal: number;
  /** Of a proxy of requests whose data plane counts them. */
  readonly requests?: RequestStatsDto;
}

export interface ListensAtDto {
  readonly address: string;
  readonly port: number;
}

export interface LoadBalancerDto {
  readonly name: string;
  /** Absent: default. Its listeners are of the same. */
  readonly project?: string;
  /** Kind of the resource that declares it. */
  readonly declaredBy: 'Frontend' | 'LoadBalancer';
  readonly description: string;
  /** The VIP; absent while its claim has none. */
  readonly address?: string;
  /** The VipClaim that gets it its address. */
  readonly vipClaim?: string;
  /** Whether nodes shall serve its listeners. */
  readonly enabled: boolean;
  /** The worst of its listeners. */
  readonly provisioningStatus: 'active' | 'pending' | 'error' | 'unplaced' | 'unknown';
  /** The worst of its listeners; `offline` without any. */
  readonly operatingStatus: 'online' | 'degraded' | 'draining' | 'offline' | 'no-monitor';
  /** By name. */
  readonly listeners: readonly ListenerStatusDto[];
  readonly origin: OriginDto;
}

export interface LoadBalancerResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'LoadBalancer';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly description?: string;
    readonly address?: string;
    readonly vipClaim?: string;
    readonly enabled?: boolean;
    readonly nodeGroup?: string;
  };
}

export interface LoadBalancerTreeDto {
  readonly name: string;
  /** Absent: default. Its listeners are of the same. */
  readonly project?: string;
  /** Kind of the resource that declares it. */
  readonly declaredBy: 'Frontend' | 'LoadBalancer';
  readonly description: string;
  /** The VIP; absent while its claim has none. */
  readonly address?: string;
  /** The VipClaim that gets it its address. */
  readonly vipClaim?: string;
  /** Whether nodes shall serve its listeners. */
  readonly enabled: boolean;
  /** The worst of its listeners. */
  readonly provisioningStatus: 'active' | 'pending' | 'error' | 'unplaced' | 'unknown';
  /** The worst of its listeners; `offline` without any. */
  readonly operatingStatus: 'online' | 'degraded' | 'draining' | 'offline' | 'no-monitor';
  /** By name. */
  readonly listeners: readonly ListenerStatusDto[];
  readonly origin: OriginDto;
  /** Its listeners by name, with pools, members, weights and nodes. One that `balancer` has not recorded yet is in `listeners` alone. */
  readonly tree: readonly ListenerDto[];
}

export interface MaintenanceWindowResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'MaintenanceWindow';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly from: string;
    readonly to: string;
    readonly reason?: string;
    readonly backends?: readonly string[];
    readonly frontends?: readonly string[];
  };
}

export interface MemberDto {
  readonly name: string;
  /** Absent while the backend is not in the effective config. */
  readonly address?: string;
  /** Absent: the port of the VIP. */
  readonly port?: number;
  /** `missing`: no record tells of it. */
  readonly state: 'unknown' | 'up' | 'down' | 'paused' | 'disabled' | 'removed' | 'missing';
  /** Its weight in each listener, and why. */
  readonly listeners: readonly MemberUseDto[];
}

export interface MemberUseDto {
  readonly name: string;
  /** Absent while the backend is not in the effective config. */
  readonly address?: string;
  /** Absent: the port of the VIP. */
  readonly port?: number;
  /** `missing`: no record tells of it. */
  readonly state: 'unknown' | 'up' | 'down' | 'paused' | 'disabled' | 'removed' | 'missing';
  /** Not disabled. */
  readonly enabled: boolean;
  /** Of the config, or of the override. */
  readonly weight: number;
  /** What the data plane must use. */
  readonly effective: number;
  /** Its flows are to be cut. */
  readonly flush: boolean;
  readonly why: WeightReasonDto;
  /** When it was last recorded. */
  readonly since: string;
  /** A weight that an operator set at run time. */
  readonly override?: WeightOverrideDto;
  readonly listener: string;
}

export interface MembersBody {
  readonly members: readonly WantedMemberDto[];
}

export interface MendedTableDto {
  readonly name: string;
  /** Rows as the stream says. */
  readonly rows: number;
  /** Rows that were missing. */
  readonly added: number;
  /** Rows that were different. */
  readonly changed: number;
  /** Rows that only the table had. */
  readonly removed: number;
}

export interface MomentDto {
  readonly generation: number;
  /** When it was recorded. */
  readonly at: string;
  readonly digest: string;
}

export interface NamedChangeDto {
  readonly action: 'added' | 'changed' | 'removed';
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
}

export interface NewTokenDto {
  readonly id: string;
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'author' | 'admin';
  readonly orgs?: readonly string[];
  readonly projects?: readonly string[];
  readonly emits?: readonly string[];
  readonly createdAt: string;
  readonly expiresAt?: string;
  /** Since the api runs; absent: not used since. */
  readonly lastUsedAt?: string;
  /** In clear, shown this once. */
  readonly token: string;
}

export interface NewestFactDto {
  readonly id: string;
  readonly type: string;
  readonly observedAt: string;
}

export interface NodeDrainDto {
  readonly author: string;
  readonly since: string;
  readonly reason?: string;
}

export interface NodeDto {
  readonly name: string;
  readonly driver?: 'sim' | 'haproxy' | 'nftables' | 'vpp';
  /** `waiting`: no complete desired state yet; `unavailable`: the data plane does not answer; `missing`: it never reported. */
  readonly state: 'waiting' | 'ready' | 'unavailable' | 'missing';
  /** Its agent does not answer: this is what it said before. */
  readonly silent?: boolean;
  /** When it entered its state. */
  readonly since?: string;
  /** Time of its newest record. */
  readonly at?: string;
  /** How many records it has. */
  readonly version?: number;
  /** Of `unavailable`. */
  readonly error?: NodeErrorDto;
  /** Another one: its generations were counted anew. */
  readonly epoch?: string;
  /** Every listener up to this generation was applied or refused. */
  readonly appliedGeneration?: number;
  /** Of where it sends packets: equal on nodes that do the same. Absent: nothing stands. */
  readonly trafficDigest?: string;
  /** It says that it is drained: it announces nothing. */
  readonly drained?: boolean;
  /** An operator drained it; absent: it shall announce. */
  readonly drain?: NodeDrainDto;
  /** How many listeners it refuses. */
  readonly refused: number;
  readonly vipCounts: NodeVipCountsDto;
  /** Absent: it has none. */
  readonly peerCounts?: NodePeerCountsDto;
  /** Absent: no Node of this name is declared. */
  readonly origin?: OriginDto;
  /** What its data plane can do. */
  readonly capabilities?: CapabilitiesDto;
  /** By name. */
  readonly listeners: readonly NodeListenerDto[];
  /** In the order of addresses. */
  readonly vips: readonly NodeOwnVipDto[];
  /** To which it announces, by name. */
  readonly peers: readonly NodePeerDto[];
}

export interface NodeErrorDto {
  readonly code:
    | 'bad-request'
    | 'bad-json'
    | 'bad-yaml'
    | 'bad-text'
    | 'too-complex'
    | 'unsupported-media-type'
    | 'unsupported-envelope'
    | 'bad-maglev'
    | 'bad-grammar'
    | 'validation-failed'
    | 'unknown-kind'
    | 'unknown-group'
    | 'group-mismatch'
    | 'type-mismatch'
    | 'foreign-source'
    | 'self-origin'
    | 'not-a-member'
    | 'observed-in-future'
    | 'expired'
    | 'content-conflict'
    | 'origin-conflict'
    | 'replay'
    | 'too-large'
    | 'storage-full'
    | 'bad-timestamp'
    | 'bad-signature'
    | 'stale-timestamp'
    | 'unauthorized'
    | 'forbidden'
    | 'method-not-allowed'
    | 'request-timeout'
    | 'url-too-long'
    | 'headers-too-large'
    | 'rate-limited'
    | 'precondition-required'
    | 'key-reused'
    | 'answer-not-kept'
    | 'not-found'
    | 'revision-conflict'
    | 'reference-missing'
    | 'duplicate-resource'
    | 'unfilled-variable'
    | 'quota-exceeded'
    | 'changeset-too-large'
    | 'result-too-large'
    | 'not-ready'
    | 'nats-unavailable'
    | 'store-unavailable'
    | 'store-newer'
    | 'certificate-refused'
    | 'internal'
    | 'poison-message'
    | 'peer-refused-fact'
    | 'peer-refused-us'
    | 'peer-unreachable'
    | 'secret-missing'
    | 'secret-refused'
    | 'secret-in-result'
    | 'plugin-missing'
    | 'plugin-untrusted'
    | 'sandbox-unavailable'
    | 'plugin-start-failed'
    | 'plugin-unreachable'
    | 'plugin-refused'
    | 'plugin-timeout'
    | 'plugin-exit'
    | 'plugin-output-limit'
    | 'plugin-output-invalid'
    | 'capability-missing'
    | 'run-lost'
    | 'not-kept'
    | 'retention'
    | 'superseded'
    | 'rule-changed'
    | 'part-conflict'
    | 'startup-conflict'
    | 'part-invalid'
    | 'part-expired'
    | 'mask-denied'
    | 'grant-exceeded'
    | 'wrong-state'
    | 'sink-template'
    | 'sink-place'
    | 'sink-write'
    | 'sink-program'
    | 'sink-command'
    | 'data-plane-unavailable'
    | 'data-plane-refused'
    | 'announcer-unavailable'
    | 'announce-refused'
    | 'listen-failed'
    | 'certificate-unusable'
    | 'sink-changed'
    | 'sink-refused'
    | 'sink-unreachable'
    | 'verify-running'
    | 'subscription-gone';
  readonly message: string;
}

export interface NodeItemDto {
  readonly name: string;
  readonly driver?: 'sim' | 'haproxy' | 'nftables' | 'vpp';
  /** `waiting`: no complete desired state yet; `unavailable`: the data plane does not answer; `missing`: it never reported. */
  readonly state: 'waiting' | 'ready' | 'unavailable' | 'missing';
  /** Its agent does not answer: this is what it said before. */
  readonly silent?: boolean;
  /** When it entered its state. */
  readonly since?: string;
  /** Time of its newest record. */
  readonly at?: string;
  /** How many records it has. */
  readonly version?: number;
  /** Of `unavailable`. */
  readonly error?: NodeErrorDto;
  /** Another one: its generations were counted anew. */
  readonly epoch?: string;
  /** Every listener up to this generation was applied or refused. */
  readonly appliedGeneration?: number;
  /** Of where it sends packets: equal on nodes that do the same. Absent: nothing stands. */
  readonly trafficDigest?: string;
  /** It says that it is drained: it announces nothing. */
  readonly drained?: boolean;
  /** An operator drained it; absent: it shall announce. */
  readonly drain?: NodeDrainDto;
  /** How many listeners it refuses. */
  readonly refused: number;
  readonly vipCounts: NodeVipCountsDto;
  /** Absent: it has none. */
  readonly peerCounts?: NodePeerCountsDto;
  /** Absent: no Node of this name is declared. */
  readonly origin?: OriginDto;
}

export interface NodeListenerDto {
  /** `refused`: what served before goes on. */
  readonly state: 'applied' | 'refused';
  /** In which generation of the node it was applied as it is, or refused. */
  readonly generation: number;
  /** Where the node really listens; absent: nowhere. */
  readonly listensAt?: ListensAtDto;
  /** Of the desired state that stands. */
  readonly digest: string;
  /** Of the table that chooses targets; of maglev only. */
  readonly tableDigest?: string;
  /** Of terminated-https: what it shows to clients. */
  readonly certificates?: readonly ServedCertificateDto[];
  /** Why it is refused. */
  readonly error?: NodeErrorDto;
  readonly warning?: string;
  /** When the node last said so. */
  readonly at: string;
  readonly listener: string;
}

export interface NodeOwnVipDto {
  readonly address: string;
  /** Name of the Announcement. */
  readonly announcement: string;
  readonly method: 'bird' | 'gobgp' | 'vrrp' | 'address';
  readonly state: 'announced' | 'standby' | 'withdrawn' | 'refused';
  readonly since: string;
  /** BgpPeers that were told; of BGP. */
  readonly to?: readonly string[];
  /** Why it is not announced. */
  readonly why?: string;
}

export interface NodePeerCountsDto {
  readonly up: number;
  readonly all: number;
}

export interface NodePeerDto {
  /** Of the BgpPeer. */
  readonly name: string;
  /** `up`: routes are exchanged; `starting`: it is tried. */
  readonly state: 'up' | 'starting' | 'down';
  readonly since: string;
  /** Of a session with BFD. */
  readonly bfd?: 'up' | 'down';
  /** Why it is not up. */
  readonly why?: string;
}

export interface NodeResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Node';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly driver: 'sim' | 'haproxy' | 'nftables' | 'vpp';
    readonly groups?: readonly string[];
    readonly zone?: string;
    readonly routerId?: string;
    readonly listeners?: readonly string[];
    readonly listenMap?: readonly {
      readonly vip: string;
      readonly listen: string;
      readonly port?: number;
      readonly listenPort?: number;
    }[];
    readonly syncInterval?: string;
    readonly startupMinDelay?: string;
    readonly startupMaxDelay?: string;
    readonly flowTimeout?: string;
  };
}

export interface NodeStatsDto {
  /** That stand. */
  readonly connections: number;
  readonly connectionsTotal: number;
  /** From clients. */
  readonly bytesIn: number;
  /** To clients. */
  readonly bytesOut: number;
  /** Connections, or requests, that got no target. */
  readonly refusedTotal: number;
  /** Of a proxy of requests whose data plane counts them. */
  readonly requests?: RequestStatsDto;
  readonly node: string;
  /** Of its own pools. */
  readonly targets: readonly TargetStatsDto[];
  /** On average over the last 1,024 requests that went to targets; absent: there were none. */
  readonly times?: RecentTimesDto;
  /** Of the pools of policies; absent: none. */
  readonly policyPools?: readonly PoolStatsDto[];
}

export interface NodeVipCountsDto {
  readonly announced: number;
  /** That it was told of. */
  readonly all: number;
}

export interface NodeVipDto {
  readonly node: string;
  /** Its agent does not answer: this is what it said before. */
  readonly silent?: boolean;
  /** Name of the Announcement. */
  readonly announcement: string;
  readonly method: 'bird' | 'gobgp' | 'vrrp' | 'address';
  /** `announced`: routers were told, or the node has it as its leader; `standby`: another node leads; `withdrawn`: the node is not ready for it, or drained; `refused`: what announces cannot do it. */
  readonly state: 'announced' | 'standby' | 'withdrawn' | 'refused';
  /** Since when it is in this state. */
  readonly since: string;
  /** BgpPeers that were told; of BGP. */
  readonly to?: readonly string[];
  /** Why it is not announced. */
  readonly why?: string;
}

export interface OperationDto {
  readonly id: string;
  /** Everybody has followed, and all of it can be read. */
  readonly done: boolean;
  /** Who has not followed yet. */
  readonly waitingFor: readonly string[];
}

export interface OperatorNoteDto {
  readonly author: string;
  readonly reason?: string;
}

export interface OrgDto {
  readonly name: string;
  readonly description: string;
  readonly origin: OriginDto;
  /** How many projects it owns. */
  readonly projects: number;
  /** Kinds that its projects have or that are limited, by kind. */
  readonly use: readonly KindUseDto[];
}

export interface OrgItemDto {
  readonly name: string;
  readonly description: string;
  readonly origin: OriginDto;
}

export interface OrgResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Org';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly description?: string;
  };
}

export interface OriginDto {
  readonly revision?: number;
  readonly part?: PartRefDto;
  /** The facts that the part made it from, when it was made from facts. */
  readonly facts?: OriginFactsDto;
}

export interface OriginFactDto {
  readonly id: string;
  /** Node that observed it. */
  readonly origin: string;
}

export interface OriginFactsDto {
  readonly group: string;
  readonly ids: readonly string[];
}

export interface OriginPartDto {
  readonly source: string;
  readonly generation: number;
  readonly owner: string;
  readonly state: string;
  readonly reason: string | null;
  readonly runId: string;
  readonly acceptedAt: string;
  /** When it came into its state. */
  readonly stateAt: string;
  readonly expiresAt: string | null;
  readonly facts: readonly OriginFactDto[];
  readonly group: string | null;
  readonly subscription: string | null;
  readonly plugin: string | null;
  /** Of the rule by which it ran. */
  readonly revision: number | null;
}

export interface OriginRevisionDto {
  readonly revision: number;
  readonly author: string;
  readonly message: string;
  readonly at: string;
}

export interface OverlayPeerResource {
  readonly apiVersion: 'hybrid.routerd.net/v1alpha1';
  readonly kind: 'OverlayPeer';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly role: 'onprem' | 'cloud';
    readonly nodeID: string;
    readonly underlay: {
      readonly type: 'wireguard' | 'ipip' | 'gre' | 'fou' | 'gue' | 'tailscale' | 'ipsec' | 'route';
      readonly interface?: string;
      readonly address?: string;
    };
    readonly remote?: {
      readonly nodeID?: string;
      readonly address?: string;
    };
    readonly pathMTU?: {
      readonly forceFragmentIPv4?: boolean;
    };
  };
}

export interface PartBodyDto {
  readonly resources: readonly unknown[];
  readonly directives: readonly unknown[];
  readonly actionPlans: readonly unknown[];
}

export interface PartItemDto {
  readonly source: string;
  readonly owner: string;
  readonly generation: number;
  readonly state: 'active' | 'quarantined' | 'superseded' | 'withdrawn' | 'expired';
  readonly reason: string | null;
  readonly resources: number;
  readonly directives: number;
  readonly actionPlans: number;
  readonly observedAt: string;
  readonly expiresAt: string | null;
  /** It was retracted: when its grace ends, or that of the first of its lineages. */
  readonly withdrawAt?: string;
  /** Why it is to be withdrawn. */
  readonly withdrawReason?: string;
  readonly digest: string;
  readonly runId: string;
  readonly subscription?: string;
  readonly plugin?: string;
  readonly facts: readonly RunFactDto[];
  /** Whom it belongs to since its owner was renamed. */
  readonly handedOverTo?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly body?: PartBodyDto;
}

export interface PartRefDto {
  readonly source: string;
  readonly generation: number;
}

export interface PartStatusDto {
  readonly name: string;
  readonly ready: boolean;
  readonly reason?: string;
}

export interface PeerVitalsDto {
  readonly group: string;
  readonly peer: string;
  readonly pending: number;
  readonly failed: number;
  /** The longest of the last hour. */
  readonly lagSeconds: number;
}

export interface PlanDto {
  readonly generatedAt: string;
  readonly actions: readonly ActionDto[];
}

export interface PlannedAttemptDto {
  readonly runId: string;
  /** Its number. */
  readonly attempt: number;
}

export interface PlannedChangeDto {
  readonly action: 'added' | 'changed' | 'removed' | 'unchanged';
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly fields?: readonly FieldChangeDto[];
  /** The name that it takes over from (`metadata.renamedFrom`). */
  readonly renamedFrom?: string;
  /** The name that takes over from what is removed. */
  readonly renamedTo?: string;
}

export interface PluginDto {
  readonly name: string;
  /** `oneshot`, `persistent` or `http`. */
  readonly mode: string;
  /** Not of mode http. */
  readonly executable?: string;
  /** What the executable must have. */
  readonly sha256?: string;
  readonly capabilities: readonly string[];
  readonly suspended: boolean;
  /** Whether it can be run as it stands; absent: plugin-runner does not say. */
  readonly usable?: boolean;
  /** Why it cannot be run: a code. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
  /** EventSubscriptions that start it. */
  readonly subscriptions: number;
  readonly runs: RunCountsDto;
  readonly lastRun?: LastRunDto;
}

export interface PluginResource {
  readonly apiVersion: 'plugin.routerd.net/v1alpha1';
  readonly kind: 'Plugin';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly executable?: string;
    readonly http?: {
      readonly url: string;
      readonly caFile?: string;
      readonly bearerSecret?: string;
    };
    readonly timeout?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly capabilities?: readonly (
      | 'observe.cloud'
      | 'observe.providerPrivateIPs'
      | 'propose.dynamicConfig'
      | 'propose.providerAction'
      | 'execute.providerAction'
    )[];
    readonly context?: {
      readonly resources?: readonly {
        readonly apiVersion: string;
        readonly kind: string;
        readonly name: string;
      }[];
    };
    readonly triggers?: readonly {
      readonly type: 'interval' | 'event';
      readonly every?: string;
      readonly topic?: string;
    }[];
    readonly sha256?: string;
    readonly concurrency?: number;
    readonly mode?: 'oneshot' | 'persistent' | 'http';
    readonly sandbox?: 'auto' | 'required' | 'off';
    readonly network?: boolean;
    readonly suspend?: boolean;
    readonly recycle?: {
      readonly runs?: number;
      readonly after?: string;
    };
    readonly grants?: readonly {
      readonly kinds: readonly string[];
      readonly namePrefix?: string;
      readonly addressCIDRs?: readonly string[];
    }[];
    readonly secrets?: readonly {
      readonly name: string;
      readonly file: string;
    }[];
  };
}

export interface PolicyPoolDto {
  readonly name: string;
  readonly backends: readonly FrontendTargetDto[];
  readonly algorithm: 'round-robin' | 'least-connections' | 'source-hash' | 'maglev' | 'random';
}

export interface PoolDto {
  readonly name: string;
  readonly backends: readonly FrontendTargetDto[];
}

export interface PoolListenerDto {
  readonly listener: string;
  /** Its place among the pools of the listener, from 0; absent: only policies send it requests. */
  readonly tier?: number;
  /** L7Policies that send it requests, by name; absent: none. */
  readonly policies?: readonly string[];
  /** It gets the traffic of the listener, or would; or what policies send it. */
  readonly active: boolean;
}

export interface PoolMemberResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'PoolMember';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly backendRef: string;
    readonly frontendRef?: string;
    readonly pool?: string;
    readonly poolRef?: string;
    readonly weight?: number;
  };
}

export interface PoolResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Pool';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly description?: string;
    readonly algorithm?: 'round-robin' | 'least-connections' | 'source-hash' | 'maglev' | 'random';
    readonly tableSize?: number;
    readonly affinity?:
      | {
          readonly type: 'source-ip';
          readonly timeout?: string;
        }
      | {
          readonly type: 'http-cookie' | 'app-cookie';
          readonly cookie: string;
        };
    readonly proxyProtocol?: 'v1' | 'v2';
    readonly backends?: Readonly<
      Record<
        string,
        {
          readonly weight?: number;
        }
      >
    >;
  };
}

export interface PoolStatsDto {
  readonly pool: string;
  readonly targets: readonly TargetStatsDto[];
  /** On average over the last 1,024 requests that went to targets; absent: there were none. */
  readonly times?: RecentTimesDto;
}

export interface PoolViewDto {
  /** Of a Frontend `<frontend>/<pool>`. */
  readonly name: string;
  /** Absent: default. Its members are of the same. */
  readonly project?: string;
  /** Kind of the resource that declares it. */
  readonly declaredBy: 'Frontend' | 'Pool';
  readonly description: string;
  readonly algorithm: 'round-robin' | 'least-connections' | 'source-hash' | 'maglev' | 'random';
  /** Listeners that it serves, by name. */
  readonly listeners: readonly PoolListenerDto[];
  /** Those that it names first. While it serves no listener, those that PoolMembers bring are missing. */
  readonly members: readonly MemberDto[];
  readonly origin: OriginDto;
}

export interface ProblemDto {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code:
    | 'bad-request'
    | 'bad-json'
    | 'bad-yaml'
    | 'bad-text'
    | 'too-complex'
    | 'unsupported-media-type'
    | 'unsupported-envelope'
    | 'bad-maglev'
    | 'bad-grammar'
    | 'validation-failed'
    | 'unknown-kind'
    | 'unknown-group'
    | 'group-mismatch'
    | 'type-mismatch'
    | 'foreign-source'
    | 'self-origin'
    | 'not-a-member'
    | 'observed-in-future'
    | 'expired'
    | 'content-conflict'
    | 'origin-conflict'
    | 'replay'
    | 'too-large'
    | 'storage-full'
    | 'bad-timestamp'
    | 'bad-signature'
    | 'stale-timestamp'
    | 'unauthorized'
    | 'forbidden'
    | 'method-not-allowed'
    | 'request-timeout'
    | 'url-too-long'
    | 'headers-too-large'
    | 'rate-limited'
    | 'precondition-required'
    | 'key-reused'
    | 'answer-not-kept'
    | 'not-found'
    | 'revision-conflict'
    | 'reference-missing'
    | 'duplicate-resource'
    | 'unfilled-variable'
    | 'quota-exceeded'
    | 'changeset-too-large'
    | 'result-too-large'
    | 'not-ready'
    | 'nats-unavailable'
    | 'store-unavailable'
    | 'store-newer'
    | 'certificate-refused'
    | 'internal'
    | 'poison-message'
    | 'peer-refused-fact'
    | 'peer-refused-us'
    | 'peer-unreachable'
    | 'secret-missing'
    | 'secret-refused'
    | 'secret-in-result'
    | 'plugin-missing'
    | 'plugin-untrusted'
    | 'sandbox-unavailable'
    | 'plugin-start-failed'
    | 'plugin-unreachable'
    | 'plugin-refused'
    | 'plugin-timeout'
    | 'plugin-exit'
    | 'plugin-output-limit'
    | 'plugin-output-invalid'
    | 'capability-missing'
    | 'run-lost'
    | 'not-kept'
    | 'retention'
    | 'superseded'
    | 'rule-changed'
    | 'part-conflict'
    | 'startup-conflict'
    | 'part-invalid'
    | 'part-expired'
    | 'mask-denied'
    | 'grant-exceeded'
    | 'wrong-state'
    | 'sink-template'
    | 'sink-place'
    | 'sink-write'
    | 'sink-program'
    | 'sink-command'
    | 'data-plane-unavailable'
    | 'data-plane-refused'
    | 'announcer-unavailable'
    | 'announce-refused'
    | 'listen-failed'
    | 'certificate-unusable'
    | 'sink-changed'
    | 'sink-refused'
    | 'sink-unreachable'
    | 'verify-running'
    | 'subscription-gone';
  readonly detail: string;
  readonly instance: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly errors?: readonly FieldErrorDto[];
}

export interface ProgressDto {
  /** Sequence behind which the fold began. */
  readonly from: number;
  /** Sequence up to which it is folded. */
  readonly position: number;
  /** Sequence at which the live tables were when it began. */
  readonly to: number;
  /** Messages folded by now. */
  readonly records: number;
}

export interface ProjectDto {
  readonly name: string;
  /** The org that owns it. */
  readonly org: string;
  readonly description: string;
  readonly origin: OriginDto;
  /** Kinds that it has or that a quota of its own limits, by kind; those of its org are in `quotas`. */
  readonly use: readonly KindUseDto[];
  /** Its own and those of its org, by name. */
  readonly quotas: readonly QuotaDto[];
}

export interface ProjectItemDto {
  readonly name: string;
  /** The org that owns it. */
  readonly org: string;
  readonly description: string;
  readonly origin: OriginDto;
}

export interface ProjectResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Project';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly org: string;
    readonly description?: string;
  };
}

export interface ProjectionItemDto {
  readonly name: string;
  /** The stream that it is folded from. */
  readonly stream: string;
  /** Sequence of the last message folded and committed. */
  readonly position: number;
  /** Sequence of the newest message that it has to read. */
  readonly lastSeq: number;
  /** How many sequence numbers lie between; 0 = everything is read. */
  readonly lag: number;
  /** Rows of all its tables. */
  readonly rows: number;
  readonly tables: readonly TableRowsDto[];
}

export interface ProjectionReportDto {
  readonly name: string;
  readonly stream: string;
  /** Sequence at which both were compared. */
  readonly position: number;
  /** Messages folded again. */
  readonly records: number;
  /** Those of them that cannot be read. */
  readonly passedOver: number;
  readonly equal: boolean;
  readonly tables: readonly TableReportDto[];
}

export interface ProjectionsDto {
  readonly items: readonly ProjectionItemDto[];
}

export interface PublishedFactDto {
  /** Absent: a random one. */
  readonly id?: string;
  /** The group of the path. */
  readonly group?: string;
  /** The node of the group: a local fact names no other. */
  readonly sourceNode?: string;
  readonly type: string;
  readonly subject?: string;
  /** What the fact is about; absent: its type and subject. */
  readonly dedupeKey?: string;
  readonly payload?: Readonly<Record<string, string>>;
  /** Absent: now. */
  readonly observedAt?: string;
  /** Absent: never. */
  readonly expiresAt?: string;
  readonly traceparent?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
}

export interface QuarantinedPartDto {
  readonly source: string;
  readonly generation: number;
  readonly reason: string;
}

export interface QuotaDto {
  readonly name: string;
  readonly description: string;
  /** Over all projects of this org; either this or `project`. */
  readonly org?: string;
  /** Over this project. */
  readonly project?: string;
  /** By kind. */
  readonly limits: readonly QuotaLimitDto[];
  readonly origin: OriginDto;
}

export interface QuotaLimitDto {
  readonly kind:
    | 'Backend'
    | 'BackendSource'
    | 'Certificate'
    | 'Frontend'
    | 'HealthCheck'
    | 'L7Policy'
    | 'L7Rule'
    | 'Listener'
    | 'LoadBalancer'
    | 'MaintenanceWindow'
    | 'Pool'
    | 'PoolMember'
    | 'VipClaim';
  readonly limit: number;
  /** Resources in the effective config; may be above a limit that was lowered. */
  readonly used: number;
}

export interface QuotaResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'Quota';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly limits: {
      readonly Backend?: number;
      readonly BackendSource?: number;
      readonly Certificate?: number;
      readonly Frontend?: number;
      readonly HealthCheck?: number;
      readonly L7Policy?: number;
      readonly L7Rule?: number;
      readonly Listener?: number;
      readonly LoadBalancer?: number;
      readonly MaintenanceWindow?: number;
      readonly Pool?: number;
      readonly PoolMember?: number;
      readonly VipClaim?: number;
    };
    readonly description?: string;
    readonly org?: string;
    readonly project?: string;
  };
}

export interface ReasonBody {
  /** Why, for the history. */
  readonly reason?: string;
}

export interface RebuildProgressDto {
  readonly name: string;
  readonly progress: ProgressDto;
}

export interface RebuildReportDto {
  readonly name: string;
  readonly stream: string;
  /** Sequence at which the tables are what the stream says. */
  readonly position: number;
  /** Messages folded. */
  readonly records: number;
  /** Those of them that cannot be read. */
  readonly passedOver: number;
  readonly tables: readonly MendedTableDto[];
}

export interface RecentTimesDto {
  /** Until a connection to the target stood. */
  readonly connectMs: number;
  /** From then on until the head of its answer was there. */
  readonly responseMs: number;
  /** From the first byte of the request to the last of the answer. */
  readonly totalMs: number;
}

export interface RefusedDto {
  /** Newest first, of the last 24 hours, at most 1,000. */
  readonly items: readonly RefusedLineDto[];
}

export interface RefusedFactDto {
  readonly accepted: false;
  /** Empty when it had none. */
  readonly id: string;
  /** Of the table of errors. */
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly WrongMemberDto[];
}

export interface RefusedLineDto {
  /** When the first of the minute was refused. */
  readonly since: string;
  /** When they were told. */
  readonly at: string;
  /** Who, when it was known. */
  readonly subject?: string;
  /** IP address; empty: of many callers, for which there was no room. */
  readonly address: string;
  /** Such as an error code; `many`: of many callers. */
  readonly reason: string;
  /** The first route that was tried. */
  readonly route: string;
  readonly count: number;
}

export interface RemadePartDto {
  readonly source: string;
  readonly generation: number;
  /** Why it is run again. */
  readonly reason: string;
}

export interface RemoteAddressClaimResource {
  readonly apiVersion: 'hybrid.routerd.net/v1alpha1';
  readonly kind: 'RemoteAddressClaim';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly domainRef: string;
    readonly address: string;
    readonly ownerSide: 'cloud' | 'onprem';
    readonly capture: {
      readonly type: 'provider-secondary-ip' | 'proxy-arp';
      readonly providerRef?: string;
      readonly providerMode?: string;
      readonly nicRef?: string;
      readonly configureOSAddress?: boolean;
      readonly interface?: string;
      readonly gratuitousARP?: boolean;
      readonly excludeAddresses?: readonly string[];
      readonly activeWhen?: {
        readonly type?: '' | 'single-router' | 'vrrp-master';
        readonly virtualAddressRef?: string;
      };
      readonly captureStrategy?: string;
    };
    readonly delivery: {
      readonly peerRef: string;
      readonly mode: 'route' | 'bgp';
      readonly tunnelInterface?: string;
    };
  };
}

export interface RequestStatsDto {
  /** That came. */
  readonly total: number;
  /** Answers to clients, also those that a node gave itself. */
  readonly responses: ResponsesDto;
  /** Rejected by a policy. */
  readonly rejectedTotal: number;
  /** That could not be read, or whose client left before they were complete. */
  readonly brokenTotal: number;
  /** Whose target broke off, or answered what could not be read. */
  readonly failedTotal: number;
  /** In the last second. */
  readonly perSecond: number;
}

export interface ResourceDto {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ResourceMetadataDto;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface ResourceExplanationDto {
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly state: 'present' | 'masked' | 'gone';
  /** One sentence for people. */
  readonly verdict: string;
  /** The newest. */
  readonly version: VersionDto;
  /** The part that has it now, or had it last. */
  readonly part?: OriginPartDto;
  /** The run that made the part. */
  readonly run?: RunItemDto;
  /** The first 100. */
  readonly facts: readonly BehindFactDto[];
}

export interface ResourceItemDto {
  readonly resource: ResourceDto;
  /** Revision that put it. */
  readonly revision: number;
  /** Set that owns it. */
  readonly set: string | null;
  /** Worked out with every answer, never stored. */
  readonly status: ResourceStatusDto;
}

export interface ResourceMetadataDto {
  /** 1-253 printable characters without blanks. */
  readonly name: string;
  readonly project?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The name that it takes over from. */
  readonly renamedFrom?: string;
}

export interface ResourceSchemaResource {
  readonly apiVersion: 'config.signalbox.dev/v1alpha1';
  readonly kind: 'ResourceSchema';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly schema: unknown;
  };
}

export interface ResourceStatusDto {
  readonly conditions: readonly ConditionDto[];
}

export interface ResponsesDto {
  readonly '1xx': number;
  readonly '2xx': number;
  readonly '3xx': number;
  readonly '4xx': number;
  readonly '5xx': number;
  /** No code of HTTP. */
  readonly other: number;
}

export interface RevisedResourceDto {
  readonly action: 'added' | 'changed' | 'removed';
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
}

export interface RevisionDto {
  /** What `POST /v1/rollback` takes. */
  readonly revision: number;
  readonly at: string;
  /** Name of the token. */
  readonly author: string;
  /** Why, as the author said. */
  readonly message: string;
}

export interface RowDifferenceDto {
  /** `missing`: not in the table; `extra`: only there. */
  readonly kind: 'missing' | 'extra' | 'different';
  /** Columns of the key with their values. */
  readonly key: Readonly<Record<string, unknown>>;
  /** Columns that differ. */
  readonly columns?: readonly string[];
}

export interface RunCountsDto {
  /** Planned, not begun. */
  readonly queued: number;
  readonly running: number;
  /** They failed and are tried again. */
  readonly retrying: number;
  /** They ended well, and nobody has decided on what they proposed yet. */
  readonly proposed: number;
  /** They failed for good. */
  readonly failed: number;
}

export interface RunFactDto {
  readonly seq: number;
  readonly id: string;
  readonly origin: string;
  readonly factKey: string;
  readonly subject: string;
  /** Of a subscription that retracts. */
  readonly observedAt?: string;
  /** Order of acceptance at the origin; of a subscription that retracts. */
  readonly originSequence?: number;
  /** Where it stands in a trace, W3C Trace Context. */
  readonly traceparent?: string;
}

export interface RunItemDto {
  readonly runId: string;
  /** What started it: a subscription for facts of a group, or else `trigger`. */
  readonly subscription?: string;
  readonly group?: string;
  readonly trigger?: RunTriggerDto;
  readonly plugin: string;
  readonly revision: number;
  readonly source: string;
  readonly state:
    | 'waiting'
    | 'queued'
    | 'running'
    | 'retrying'
    | 'proposed'
    | 'succeeded'
    | 'failed'
    | 'withdrawn'
    | 'skipped';
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly facts: readonly RunFactDto[];
  /** Set on a run of a piece of a batch that failed. */
  readonly halving?: HalvingDto;
  /** Set on a run of what is left of a part. */
  readonly remakes?: RemadePartDto;
  /** What the plugin said of single facts; a fact without an entry is applied. */
  readonly outcomes?: readonly FactOutcomeDto[];
  readonly plannedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly retryAt?: string;
  readonly errorCode?: string;
  readonly error?: string;
  readonly executions: readonly ExecutionDto[];
}

export interface RunPluginBody {
  /** Facts for the plugin, as `event emit` takes them; they are not stored. */
  readonly events?: readonly unknown[];
}

export interface RunPluginDto {
  readonly dryRun: boolean;
  /** The run that was planned: see `/v1/runs/{id}`. */
  readonly runId?: string;
  /** Of a dry run: proposed or failed. */
  readonly outcome?: string;
  /** Of a dry run: how it was executed. */
  readonly execution?: unknown;
  /** Of a dry run: what the plugin told of each event. */
  readonly outcomes?: readonly unknown[];
  /** Of a dry run: the part that the plugin proposes. */
  readonly part?: unknown;
  /** Of a dry run: why it failed. */
  readonly error?: unknown;
}

export interface RunThresholdsDto {
  readonly maxPendingRuns: number;
  readonly maxFailedRuns: number;
}

export interface RunTriggerDto {
  readonly type: 'interval' | 'event' | 'manual';
  /** Name of the DynamicConfigSource that binds the plugin. */
  readonly configSource?: string;
  /** Who asked for it. */
  readonly author?: string;
  /** Whose facts started it. */
  readonly topic?: string;
  /** Sequence of the newest of these facts. */
  readonly seq?: number;
}

export interface ServedCertificateDto {
  /** Of the Certificate, with its project unless that is default. */
  readonly name: string;
  /** Fingerprint, 64 hex digits. */
  readonly sha256: string;
  /** Hosts that it is for, at most 20. */
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
}

export interface SinkApplyDto {
  /** Of the record that says so; rises. */
  readonly version: number;
  readonly at: string;
  /** `failed`: the target has what it had before, which is `content`. */
  readonly outcome: 'applied' | 'failed';
  /** Generation of the effective config. */
  readonly generation: number;
  /** What the target had then. */
  readonly content?: SinkContentDto;
  readonly failure?: SinkFailureDto;
}

export interface SinkContentDto {
  /** Generation of the effective config that it was made of. */
  readonly generation: number;
  /** sha256 in hex: of a file or body; of NATS KV of its keys and values. */
  readonly digest: string;
  readonly bytes: number;
  /** Resources in it. */
  readonly resources: number;
  /** When it was applied. */
  readonly at: string;
  /** Path, bucket with its prefix, or URL. */
  readonly place: string;
}

export interface SinkDto {
  readonly name: string;
  readonly description: string;
  readonly target: 'file' | 'natsKv' | 'webhook';
  /** Path, bucket with its prefix, or URL. */
  readonly place: string;
  /** Revision that declared it as it is. */
  readonly revision: number;
  /** This and what is behind it is absent while `sinks` has not said how it stands. */
  readonly state?: 'applied' | 'waiting' | 'held' | 'drifted' | 'degraded' | 'paused' | 'removed';
  /** Since when it stands like that. */
  readonly at?: string;
  /** Why it waits, is held, or has drifted. */
  readonly reason?: string;
  /** Absent: nothing of ours. */
  readonly content?: SinkContentDto;
  /** Generations since the one that the target has, while it does not have what it shall have; else 0. */
  readonly behind?: number;
  readonly failure?: SinkFailureDto;
  /** Absent: it is not paused. */
  readonly paused?: SinkPauseDto;
  /** The last ones, newest first. */
  readonly applies: readonly SinkApplyDto[];
}

export interface SinkErrorDto {
  /** An error code. */
  readonly code: string;
  readonly message: string;
}

export interface SinkFailureDto {
  readonly step: 'template' | 'write' | 'check' | 'rename' | 'reload' | 'verify' | 'restore' | 'send';
  readonly error: SinkErrorDto;
  /** The end of what a command or a server answered, at most 8 KiB. */
  readonly output?: string;
  /** How often in a row. */
  readonly attempts: number;
  /** Absent: only with another content, or after `resume`. */
  readonly retryAt?: string;
}

export interface SinkItemDto {
  readonly name: string;
  readonly description: string;
  readonly target: 'file' | 'natsKv' | 'webhook';
  /** Path, bucket with its prefix, or URL. */
  readonly place: string;
  /** Revision that declared it as it is. */
  readonly revision: number;
  /** This and what is behind it is absent while `sinks` has not said how it stands. */
  readonly state?: 'applied' | 'waiting' | 'held' | 'drifted' | 'degraded' | 'paused' | 'removed';
  /** Since when it stands like that. */
  readonly at?: string;
  /** Why it waits, is held, or has drifted. */
  readonly reason?: string;
  /** Absent: nothing of ours. */
  readonly content?: SinkContentDto;
  /** Generations since the one that the target has, while it does not have what it shall have; else 0. */
  readonly behind?: number;
  readonly failure?: SinkFailureDto;
  /** Absent: it is not paused. */
  readonly paused?: SinkPauseDto;
}

export interface SinkPauseDto {
  readonly author: string;
  /** Empty: none was given. */
  readonly reason: string;
  readonly at: string;
}

export interface SinkRenderingDto {
  readonly sink: string;
  /** Generation of the effective config that it is made of. */
  readonly generation: number;
  /** Resources in it. */
  readonly resources: number;
  readonly digest: string;
  readonly bytes: number;
  /** Of NATS KV the resources as a document, because it has a key for each. */
  readonly text: string;
  /** Whether the target has exactly this. */
  readonly isApplied: boolean;
  /** Why it would not be written. */
  readonly held?: string;
}

export interface SiteDto {
  /** The same for all the life of the site, and no other site has it. */
  readonly siteId: string;
}

export interface SloDto {
  readonly groups: readonly SloGroupDto[];
}

export interface SloGroupDto {
  readonly group: string;
  /** A FederationSLO says so; else these are the defaults. */
  readonly defined: boolean;
  readonly thresholds: ThresholdsDto;
  readonly violations: readonly ViolationDto[];
}

export interface SourcePartDto {
  /** As `GET /v1/parts` names it. */
  readonly source: string;
  readonly generation: number;
  readonly state: 'active' | 'quarantined';
  /** Why it is held back. */
  readonly reason?: string;
  /** When it was accepted. */
  readonly at: string;
}

export interface SourceRejectionDto {
  /** An error code. */
  readonly code: string;
  readonly message: string;
  readonly since: string;
}

export interface StateCountDto {
  readonly state: string;
  readonly count: number;
}

export interface StatusDto {
  /** nodeName of the EventGroup default, else the configured one. */
  readonly node: string;
  readonly groups: readonly GroupStatusDto[];
  readonly revision: number;
  readonly generation: number;
  /** Every part of this process is ready. */
  readonly ready: boolean;
  readonly parts: readonly PartStatusDto[];
  /** What is wrong now. It never makes the site unready. */
  readonly alarms: AlarmSummaryDto;
}

export interface StorageDto {
  /** Services, `nats` and `postgres`, where they do not answer. */
  readonly away: readonly string[];
  readonly items: readonly StorageItemDto[];
}

export interface StorageItemDto {
  readonly kind: 'stream' | 'table' | 'cache' | 'queue' | 'disk';
  readonly name: string;
  /** The service that keeps it, `operator` for what no service knows. */
  readonly owner: string;
  /** Of `used`, `bound` and `growthPerHour`. */
  readonly unit: 'bytes' | 'rows' | 'entries';
  /** Absent while whoever could say is `away`. */
  readonly used?: number;
  /** Absent where no number bounds it; then `rule` says what does. */
  readonly bound?: number;
  readonly rule?: string;
  /** What happens at the bound: what is new is refused; whoever adds to it waits; the oldest go and nobody else has them; the oldest go and are found elsewhere; what is over goes, as it shall; people are told. */
  readonly whenFull?: 'refuses' | 'waits' | 'loses' | 'forgets' | 'prunes' | 'warns';
  /** Variables and fields of resources that say the bound. */
  readonly setting?: string;
  /** Messages of a stream, rows of a table as Postgres estimates them. */
  readonly count?: number;
  /** Of a stream, or of a table with its indexes. */
  readonly bytes?: number;
  /** 100 times `used` by `bound`. */
  readonly usedPercent?: number;
  /** Negative when it shrinks; absent while too little is known. */
  readonly growthPerHour?: number;
  /** When it goes on as in the last hours, six at most. `unknown`: no bound, or too few samples. */
  readonly outlook: 'unknown' | 'never' | 'filling' | 'full';
  /** When it is `filling`; 0 when it is `full`. */
  readonly fullInSeconds?: number;
}

export interface StreamStateDto {
  readonly messages: number;
  readonly bytes: number;
  readonly lastSeq: number;
}

export interface StreamTicketDto {
  /** For one `GET /v1/stream?ticket=`, with the rights of who asked for it. */
  readonly ticket: string;
  /** It has to be used before. */
  readonly expiresAt: string;
}

export interface SubscriptionDto {
  readonly name: string;
  readonly group: string;
  readonly plugin: string;
  readonly suspended: boolean;
  readonly types: readonly string[];
  readonly runs: RunCountsDto;
  readonly lastRun?: LastRunDto;
  /** Matched facts that have no run yet, the newest of each lineage. */
  readonly waiting: number;
  /** The resource that it waits for, such as `Plugin/claims`; absent: none. */
  readonly waitsFor?: string;
  readonly reason?: 'plugin-missing' | 'plugin-suspended' | 'subscription-suspended';
}

export interface SubscriptionTestDto {
  readonly facts: readonly TriedFactDto[];
  readonly runs: readonly TriedRunDto[];
  /** Why nothing runs that matched. */
  readonly waiting?: WaitingTrialDto;
}

export interface SummaryDto {
  readonly pass: number;
  readonly warn: number;
  readonly fail: number;
  readonly skip: number;
  /** fail if anything fails, else warn if anything warns, else pass; skip when all is skipped. */
  readonly overall: 'pass' | 'warn' | 'fail' | 'skip';
}

export interface SuppressedResourceDto {
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly maskedBy: string;
  /** Null: a part that masks it is held. */
  readonly maskedUntil: string | null;
  readonly reason?: string;
}

export interface TableReportDto {
  readonly name: string;
  readonly rows: number;
  /** Rows when folded again. */
  readonly rowsFolded: number;
  /** sha256 over the rows in order of their keys, as canonical JSON. */
  readonly live: string;
  /** The same when folded again. */
  readonly folded: string;
  readonly equal: boolean;
  /** How many rows differ. */
  readonly differences: number;
  /** The first ten of them. */
  readonly named: readonly RowDifferenceDto[];
}

export interface TableRowsDto {
  readonly name: string;
  readonly rows: number;
}

export interface TargetEffectDto {
  readonly pool: string;
  readonly backend: string;
  /** Absent: it would be new. */
  readonly before?: WeightShareDto;
  /** Absent: it would leave. */
  readonly after?: WeightAfterDto;
}

export interface TargetStatsDto {
  /** That stand. */
  readonly connections: number;
  readonly connectionsTotal: number;
  /** From clients. */
  readonly bytesIn: number;
  /** To clients. */
  readonly bytesOut: number;
  readonly address: string;
  readonly port: number;
  /** Connects that failed. */
  readonly errorsTotal: number;
}

export interface TestSubscriptionBody {
  /** Facts, as `event emit` takes them; they are not stored. The group is that of the subscription. */
  readonly events: readonly unknown[];
}

export interface ThresholdsDto {
  readonly delivery: DeliveryThresholdsDto;
  readonly subscription: RunThresholdsDto;
}

export interface TokenBody {
  /** Who or what it is for: the author of its changes. */
  readonly name: string;
  readonly role?: 'viewer' | 'operator' | 'author' | 'admin';
  /** Orgs that it sees and changes; with neither orgs nor projects: all of the site. */
  readonly orgs?: readonly string[];
  /** Projects that it sees and changes. */
  readonly projects?: readonly string[];
  /** For a service account: groups that it may emit facts to, and nothing else. */
  readonly emits?: readonly string[];
  /** When it ends; absent: when it is revoked. */
  readonly expiresAt?: string;
}

export interface TokenDto {
  readonly id: string;
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'author' | 'admin';
  readonly orgs?: readonly string[];
  readonly projects?: readonly string[];
  readonly emits?: readonly string[];
  readonly createdAt: string;
  readonly expiresAt?: string;
  /** Since the api runs; absent: not used since. */
  readonly lastUsedAt?: string;
}

export interface TransitionDto {
  readonly version: number;
  readonly at: string;
  /** Absent when it was new. */
  readonly from?: 'unknown' | 'up' | 'down' | 'paused' | 'disabled' | 'removed';
  readonly to: 'unknown' | 'up' | 'down' | 'paused' | 'disabled' | 'removed';
  readonly result: HealthResultDto;
  readonly by?: OperatorNoteDto;
}

export interface TriedFactDto {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly matched: boolean;
  /** The first clause that failed. */
  readonly clause?: string;
  /** What it wanted, and what it found. */
  readonly message?: string;
}

export interface TriedRunDto {
  /** Ids of its facts. */
  readonly facts: readonly string[];
  /** rejected: its part would not be taken. */
  readonly state: 'succeeded' | 'failed' | 'rejected';
  /** Milliseconds that the plugin took. */
  readonly durationMs: number;
  /** What the plugin told of each fact. */
  readonly outcomes: readonly unknown[];
  /** Resources as they would stand in the part; of a rejected one as proposed. */
  readonly resources: readonly unknown[];
  /** When the part would end. */
  readonly expiresAt?: string;
  /** Why it failed, or would be rejected. */
  readonly error?: unknown;
  /** End of what the plugin wrote to stderr. */
  readonly stderr?: string;
}

export interface UnansweredDto {
  readonly service: 'renderer' | 'health' | 'balancer';
  readonly code:
    | 'bad-request'
    | 'bad-json'
    | 'bad-yaml'
    | 'bad-text'
    | 'too-complex'
    | 'unsupported-media-type'
    | 'unsupported-envelope'
    | 'bad-maglev'
    | 'bad-grammar'
    | 'validation-failed'
    | 'unknown-kind'
    | 'unknown-group'
    | 'group-mismatch'
    | 'type-mismatch'
    | 'foreign-source'
    | 'self-origin'
    | 'not-a-member'
    | 'observed-in-future'
    | 'expired'
    | 'content-conflict'
    | 'origin-conflict'
    | 'replay'
    | 'too-large'
    | 'storage-full'
    | 'bad-timestamp'
    | 'bad-signature'
    | 'stale-timestamp'
    | 'unauthorized'
    | 'forbidden'
    | 'method-not-allowed'
    | 'request-timeout'
    | 'url-too-long'
    | 'headers-too-large'
    | 'rate-limited'
    | 'precondition-required'
    | 'key-reused'
    | 'answer-not-kept'
    | 'not-found'
    | 'revision-conflict'
    | 'reference-missing'
    | 'duplicate-resource'
    | 'unfilled-variable'
    | 'quota-exceeded'
    | 'changeset-too-large'
    | 'result-too-large'
    | 'not-ready'
    | 'nats-unavailable'
    | 'store-unavailable'
    | 'store-newer'
    | 'certificate-refused'
    | 'internal'
    | 'poison-message'
    | 'peer-refused-fact'
    | 'peer-refused-us'
    | 'peer-unreachable'
    | 'secret-missing'
    | 'secret-refused'
    | 'secret-in-result'
    | 'plugin-missing'
    | 'plugin-untrusted'
    | 'sandbox-unavailable'
    | 'plugin-start-failed'
    | 'plugin-unreachable'
    | 'plugin-refused'
    | 'plugin-timeout'
    | 'plugin-exit'
    | 'plugin-output-limit'
    | 'plugin-output-invalid'
    | 'capability-missing'
    | 'run-lost'
    | 'not-kept'
    | 'retention'
    | 'superseded'
    | 'rule-changed'
    | 'part-conflict'
    | 'startup-conflict'
    | 'part-invalid'
    | 'part-expired'
    | 'mask-denied'
    | 'grant-exceeded'
    | 'wrong-state'
    | 'sink-template'
    | 'sink-place'
    | 'sink-write'
    | 'sink-program'
    | 'sink-command'
    | 'data-plane-unavailable'
    | 'data-plane-refused'
    | 'announcer-unavailable'
    | 'announce-refused'
    | 'listen-failed'
    | 'certificate-unusable'
    | 'sink-changed'
    | 'sink-refused'
    | 'sink-unreachable'
    | 'verify-running'
    | 'subscription-gone';
  readonly message: string;
}

export interface UndrainBody {
  /** Why, for the history. */
  readonly reason?: string;
  /** Only in this listener, in all of them when left out. */
  readonly listener?: string;
}

export interface VerifyBody {
  /** As `GET /v1/audit/head` gave it; without it an end that is cut off in both streams is not found. */
  readonly head?: AuditHeadDto;
}

export interface VersionDto {
  /** It stands from this generation on. */
  readonly generation: number;
  /** Null: that generation is no longer kept. */
  readonly at: string | null;
  readonly action: 'added' | 'changed';
  /** Who and why, in one sentence. */
  readonly why: string;
  /** Of `changed`: against the version before. */
  readonly fields?: readonly FieldChangeDto[];
  readonly part?: OriginPartDto;
  readonly revision?: OriginRevisionDto;
  /** It went, and nothing took its place. */
  readonly went?: EndDto;
  readonly resource: ResourceDto;
}

export interface ViolationDto {
  readonly check: string;
  readonly peer?: string;
  readonly threshold: number;
  readonly actual: number;
  readonly severity: 'warn' | 'fail';
}

export interface VipAddressDto {
  readonly address: string;
  readonly state: 'leased' | 'quarantined';
  /** When that was last recorded. */
  readonly at: string;
  /** Several when they share it; none in quarantine. */
  readonly holders: readonly VipHolderDto[];
  /** In quarantine: its last holder, who gets it back at any time. */
  readonly lastHolder?: VipHolderDto;
  /** When the quarantine ends. */
  readonly until?: string;
}

export interface VipClaimDto {
  readonly name: string;
  /** Absent: default. */
  readonly project?: string;
  readonly description: string;
  /** `waiting`: it has no address, see `reason`; `pending`: `balancer` has not decided yet. */
  readonly state: 'leased' | 'waiting' | 'pending';
  /** The VIP that it has. */
  readonly address?: string;
  /** The pool that the address came from. */
  readonly pool?: string;
  /** What it shares its address by. */
  readonly sharingKey?: string;
  /** Why it waits, for programs. */
  readonly code?: 'vip-exhausted' | 'vip-taken' | 'vip-in-quarantine' | 'vip-refused';
  /** Why it waits, for people. */
  readonly reason?: string;
  /** When its state was last recorded. */
  readonly at?: string;
  /** LoadBalancers of its project that name it. */
  readonly loadBalancers: readonly string[];
  readonly origin: OriginDto;
}

export interface VipClaimResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'VipClaim';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly description?: string;
    readonly pool?: string;
    readonly family?: 'ipv4' | 'ipv6';
    readonly address?: string;
    readonly sharingKey?: string;
  };
}

export interface VipDto {
  readonly address: string;
  /** By name; those that `balancer` has recorded. */
  readonly listeners: readonly VipListenerDto[];
  /** By name of the node. */
  readonly nodes: readonly NodeVipDto[];
  /** Why no node announces it; absent: one does. */
  readonly why?: string;
}

export interface VipEffectDto {
  readonly action: 'released' | 'claimed';
  readonly kind: 'Frontend' | 'LoadBalancer' | 'VipClaim';
  readonly project: string;
  readonly name: string;
  /** Absent: any free one. */
  readonly address?: string;
  /** VipPool that the claim names. */
  readonly pool?: string;
}

export interface VipHolderDto {
  readonly kind: 'Frontend' | 'LoadBalancer' | 'VipClaim';
  readonly name: string;
  /** Absent: default. */
  readonly project?: string;
}

export interface VipListenerDto {
  readonly name: string;
  readonly protocol: 'tcp' | 'udp' | 'http' | 'terminated-https' | 'any';
  /** 0 = all ports. */
  readonly port: number;
  /** Whether its nodes do what is decided. `pending`: one does not serve the newest state yet; `error`: one refuses it; `unplaced`: no node serves it; `unknown`: nobody says which nodes shall. */
  readonly provisioningStatus: 'active' | 'pending' | 'error' | 'unplaced' | 'unknown';
  /** Why it is not `active`. */
  readonly provisioningReason?: string;
  /** Whether clients are served. `degraded`: a target of the active pool, or of one of its policies, is not up; `draining`: nothing new is let in; `no-monitor`: nothing is probed. */
  readonly operatingStatus: 'online' | 'degraded' | 'draining' | 'offline' | 'no-monitor';
  /** Why it is not `online`. */
  readonly operatingReason?: string;
  /** Absent: default. */
  readonly project?: string;
  /** The pool that gets traffic, or would. */
  readonly activePool: string;
  /** Targets of the active pool that get new connections. */
  readonly usableTargets: number;
  /** Targets of the active pool. */
  readonly targets: number;
}

export interface VipPoolDto {
  readonly name: string;
  readonly description: string;
  /** Prefixes, ranges and addresses as they are written. */
  readonly addresses: readonly string[];
  /** Projects that it serves; absent: all, or a project asks. */
  readonly projects?: readonly string[];
  /** Whether claims that name no pool get addresses of it. */
  readonly autoAssign: boolean;
  /** How long an address that was given up waits for another holder. */
  readonly quarantine: string;
  /** Addresses that it may grant; at most 2^53 - 1 is told. */
  readonly size: number;
  /** Addresses that somebody has; this and the next two are absent while `balancer` does not say. As a project sees it: addresses that it has itself, and neither of the next two. */
  readonly used?: number;
  /** Addresses in quarantine. */
  readonly quarantined?: number;
  /** Addresses that may be granted now; at most 2^53 - 1 is told. */
  readonly free?: number;
  readonly origin: OriginDto;
}

export interface VipPoolResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'VipPool';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly addresses: readonly string[];
    readonly description?: string;
    readonly projects?: readonly string[];
    readonly autoAssign?: boolean;
    readonly avoidNetworkAndBroadcast?: boolean;
    readonly quarantine?: string;
  };
}

export interface VitalsDto {
  readonly at: string;
  readonly node: string;
  readonly ready: boolean;
  readonly revision: number;
  readonly generation: number;
  readonly alarms: number;
  readonly groups: readonly GroupVitalsDto[];
  /** All that are not at an end, and the last thousand that are. */
  readonly runs: readonly StateCountDto[];
  readonly backends: readonly StateCountDto[];
  readonly peers: readonly PeerVitalsDto[];
  /** The twenty that are behind most. */
  readonly consumers: readonly ConsumerVitalsDto[];
}

export interface VppConfDto {
  readonly ipv4SrcAddress: string;
  readonly ipv6SrcAddress: string;
  readonly stickyBucketsPerCore: number;
  readonly flowTimeoutSeconds: number;
}

export interface VppDataPlaneResource {
  readonly apiVersion: 'balance.signalbox.dev/v1alpha1';
  readonly kind: 'VppDataPlane';
  readonly metadata: ResourceMetadataDto;
  readonly spec: {
    readonly ipv4SrcAddress: string;
    readonly ipv6SrcAddress: string;
    readonly syncInterval?: string;
    readonly startupMinDelay?: string;
    readonly startupMaxDelay?: string;
    readonly flowTimeout?: string;
    readonly stickyBucketsPerCore?: number;
  };
}

export interface VppInfoDto {
  readonly node: string;
  readonly connected: boolean;
  /** Why it is not connected. */
  readonly why?: string;
  /** This and what follows: of a VPP that is connected. */
  readonly version?: string;
  readonly buildDate?: string;
  readonly buildDirectory?: string;
  readonly pid?: number;
  /** When VPP started; absent: it does not say. */
  readonly bootedAt?: string;
  readonly connectedAt?: string;
}

export interface VppLbCountersDto {
  readonly node: string;
  /** In the order of VPP. */
  readonly vips: readonly VppVipCountersDto[];
}

export interface VppLbStateDto {
  readonly node: string;
  readonly conf: VppConfDto;
  /** In the order of addresses. */
  readonly vips: readonly VppVipStateDto[];
}

export interface VppSyncBody {
  /** Scoped name of one listener; all of them when left out, and what nobody asks for goes. */
  readonly listener?: string;
}

export interface VppSyncDto {
  readonly node: string;
  readonly vipsAdded: number;
  readonly vipsRemoved: number;
  readonly targetsAdded: number;
  readonly targetsRemoved: number;
  readonly weightsSet: number;
}

export interface VppTargetDto {
  readonly address: string;
  readonly weight: number;
  /** Slots that it has in the table of new flows. */
  readonly buckets: number;
  /** That VPP remembers. */
  readonly flows: number;
}

export interface VppVipCountersDto {
  /** Absent: no listener of the node asks for it. */
  readonly listener?: string;
  readonly prefix: string;
  /** tcp, udp, any, or the number of another one. */
  readonly protocol: string;
  /** 0: all ports. */
  readonly port: number;
  /** Packets of flows that are remembered. */
  readonly next: number;
  /** First packets of flows. */
  readonly first: number;
  /** Packets that were sent on and not remembered. */
  readonly untracked: number;
  /** Packets that found no target. */
  readonly noServer: number;
}

export interface VppVipStateDto {
  /** Absent: no listener of the node asks for it. */
  readonly listener?: string;
  readonly prefix: string;
  /** tcp, udp, any, or the number of another one. */
  readonly protocol: string;
  /** 0: all ports. */
  readonly port: number;
  readonly encap: string;
  /** Clients are told by their address alone. */
  readonly srcIpSticky: boolean;
  /** In the order of addresses. */
  readonly targets: readonly VppTargetDto[];
}

export interface WaitingRunsDto {
  readonly subscription: string;
  /** The resource that is not declared or suspended, such as `Plugin/claims`. */
  readonly waitsFor: string;
  readonly reason: 'plugin-missing' | 'plugin-suspended' | 'subscription-suspended';
  /** How many facts wait. */
  readonly facts: number;
}

export interface WaitingTrialDto {
  /** Such as plugin-missing. */
  readonly reason: string;
  /** The resource that it waits for. */
  readonly waitsFor: string;
}

export interface WantedMemberDto {
  /** Name of a Backend of the same project. */
  readonly backendRef: string;
  readonly weight?: number;
}

export interface WeightAfterDto {
  readonly effective: number;
  /** Percent of new connections of the frontend, or of what its policies send to the pool. */
  readonly share: number;
  readonly why: WeightReasonDto;
}

export interface WeightBody {
  readonly weight: number;
  /** Why, for the history. */
  readonly reason?: string;
  /** Ends by itself after this time. */
  readonly expiresIn?: string;
}

export interface WeightEffectDto {
  /** Of which anything would be another. */
  readonly frontends: readonly FrontendEffectDto[];
  /** VIPs that would be given back or asked for. */
  readonly vips: readonly VipEffectDto[];
  readonly warnings: readonly WeightWarningDto[];
}

export interface WeightOverrideDto {
  readonly weight: number;
  readonly author: string;
  readonly reason?: string;
  readonly at: string;
  readonly expiresAt?: string;
}

export interface WeightReasonDto {
  readonly rule:
    | 'active'
    | 'slow-start'
    | 'standby'
    | 'failback-wait'
    | 'weight-zero'
    | 'unknown'
    | 'down'
    | 'paused'
    | 'disabled'
    | 'keep-last'
    | 'spread'
    | 'missing'
    | 'family-mismatch';
  readonly text: string;
  readonly until?: string;
}

export interface WeightShareDto {
  readonly effective: number;
  /** Percent of new connections of the frontend, or of what its policies send to the pool. */
  readonly share: number;
}

export interface WeightWarningDto {
  /** `backends-gone`: nothing would get traffic any more. `frontend-gone`: it serves and would go. `pool-switch`: traffic would go to another pool. */
  readonly reason: 'backends-gone' | 'frontend-gone' | 'pool-switch';
  readonly project: string;
  readonly frontend: string;
  readonly message: string;
}

export interface WrongMemberDto {
  /** JSON Pointer into the fact. */
  readonly pointer: string;
  readonly message: string;
}
