{{/* Names follow the release alone: rack-mcomponent. */}}
{{- define "splitrack.image" -}}
{{- $root := index . 0 -}}
{{- $registry := $root.Values.image.registry | trimSuffix "/" -}}
{{- if $registry }}{{ $registry }}/{{ end }}splitrack/{{ index . 1 }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end }}

{{- define "splitrack.secret" -}}
{{ .Values.existingSecret | default (printf "%s-rack" .Release.Name) }}
{{- end }}

{{- define "splitrack.selector" -}}
app.kubernetes.io/name: splitrack
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "splitrack.labels" -}}
{{- $root := index . 0 -}}
{{ include "splitrack.selector" . }}
app.kubernetes.io/part-of: splitrack
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Bytes of a quantity such as 512Mi. */}}
{{- define "splitrack.bytes" -}}
{{- $text := . | toString -}}
{{- $number := regexFind "^[0-9]+" $text | int64 -}}
{{- $unit := regexReplaceAll "^[0-9]+" $text "" -}}
{{- if eq $unit "" }}{{ $number }}
{{- else if eq $unit "Ki" }}{{ mul $number 1024 }}
{{- else if eq $unit "Mi" }}{{ mul $number 1048576 }}
{{- else if eq $unit "Gi" }}{{ mul $number 1073741824 }}
{{- else }}{{ fail (printf "%q is no size such as 512Mi" $text) }}
{{- end -}}
{{- end }}

{{- define "splitrack.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "splitrack.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "splitrack.kafka" -}}
{{- if .Values.kafka.external.bootstrapServers }}{{ .Values.kafka.external.bootstrapServers }}{{ else }}{{ .Release.Name }}-kafka:9092{{ end }}
{{- end }}

{{/* Without what a client shows of itself. */}}
{{- define "splitrack.jdbcUrl" -}}
{{- $external := .Values.postgresql.external -}}
{{- if $external.host -}}
{{- $checked := ternary "sslmode=verify-full&sslrootcert=/postgres/ca.crt" "" (not (empty $external.existingSecret)) -}}
{{- $parameters := compact (list $checked $external.parameters) | join "&" -}}
jdbc:postgresql://{{ $external.host }}:{{ $external.port }}/{{ $external.database }}{{ with $parameters }}?{{ . }}{{ end }}
{{- else -}}
jdbc:postgresql://{{ .Release.Name }}-postgres:5432/splitrack{{ if eq .Values.transport "mtls" }}?sslmode=verify-full&sslrootcert=/secrets/tls-ca.crt{{ end }}
{{- end }}
{{- end }}

{{/* The keys of the Secret that a role shows others. */}}
{{- define "splitrack.tlsKeys" -}}
{{- if eq (index . 0).Values.transport "mtls" }}
{{- list "tls-ca.crt" (printf "tls-%s.crt" (index . 1)) (printf "tls-%s.key" (index . 1)) | toJson }}
{{- else }}[]
{{- end }}
{{- end }}

{{- define "splitrack.tlsEnv" -}}
{{- if eq (index . 0).Values.transport "mtls" }}
- {name: SPLITRACK_TLS_AUTHORITY_FILE, value: /secrets/tls-ca.crt}
- {name: SPLITRACK_TLS_CERTIFICATE_FILE, value: /secrets/tls-{{ index . 1 }}.crt}
- {name: SPLITRACK_TLS_KEY_FILE, value: /secrets/tls-{{ index . 1 }}.key}
{{- end }}
{{- end }}

{{/* What all services are told. */}}
{{- define "splitrack.env" -}}
{{- $root := index . 0 -}}
- name: POD_IP
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
- name: SPLITRACK_NODE
  valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
- name: SPLITRACK_RACK_ID
  valueFrom: {secretKeyRef: {name: {{ include "splitrack.secret" $root }}, key: rack-id}}
- {name: SPLITRACK_SECRET_FILE, value: /secrets/rack-secret}
- {name: SPLITRACK_BIND, value: 0.0.0.0}
- {name: SPLITRACK_PORT, value: "7000"}
- {name: SPLITRACK_ADVERTISE, value: $(POD_IP)}
- {name: SPLITRACK_MANAGER, value: "{{ $root.Release.Name }}-global-manager:7000"}
- {name: SPLITRACK_KAFKA, value: "{{ include "splitrack.kafka" $root }}"}
- {name: SPLITRACK_DATA_DIR, value: /data}
- {name: SERVER_ADDRESS, value: 0.0.0.0}
{{- include "splitrack.tlsEnv" . }}
{{- end }}

{{/* Of those who speak with Kafka, when its clients show something. */}}
{{- define "splitrack.kafkaEnv" -}}
{{- if and .Values.kafka.bundled.enabled (eq .Values.transport "mtls") }}
- {name: SPLITRACK_KAFKA_MTLS, value: "true"}
{{- else if .Values.kafka.external.existingSecret }}
- {name: SPLITRACK_KAFKA_PROPERTIES_FILE, value: /kafka/client.properties}
{{- end }}
{{- end }}

