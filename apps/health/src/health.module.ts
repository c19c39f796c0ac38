import { Module } from '@nestjs/common';
import { keptTables, ownTables, type Service, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { BackendInputs } from './backend-inputs.js';
import { BackendLedger } from './backend-ledger.js';
import { BackendRecords } from './backend-records.js';
import { BackendReports } from './backend-reports.js';
import { BackendRestore } from './backend-restore.js';
import { Checker } from './checker.js';
import { ConfigTakeover } from './config-takeover.js';
import { CounterCache } from './counter-cache.js';
import { HealthConfig } from './health-config.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { HeartbeatRefusals } from './heartbeat-refusals.js';
import { Heartbeats } from './heartbeats.js';
import { IntentBook } from './intent-book.js';
import { ProbeMetrics } from './probe-metrics.js';
import { ProbeRounds } from './probe-rounds.js';
import { LocalProber } from './probes/local-prober.js';
import { NamespaceProber } from './probes/namespace-prober.js';
import { Probers } from './probes/probers.js';
import { Probing } from './probing.js';
import { Shortages } from './shortages.js';
import { StateMetrics } from './state-metrics.js';
import { Verdicts } from './verdicts.js';
import { HealthUsage } from './health-usage.js';

/** Probes, the state machine of each backend, and what operators want of them. */
@Module({
  controllers: [HealthController, keptTables('health')],
  providers: [
    HealthService,
    ownTables('health'),
    BackendInputs,
    HealthConfig,
    ConfigTakeover,
    BackendRestore,
    BackendReports,
    Checker,
    Verdicts,
    Shortages,
    BackendLedger,
    BackendRecords,
    IntentBook,
    CounterCache,
    ProbeRounds,
    Probing,
    Heartbeats,
    HeartbeatRefusals,
    { provide: Probers, useFactory: makeProbers, inject: [SITE_CONFIG] },
    ProbeMetrics,
    StateMetrics,
    HealthUsage,
  ],
})
export class HealthCheckModule {}

function makeProbers({ searchPath, caEnvironment }: SiteConfig): Probers {
  const env = { PATH: searchPath, ...caEnvironment };
  return new Probers(new LocalProber({ searchPath }), (name) => new NamespaceProber(name, { env }));
}

/** The service `health`. */
export const HEALTH: Service = { name: 'health', module: HealthCheckModule };
