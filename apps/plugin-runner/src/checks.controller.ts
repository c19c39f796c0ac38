import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import { type Alarm, type Condition, parseStrictJson, type PluginSpec, SUBJECTS } from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';
import { PluginChecks, type PluginFault } from './plugin-checks.js';
import { TriggeredRuns } from './triggered-runs.js';

/** Tells which plugins cannot be run, declared ones and those that somebody is about to declare. */
@MessageController()
export class ChecksController {
  private readonly read: () => Alarm[];

  constructor(
    private readonly checks: PluginChecks,
    triggered: TriggeredRuns,
    alarms: Alarms,
  ) {
    this.read = alarms.register('plugin-runner', () => [...checks.alarms(), ...triggered.alarms()]);
  }

  @OnRequest(SUBJECTS.ask('plugin-runner', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.read() };
  }

  /** `{spec}` of a validated Plugin in, what is wrong with its file out. */
  @OnRequest(SUBJECTS.ask('plugin-runner', 'check-plugin'))
  async check(@Payload() data: Uint8Array): Promise<{ faults: readonly PluginFault[] }> {
    const { spec } = parseStrictJson(Buffer.from(data).toString()) as { spec: PluginSpec };
    const fault = await this.checks.check(spec);
    return { faults: fault ? [fault] : [] };
  }

  /** What contains each declared plugin, by name. */
  @OnRequest(SUBJECTS.ask('plugin-runner', 'containment'))
  containment(): { plugins: Readonly<Record<string, Condition>> } {
    return { plugins: this.checks.conditions() };
  }
}
