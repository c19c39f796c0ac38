import { DeclaredSuccession, type Resource, subscriptionOwner } from '@signalbox/contracts';

/** Who took over from which subscription, by their names. ADR 0039. */
export class Heirs {
  private readonly succession: DeclaredSuccession;

  /** `declared`: the EventSubscriptions. */
  constructor(declared: Iterable<Resource>) {
    this.succession = new DeclaredSuccession(declared);
  }

  /** The subscription itself while it is declared; else who took over from it, if anybody. */
  heirOf(subscription: string): string {
    return nameOf(this.succession.heirOf(subscriptionOwner(subscription)));
  }

  /** A subscription and the one that it took over from. */
  namesOf(subscription: string): string[] {
    return this.succession.namesOf(subscriptionOwner(subscription)).map(nameOf);
  }

  /** Subscriptions that are no longer declared and that another one took over from. */
  handedOver(): string[] {
    return this.succession.handedOver().map(nameOf);
  }
}

function nameOf(owner: string): string {
  return owner.slice(subscriptionOwner('').length);
}
