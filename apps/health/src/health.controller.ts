import { Ctx, Payload } from '@nestjs/microservices';
import { MessageController, OnRequest, RequestContext } from '@signalbox/bus';
import {
  type Alarm,
  type BackendVitals,
  CodedError,
  type CommandAnswer,
  type HealthPlan,
  type HeartbeatRequest,
  readBackendCommand,
  readBackendQuestion,
  readHeartbeat,
  readHeartbeatBody,
  readHealthPlanQuestion,
  SUBJECTS,
} from '@signalbox/contracts';
import { Alarms } from '@signalbox/runtime';
import { BackendInputs } from './backend-inputs.js';
import { BackendReports } from './backend-reports.js';
import { Checker } from './checker.js';
import { HeartbeatRefusals } from './heartbeat-refusals.js';
import { Heartbeats } from './heartbeats.js';
import { DETAIL_LENGTH } from './limits.js';

/** Questions and commands to `health` on core NATS. */
@MessageController()
export class HealthController {
  private readonly read: () => Alarm[];

  constructor(
    private readonly inputs: BackendInputs,
    private readonly reports: BackendReports,
    private readonly checker: Checker,
    private readonly heartbeats: Heartbeats,
    private readonly refusals: HeartbeatRefusals,
    alarms: Alarms,
  ) {
    this.read = alarms.register('health', () => reports.alarms());
  }

  @OnRequest(SUBJECTS.command('health', 'backend'))
  async command(@Payload() data: Uint8Array): Promise<CommandAnswer> {
    const request = readBackendCommand(data);
    const seq = await this.inputs.turn(() => this.checker.command(request));
    return seq === undefined ? {} : { seq };
  }

  @OnRequest(SUBJECTS.command('health', 'heartbeat'))
  heartbeat(@Payload() data: Uint8Array): { accepted: true } {
    return this.beat(readHeartbeat(data));
  }

  /** `nats pub heartbeat.<name>`: the body may be empty or `{ok, detail}`. */
  @OnRequest(SUBJECTS.allHeartbeats)
  heartbeatOnSubject(@Payload() data: Uint8Array, @Ctx() context: RequestContext): { accepted: true } {
    const token = context.subject.slice(context.subject.indexOf('.') + 1);
    try {
      return this.beat({ ...readHeartbeatBody(data), backend: this.heartbeats.nameOf(token) });
    } catch (error) {
      // whoever published it hears nothing
      if (error instanceof CodedError) this.refusals.note(context.subject, error);
      throw error;
    }
  }

  @OnRequest(SUBJECTS.ask('health', 'backend'))
  vitals(@Payload() data: Uint8Array): BackendVitals {
    return this.reports.vitals(readBackendQuestion(data).backend);
  }

  @OnRequest(SUBJECTS.ask('health', 'plan'))
  async plan(@Payload() data: Uint8Array): Promise<HealthPlan> {
    const question = readHealthPlanQuestion(data);
    return this.inputs.turn(() => Promise.resolve(this.reports.plan(question)));
  }

  @OnRequest(SUBJECTS.ask('health', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.read() };
  }

  private beat({ backend, ok, detail }: HeartbeatRequest): { accepted: true } {
    if (!this.checker.backends.has(backend))
      throw new CodedError('not-found', `there is no backend "${backend}"`);
    const text = detail === undefined ? undefined : detail.slice(0, DETAIL_LENGTH);
    if (!this.heartbeats.beat({ backend, ok: ok ?? true, ...(text !== undefined && { detail: text }) }))
      throw new CodedError(
        'wrong-state',
        `backend ${backend} does not wait for heartbeats: its check is not of type push, or it is paused or disabled`,
      );
    return { accepted: true };
  }
}
