// A bare REST server: Fastify, a validated DTO and an answer after the PubAck; and one that only parses the body.
import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { IsISO8601, IsObject, IsOptional, IsString, Length, validate } from 'class-validator';
import fastify from 'fastify';
import { headers } from 'nats';
import { runStage } from './stage.mjs';

class FactDto {}

/** Decorators without the syntax for them. */
function decorate(member, ...decorators) {
  for (const one of decorators) one(FactDto.prototype, member);
}
decorate('id', IsString(), Length(1, 200));
decorate('type', IsString(), Length(1, 200));
decorate('subject', IsOptional(), IsString(), Length(0, 512));
decorate('dedupeKey', IsOptional(), IsString(), Length(0, 512));
decorate('payload', IsOptional(), IsObject());
decorate('observedAt', IsOptional(), IsISO8601());
decorate('expiresAt', IsOptional(), IsISO8601());
decorate('sourceNode', IsOptional(), IsString());

await runStage(async ({ publisher, settings }) => {
  const app = fastify({ bodyLimit: 8 * 1024 * 1024 });
  app.post('/facts', async (request, reply) => {
    const fact = plainToInstance(FactDto, request.body);
    const errors = await validate(fact, { whitelist: true, forbidNonWhitelisted: true });
    if (errors.length > 0) return reply.status(400).send({ errors: errors.map(({ property }) => property) });
    const head = headers();
    head.set('Nats-Msg-Id', fact.id);
    const { seq } = await publisher.append(settings.subject, JSON.stringify(fact), head);
    return reply.status(202).send({ accepted: true, id: fact.id, duplicate: false, refreshed: false, seq });
  });
  app.post('/parse', (request, reply) => {
    reply.status(202).send({ results: request.body.length });
  });
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }) };
});
