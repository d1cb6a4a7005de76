// Whose definitions tests hold examples and chart against: Flux, and the Prometheus operator. Nothing is built of them.
module tradai.io/tools/neighbours

go 1.25.0

require (
	github.com/fluxcd/kustomize-controller v1.7.3
	github.com/fluxcd/source-controller v1.8.5
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
