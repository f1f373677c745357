{{- define "dump.scope" -}}
{{- $charts := dict -}}
{{- range $name, $scope := .Subcharts -}}
{{- $_ := set $charts $name (include "dump.scope" $scope | fromJson) -}}
{{- end -}}
{{- $files := list -}}
{{- range $name, $_ := .Files -}}{{- $files = append $files $name -}}{{- end -}}
{{- $wanted := list -}}
{{- range .Chart.Dependencies -}}
{{- $wanted = append $wanted (dict "Name" .Name "Version" .Version "Repository" .Repository "Condition" .Condition "Tags" .Tags "Enabled" .Enabled "Alias" .Alias) -}}
{{- end -}}
{{- $people := list -}}
{{- range .Chart.Maintainers -}}{{- $people = append $people (dict "Name" .Name "Email" .Email "URL" .URL) -}}{{- end -}}
{{- with .Chart -}}
{{- $fields := dict "Name" .Name "Home" .Home "Sources" .Sources "Version" .Version "Description" .Description "Keywords" .Keywords "Maintainers" $people "Icon" .Icon "APIVersion" .APIVersion "Condition" .Condition "Tags" .Tags "AppVersion" .AppVersion "Deprecated" .Deprecated "Annotations" .Annotations "KubeVersion" .KubeVersion "Dependencies" $wanted "Type" .Type "IsRoot" .IsRoot -}}
{{- dict "values" $.Values "charts" $charts "files" $files "chart" $fields | toJson -}}
{{- end -}}
{{- end -}}
{{ include "dump.scope" . }}
