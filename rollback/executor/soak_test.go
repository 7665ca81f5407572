//go:build soak

package executor_test

// The long form: go test -tags soak -run 'TestP03|Misfortunes' -timeout 4h ./rollback/executor
func init() { kills, killedRecords, misfortunes = 1_000, 80_000, 2_000 }
