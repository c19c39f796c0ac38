import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const SECRET_ANSWER = 'signalbox:secret-answer';

/** Of a route that answers with a secret: its answer is kept nowhere, also not for an Idempotency-Key. */
export function SecretAnswer(): CustomDecorator {
  return SetMetadata(SECRET_ANSWER, true);
}
