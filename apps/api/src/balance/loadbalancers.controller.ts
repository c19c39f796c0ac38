import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { PathText } from '../http/path-text.js';
import { ProjectQuery } from '../http/project.query.js';
import { ValidQuery } from '../http/valid-query.js';
import { FrontendsQuery } from './frontends.dto.js';
import { inProject } from './in-project.js';
import { LoadBalancerDto, LoadBalancerTreeDto } from './loadbalancers.dto.js';
import { LoadBalancersReader } from './loadbalancers.reader.js';

@ApiNoun('loadbalancers')
@Controller('v1/loadbalancers')
export class LoadBalancersController {
  constructor(private readonly loadBalancers: LoadBalancersReader) {}

  @Get()
  @ApiOperation({ summary: 'Load balancers by project and name, Frontends among them' })
  @ApiPage(LoadBalancerDto)
  list(@ValidQuery() query: FrontendsQuery): Promise<Page<LoadBalancerDto>> {
    return this.loadBalancers.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'One load balancer with its listeners' })
  @ApiOkResponse({ type: LoadBalancerDto })
  get(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<LoadBalancerDto> {
    return this.loadBalancers.get(inProject(query, name));
  }

  @Get(':name/tree')
  @ApiOperation({ summary: 'One load balancer with everything below it: listeners, pools, members, nodes' })
  @ApiOkResponse({ type: LoadBalancerTreeDto })
  tree(@PathText('name') name: string, @ValidQuery() query: ProjectQuery): Promise<LoadBalancerTreeDto> {
    return this.loadBalancers.tree(inProject(query, name));
  }
}
