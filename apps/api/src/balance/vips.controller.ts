import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { VipDto, VipQuery, VipsQuery } from './vips.dto.js';
import { VipsReader } from './vips.reader.js';

@ApiNoun('vips')
@Controller('v1/vips')
export class VipsController {
  constructor(private readonly vips: VipsReader) {}

  @Get()
  @ApiOperation({
    summary:
      'VIPs in the order of addresses: who announces each, to whom, and what serves it; or why nobody does',
  })
  @ApiPage(VipDto)
  list(@ValidQuery() query: VipsQuery): Promise<Page<VipDto>> {
    return this.vips.list(query);
  }

  @Get(':address')
  @ApiOperation({ summary: 'One VIP' })
  @ApiOkResponse({ type: VipDto })
  get(@PathText('address') address: string, @ValidQuery() query: VipQuery): Promise<VipDto> {
    return this.vips.get(address, query.project);
  }
}
