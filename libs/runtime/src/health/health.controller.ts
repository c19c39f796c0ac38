import { Readable } from 'node:stream';
import { Controller, Get, Header, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Alarms } from '../alarms.js';
import { Metrics } from '../metrics.js';
import { Health } from './health.js';

/** How many alarms `/readyz?verbose` names. */
const SHOWN_ALARMS = 20;

/** The three endpoints that every process answers without a token. */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
    private readonly alarms: Alarms,
  ) {}

  /** Says which process it is: a supervisor must not take another one on the port for its own. */
  @Get('livez')
  @Header('x-process-id', String(process.pid))
  live(): string {
    return 'ok';
  }

  @Get('readyz')
  async ready(@Query('verbose') verbose: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const { isReady } = this.health;
    const body =
      verbose === undefined
        ? isReady
          ? 'ok'
          : 'not ready'
        : { ready: isReady, parts: this.health.report(), ...this.alarmsShown() };
    await reply.status(isReady ? 200 : 503).send(body);
  }

  /** Anybody may ask, so the texts, which name files and addresses, are left out. An alarm never makes it unready. */
  private alarmsShown(): { alarms: number; firstAlarms: readonly object[] } {
    const raised = this.alarms.raised();
    const firstAlarms = raised
      .slice(0, SHOWN_ALARMS)
      .map(({ service, kind, name, reason }) => ({ service, kind, name, ...(reason && { reason }) }));
    return { alarms: raised.length, firstAlarms };
  }

  @Get('metrics')
  async scrape(@Res() reply: FastifyReply): Promise<void> {
    const { contentType } = this.metrics.registry;
    await reply.header('content-type', contentType).send(Readable.from(this.metrics.text()));
  }
}
