import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  AuthModule,
  IdempotencyModule,
  IfMatchInterceptor,
  ownTables,
  type Service,
  SITE_CONFIG,
  type SiteConfig,
} from '@signalbox/runtime';
import { AlarmsController } from './balance/alarms.controller.js';
import { AgentsHeard } from './balance/agents-heard.js';
import { AlarmsReader } from './balance/alarms.reader.js';
import { BackendCommandsController } from './balance/backend-commands.controller.js';
import { BackendCommands } from './balance/backend-commands.js';
import { BackendsController } from './balance/backends.controller.js';
import { BackendsReader } from './balance/backends.reader.js';
import { CommandChannel } from './balance/command-channel.js';
import { DrainsController } from './balance/drains.controller.js';
import { Drains } from './balance/drains.js';
import { FrontendsController } from './balance/frontends.controller.js';
import { FrontendsReader } from './balance/frontends.reader.js';
import { HealthChecksController } from './balance/healthchecks.controller.js';
import { HealthChecksReader } from './balance/healthchecks.reader.js';
import { PoolMembersController } from './balance/pool-members.controller.js';
import { ListenerStatsReader } from './balance/listener-stats.reader.js';
import { ListenersController } from './balance/listeners.controller.js';
import { ListenersReader } from './balance/listeners.reader.js';
import { LoadBalancersController } from './balance/loadbalancers.controller.js';
import { LoadBalancersReader } from './balance/loadbalancers.reader.js';
import { PlacementsReader } from './balance/placements.reader.js';
import { PoolsController } from './balance/pools.controller.js';
import { PoolsReader } from './balance/pools.reader.js';
import { BackendSourcesController } from './balance/backendsources.controller.js';
import { BackendSourcesReader } from './balance/backendsources.reader.js';
import { VipClaimsController } from './balance/vipclaims.controller.js';
import { VipClaimsReader } from './balance/vipclaims.reader.js';
import { VipPoolsController } from './balance/vippools.controller.js';
import { VipsController } from './balance/vips.controller.js';
import { VipsReader } from './balance/vips.reader.js';
import { VipPoolsReader } from './balance/vippools.reader.js';
import { NodeDrainsController } from './balance/node-drains.controller.js';
import { NodeDrains } from './balance/node-drains.js';
import { NodesController } from './balance/nodes.controller.js';
import { NodesReader } from './balance/nodes.reader.js';
import { VppController } from './balance/vpp.controller.js';
import { VppReader } from './balance/vpp.reader.js';
import { LiveStreams } from './live/live-streams.js';
import { PresentState } from './live/present-state.js';
import { StreamController } from './live/stream.controller.js';
import { AlarmWatch } from './live/alarm-watch.js';
import { EndedRights } from './live/ended-rights.js';
import { Feeds } from './live/feeds.js';
import { StreamStarts } from './live/stream-starts.js';
import { StreamTicketsController } from './live/stream-tickets.controller.js';
import { WeightCommands } from './balance/weight-commands.js';
import { WeightsController } from './balance/weights.controller.js';
import { AUDIT_CONTROLLERS, AUDIT_PROVIDERS } from './audit/audit-parts.js';
import { ApplyAnswers } from './changes/apply-answers.js';
import { ApplyController } from './changes/apply.controller.js';
import { ApplyMetrics } from './changes/apply.metrics.js';
import { ApplyService } from './changes/apply.service.js';
import { PastResources } from './changes/past-resources.js';
import { RollbackController } from './changes/rollback.controller.js';
import { PluginWarnings } from './changes/plugin-warnings.js';
import { Consequences } from './changes/consequences.js';
import { Effects } from './changes/effects.js';
import { Quotas } from './changes/quotas.js';
import { ResourceJournal } from './changes/resource-journal.js';
import { CompactionController } from './compaction/compaction.controller.js';
import { CompactionService } from './compaction/compaction.service.js';
import { DeliveryFacts } from './doctor/delivery-facts.js';
import { DoctorController } from './doctor/doctor.controller.js';
import { DoctorReader } from './doctor/doctor.reader.js';
import { GroupFactsReader } from './doctor/group-facts.reader.js';
import { KeyFactsReader } from './doctor/key-facts.reader.js';
import { MachineryFacts } from './doctor/machinery-facts.js';
import { ReaderFactsReader } from './doctor/reader-facts.reader.js';
import { ServerFactsReader } from './doctor/server-facts.reader.js';
import { VitalsController } from './doctor/vitals.controller.js';
import { VitalsReader } from './doctor/vitals.reader.js';
import { proxyEvents } from './http/event-proxy.js';
import { MinRevisionInterceptor } from './http/min-revision.interceptor.js';
import { acceptNoBody } from './http/optional-body.js';
import { serveOpenApi } from './openapi/serve-openapi.js';
import { OperatorResources } from './operator-resources.js';
import { OperationsController } from './operations/operations.controller.js';
import { OperationsReader } from './operations/operations.reader.js';
import { PluginRunsController } from './plugins/plugin-runs.controller.js';
import { SubscriptionTrials } from './plugins/subscription-trials.js';
import { SubscriptionTrialsController } from './plugins/subscription-trials.controller.js';
import { ProjectionsController } from './projections/projections.controller.js';
import { ProjectionsReader } from './projections/projections.reader.js';
import { ProjectionFolds } from './projections/projection-folds.js';
import { ConfigHistoryReader } from './reads/config-history.reader.js';
import { DeadLettersController } from './reads/dead-letters.controller.js';
import { DeadLettersReader } from './reads/dead-letters.reader.js';
import { DeliveriesController } from './reads/deliveries.controller.js';
import { DeliveriesReader } from './reads/deliveries.reader.js';
import { DueDeliveries } from './reads/due-deliveries.js';
import { PeerStandings } from './reads/peer-standings.js';
import { WaitingMatches } from './reads/waiting-matches.js';
import { EffectiveConfigController } from './reads/effective-config.controller.js';
import { EffectiveConfigReader } from './reads/effective-config.reader.js';
import { EventsController } from './reads/events.controller.js';
import { EventsReader } from './reads/events.reader.js';
import { ExplainReader } from './reads/explain.reader.js';
import { FreshFacts } from './reads/fresh-facts.js';
import { PartsController } from './reads/parts.controller.js';
import { PartsReader } from './reads/parts.reader.js';
import { ResourceHistoryReader } from './reads/resource-history.reader.js';
import { ResourceConditions } from './reads/resource-conditions.js';
import { ResourcesController } from './reads/resources.controller.js';
import { ResourcesReader } from './reads/resources.reader.js';
import { RevisionsController } from './reads/revisions.controller.js';
import { RevisionsReader } from './reads/revisions.reader.js';
import { RunsController } from './reads/runs.controller.js';
import { RunsReader } from './reads/runs.reader.js';
import { SiteController } from './reads/site.controller.js';
import { StatusController } from './reads/status.controller.js';
import { StatusReader } from './reads/status.reader.js';
import { SiteMetrics } from './site.metrics.js';
import { ApiLifecycle } from './start/api.lifecycle.js';
import { ContextFile } from './start/context-file.js';
import { SiteIdentity } from './start/site-identity.js';
import { FirstStart } from './start/first-start.js';
import { SinkCommands } from './sinks/sink-commands.js';
import { SinksController } from './sinks/sinks.controller.js';
import { SinksReader } from './sinks/sinks.reader.js';
import { RunCounts } from './standings/run-counts.js';
import { GroupsController } from './standings/groups.controller.js';
import { GroupsReader } from './standings/groups.reader.js';
import { PluginsController } from './standings/plugins.controller.js';
import { PluginsReader } from './standings/plugins.reader.js';
import { SubscriptionsController } from './standings/subscriptions.controller.js';
import { SubscriptionsReader } from './standings/subscriptions.reader.js';
import { ApiUsage } from './storage/api-usage.js';
import { StorageController } from './storage/storage.controller.js';
import { StorageForecasts } from './storage/storage.forecasts.js';
import { StorageMetrics } from './storage/storage.metrics.js';
import { StorageReader } from './storage/storage.reader.js';
import { StorageSampler } from './storage/storage.sampler.js';
import { OrgsController } from './tenants/orgs.controller.js';
import { OrgsReader } from './tenants/orgs.reader.js';
import { ProjectsController } from './tenants/projects.controller.js';
import { QuotasController } from './tenants/quotas.controller.js';
import { QuotasReader } from './tenants/quotas.reader.js';
import { TENANT_CONTROLLERS } from './tenants/tenant-routes.js';
import { TraceTeller } from './traces/trace-teller.js';
import { Tokens } from './tokens/tokens.js';
import { TokensController } from './tokens/tokens.controller.js';
import { WhoamiController } from './tokens/whoami.controller.js';

