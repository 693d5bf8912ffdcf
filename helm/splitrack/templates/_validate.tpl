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
{{- if and $v.postgresql.external.existingSecret (not $v.postgresql.external.host) -}}
{{- fail "postgresql.external.existingSecret is for postgresql.external.host, which is not named" -}}
{{- end -}}
{{- include "splitrack.validateSecrets" . -}}
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
{{- if not (regexMatch "^[a-z]([a-z0-9-]*[a-z0-9])?$" .Release.Name) -}}
{{- fail (printf "the release name %s names no Service: small letters, digits and -, a letter first" .Release.Name) -}}
{{- end -}}
{{- if gt (len .Release.Name) 36 -}}
{{- fail (printf "the release name %s is longer than 36 characters" .Release.Name) -}}
{{- end -}}
{{- end }}

{{/* Pods would wait for what is not there, without a word of Helm's. Rendered without a cluster nothing is known of it. */}}
{{- define "splitrack.validateSecrets" -}}
{{- if lookup "v1" "ConfigMap" .Release.Namespace "kube-root-ca.crt" -}}
{{- if .Values.existingSecret -}}
{{- $keys := list "rack-id" "rack-secret" "operator-token" "postgres-tables.password" "postgres-manager.password" "postgres-reader.password" -}}
{{- $roles := list "pcomponent" "mcomponent" "scomponent" "global-manager" "table-service" "cli" -}}
{{- if .Values.postgresql.bundled.enabled -}}
{{- $keys = concat $keys (list "postgres-admin.password" "database.sql") -}}
{{- $roles = append $roles "postgres" -}}
{{- end -}}
{{- if .Values.kafka.bundled.enabled -}}
{{- $roles = append $roles "kafka" -}}
{{- end -}}
{{- if eq .Values.transport "mtls" -}}
{{- $keys = append $keys "tls-ca.crt" -}}
{{- range $roles -}}
{{- $keys = concat $keys (list (printf "tls-%s.crt" .) (printf "tls-%s.key" .)) -}}
{{- end -}}
{{- end -}}
{{- include "splitrack.validateSecret" (list . "existingSecret" .Values.existingSecret $keys) -}}
{{- end -}}
{{- with .Values.postgresql.external.existingSecret -}}
{{- include "splitrack.validateSecret" (list $ "postgresql.external.existingSecret" . (list "ca.crt")) -}}
{{- end -}}
{{- with .Values.kafka.external.existingSecret -}}
{{- include "splitrack.validateSecret" (list $ "kafka.external.existingSecret" . (list "client.properties")) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* root, value, name, keys */}}
{{- define "splitrack.validateSecret" -}}
{{- $namespace := (index . 0).Release.Namespace -}}
{{- $secret := lookup "v1" "Secret" $namespace (index . 2) -}}
{{- if not $secret -}}
{{- fail (printf "%s: there is no Secret %s in namespace %s" (index . 1) (index . 2) $namespace) -}}
{{- end -}}
{{- $data := $secret.data | default dict -}}
{{- $missing := list -}}
{{- range index . 3 -}}
{{- if not (hasKey $data .) -}}{{- $missing = append $missing . -}}{{- end -}}
{{- end -}}
{{- if $missing -}}
{{- fail (printf "%s: the Secret %s lacks %s" (index . 1) (index . 2) (join ", " $missing)) -}}
{{- end -}}
{{- end }}
