import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { FrontendsQuery } from './frontends.dto.js';
import { inProject } from './in-project.js';
import { VipClaimDto } from './vipclaims.dto.js';
import { VipClaimsReader } from './vipclaims.reader.js';

@ApiNoun('vipclaims')
@Controller('v1/vipclaims')
export class VipClaimsController {
  constructor(private readonly claims: VipClaimsReader) {}

  @Get()
  @ApiOperation({ summary: 'Claims of VIPs by project and name: which address each has, or why none' })
  @ApiPage(VipClaimDto)
  list(@ValidQuery() query: FrontendsQuery): Promise<Page<VipClaimDto>> {
    return this.claims.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One claim of a VIP' })
  @ApiOkResponse({ type: VipClaimDto })
  get(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<VipClaimDto> {
    return this.claims.get(inProject(query, name));
  }
}
