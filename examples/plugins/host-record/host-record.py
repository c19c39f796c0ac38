#!/usr/bin/env python3
"""host-record: a client that was seen gets a DNS record. Needs Python 3.8.

Reads a PluginRequest (JSON) from stdin, writes a PluginResult (one line of JSON) to stdout. With
SIGNALBOX_PLUGIN_MODE=persistent it serves one request a line until stdin ends.
"""

import ipaddress
import json
import os
import re
import sys

TTL = os.environ.get("RECORD_TTL") or "30m"
LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST_NAME = re.compile(rf"{LABEL}(?:[.]{LABEL})*")


def record_of(event):
    """Name and address of a seen client. Raises ValueError with the reason why there are none."""
    address = re.sub("/32$", "", event.get("subject") or "")
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        raise ValueError("the subject is not one IPv4 address") from None
    name = (event.get("payload") or {}).get("name", "").lower()
    if len(name) > 253 or not HOST_NAME.fullmatch(name):
        raise ValueError("payload.name is no host name")
    return {"name": name, "address": address}


def status_for(request):
    events = (request.get("spec") or {}).get("events")
    if not isinstance(events, list):
        fatal = {"severity": "fatal", "reason": "RequestNotUsable", "message": "spec.events is no list"}
        return {"results": [fatal]}
    records, outcomes = {}, []
    for event in events:
        if event["type"] != "client.seen":
            reason = "the type is not client.seen"
            outcomes.append({"eventId": event["id"], "outcome": "ignored", "reason": reason})
            continue
        try:
            record = record_of(event)
            records[record["name"]] = record  # two facts about one name: the later one counts
        except ValueError as error:
            outcomes.append({"eventId": event["id"], "outcome": "failed", "reason": str(error)})
    resources = [
        {"apiVersion": "dns.example.net/v1", "kind": "HostRecord", "metadata": {"name": name}, "spec": records[name]}
        for name in sorted(records)
    ]
    return {"ttl": TTL, "resources": resources, "outcomes": outcomes}


def answer(text):
    request = json.loads(text)
    result = {
        "apiVersion": "plugin.routerd.net/v1alpha1",
        "kind": "PluginResult",
        "metadata": {"name": "host-record"},
        **({"meta": request["meta"]} if "meta" in request else {}),
        "status": status_for(request),
    }
    print(json.dumps(result, separators=(",", ":"), ensure_ascii=False), flush=True)


if os.environ.get("SIGNALBOX_PLUGIN_MODE") == "persistent":
    for line in sys.stdin:
        answer(line)
else:
    answer(sys.stdin.read())
