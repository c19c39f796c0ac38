{{- /* What a service is told: what all have, what some have, and what the values say. */ -}}
{{- define "signalbox.environment" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}
{{- $needsPlugins := has $name (list "api" "plugin-runner") -}}
- { name: NATS_URL, value: {{ $root.Values.nats.url | quote }} }
- { name: NATS_SEED_FILE, value: /keys/nats.seed }
{{- if $root.Values.nats.caSecret }}
- { name: NATS_CA_FILE, value: /nats-ca/ca.crt }
{{- end }}
- { name: HTTP_HOST, value: 0.0.0.0 }
- { name: HTTP_PORT, value: '7800' }
- { name: SIGNALBOX_STATE_DIR, value: /state }
- { name: LOG_LEVEL, value: {{ $root.Values.logLevel | quote }} }
{{- if eq $name "dataplane-agent" }}
- { name: SIGNALBOX_LB_NODE, value: {{ $service.node | quote }} }
- { name: SIGNALBOX_HAPROXY_CONFIG, value: /haproxy/haproxy.cfg }
- { name: SIGNALBOX_HAPROXY_MASTER_SOCKET, value: /haproxy/master.sock }
- { name: SIGNALBOX_HAPROXY_STATS_SOCKET, value: /haproxy/stats.sock }
{{- else }}
- { name: DATABASE_URL, value: {{ $root.Values.database.url | quote }} }
- { name: DATABASE_PASSWORD_FILE, value: /keys/database.password }
- { name: SIGNALBOX_NODE, value: {{ $root.Values.nodeName | quote }} }
- { name: SIGNALBOX_SECRET_DIR, value: /secrets }
- { name: SIGNALBOX_SOURCES_DIR, value: /sources }
{{- end }}
{{- if eq $name "api" }}
- { name: INGEST_URL, value: 'http://{{ include "signalbox.serviceName" (list $root "ingest") }}:7800' }
- { name: SIGNALBOX_CONTEXT, value: /state/context.json }
{{- end }}
{{- if $needsPlugins }}
- name: SIGNALBOX_PLUGIN_DIRS
  value: {{ ternary "/plugins:/app/examples/plugins" "/app/examples/plugins" (ne (index $root.Values.services "plugin-runner").pluginsConfigMap "") }}
{{- end }}
{{- if eq $name "plugin-runner" }}
- { name: SIGNALBOX_PLUGIN_USER, value: signalbox-plugin }
{{- end }}
{{- if eq $name "sinks" }}
- { name: SIGNALBOX_SINK_DIRS, value: /state/sinks }
{{- end }}
{{- range $key, $value := merge (dict) ($service.env | default dict) $root.Values.extraEnv }}
- { name: {{ $key }}, value: {{ $value | quote }} }
{{- end }}
{{- end -}}
