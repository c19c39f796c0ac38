/** Calls of gobgpd that are used: names of their messages. */
export const CALLS = {
  StartBgp: ['StartBgpRequest', 'Empty'],
  GetBgp: ['Empty', 'GetBgpResponse'],
  AddPeer: ['PeerRequest', 'Empty'],
  DeletePeer: ['DeletePeerRequest', 'Empty'],
  EnablePeer: ['EnablePeerRequest', 'Empty'],
  ResetPeer: ['ResetPeerRequest', 'Empty'],
  ListPeer: ['ListPeerRequest', 'ListPeerResponse'],
  AddPath: ['AddPathRequest', 'AddPathResponse'],
  DeletePath: ['DeletePathRequest', 'Empty'],
  ListPath: ['ListPathRequest', 'ListPathResponse'],
  SetPolicies: ['SetPoliciesRequest', 'Empty'],
  SetPolicyAssignment: ['PolicyAssignmentRequest', 'Empty'],
  ListPolicyAssignment: ['ListPolicyAssignmentRequest', 'ListPolicyAssignmentResponse'],
  ListPolicy: ['ListPolicyRequest', 'ListPolicyResponse'],
  ListDefinedSet: ['ListDefinedSetRequest', 'ListDefinedSetResponse'],
  WatchEvent: ['WatchEventRequest', 'WatchEventResponse'],
} as const;

export type CallName = keyof typeof CALLS;

/** Numbers of the enumerations of gobgpd that are used. */
export const TABLE = { global: 0, adjOut: 3 } as const;
export const SESSION = { established: 6 } as const;
export const ADMIN = { down: 1 } as const;
export const SET = { prefix: 0, neighbor: 1 } as const;
export const MATCH = { any: 0, invert: 2 } as const;
export const ACTION = { accept: 1, reject: 2 } as const;
export const DIRECTION = { import: 1, export: 2 } as const;
export const ROUTE_LOCAL = 3;
export const SOFT_OUT = 1;

/** Unicast of a family. */
export const UNICAST = { IPv4: { afi: 1, safi: 1 }, IPv6: { afi: 2, safi: 1 } } as const;
