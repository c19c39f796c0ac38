import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { CommandChannel } from '../balance/command-channel.js';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { PlannedAttemptDto, RunItemDto, RunsQuery, WaitingRunsDto } from './runs.dto.js';
import { RunsReader } from './runs.reader.js';
import { WaitingMatches } from './waiting-matches.js';

type RunsPage = Page<RunItemDto> & { readonly waiting?: readonly WaitingRunsDto[] };

@ApiNoun('runs')
@Controller('v1/runs')
export class RunsController {
  constructor(
    private readonly runs: RunsReader,
    private readonly waiting: WaitingMatches,
    private readonly commands: CommandChannel,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Plugin runs, newest first' })
  @ApiPage(RunItemDto, {
    waiting: {
      type: WaitingRunsDto,
      description: 'Subscriptions that cannot start runs, on the first page.',
    },
  })
  async list(@ValidQuery() query: RunsQuery): Promise<RunsPage> {
    const page = await this.runs.list(query);
    const waiting = query.after === undefined ? await this.waiting.list(query.subscription) : [];
    return { ...page, ...(waiting.length > 0 && { waiting }) };
  }

  @Get(':runId')
  @ApiOperation({ summary: 'One run with its executions' })
  @ApiOkResponse({ type: RunItemDto })
  get(@PathText('runId') runId: string): Promise<RunItemDto> {
    return this.runs.get(runId);
  }

  @Post(':runId/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Have a run that failed tried once more' })
  @ApiAcceptedResponse({ type: PlannedAttemptDto, description: 'The attempt is planned.' })
  retry(@PathText('runId') runId: string): Promise<PlannedAttemptDto> {
    return this.commands.send('matcher', 'retry', { runId });
  }
}
