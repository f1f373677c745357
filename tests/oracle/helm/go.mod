module helmcases

go 1.25

require helm.sh/helm/v3 v3.22.0
