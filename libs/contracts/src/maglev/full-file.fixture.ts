/** A right maglev.yaml that has every key, for tests. */
export const FULL_FILE = `
maglev:
  healthchecker:
    transition-history: 5
    netns: probes
    guard-percent: 60
  vpp:
    lb:
      ipv4-src-address: 172.20.30.2
      ipv6-src-address: 2001:db8::2
      sync-interval: 30s
      startup-min-delay: 5s
      startup-max-delay: 30s
      flow-timeout: 40
      sticky-buckets-per-core: 1024
  healthchecks:
    http-check:
      type: https
      port: 443
      interval: 2s
      fast-interval: 500ms
      down-interval: 10s
      timeout: 3s
      rise: 2
      fall: 3
      counter: linear
      probe-ipv4-src: 172.20.30.2
      probe-ipv6-src: 2001:db8::2
      netns: probes
      params:
        path: /healthz
        host: www.example.net
        response-code: 200-299
        response-regexp: ok
        server-name: www.example.net
        insecure-skip-verify: true
    tcp-check: { type: tcp, port: 25, interval: 2s, timeout: 1s, params: { ssl: true } }
    ping: { type: icmp, interval: 2s, timeout: 1s }
    udp-check: { type: udp, port: 514, interval: 2s, timeout: 1s, params: { send: ping, expect: pong } }
    game-check:
      { type: udp, port: 27015, interval: 2s, timeout: 1s, params: { send-hex: 'ff ff 54', expect-hex: ff49 } }
    dns-check: { type: dns, port: 53, interval: 2s, timeout: 1s, params: { name: example.net, record-type: AAAA } }
    grpc-check: { type: grpc, port: 50051, interval: 2s, timeout: 1s, params: { service: a.B } }
    tls-check: { type: tls, port: 443, interval: 1h, timeout: 1s, params: { warn-before: 240h } }
    push-check: { type: push, params: { ttl: 30s } }
  backends:
    nginx1: { address: 172.20.30.11, healthcheck: http-check, enabled: true, depends-on: [gateway] }
    nginxTwo: { address: 172.20.30.12, healthcheck: tcp-check }
    udp: { address: 172.20.30.13, healthcheck: udp-check }
    game: { address: 172.20.30.18, healthcheck: game-check }
    dns: { address: 172.20.30.14, healthcheck: dns-check }
    grpc: { address: 172.20.30.15, healthcheck: grpc-check }
    tls: { address: 172.20.30.16, healthcheck: tls-check }
    push: { address: 172.20.30.17, healthcheck: push-check }
    gateway: { address: 172.20.30.1, healthcheck: ping }
  frontends:
    web:
      description: the web
      address: 192.0.2.1
      protocol: tcp
      port: 443
      pools:
        - name: primary
          backends: { nginx1: { weight: 100 }, nginxTwo: { weight: 50 }, udp: { }, dns: { } }
        - name: fallback
          backends: { grpc: { weight: 0 }, tls: { }, push: { }, game: { } }
      src-ip-sticky: true
      flush-on-down: false
      failback-delay: 30s
      min-up: 1
      pool-activation: up-weighted
      slow-start: 1m
      node-group: edge
      all-down: keep-last
`;
