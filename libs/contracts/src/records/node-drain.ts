import type { ChangeOrigin } from '../access/principal.js';

/**
 * One message of `journal.node.<node>`, appended by `balancer`: an operator drains a node, or has it announce again. The newest of a node
 * counts. ADR 0045.
 */
export interface NodeDrain {
  readonly node: string;
  readonly drained: boolean;
  readonly at: string;
  readonly author: string;
  readonly reason?: string;
  /** Absent: of a record of 0.1.0, or nobody asked by REST. */
  readonly from?: ChangeOrigin;
}
