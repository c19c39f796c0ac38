import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { SiteIdentity } from '../start/site-identity.js';

export class SiteDto {
  @ApiProperty({ description: 'The same for all the life of the site, and no other site has it.' })
  siteId: string;
}

/** Answers without a token, so that a client can see whom it would give its token to. */
@ApiTags('site')
@Controller('v1/site')
export class SiteController {
  constructor(private readonly identity: SiteIdentity) {}

  @Get()
  @ApiOperation({ summary: 'Which site this is; needs no token', security: [] })
  @ApiOkResponse({ type: SiteDto })
  site(): SiteDto {
    return { siteId: this.identity.siteId };
  }
}
