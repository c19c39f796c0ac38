import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { SubscriptionsReader } from './subscriptions.reader.js';
import { SubscriptionDto, SubscriptionsQuery } from './standings.dto.js';

@ApiNoun('subscriptions')
@Controller('v1/subscriptions')
export class SubscriptionsController {
  constructor(private readonly subscriptions: SubscriptionsReader) {}

  @Get()
  @ApiOperation({
    summary: 'Declared subscriptions by name: their runs that are not over or failed, and what waits',
  })
  @ApiPage(SubscriptionDto)
  list(@ValidQuery() query: SubscriptionsQuery): Promise<Page<SubscriptionDto>> {
    return this.subscriptions.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One subscription' })
  @ApiOkResponse({ type: SubscriptionDto })
  get(@PathText('name') name: string): Promise<SubscriptionDto> {
    return this.subscriptions.get(name);
  }
}
