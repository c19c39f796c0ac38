import { Ctx, Payload } from '@nestjs/microservices';
import { MessageController, OnRequest, RequestContext } from '@signalbox/bus';
import {
  type Alarm,
  BACKEND_COMMANDS,
  type BackendCommandRequest,
  type BackendVitals,
  CodedError,
  type CommandAnswer,
  type HeartbeatRequest,
  SUBJECTS,
  subjectToken,
} from '@signalbox/contracts';
import { BackendReports } from './backend-reports.js';
import { Checker } from './checker.js';
import { HealthService } from './health.service.js';
import { Heartbeats } from './heartbeats.js';
import { DETAIL_LENGTH } from './limits.js';

/** Questions and commands to `health` on core NATS. */
@MessageController()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly reports: BackendReports,
    private readonly checker: Checker,
    private readonly heartbeats: Heartbeats,
  ) {}

  @OnRequest(SUBJECTS.command('health', 'backend'))
  async command(@Payload() data: Uint8Array): Promise<CommandAnswer> {
    const request = readObject(data) as unknown as BackendCommandRequest;
    if (!BACKEND_COMMANDS.includes(request.command))
      throw new CodedError('validation-failed', `there is no command "${request.command}"`);
    return this.health.command(request);
  }

  @OnRequest(SUBJECTS.command('health', 'heartbeat'))
  heartbeat(@Payload() data: Uint8Array): { accepted: true } {
    return this.beat(readObject(data) as unknown as HeartbeatRequest);
  }

  /** `nats pub heartbeat.<name>`: the body may be empty or `{ok, detail}`. */
  @OnRequest(SUBJECTS.allHeartbeats)
  heartbeatOnSubject(@Payload() data: Uint8Array, @Ctx() context: RequestContext): { accepted: true } {
    const token = context.subject.slice(context.subject.indexOf('.') + 1);
    return this.beat({ ...(data.byteLength > 0 ? readObject(data) : {}), backend: this.nameOf(token) });
  }

  @OnRequest(SUBJECTS.ask('health', 'backend'))
  vitals(@Payload() data: Uint8Array): BackendVitals {
    return this.reports.vitals(String(readObject(data)['backend']));
  }

  @OnRequest(SUBJECTS.ask('health', 'alarms'))
  alarms(): { alarms: Alarm[] } {
    return { alarms: this.reports.alarms() };
  }

  /** Most names are their own token; only the others have to be looked for. */
  private nameOf(token: string): string {
    const { backends } = this.checker;
    if (backends.has(token)) return token;
    return [...backends.keys()].find((name) => subjectToken(name) === token) ?? token;
  }

  private beat({ backend, ok, detail }: HeartbeatRequest): { accepted: true } {
    if (ok !== undefined && typeof ok !== 'boolean')
      throw new CodedError('validation-failed', '/ok must be true or false');
    if (!this.checker.backends.has(backend))
      throw new CodedError('not-found', `there is no backend "${backend}"`);
    const text = detail === undefined ? undefined : String(detail).slice(0, DETAIL_LENGTH);
    if (!this.heartbeats.beat({ backend, ok: ok ?? true, ...(text !== undefined && { detail: text }) }))
      throw new CodedError(
        'wrong-state',
        `backend ${backend} does not wait for heartbeats: its check is not of type push, or it is paused or disabled`,
      );
    return { accepted: true };
  }
}

function readObject(data: Uint8Array): Record<string, unknown> {
  try {
    const value = JSON.parse(Buffer.from(data).toString()) as unknown;
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new CodedError('bad-json', 'the request is not JSON', [], { cause });
  }
  throw new CodedError('bad-json', 'the request must be a JSON object');
}
