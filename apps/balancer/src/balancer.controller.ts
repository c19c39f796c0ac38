import { Payload } from '@nestjs/microservices';
import { MessageController, OnRequest } from '@signalbox/bus';
import {
  type BalancerAlarmsAnswer,
  type CommandAnswer,
  type PlacementAnswer,
  type NodeDrainAnswer,
  readNodeDrainRequest,
  readPlacementQuestion,
  readWeightPlanQuestion,
  readWeightRequest,
  type SourcesAnswer,
  SUBJECTS,
  type VipPoolsAnswer,
  type WeightPlan,
} from '@signalbox/contracts';
import { BalancerAlarms } from './balancer-alarms.js';
import { Discovery } from './discovery/discovery.js';
import { NodeCommands } from './node-commands.js';
import { Placements } from './placements.js';
import { WeightCommands } from './weight-commands.js';
import { WeightPlans } from './weight-plans.js';

/** Questions and commands to `balancer` on core NATS. */
@MessageController()
export class BalancerController {
  constructor(
    private readonly weights: WeightCommands,
    private readonly placements: Placements,
    private readonly wrong: BalancerAlarms,
    private readonly discovery: Discovery,
    private readonly plans: WeightPlans,
    private readonly nodes: NodeCommands,
  ) {}

  @OnRequest(SUBJECTS.command('balancer', 'weight'))
  async setWeight(@Payload() data: Uint8Array): Promise<CommandAnswer> {
    return this.weights.set(readWeightRequest(data));
  }

  @OnRequest(SUBJECTS.command('balancer', 'node'))
  async drainNode(@Payload() data: Uint8Array): Promise<NodeDrainAnswer> {
    return this.nodes.drain(readNodeDrainRequest(data));
  }

  @OnRequest(SUBJECTS.ask('balancer', 'alarms'))
  alarms(): BalancerAlarmsAnswer {
    return { alarms: this.wrong.read(), nodes: this.placements.servingNodes() };
  }

  @OnRequest(SUBJECTS.ask('balancer', 'placement'))
  placement(@Payload() data: Uint8Array): PlacementAnswer {
    return this.placements.answer(readPlacementQuestion(data).listener);
  }

  @OnRequest(SUBJECTS.ask('balancer', 'vippools'))
  vipPools(): VipPoolsAnswer {
    return this.placements.vipPools();
  }

  @OnRequest(SUBJECTS.ask('balancer', 'sources'))
  sources(): SourcesAnswer {
    return this.discovery.answer();
  }

  @OnRequest(SUBJECTS.ask('balancer', 'plan'))
  plan(@Payload() data: Uint8Array): WeightPlan {
    return this.plans.plan(readWeightPlanQuestion(data));
  }
}
