import { AlarmsController } from '../balance/alarms.controller.js';
import { BackendCommandsController } from '../balance/backend-commands.controller.js';
import { BackendSourcesController } from '../balance/backendsources.controller.js';
import { BackendsController } from '../balance/backends.controller.js';
import { DrainsController } from '../balance/drains.controller.js';
import { FrontendsController } from '../balance/frontends.controller.js';
import { HealthChecksController } from '../balance/healthchecks.controller.js';
import { ListenersController } from '../balance/listeners.controller.js';
import { LoadBalancersController } from '../balance/loadbalancers.controller.js';
import { PoolMembersController } from '../balance/pool-members.controller.js';
import { PoolsController } from '../balance/pools.controller.js';
import { StreamController } from '../live/stream.controller.js';
import { VipClaimsController } from '../balance/vipclaims.controller.js';
import { VipPoolsController } from '../balance/vippools.controller.js';
import { VipsController } from '../balance/vips.controller.js';
import { WeightsController } from '../balance/weights.controller.js';
import { ApplyController } from '../changes/apply.controller.js';
import { ResourcesController } from '../reads/resources.controller.js';
import { QuotasController } from './quotas.controller.js';
import { underProject } from './under-project.js';

/** Every route of the site that takes a project, below `/v1/orgs/{org}/projects/{project}`. */
export const TENANT_CONTROLLERS = [
  AlarmsController,
  ApplyController,
  BackendCommandsController,
  BackendsController,
  BackendSourcesController,
  DrainsController,
  FrontendsController,
  HealthChecksController,
  ListenersController,
  LoadBalancersController,
  PoolMembersController,
  PoolsController,
  QuotasController,
  ResourcesController,
  StreamController,
  VipClaimsController,
  VipPoolsController,
  VipsController,
  WeightsController,
].map(underProject);
