// What tests use of the world.

/** What the clients say since the last mark. */
export interface ClientReport {
  readonly connections: number;
  readonly alive: number;
  /** `server: why` of each connection that was lost since it was opened. */
  readonly lost: readonly string[];
  readonly longestGapMs: number;
  readonly longGaps: number;
  /** Connections alive by server. */
  readonly servers: Readonly<Record<string, number>>;
}

/** A program on a machine that does what it is asked. */
export interface Far {
  do(what: string, ...args: readonly unknown[]): Promise<unknown>;
}

export interface Daemon {
  readonly isRunning: boolean;
  readonly pid: number | undefined;
  readonly output: string;
}

export interface BirdDaemon extends Daemon {
  ask(command: string): string;
  tell(command: string): string;
  kill(): Promise<void>;
}

export interface AgentDaemon extends Daemon {
  start(): void;
  end(signal: NodeJS.Signals): Promise<void>;
  /** Characters that it has printed. */
  readonly said: number;
  saidSince(said: number): string;
}

/** Changes of the router's ways to the VIP since it began. */
export interface RouteWatch {
  changes(): Promise<readonly { readonly text: string }[]>;
  end(): Promise<readonly { readonly text: string }[]>;
}

export type NodeName = 'n1' | 'n2';
export type TargetName = 't1' | 't2' | 't3';

export declare class World {
  readonly k: number;
  readonly segment: string;
  readonly router: BirdDaemon;
  readonly nodes: Readonly<Record<NodeName, { readonly bird: BirdDaemon; readonly agent: AgentDaemon }>>;
  readonly targets: Readonly<Record<TargetName, Far>>;
  readonly clients: Far;
  readonly cables: {
    cut(network: 'segment' | 'management', machine: string, direction?: 'from' | 'to' | 'both'): void;
    part(network: 'segment' | 'management', machine: string, others: readonly string[]): void;
    mend(network: 'segment' | 'management', machine: string): void;
  };
  readonly namespaces: {
    ip(machine: string | undefined, words: string): string;
    sysctl(machine: string, settings: Readonly<Record<string, number>>): void;
    run(machine: string, words: readonly string[], input?: string): string;
    nameOf(machine: string): string;
  };
  static open(options?: { readonly multiplier?: number }): Promise<World>;
  joinSite(natsPort: number): Promise<void>;
  addressOf(machine: string): string;
  startNode(machine: NodeName): Promise<void>;
  startBird(machine: NodeName): Promise<void>;
  startBareNode(machine: NodeName): Promise<void>;
  killNode(machine: NodeName): Promise<void>;
  bootNode(machine: NodeName): Promise<void>;
  bootBareNode(machine: NodeName): Promise<void>;
  watchRoutes(): Promise<RouteWatch>;
  routes(vip?: string): readonly NodeName[];
  connect(count: number, everyMs: number): Promise<void>;
  tryOne(): Promise<string | null>;
  close(): Promise<void>;
}
