//go:build soak

package executor_test

// The long form: go test -tags soak -run TestP03 -timeout 2h ./rollback/executor
func init() { kills, killedRecords = 1_000, 80_000 }
