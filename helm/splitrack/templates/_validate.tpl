{{/* What contradicts itself is refused before anything is made. */}}
{{- define "splitrack.validate" -}}
{{- $v := .Values -}}
{{- if and $v.postgresql.bundled.enabled $v.postgresql.external.host -}}
{{- fail "postgresql.bundled.enabled and postgresql.external.host: set bundled.enabled to false to use the external one" -}}
{{- end -}}
{{- if and (not $v.postgresql.bundled.enabled) (not $v.postgresql.external.host) -}}
{{- fail "postgresql: name postgresql.external.host, or set bundled.enabled to true" -}}
{{- end -}}
{{- if and $v.postgresql.external.host (not $v.existingSecret) -}}
{{- fail "postgresql.external.host needs existingSecret: a Secret with the passwords of its roles" -}}
{{- end -}}
{{- if and $v.kafka.bundled.enabled $v.kafka.external.bootstrapServers -}}
{{- fail "kafka.bundled.enabled and kafka.external.bootstrapServers: set bundled.enabled to false to use the external one" -}}
{{- end -}}
{{- if and (not $v.kafka.bundled.enabled) (not $v.kafka.external.bootstrapServers) -}}
{{- fail "kafka: name kafka.external.bootstrapServers, or set bundled.enabled to true" -}}
{{- end -}}
{{- if and $v.kafka.external.existingSecret (not $v.kafka.external.bootstrapServers) -}}
{{- fail "kafka.external.existingSecret is for kafka.external.bootstrapServers, which are not named" -}}
{{- end -}}
{{- if lt (include "splitrack.bytes" $v.memory.limit | int64) 16777216 -}}
{{- fail (printf "memory.limit %s is less than 16Mi" $v.memory.limit) -}}
{{- end -}}
{{- if lt (include "splitrack.bytes" $v.processor.cache | int64) 1048576 -}}
{{- fail (printf "processor.cache %s is less than 1Mi" $v.processor.cache) -}}
{{- end -}}
{{- /* A heap of 768Mi and what the JVM needs besides, unless another heap is asked for. */ -}}
{{- $jvm := ternary "256Mi" "1Gi" (contains "-Xmx" (join " " $v.processor.jvmOptions)) -}}
{{- $room := include "splitrack.bytes" $v.processor.resources.limits.memory | int64 -}}
{{- if gt (add (include "splitrack.bytes" $v.processor.cache | int64) (include "splitrack.bytes" $jvm | int64)) $room -}}
{{- fail (printf "processor.cache %s leaves less than %s of processor.resources.limits.memory %s" $v.processor.cache $jvm $v.processor.resources.limits.memory) -}}
{{- end -}}
{{- if gt (len .Release.Name) 36 -}}
{{- fail (printf "the release name %s is longer than 36 characters" .Release.Name) -}}
{{- end -}}
{{- end }}
