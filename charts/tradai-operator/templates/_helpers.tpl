{{/* What several templates say alike. Names are fixed: one cluster has one operator, whose definition and policy it shares. */}}

{{- define "tradai.selector" -}}
app.kubernetes.io/name: tradai-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tradai.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: tradai
{{ include "tradai.selector" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What stays when the release goes: environments stay too, with what guards them. */}}
{{- define "tradai.kept" -}}
helm.sh/resource-policy: keep
argocd.argoproj.io/sync-options: Prune=false,Delete=false
{{- end }}

{{- define "tradai.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

{{- define "tradai.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ .Values.serviceAccount.name }}
{{- end }}

{{- define "tradai.rules" -}}
{{- $rules := .root.Files.Get "files/rules.yaml" | fromYaml -}}
{{- required (printf "files/rules.yaml has no %s" .of) (index $rules .of) | toYaml -}}
{{- end }}

{{/* Whether a kind of executor is the chosen one or one whose runs are followed. */}}
{{- define "tradai.uses" -}}
{{- if or (eq .root.Values.executor.kind .kind) (has .kind .root.Values.executor.follows) }}yes{{ end -}}
{{- end }}

{{- define "tradai.subject" -}}
- kind: ServiceAccount
  name: {{ .Values.serviceAccount.name }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{- define "tradai.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "tradai.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "tradai.accountAnnotations" -}}
{{- $role := ternary (dict "eks.amazonaws.com/role-arn" .root.Values.aws.roleArn) (dict) (ne .root.Values.aws.roleArn "") -}}
{{- with merge (dict) .own $role }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "tradai.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "tradai.egress" }}
# Names.
- ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
# AWS, registries, webhooks: HTTPS.
- ports: [{protocol: TCP, port: 443}]
# Credentials by EKS Pod Identity, whose agent is on the node.
- to: [{ipBlock: {cidr: 169.254.170.23/32}}, {ipBlock: {cidr: "fd00:ec2::23/128"}}]
  ports: [{protocol: TCP, port: 80}]
{{- with .Values.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}
