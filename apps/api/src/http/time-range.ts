import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { formatTime, isDuration, isTimestamp, parseDuration, timestampMs } from '@signalbox/contracts';
import { IsOptional, ValidateBy } from 'class-validator';

const EXPECTED = 'must be an RFC 3339 time, or how long ago as 2h or 15m';

/** A query parameter that is a time: RFC 3339, or how long ago. {@link momentMs} reads it. */
export function Moment(description: string): PropertyDecorator {
  const validate = (value: unknown): boolean =>
    typeof value === 'string' && (isDuration(value) || isTimestamp(value));
  return applyDecorators(
    ApiPropertyOptional({ type: String, description: `${description} RFC 3339, or how long ago: 2h.` }),
    IsOptional(),
    ValidateBy({ name: 'moment', validator: { validate } }, { message: EXPECTED }),
  );
}

/** The moment that a valid parameter names. Milliseconds since 1970. */
export function momentMs(text: string, nowMs: number): number {
  return isDuration(text) ? Math.max(0, nowMs - parseDuration(text)) : timestampMs(text);
}

/** As {@link momentMs}, as times stand in tables. */
export function momentText(text: string, nowMs: number): string {
  return formatTime(momentMs(text, nowMs));
}
