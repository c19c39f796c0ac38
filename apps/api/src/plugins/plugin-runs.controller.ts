import { randomUUID } from 'node:crypto';
import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  goDurationMs,
  PLUGIN_API,
  type PluginSpec,
  type RunByHandAnswer,
  type RunByHandRequest,
  SUBJECTS,
} from '@signalbox/contracts';
import type { AuthorizedRequest } from '@signalbox/runtime';
import type { FastifyReply } from 'fastify';
import { ApiNoun } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { OptionalBody } from '../http/optional-body.js';
import { PathText } from '../http/path-text.js';
import { ValidBody } from '../http/valid-body.js';
import { ValidQuery } from '../http/valid-query.js';
import { OperatorResources } from '../operator-resources.js';
import { RunPluginBody, RunPluginDto, RunPluginQuery } from './plugin-runs.dto.js';

/** What an answer may take beside the run of the plugin. Milliseconds. */
const SPARE_MS = 5000;
/** A run by hand waits for its turn no longer than that. Milliseconds. */
const LONGEST_MS = 120_000;
/** As `spec.timeout` of a Plugin that says none. */
const DEFAULT_TIMEOUT = '10s';

@ApiNoun('plugins')
@Controller('v1/plugins/:name')
export class PluginRunsController {
  constructor(
    private readonly bus: Bus,
    private readonly resources: OperatorResources,
  ) {}

  @Post('run')
  @HttpCode(202)
  @OptionalBody(RunPluginBody)
  @ApiOperation({
    summary: 'Run a plugin by hand',
    description: 'Its part stands under `Plugin/<name>` and takes the place of the one before.',
  })
  @ApiAcceptedResponse({ type: RunPluginDto, description: 'The run is planned.' })
  @ApiOkResponse({ type: RunPluginDto, description: 'The dry run has ended.' })
  async run(
    @PathText('name') plugin: string,
    @ValidQuery() { dryRun }: RunPluginQuery,
    @ValidBody() { events = [] }: RunPluginBody,
    @Req() request: AuthorizedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunPluginDto> {
    const declared = this.resources
      .all(PLUGIN_API, 'Plugin')
      .find(({ metadata }) => metadata.name === plugin);
    if (!declared) throw new CodedError('not-found', `Plugin/${plugin} is not declared`);
    const { timeout = DEFAULT_TIMEOUT } = declared.spec as unknown as PluginSpec;
    const waitMs = Math.min(SPARE_MS + (dryRun ? goDurationMs(timeout) : 0), LONGEST_MS);
    const asked: RunByHandRequest = {
      plugin,
      events,
      author: authorOf(request).author,
      dryRun,
      seed: randomUUID(),
    };
    const answer = await this.bus.ask<RunByHandAnswer>(
      SUBJECTS.command('plugin-runner', 'run'),
      asked,
      waitMs,
    );
    if (answer === undefined)
      throw new CodedError(
        'not-ready',
        'plugin-runner does not answer: see whether it runs and is ready. The run may have been planned',
      );
    if ('runId' in answer) return { dryRun: false, ...answer };
    reply.status(200);
    return { dryRun: true, ...answer.attempted };
  }
}
