import type { BackendSourceSpec } from '@signalbox/contracts';
import type { Observation } from '../domain/discovery/endpoint.js';

/** A source that is watched: by its resource. */
export interface WatchedSource {
  /** Scoped name, see `scopedName`. */
  readonly name: string;
  readonly project: string;
  readonly spec: BackendSourceSpec;
}

/** Addresses that this site has given. */
export interface GrantedVips {
  /** Address of a LoadBalancer of the project; undefined as long as it has none. */
  vipOf(project: string, loadBalancer: string): string | undefined;
}

/** What a watch is given by its surroundings. */
export interface WatchSurroundings {
  /** Told at once when something changes; the same content twice is told once by who takes it. Never throws. */
  readonly report: (observation: Observation) => void;
  /** Directory that the paths of sources stand below. */
  readonly directory: string;
  readonly vips: GrantedVips;
  /** One line for the log of the service, with ids; for what an operator has to know and no {@link Observation} says. */
  readonly warn: (message: string) => void;
}

/** One source being watched. It reports until it is stopped. */
export interface SourceWatch {
  /** Addresses of LoadBalancers may have changed. */
  vipsChanged?(): void;
  /** Ends it: after this resolves nothing is reported, and no timer, socket or file is open. */
  stop(): Promise<void>;
}

/** Begins to watch; does not wait for a first answer and does not throw. */
export type StartWatch = (source: WatchedSource, surroundings: WatchSurroundings) => SourceWatch;
