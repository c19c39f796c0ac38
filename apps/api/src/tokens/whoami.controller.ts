import { Controller, Get, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { CodedError, formatTime } from '@signalbox/contracts';
import type { AuthorizedRequest } from '@signalbox/runtime';
import { ApiNoun } from '../http/api-answers.js';
import { CallerDto } from './tokens.dto.js';

@ApiNoun('tokens')
@Controller('v1/whoami')
export class WhoamiController {
  @Get()
  @ApiOperation({ summary: 'Who the caller is, and what it may do' })
  @ApiOkResponse({ type: CallerDto })
  whoami(@Req() { principal }: AuthorizedRequest): CallerDto {
    if (!principal) throw new CodedError('unauthorized', 'send "Authorization: Bearer sbx_…"');
    const { subject, name, role, scope, emits, expiresAtMs } = principal;
    return {
      ...{ subject, name, role, ...scope },
      ...(emits && { emits }),
      ...(expiresAtMs !== undefined && { expiresAt: formatTime(expiresAtMs) }),
    };
  }
}
