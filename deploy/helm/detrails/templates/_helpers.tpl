{{- define "detrails.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "detrails.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "detrails.labels" -}}
{{ include "detrails.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "detrails.valkeySelectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-valkey
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "detrails.valkeyLabels" -}}
{{ include "detrails.valkeySelectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "detrails.serviceAccountName" -}}
{{ .Values.serviceAccount.name | default (include "detrails.fullname" .) }}
{{- end }}

{{- define "detrails.contextName" -}}
{{ .Values.context.existingConfigMap | default (printf "%s-context" (include "detrails.fullname" .)) }}
{{- end }}

{{- /* Every variable of the service, as a JSON object. */}}
{{- define "detrails.environment" -}}
{{- $env := deepCopy .Values.config }}
{{- $_ := set $env "DETRAILS_HOST" "0.0.0.0" }}
{{- $_ := set $env "DETRAILS_PORT" "8080" }}
{{- $_ := set $env "DETRAILS_METRICS_HOST" "0.0.0.0" }}
{{- $_ := set $env "DETRAILS_METRICS_PORT" (.Values.metrics.port | toString) }}
{{- $_ := set $env "DETRAILS_AUTH" .Values.auth.mode }}
{{- $_ := set $env "DETRAILS_CONTEXT_FILE" "/etc/detrails/context/company.yaml" }}
{{- $_ := set $env "NODE_OPTIONS" .Values.nodeOptions }}
{{- if eq .Values.auth.mode "keys" }}
{{- $_ := set $env "DETRAILS_API_KEYS_FILE" (printf "/etc/detrails/keys/%s" .Values.auth.key) }}
{{- end }}
{{- if .Values.tls.existingSecret }}
{{- $_ := set $env "DETRAILS_TLS_CERT_FILE" "/etc/detrails/tls/tls.crt" }}
{{- $_ := set $env "DETRAILS_TLS_KEY_FILE" "/etc/detrails/tls/tls.key" }}
{{- if eq .Values.auth.mode "mtls" }}
{{- $_ := set $env "DETRAILS_TLS_CLIENT_CA_FILE" "/etc/detrails/tls/ca.crt" }}
{{- end }}
{{- else if eq .Values.auth.mode "mtls" }}
{{- fail "auth.mode=mtls needs tls.existingSecret" }}
{{- end }}
{{- if .Values.store.existingSecret }}
{{- $_ := set $env "DETRAILS_STORE_URL_FILE" (printf "/etc/detrails/store/%s" .Values.store.key) }}
{{- else if .Values.store.url }}
{{- $_ := set $env "DETRAILS_STORE_URL" .Values.store.url }}
{{- else if .Values.valkey.enabled }}
{{- $_ := set $env "DETRAILS_STORE_URL" (printf "valkey://%s-valkey:6379" (include "detrails.fullname" .)) }}
{{- else if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) }}
{{- fail "several replicas need a shared store: set store.url, store.existingSecret or valkey.enabled" }}
{{- end }}
{{- toJson $env }}
{{- end }}
