// The definitions of Flux, which tests hold the examples against: nothing is built of them.
module tradai.io/tools/flux

go 1.25.0

require (
	github.com/fluxcd/kustomize-controller v1.7.3
	github.com/fluxcd/source-controller v1.8.5
)
