import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { FEDERATION_API } from '@signalbox/contracts';
import { ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { Rule } from './domain/rule.js';
import { PLUGIN_KIND, rulesOf } from './rules.js';

/** The operator resources as the matcher sees them: groups, and the rules that subscriptions declare. */
@Injectable()
export class RuleBook {
  readonly book: ResourceBook;

  constructor(bus: Bus, dataSource: DataSource) {
    this.book = new ResourceBook('matcher', bus, dataSource);
  }

  /** Names of the declared groups. */
  groups(): Set<string> {
    return new Set(
      this.book.ofKind(FEDERATION_API, 'EventGroup').map(({ resource }) => resource.metadata.name),
    );
  }

  /** Every rule by its subscription, whether its group is declared or not. */
  rules(): ReadonlyMap<string, Rule> {
    return this.read(this.book.ofKind(FEDERATION_API, 'EventSubscription'));
  }

  /** The rule of one subscription, undefined when it is not declared. */
  ruleOf(subscription: string): Rule | undefined {
    const declared = this.book.get(FEDERATION_API, 'EventSubscription', subscription);
    return declared && this.read([declared]).get(subscription);
  }

  private read(subscriptions: Parameters<typeof rulesOf>[0]): ReadonlyMap<string, Rule> {
    return rulesOf(subscriptions, (name) => this.book.get(...PLUGIN_KIND, name));
  }
}
