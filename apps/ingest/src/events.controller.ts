import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CodedError, errorBody, type FactDefaults, type FieldError, formatTime } from '@signalbox/contracts';
import { Clock, CloudEventBody } from '@signalbox/runtime';
import { type Encoding, encodingOf, factFrom } from './domain/cloud-event-in.js';
import { refuseForeignHeaders } from './domain/foreign-envelope.js';
import { PublishesFacts, REST_BATCH } from './events.dto.js';
import { FactIntake, type IntakeResult } from './fact-intake.js';
import { randomFactId } from './offers.controller.js';

/** One fact of a batch that was not accepted. */
interface Refusal {
  readonly accepted: false;
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly FieldError[];
}

/** Of the header `traceparent`. */
type HeaderValue = string | string[] | undefined;

/** Facts in over REST, also as CloudEvents: one, or up to 1,000 with a result for each. Answered when they are durable. */
@ApiTags('events')
@ApiBearerAuth()
@Controller('v1/groups/:group/events')
export class EventsIntakeController {
  constructor(
    private readonly intake: FactIntake,
    private readonly clock: Clock,
  ) {}

  @ApiOperation({ summary: 'Publish one fact, or up to 1,000 as an array' })
  @PublishesFacts()
  @CloudEventBody()
  @Post()
  @HttpCode(202)
  async publish(
    @Param('group') group: string,
    @Headers() headers: Readonly<Record<string, string | string[]>>,
    @Body() body: unknown,
  ): Promise<IntakeResult | { results: (IntakeResult | Refusal)[] }> {
    const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    refuseForeignHeaders(given);
    const encoding = encodingOf(given);
    if (encoding.mode === 'batch' && !Array.isArray(body))
      throw new CodedError('bad-grammar', 'a batch of CloudEvents is an array');
    const isMany = Array.isArray(body) && ['plain', 'batch'].includes(encoding.mode);
    const trace = headers['traceparent'];
    if (!isMany) return this.submit(group, factFrom(encoding, body), trace);
    if (body.length > REST_BATCH)
      throw new CodedError(
        'too-large',
        `at most ${REST_BATCH} facts per request, this one has ${body.length}`,
      );
    return { results: await this.submitAll(group, body, encoding, trace) };
  }

  private submit(group: string, body: unknown, trace: HeaderValue): Promise<IntakeResult> {
    return this.intake.submit({ group, way: 'rest', body, defaults: defaultsAt(this.clock.now(), trace) });
  }

  /** Offers all in one step, so that they are decided together; resolves when the last one is answered. */
  private submitAll(
    group: string,
    bodies: readonly unknown[],
    encoding: Encoding,
    trace: HeaderValue,
  ): Promise<(IntakeResult | Refusal)[]> {
    if (bodies.length === 0) return Promise.resolve([]);
    const now = this.clock.now();
    const results: (IntakeResult | Refusal)[] = [];
    let open = bodies.length;
    return new Promise((resolve) => {
      const end = (index: number, result: IntakeResult | Refusal): void => {
        results[index] = result;
        open -= 1;
        if (open === 0) resolve(results);
      };
      for (const [index, item] of bodies.entries()) {
        const refused = (error: unknown): void => end(index, refusal(item, error));
        try {
          const body = factFrom(encoding, item);
          this.intake.offer(
            { group, way: 'rest', body, defaults: defaultsAt(now, trace) },
            { accepted: (result) => end(index, result), refused },
          );
        } catch (error) {
          refused(error);
        }
      }
    });
  }
}

function defaultsAt(nowMs: number, trace: HeaderValue): FactDefaults {
  return {
    ...{ id: randomFactId(), observedAt: formatTime(nowMs) },
    ...(typeof trace === 'string' && { traceparent: trace }),
  };
}

function refusal(item: unknown, error: unknown): Refusal {
  const reason = errorBody(error);
  const id = (item as { id?: unknown } | null)?.id;
  return { accepted: false, id: typeof id === 'string' ? id : '', ...reason };
}