{{- define "splitrack.kafkaMount" -}}
{{- if .Values.kafka.external.existingSecret }}
- {name: kafka, mountPath: /kafka, readOnly: true}
{{- end }}
{{- end }}

{{- define "splitrack.kafkaVolume" -}}
{{- with .Values.kafka.external.existingSecret }}
- name: kafka
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{/* When it is told to stop it has its grace period, but for the moment that closing takes. */}}
{{- define "splitrack.leaveEnv" -}}
- {name: SPLITRACK_LEAVE_WITHIN_S, value: "{{ max 0 (sub (int64 .terminationGracePeriodSeconds) 5) }}"}
{{- end }}

{{/* Of a StatefulSet's pod: its number is in its name everywhere. */}}
{{- define "splitrack.ordinalEnv" -}}
- name: POD_INDEX
  valueFrom: {fieldRef: {fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']"}}
- {name: SPLITRACK_COMPONENT, value: {{ . }}-$(POD_INDEX)}
{{- end }}

{{/* root, component, role in the database */}}
{{- define "splitrack.postgresEnv" -}}
{{- $root := index . 0 -}}
{{- $own := printf "&sslcert=/secrets/tls-%s.crt&sslkey=/secrets/tls-%s.key&pemKeyAlgorithm=EC" (index . 1) (index . 1) -}}
{{- $shown := ternary $own "" (and $root.Values.postgresql.bundled.enabled (eq $root.Values.transport "mtls")) -}}
- {name: SPLITRACK_POSTGRES_URL, value: "{{ include "splitrack.jdbcUrl" $root }}{{ $shown }}"}
- {name: SPLITRACK_POSTGRES_USER, value: rack_{{ index . 2 }}}
- {name: SPLITRACK_POSTGRES_PASSWORD_FILE, value: /secrets/postgres-{{ index . 2 }}.password}
{{- end }}

{{/* Of those who speak with PostgreSQL, when its certificate is to be checked. */}}
{{- define "splitrack.postgresMount" -}}
{{- if .Values.postgresql.external.existingSecret }}
- {name: postgres, mountPath: /postgres, readOnly: true}
{{- end }}
{{- end }}

{{- define "splitrack.postgresVolume" -}}
{{- with .Values.postgresql.external.existingSecret }}
- name: postgres
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
    - {key: ca.crt, path: ca.crt}
{{- end }}
{{- end }}

{{/* Only the keys that a role needs: root, role, keys besides its certificate. */}}
{{- define "splitrack.secretsVolume" -}}
- name: secrets
  secret:
    secretName: {{ include "splitrack.secret" (index . 0) }}
    defaultMode: 0440
    items:
    {{- range concat (index . 2) (include "splitrack.tlsKeys" . | fromJsonArray) }}
    - {key: {{ . }}, path: {{ . }}}
    {{- end }}
{{- end }}

{{- define "splitrack.probes" -}}
startupProbe:
  httpGet: {path: /actuator/health/liveness, port: health}
  periodSeconds: 2
  failureThreshold: {{ .Values.probes.startupFailureThreshold }}
livenessProbe:
  httpGet: {path: /actuator/health/liveness, port: health}
  periodSeconds: {{ .Values.probes.periodSeconds }}
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /actuator/health/readiness, port: health}
  periodSeconds: {{ .Values.probes.periodSeconds }}
  timeoutSeconds: 3
  failureThreshold: 2
{{- end }}

{{/* Where a role's pods may run; preferred apart, so that one node can hold a whole rack. */}}
{{- define "splitrack.placement" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
{{- $values := index . 2 -}}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if $values.affinity }}
affinity: {{- toYaml $values.affinity | nindent 2 }}
{{- else }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- include "splitrack.selector" (list $root $role) | nindent 12 }}
{{- end }}
topologySpreadConstraints:
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "splitrack.selector" (list $root $role) | nindent 6 }}
{{- end }}

{{/* What a change of makes pods start again. */}}
{{- define "splitrack.podAnnotations" -}}
checksum/rack: {{ include (print (index . 0).Template.BasePath "/rack.yaml") (index . 0) | sha256sum }}
{{- with (index . 1).podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "splitrack.podCommon" -}}
serviceAccountName: {{ .Release.Name }}-rack
automountServiceAccountToken: false
{{- include "splitrack.podImages" . }}
{{- end }}

{{- define "splitrack.podImages" }}
enableServiceLinks: false
# A first process is sent no signal that it does not handle yet: told to stop as it starts, it would go on.
shareProcessNamespace: true
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* A count that somebody else has set is kept until the chart's own value changes. */}}
{{- define "splitrack.replicas" -}}
{{- $root := index . 0 -}}
{{- $wanted := index . 2 | int -}}
{{- $live := lookup "apps/v1" "StatefulSet" $root.Release.Namespace (printf "%s-%s" $root.Release.Name (index . 1)) -}}
{{- $before := dig "metadata" "annotations" "splitrack.org/chart-replicas" "" ($live | default dict) -}}
{{- if eq $before (toString $wanted) }}{{ $live.spec.replicas }}{{ else }}{{ $wanted }}{{ end }}
{{- end }}
