import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PageQuery } from '../http/page.query.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { VipAddressDto, VipPoolDto } from './vippools.dto.js';
import { VipPoolsReader } from './vippools.reader.js';

@ApiNoun('vippools')
@Controller('v1/vippools')
export class VipPoolsController {
  constructor(private readonly pools: VipPoolsReader) {}

  @Get()
  @ApiOperation({ summary: 'Pools of VIPs by name: how many addresses are used, in quarantine and free' })
  @ApiPage(VipPoolDto)
  list(@ValidQuery() query: PageQuery): Promise<Page<VipPoolDto>> {
    return this.pools.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One pool of VIPs' })
  @ApiOkResponse({ type: VipPoolDto })
  get(@PathText('name') name: string): Promise<VipPoolDto> {
    return this.pools.get(name);
  }

  @Get(':name/addresses')
  @ApiOperation({ summary: 'Addresses of a pool that are not free, and who has them' })
  @ApiPage(VipAddressDto)
  addresses(@PathText('name') name: string, @ValidQuery() query: PageQuery): Promise<Page<VipAddressDto>> {
    return this.pools.addresses(name, query);
  }
}
