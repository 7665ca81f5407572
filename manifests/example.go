package manifests

import _ "embed"

// ExampleConfig is a configuration for one source, with a word on each key.
//
//go:embed snafu.example.yaml
var ExampleConfig string
