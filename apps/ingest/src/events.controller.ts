import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CodedError, errorBody, type FieldError, formatTime } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { refuseForeignHeaders } from './domain/foreign-envelope.js';
import { FactIntake, type IntakeResult } from './fact-intake.js';
import { randomFactId } from './offers.controller.js';

/** Most facts of one request. */
export const REST_BATCH = 1000;

/** One fact of a batch that was not accepted. */
interface Refusal {
  readonly accepted: false;
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly FieldError[];
}

/** Facts in over REST: one, or up to 1,000 with a result for each. Answered when they are durable. */
@ApiTags('events')
@ApiBearerAuth()
@Controller('v1/groups/:group/events')
export class EventsIntakeController {
  constructor(
    private readonly intake: FactIntake,
    private readonly clock: Clock,
  ) {}

  @ApiOperation({ summary: 'Publish one fact, or up to 1,000 as an array' })
  @ApiBody({
    description:
      'A fact {id?, type, subject?, payload?, observedAt?, expiresAt?, dedupeKey?}, or an array of them',
    required: true,
  })
  @Post()
  @HttpCode(202)
  async publish(
    @Param('group') group: string,
    @Headers() headers: Readonly<Record<string, string | string[]>>,
    @Body() body: unknown,
  ): Promise<IntakeResult | { results: (IntakeResult | Refusal)[] }> {
    refuseForeignHeaders(Object.entries(headers).map(([name, value]) => [name, String(value)] as const));
    if (!Array.isArray(body)) return this.submit(group, body);
    if (body.length > REST_BATCH)
      throw new CodedError(
        'too-large',
        `at most ${REST_BATCH} facts per request, this one has ${body.length}`,
      );
    const results = await Promise.all(
      body.map((item) => this.submit(group, item).catch((error: unknown) => refusal(item, error))),
    );
    return { results };
  }

  private submit(group: string, body: unknown): Promise<IntakeResult> {
    const defaults = { id: randomFactId(), observedAt: formatTime(this.clock.now()) };
    return this.intake.submit({ group, way: 'rest', body, defaults });
  }
}

function refusal(item: unknown, error: unknown): Refusal {
  const reason = errorBody(error);
  const id = (item as { id?: unknown } | null)?.id;
  return { accepted: false, id: typeof id === 'string' ? id : '', ...reason };
}
