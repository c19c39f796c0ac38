import type { Resource } from '../../resource.js';
import type { PolicyParts } from './listener-policies.js';

/** One tier of a listener: its Pool, and what people call it. */
export interface ListenerPool {
  readonly name: string;
  readonly resource: Resource;
}

/**
 * A listener as resources: what a Listener refers to, or what a Frontend is compiled into. The Listener of a Frontend
 * may have port 0 and no protocol, which stands for all of them; a declared one has both.
 */
export interface ListenerParts {
  /** Which kind declares it. */
  readonly kind: 'Frontend' | 'Listener';
  readonly loadBalancer: Resource;
  readonly listener: Resource;
  /** In order of preference. */
  readonly pools: readonly ListenerPool[];
  /** Certificates in the order in which it names them; absent: none. */
  readonly certificates?: readonly Resource[];
  /** L7Policies that name it, in any order; absent: none. */
  readonly policies?: readonly PolicyParts[];
}
