{{- /* Who sees what: keys of its own only, secrets and sources where they are read. */ -}}
{{- define "signalbox.mounts" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}
- { name: tmp, mountPath: /tmp }
- { name: keys, mountPath: /keys, readOnly: true }
- { name: state, mountPath: /state }
{{- if $root.Values.nats.caSecret }}
- { name: nats-ca, mountPath: /nats-ca, readOnly: true }
{{- end }}
{{- if and $root.Values.secrets.existingSecret (has $name (list "ingest" "federation" "sinks" "plugin-runner")) }}
- { name: secrets, mountPath: /secrets, readOnly: true }
{{- end }}
{{- if and $root.Values.sources.existingSecret (eq $name "balancer") }}
- { name: sources, mountPath: /sources, readOnly: true }
{{- end }}
{{- if and (eq $name "plugin-runner") $service.pluginsConfigMap }}
- { name: plugins, mountPath: /plugins, readOnly: true }
{{- end }}
{{- if eq $name "dataplane-agent" }}
- { name: haproxy, mountPath: /haproxy }
{{- end }}
{{- end -}}

{{- define "signalbox.volumes" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $service := index . 2 -}}
- name: tmp
  emptyDir: { sizeLimit: {{ ternary "256Mi" "64Mi" (eq $name "plugin-runner") }} }
- name: keys
  secret:
    secretName: {{ $root.Values.keys.secretPrefix }}{{ $name }}
    defaultMode: 0440
- name: state
{{- if $service.persistence }}
  persistentVolumeClaim:
    claimName: {{ $service.persistence.existingClaim | default (include "signalbox.serviceName" (list $root $name)) }}
{{- else }}
  emptyDir: { sizeLimit: 64Mi }
{{- end }}
{{- if $root.Values.nats.caSecret }}
- name: nats-ca
  secret: { secretName: {{ $root.Values.nats.caSecret }}, defaultMode: 0440 }
{{- end }}
{{- if and $root.Values.secrets.existingSecret (has $name (list "ingest" "federation" "sinks" "plugin-runner")) }}
- name: secrets
  secret: { secretName: {{ $root.Values.secrets.existingSecret }}, defaultMode: 0440 }
{{- end }}
{{- if and $root.Values.sources.existingSecret (eq $name "balancer") }}
- name: sources
  secret: { secretName: {{ $root.Values.sources.existingSecret }}, defaultMode: 0440 }
{{- end }}
{{- if and (eq $name "plugin-runner") $service.pluginsConfigMap }}
- name: plugins
  configMap: { name: {{ $service.pluginsConfigMap }}, defaultMode: 0555 }
{{- end }}
{{- if eq $name "dataplane-agent" }}
- name: haproxy
  emptyDir: { sizeLimit: 64Mi }
{{- end }}
{{- end -}}
