import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidBody } from '../http/valid-body.js';
import { SubscriptionTestDto, TestSubscriptionBody } from './subscription-trials.dto.js';
import { SubscriptionTrials } from './subscription-trials.js';

@ApiNoun('subscriptions')
@Controller('v1/subscriptions/:name')
export class SubscriptionTrialsController {
  constructor(private readonly trials: SubscriptionTrials) {}

  @Post('test')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Try a subscription with facts',
    description:
      'Which match, what the plugin answers, and whether its part would be taken. Nothing is recorded.',
  })
  @ApiOkResponse({ type: SubscriptionTestDto })
  test(
    @PathText('name') name: string,
    @ValidBody() { events }: TestSubscriptionBody,
  ): Promise<SubscriptionTestDto> {
    return this.trials.test(name, events);
  }
}
