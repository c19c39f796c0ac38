import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { OptionalBody } from '../http/optional-body.js';
import { PathText } from '../http/path-text.js';
import { ValidBody } from '../http/valid-body.js';
import { VppInfoDto, VppLbCountersDto, VppLbStateDto, VppSyncBody, VppSyncDto } from './vpp.dto.js';
import { VppReader } from './vpp.reader.js';

/** The VPP of a node whose driver is `vpp`, as the agent of the node tells it now. Reference maglev 7. */
@ApiNoun('nodes')
@Controller('v1/nodes/:name/vpp')
export class VppController {
  constructor(private readonly vpp: VppReader) {}

  @Get('info')
  @ApiOperation({ summary: 'Which VPP a node has, and whether it is connected' })
  @ApiOkResponse({ type: VppInfoDto })
  info(@PathText('name') node: string): Promise<VppInfoDto> {
    return this.vpp.ask(node, 'info');
  }

  @Get('lb-state')
  @ApiOperation({ summary: 'Settings, VIPs and application servers as they stand in the VPP of a node' })
  @ApiOkResponse({ type: VppLbStateDto })
  state(@PathText('name') node: string): Promise<VppLbStateDto> {
    return this.vpp.ask(node, 'lb-state');
  }

  @Get('lb-counters')
  @ApiOperation({ summary: 'Packets of each VIP as the VPP of a node counted them' })
  @ApiOkResponse({ type: VppLbCountersDto })
  counters(@PathText('name') node: string): Promise<VppLbCountersDto> {
    return this.vpp.ask(node, 'lb-counters');
  }

  @Post('sync')
  @HttpCode(200)
  @OptionalBody(VppSyncBody)
  @ApiOperation({ summary: 'Makes the VPP of a node as desired now, and says what was written' })
  @ApiOkResponse({ type: VppSyncDto })
  sync(@PathText('name') node: string, @ValidBody() body: VppSyncBody): Promise<VppSyncDto> {
    return this.vpp.sync(node, body);
  }
}