/** REST, OpenAPI and the tables of resources, tokens and dead letters. */
@Module({
  imports: [AuthModule, IdempotencyModule],
  controllers: [
    ApplyController,
    RollbackController,
    RevisionsController,
    OperationsController,
    ResourcesController,
    EventsController,
    DeliveriesController,
    RunsController,
    PluginRunsController,
    SubscriptionTrialsController,
    PartsController,
    EffectiveConfigController,
    DeadLettersController,
    ProjectionsController,
    CompactionController,
    StatusController,
    DoctorController,
    VitalsController,
    StorageController,
    SiteController,
    BackendsController,
    BackendCommandsController,
    FrontendsController,
    WeightsController,
    PoolMembersController,
    DrainsController,
    HealthChecksController,
    NodesController,
    VppController,
    NodeDrainsController,
    ListenersController,
    LoadBalancersController,
    PoolsController,
    BackendSourcesController,
    VipClaimsController,
    VipPoolsController,
    VipsController,
    SinksController,
    AlarmsController,
    StreamController,
    StreamTicketsController,
    GroupsController,
    SubscriptionsController,
    PluginsController,
    OrgsController,
    ProjectsController,
    QuotasController,
    TokensController,
    WhoamiController,
    ...TENANT_CONTROLLERS,
    ...AUDIT_CONTROLLERS,
  ],
  providers: [
    ApiLifecycle,
    SiteMetrics,
    ContextFile,
    FirstStart,
    SiteIdentity,
    ownTables('api'),
    CompactionService,
    OperatorResources,
    { provide: APP_INTERCEPTOR, useClass: IfMatchInterceptor },
    { provide: APP_INTERCEPTOR, useClass: MinRevisionInterceptor },
    SubscriptionTrials,
    ApplyService,
    ApplyAnswers,
    Effects,
    PastResources,
    RevisionsReader,
    OperationsReader,
    ApplyMetrics,
    PluginWarnings,
    Quotas,
    Consequences,
    ResourceJournal,
    ResourceConditions,
    ResourcesReader,
    EventsReader,
    ExplainReader,
    FreshFacts,
    DeliveriesReader,
    DueDeliveries,
    PeerStandings,
    WaitingMatches,
    RunsReader,
    PartsReader,
    EffectiveConfigReader,
    ConfigHistoryReader,
    ResourceHistoryReader,
    DeadLettersReader,
    ProjectionsReader,
    ProjectionFolds,
    StatusReader,
    DeliveryFacts,
    GroupFactsReader,
    ServerFactsReader,
    ReaderFactsReader,
    KeyFactsReader,
    MachineryFacts,
    DoctorReader,
    VitalsReader,
    ApiUsage,
    StorageReader,
    StorageSampler,
    StorageForecasts,
    StorageMetrics,
    CommandChannel,
    BackendsReader,
    BackendCommands,
    FrontendsReader,
    WeightCommands,
    Drains,
    HealthChecksReader,
    NodesReader,
    VppReader,
    NodeDrains,
    PlacementsReader,
    ListenersReader,
    ListenerStatsReader,
    LoadBalancersReader,
    PoolsReader,
    BackendSourcesReader,
    VipClaimsReader,
    VipsReader,
    VipPoolsReader,
    SinksReader,
    SinkCommands,
    AgentsHeard,
    AlarmsReader,
    OrgsReader,
    QuotasReader,
    PresentState,
    StreamStarts,
    Feeds,
    AlarmWatch,
    LiveStreams,
    TraceTeller,
    RunCounts,
    GroupsReader,
    SubscriptionsReader,
    PluginsReader,
    EndedRights,
    Tokens,
    ...AUDIT_PROVIDERS,
  ],
})
export class ApiModule {}

/** The service `api`. */
export const API: Service = { name: 'api', module: ApiModule, prepare };

function prepare(app: NestFastifyApplication): void {
  const { ingestUrl } = app.get<SiteConfig>(SITE_CONFIG);
  const fastify = app.getHttpAdapter().getInstance();
  acceptNoBody(fastify);
  if (ingestUrl !== undefined) proxyEvents(fastify, ingestUrl);
  serveOpenApi(app);
  const server = app.getHttpServer();
  server.once('listening', () => {
    const url = localUrl(server.address() as AddressInfo);
    app.get(ContextFile).refresh(url, app.get(SiteIdentity).siteId);
  });
}

/** Where a client on this host finds a listening server. */
function localUrl({ address, family, port }: AddressInfo): string {
  const everywhere = address === '::' || address === '0.0.0.0';
  const host = everywhere ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
