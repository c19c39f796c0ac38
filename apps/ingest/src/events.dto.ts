import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiDefaultResponse,
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { FACT_LIMITS } from '@signalbox/contracts';

/** Most facts of one request. */
export const REST_BATCH = 1000;

/** A fact as it is published over REST. Reference 3.1. */
export class PublishedFactDto {
  @ApiPropertyOptional({ maxLength: FACT_LIMITS.idLength, description: 'Absent: a random one.' }) id?: string;
  @ApiPropertyOptional({ description: 'The group of the path.' }) group?: string;
  @ApiPropertyOptional({ description: 'The node of the group: a local fact names no other.' })
  sourceNode?: string;
  @ApiProperty({
    maxLength: FACT_LIMITS.typeLength,
    pattern: '^[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*$',
    example: 'routerd.client.ipv4.observed',
  })
  type: string;
  @ApiPropertyOptional({ maxLength: FACT_LIMITS.subjectLength, example: '10.0.0.7/32' }) subject?: string;
  @ApiPropertyOptional({ description: 'What the fact is about; absent: its type and subject.' })
  dedupeKey?: string;
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    maxProperties: FACT_LIMITS.payloadKeys,
  })
  payload?: Record<string, string>;
  @ApiPropertyOptional({ format: 'date-time', description: 'Absent: now.' }) observedAt?: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Absent: never.' }) expiresAt?: string;
  @ApiPropertyOptional() traceparent?: string;
  @ApiPropertyOptional() correlationId?: string;
  @ApiPropertyOptional() causationId?: string;
}

/** A fact that is durable. */
export class AcceptedFactDto {
  @ApiProperty({ enum: [true] }) accepted: true;
  @ApiProperty() id: string;
  @ApiProperty({ description: 'It was known, with the same content.' }) duplicate: boolean;
  @ApiProperty({ description: 'It was known and stands longer now.' }) refreshed: boolean;
  @ApiProperty({ description: 'Of its newest record in the stream of the group.' }) seq: number;
  @ApiPropertyOptional({ enum: [true] }) keptFirst?: true;
}

class WrongMemberDto {
  @ApiProperty({ description: 'JSON Pointer into the fact.' }) pointer: string;
  @ApiProperty() message: string;
}

/** A fact of a batch that was not accepted. */
export class RefusedFactDto {
  @ApiProperty({ enum: [false] }) accepted: false;
  @ApiProperty({ description: 'Empty when it had none.' }) id: string;
  @ApiProperty({ description: 'Of the table of errors.' }) code: string;
  @ApiProperty() message: string;
  @ApiPropertyOptional({ type: [WrongMemberDto] }) errors?: readonly WrongMemberDto[];
}

/** What a batch is answered with: a result for each fact, in its order. */
export class FactResultsDto {
  @ApiProperty({
    type: 'array',
    items: {
      oneOf: [{ $ref: getSchemaPath(AcceptedFactDto) }, { $ref: getSchemaPath(RefusedFactDto) }],
    },
  })
  results: readonly (AcceptedFactDto | RefusedFactDto)[];
}

/** A CloudEvent in structured mode. */
export class CloudEventDto {
  @ApiProperty({ enum: ['1.0'] }) specversion: string;
  @ApiProperty() id: string;
  @ApiProperty({ description: 'URI of the node.' }) source: string;
  @ApiProperty() type: string;
  @ApiPropertyOptional() subject?: string;
  @ApiPropertyOptional({ format: 'date-time' }) time?: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  data?: Record<string, string>;
}

const ONE = { $ref: getSchemaPath(PublishedFactDto) };
const CLOUD_EVENT = { $ref: getSchemaPath(CloudEventDto) };

/** What the route says of its bodies and answers. */
export function PublishesFacts(): MethodDecorator {
  const example = {
    type: 'routerd.client.ipv4.observed',
    subject: '10.0.0.7/32',
    payload: { domain: 'lan' },
  };
  return applyDecorators(
    ApiConsumes('application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'),
    ApiExtraModels(CloudEventDto, PublishedFactDto, AcceptedFactDto, RefusedFactDto, FactResultsDto),
    ApiBody({
      description: `A fact, or up to ${REST_BATCH} of them; or CloudEvents.`,
      required: true,
      schema: {
        anyOf: [
          ONE,
          { type: 'array', items: ONE, maxItems: REST_BATCH },
          CLOUD_EVENT,
          { type: 'array', items: CLOUD_EVENT, maxItems: REST_BATCH },
        ],
      },
      examples: { one: { value: example }, batch: { value: [example] } },
    }),
    ApiResponse({
      status: 202,
      description: 'Durable. Of a batch each fact has a result of its own.',
      schema: {
        oneOf: [{ $ref: getSchemaPath(AcceptedFactDto) }, { $ref: getSchemaPath(FactResultsDto) }],
      },
    }),
    ApiDefaultResponse({
      description: 'Any error; 401 without a valid token.',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDto' } } },
    }),
  );
}
