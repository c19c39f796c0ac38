import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ValidQuery } from '../http/valid-query.js';
import { VipAddressDto, VipPoolDto, VipPoolQuery, VipPoolsQuery } from './vippools.dto.js';
import { VipPoolsReader } from './vippools.reader.js';

@ApiNoun('vippools')
@Controller('v1/vippools')
export class VipPoolsController {
  constructor(private readonly pools: VipPoolsReader) {}

  @Get()
  @ApiOperation({ summary: 'Pools of VIPs by name: how many addresses are used, in quarantine and free' })
  @ApiPage(VipPoolDto)
  list(@ValidQuery() query: VipPoolsQuery): Promise<Page<VipPoolDto>> {
    return this.pools.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One pool of VIPs' })
  @ApiOkResponse({ type: VipPoolDto })
  get(@PathText('name') name: string, @ValidQuery() { project }: VipPoolQuery): Promise<VipPoolDto> {
    return this.pools.get(name, project);
  }

  @Get(':name/addresses')
  @ApiOperation({ summary: 'Addresses of a pool that are not free, and who has them' })
  @ApiPage(VipAddressDto)
  addresses(
    @PathText('name') name: string,
    @ValidQuery() query: VipPoolsQuery,
  ): Promise<Page<VipAddressDto>> {
    return this.pools.addresses(name, query);
  }
}
