import { entityTag } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { operationId } from '../domain/operation-id.js';
import type { ApplyResult } from '../changes/apply-answers.js';

/**
 * Answers a change of resources: 202 with the operation to ask when not everybody has followed yet; the revision at which they stand
 * now as `ETag`, for the next change.
 */
export function answerChange<T extends ApplyResult>(result: T, reply: FastifyReply): T {
  void reply.header('etag', entityTag(result.revision));
  if (result.pending) answerPending(reply, operationId('revision', result.revision));
  return result;
}

/** Answers with 202 and where to ask for the end. `operation`: its id, where there is a record that tells of it. */
export function answerPending(reply: FastifyReply, operation: string | undefined): void {
  void reply.status(202);
  if (operation !== undefined) void reply.header('location', `/v1/operations/${operation}`);
}
