import { Module } from '@nestjs/common';
import { keptTables, type Service } from '@signalbox/runtime';
import { ActivityFold } from './activity-fold.js';
import { AlarmsController } from './alarms.controller.js';
import { ExplainController } from './explain.controller.js';
import { LiveFacts } from './live-facts.js';
import { Checkpoints } from './checkpoints.js';
import { MATCHER_STATE, MatchStore } from './match-store.js';
import { MatchedGroups } from './matched-groups.js';
import { MatcherService } from './matcher.service.js';
import { Matching } from './matching.js';
import { PastRules } from './past-rules.js';
import { Planning } from './planning.js';
import { RecordedSwitches } from './recorded-switches.js';
import { RuleBook } from './rule-book.js';
import { RunsController } from './runs.controller.js';
import { RuleSwitch } from './rule-switch.js';
import { MatcherUsage } from './matcher-usage.js';
import { TrialController } from './trial.controller.js';

@Module({
  controllers: [
    ExplainController,
    TrialController,
    AlarmsController,
    RunsController,
    keptTables('matcher', [MATCHER_STATE]),
  ],
  providers: [
    MatcherService,
    MatchStore,
    Checkpoints,
    Planning,
    ActivityFold,
    Matching,
    MatchedGroups,
    RuleBook,
    RuleSwitch,
    LiveFacts,
    RecordedSwitches,
    PastRules,
    MatcherUsage,
  ],
})
export class MatcherModule {}

export const MATCHER: Service = { name: 'matcher', module: MatcherModule };
