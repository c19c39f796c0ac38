/** One address of an interface; a whole one of its own, without a network beside it. */
export interface LinkAddress {
  readonly interface: string;
  readonly address: string;
}

/** The addresses that a node's interfaces have. Each call rejects with `data-plane-unavailable` when they cannot be asked in time. */
export interface LinkAddresses {
  /** Those of an interface, in their canonical spelling; why there is none when it is not there. */
  list(name: string): Promise<ReadonlySet<string>>;
  /** Adds them, and resolves when all were tried; what could not be is missing from the next list. Says what the system said. */
  add(addresses: readonly LinkAddress[]): Promise<string>;
  remove(addresses: readonly LinkAddress[]): Promise<string>;
}
