{{- /* What a service is told: what all have, what some have, and over these what the values say. */ -}}
{{- define "signalbox.environment" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}
{{- $env := dict
      "NATS_URL" $root.Values.nats.url
      "NATS_SEED_FILE" "/keys/nats.seed"
      "HTTP_HOST" "0.0.0.0"
      "HTTP_PORT" "7800"
      "SIGNALBOX_STATE_DIR" "/state"
      "LOG_LEVEL" $root.Values.logLevel -}}
{{- if $root.Values.nats.caSecret -}}
  {{- $env = set $env "NATS_CA_FILE" "/nats-ca/ca.crt" -}}
{{- end -}}
{{- if eq $name "dataplane-agent" -}}
  {{- $env = merge $env (dict
        "SIGNALBOX_LB_NODE" $service.node
        "SIGNALBOX_HAPROXY_CONFIG" "/haproxy/haproxy.cfg"
        "SIGNALBOX_HAPROXY_MASTER_SOCKET" "/haproxy/master.sock"
        "SIGNALBOX_HAPROXY_STATS_SOCKET" "/haproxy/stats.sock") -}}
{{- else -}}
  {{- $env = merge $env (dict
        "DATABASE_URL" $root.Values.database.url
        "DATABASE_PASSWORD_FILE" "/keys/database.password"
        "SIGNALBOX_NODE" $root.Values.nodeName
        "SIGNALBOX_SECRET_DIR" "/secrets"
        "SIGNALBOX_SOURCES_DIR" "/sources") -}}
{{- end -}}
{{- if eq $name "api" -}}
  {{- $ingest := printf "http://%s:7800" (include "signalbox.serviceName" (list $root "ingest")) -}}
  {{- $env = merge $env (dict "INGEST_URL" $ingest "SIGNALBOX_CONTEXT" "/state/context.json") -}}
{{- end -}}
{{- if has $name (list "api" "plugin-runner") -}}
  {{- $own := ne (index $root.Values.services "plugin-runner").pluginsConfigMap "" -}}
  {{- $env = set $env "SIGNALBOX_PLUGIN_DIRS" (ternary "/plugins:/app/examples/plugins" "/app/examples/plugins" $own) -}}
{{- end -}}
{{- if eq $name "plugin-runner" -}}
  {{- $env = set $env "SIGNALBOX_PLUGIN_USER" "signalbox-plugin" -}}
{{- end -}}
{{- if eq $name "sinks" -}}
  {{- $env = set $env "SIGNALBOX_SINK_DIRS" "/state/sinks" -}}
{{- end -}}
{{- $env = mergeOverwrite $env $root.Values.extraEnv ($service.env | default dict) -}}
{{- range $key, $value := $env }}
- { name: {{ $key }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end -}}
