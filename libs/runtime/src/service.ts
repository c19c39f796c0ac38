import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { EarlyPart } from './early-parts.js';
import type { SiteConfig } from './site-config.js';

/** One service of Signalbox: its name and its Nest module. */
export interface Service {
  readonly name: string;
  readonly module: Type;
  /** Runs on the app before it listens: OpenAPI and the like. */
  readonly prepare?: (app: NestFastifyApplication) => void;
  /** It has nothing in Postgres and follows none of the site's streams: NATS alone lets it start. */
  readonly withoutStore?: true;
  /** Which one it is, where several may run that are not the same; absent: one may run. */
  readonly instanceOf?: (config: SiteConfig) => string;
  /** What it does before NATS is there, and without it. */
  readonly early?: EarlyPart;
}

/** Whether none of them needs Postgres. */
export function areWithoutStore(services: readonly Service[]): boolean {
  return services.every(({ withoutStore }) => withoutStore === true);
}
