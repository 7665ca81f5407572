//go:build soak

package rollback

// The long form: go test -tags soak -run TestAMillionSteps -v ./rollback
func init() {
	modelSteps = 1_000_000
	*modelSeed = 0
}
