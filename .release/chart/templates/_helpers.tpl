{{- define "paycorcred.name" -}}
{{- if contains "paycorcred" .Release.Name -}}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{- else -}}{{ printf "%s-paycorcred" (.Release.Name | trunc 41 | trimSuffix "-") }}{{- end -}}
{{- end -}}

{{- define "paycorcred.selector" -}}
app.kubernetes.io/name: paycorcred
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "paycorcred.labels" -}}
{{ include "paycorcred.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "paycorcred.scheme" -}}
{{ if .Values.tls.secretName }}HTTPS{{ else }}HTTP{{ end }}
{{- end -}}

{{- /* Not empty if something has to be kept: the database, or a key that the first start made. */ -}}
{{- define "paycorcred.volume" -}}
{{ if or (eq .Values.database "sqlite") (not (or .Values.encryptionKey.name .Values.kek.url)) }}kept{{ end }}
{{- end -}}

{{- /* What the server would refuse at its start, said before anything is installed. */ -}}
{{- define "paycorcred.check" -}}
{{- if not (has .Values.database (list "sqlite" "postgres")) -}}
{{- fail (printf "database: set it to sqlite or postgres instead of %s." .Values.database) -}}
{{- end -}}
{{- if and (eq .Values.database "postgres") (not .Values.postgres.url.name) -}}
{{- fail "postgres.url.name: set the name of a Secret with the address of the database." -}}
{{- end -}}
{{- if and (gt (int .Values.replicas) 1) (not (and (eq .Values.database "postgres") (or .Values.encryptionKey.name .Values.kek.url))) -}}
{{- fail "replicas: more than one need database: postgres and encryptionKey.name, a Secret with the key that they share, or kek.url." -}}
{{- end -}}
{{- if and .Values.encryptionKey.name .Values.kek.url -}}
{{- fail "encryptionKey.name and kek.url each name the key. Leave out one of them." -}}
{{- end -}}
{{- if not .Values.publicURL -}}
{{- fail "publicURL: set the address at which people open the server, such as https://creds.example.com." -}}
{{- end -}}
{{- if not (and .Values.oidc.issuer .Values.oidc.clientID .Values.oidc.map) -}}
{{- fail "oidc: set issuer, clientID and map. Without them, nobody can sign in to a server in a cluster." -}}
{{- end -}}
{{- if not (or .Values.tls.secretName .Values.trustedProxies) -}}
{{- fail "Set tls.secretName for TLS in the server, or trustedProxies to the addresses of the ingress controller that terminates TLS." -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.tlsSecretName) (not .Values.ingress.annotations) -}}
{{- fail "ingress.tlsSecretName: the ingress needs a certificate. Set the name of its Secret, or annotations with which your controller gets one." -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.serviceMonitor.token.name) -}}
{{- fail "serviceMonitor.token.name: set the name of a Secret with an API token that has the right view." -}}
{{- end -}}
{{- end -}}
