// An application with nothing in it: Nest on Fastify, one connection to NATS, one to Postgres.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { runStage } from './stage.mjs';

class EmptyModule {}
Module({})(EmptyModule);

await runStage(async ({ database }) => {
  const app = await NestFactory.create(EmptyModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  await database.query('select 1');
  return {};
});
