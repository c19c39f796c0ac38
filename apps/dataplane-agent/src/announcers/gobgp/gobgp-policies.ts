import { ACTION, DIRECTION, SOFT_OUT } from './gobgp-calls.js';
import type { GobgpClient } from './gobgp-client.js';
import { type GobgpPolicies, OWN, POLICIES } from './gobgp-policy.js';
import { ourPeers } from './gobgp-state.js';
import type { OrderTime } from '../../order-time.js';

/** The name of the table that all peers share. */
const GLOBAL = 'global';

/** Which policy decides in which direction. */
const DIRECTIONS = [
  [POLICIES.in, DIRECTION.import],
  [POLICIES.out, DIRECTION.export],
] as const;

interface Listed {
  readonly name: string;
  readonly statements: readonly { readonly name: string }[];
}

interface Assigned {
  readonly policies: readonly Listed[];
  readonly defaultAction: number;
}

/** Whether the policies with this digest decide what comes in and goes out. */
export async function hasPolicies(client: GobgpClient, digest: string, time: OrderTime): Promise<boolean> {
  const listed = await client.list<{ readonly policy?: Listed }>('ListPolicy', { name: POLICIES.in }, time);
  const isThere = listed.some(({ policy }) => policy?.statements.some(({ name }) => name === OWN + digest));
  if (!isThere) return false;
  for (const [name, direction] of DIRECTIONS) {
    const request = { name: GLOBAL, direction };
    const found = await client.list<{ readonly assignment?: Assigned }>(
      'ListPolicyAssignment',
      request,
      time,
    );
    const decides = ({ policies, defaultAction }: Assigned) =>
      defaultAction === ACTION.reject && policies.some((one) => one.name === name);
    if (!found.some(({ assignment }) => assignment && decides(assignment))) return false;
  }
  return true;
}

/** Puts these in the place of all policies that gobgpd has. */
export async function setPolicies(
  client: GobgpClient,
  { definedSets, policies }: GobgpPolicies,
  time: OrderTime,
): Promise<void> {
  await client.call('SetPolicies', { definedSets, policies }, time);
  for (const [name, direction] of DIRECTIONS) {
    const assignment = { name: GLOBAL, direction, policies: [{ name }], defaultAction: ACTION.reject };
    await client.call('SetPolicyAssignment', { assignment }, time);
  }
}

/** Has all that a peer may have told to it again. */
export async function tellAgain(client: GobgpClient, time: OrderTime): Promise<void> {
  for (const { conf } of await ourPeers(client, time)) {
    const request = { address: conf?.neighborAddress, soft: true, direction: SOFT_OUT };
    await client.call('ResetPeer', request, time);
  }
}
