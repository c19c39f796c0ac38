import protobuf from 'protobufjs';

/**
 * What we say to gobgpd and hear of it: of its API of version 3 the calls and fields that are used, by their names and numbers there.
 * What is not named is passed over by who reads.
 */
const PROTO = `
syntax = "proto3";
package apipb;

message Empty {}
message Any { string type_url = 1; bytes value = 2; }
message Timestamp { int64 seconds = 1; }

message Family { uint32 afi = 1; uint32 safi = 2; }

message Global { uint32 asn = 1; string router_id = 2; int32 listen_port = 3; }
message StartBgpRequest { Global global = 1; }
message GetBgpResponse { Global global = 1; }

message PeerConf {
  string auth_password = 1; string description = 2; uint32 local_asn = 3; string neighbor_address = 4; uint32 peer_asn = 5;
}
message EbgpMultihop { bool enabled = 1; uint32 multihop_ttl = 2; }
message PeerState { string neighbor_address = 5; uint32 session_state = 13; uint32 admin_state = 15; }
message TimersConfig { uint64 connect_retry = 1; uint64 hold_time = 2; uint64 keepalive_interval = 3; uint64 idle_hold_time_after_reset = 5; }
message Timers { TimersConfig config = 1; }
message Transport { string local_address = 1; uint32 remote_port = 6; }
message GracefulRestart { bool enabled = 1; uint32 restart_time = 2; }
message MpGracefulRestartConfig { bool enabled = 1; }
message MpGracefulRestart { MpGracefulRestartConfig config = 1; }
message AfiSafiConfig { Family family = 1; bool enabled = 2; }
message AfiSafi { MpGracefulRestart mp_graceful_restart = 1; AfiSafiConfig config = 2; }
message Peer {
  PeerConf conf = 2; EbgpMultihop ebgp_multihop = 3; PeerState state = 5; Timers timers = 6; Transport transport = 7;
  GracefulRestart graceful_restart = 9; repeated AfiSafi afi_safis = 10;
}
message PeerRequest { Peer peer = 1; }
message DeletePeerRequest { string address = 1; }
message ListPeerRequest { string address = 1; }
message ListPeerResponse { Peer peer = 1; }
message EnablePeerRequest { string address = 1; }
message ResetPeerRequest { string address = 1; string communication = 2; bool soft = 3; uint32 direction = 4; }

message Path { Any nlri = 1; repeated Any pattrs = 2; Family family = 9; string neighbor_ip = 15; bytes uuid = 16; }
message Destination { string prefix = 1; repeated Path paths = 2; }
message AddPathRequest { uint32 table_type = 1; Path path = 3; }
message AddPathResponse { bytes uuid = 1; }
message DeletePathRequest { uint32 table_type = 1; Family family = 3; Path path = 4; }
message ListPathRequest { uint32 table_type = 1; string name = 2; Family family = 3; }
message ListPathResponse { Destination destination = 1; }

message IPAddressPrefix { uint32 prefix_len = 1; string prefix = 2; }
message OriginAttribute { uint32 origin = 1; }
message NextHopAttribute { string next_hop = 1; }
message MultiExitDiscAttribute { uint32 med = 1; }
message LocalPrefAttribute { uint32 local_pref = 1; }
message CommunitiesAttribute { repeated uint32 communities = 1; }
message LargeCommunity { uint32 global_admin = 1; uint32 local_data1 = 2; uint32 local_data2 = 3; }
message LargeCommunitiesAttribute { repeated LargeCommunity communities = 1; }
message MpReachNLRIAttribute { Family family = 1; repeated string next_hops = 2; repeated Any nlris = 3; }

message Prefix { string ip_prefix = 1; uint32 mask_length_min = 2; uint32 mask_length_max = 3; }
message DefinedSet { uint32 defined_type = 1; string name = 2; repeated string list = 3; repeated Prefix prefixes = 4; }
message MatchSet { uint32 type = 1; string name = 2; }
message Conditions { MatchSet prefix_set = 1; MatchSet neighbor_set = 2; uint32 route_type = 8; repeated Family afi_safi_in = 11; }
message NexthopAction { string address = 1; }
message Actions { uint32 route_action = 1; NexthopAction nexthop = 6; }
message Statement { string name = 1; Conditions conditions = 2; Actions actions = 3; }
message Policy { string name = 1; repeated Statement statements = 2; }
message PolicyAssignment { string name = 1; uint32 direction = 2; repeated Policy policies = 4; uint32 default_action = 5; }
message SetPoliciesRequest { repeated DefinedSet defined_sets = 1; repeated Policy policies = 2; repeated PolicyAssignment assignments = 3; }
message PolicyAssignmentRequest { PolicyAssignment assignment = 1; }
message ListPolicyAssignmentRequest { string name = 1; uint32 direction = 2; }
message ListPolicyAssignmentResponse { PolicyAssignment assignment = 1; }
message ListPolicyRequest { string name = 1; }
message ListPolicyResponse { Policy policy = 1; }
message ListDefinedSetRequest { uint32 defined_type = 1; string name = 2; }
message ListDefinedSetResponse { DefinedSet defined_set = 1; }

message WatchPeers {}
message WatchEventRequest { WatchPeers peer = 1; }
message PeerEvent { uint32 type = 1; Peer peer = 2; }
message WatchEventResponse { PeerEvent peer = 2; }
`;

const root = protobuf.parse(PROTO).root.resolveAll();

/** A message of gobgpd by its name. */
export function messageType(name: string): protobuf.Type {
  return root.lookupType(`apipb.${name}`);
}

/** Reads a message as plain data: what is not there has its default, numbers of 64 bits are numbers. */
export function readMessage(name: string, bytes: Uint8Array): unknown {
  const type = messageType(name);
  return type.toObject(type.decode(bytes), { defaults: true, arrays: true, longs: Number });
}

export function writeMessage(name: string, fields: object): Buffer {
  const type = messageType(name);
  return Buffer.from(type.encode(type.fromObject(fields)).finish());
}

/** A message inside of another. */
export interface AnyMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

const URL = 'type.googleapis.com/apipb.';

export function anyOf(name: string, fields: object): AnyMessage {
  return { typeUrl: `${URL}${name}`, value: writeMessage(name, fields) };
}

/** The name of a message inside of another, without its package. */
export function anyName({ typeUrl }: AnyMessage): string {
  return typeUrl.slice(typeUrl.lastIndexOf('.') + 1);
}
