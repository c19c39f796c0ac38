import { Controller, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation } from '@nestjs/swagger';
import { CodedError } from '@signalbox/contracts';
import { type AuthorizedRequest, SecretAnswer, StreamTickets } from '@signalbox/runtime';
import { ApiNoun } from '../http/api-answers.js';
import { StreamTicketDto } from './stream.dto.js';

@ApiNoun('stream')
@Controller('v1/stream-tickets')
export class StreamTicketsController {
  constructor(private readonly tickets: StreamTickets) {}

  @Post()
  @SecretAnswer()
  @ApiOperation({
    summary: 'Get a ticket for one event stream',
    description: 'For the `EventSource` of a browser, which sends no token: good for 30 s and one request.',
  })
  @ApiCreatedResponse({ type: StreamTicketDto })
  give(@Req() { principal }: AuthorizedRequest): StreamTicketDto {
    if (!principal) throw new CodedError('unauthorized', 'send "Authorization: Bearer sbx_…"');
    return this.tickets.give(principal);
  }
}
