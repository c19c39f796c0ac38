#!/bin/sh
# host-record: a client that was seen gets a DNS record. Needs jq.
# Reads PluginRequests (JSON) from stdin, writes a PluginResult (one line of JSON) for each. The same program serves both
# modes: jq takes one document after another until stdin ends, and flushes each answer.
exec jq -c --unbuffered --arg ttl "${RECORD_TTL:-30m}" '
def word: "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
def is_name: type == "string" and length <= 253 and test("^\(word)([.]\(word))*$");
def is_ipv4: test("^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.]|$)){4}$") and (endswith(".") | not);

def judged:
  ((.subject // "") | sub("/32$"; "")) as $address
  | ((.payload.name // "") | ascii_downcase) as $name
  | if .type != "client.seen" then {outcome: "ignored", reason: "the type is not client.seen"}
    elif ($address | is_ipv4 | not) then {outcome: "failed", reason: "the subject is not one IPv4 address"}
    elif ($name | is_name | not) then {outcome: "failed", reason: "payload.name is no host name"}
    else {record: {name: $name, address: $address}} end;

def status:
  [.spec.events[] | {id} + judged] as $judged
  | {
      ttl: $ttl,
      resources: [
        reduce ($judged[] | select(.record) | .record) as $record ({}; .[$record.name] = $record)
        | to_entries | sort_by(.key)[].value
        | {apiVersion: "dns.example.net/v1", kind: "HostRecord", metadata: {name}, spec: .}
      ],
      outcomes: [$judged[] | select(.outcome) | {eventId: .id, outcome, reason}]
    };

. as $request
| {apiVersion: "plugin.routerd.net/v1alpha1", kind: "PluginResult", metadata: {name: "host-record"}}
  + (if .meta then {meta} else {} end)
  + {status: (
      if (.spec.events? | type) == "array" then status
      else {results: [{severity: "fatal", reason: "RequestNotUsable", message: "spec.events is no list"}]} end
    )}
'
