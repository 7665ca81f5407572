//go:build soak

package executor_test

// The long form: go test -tags soak -run 'TestP03|Misfortunes|Histories|EachTable' -timeout 4h -v ./rollback/executor
func init() {
	killedRuns, kills, killedRecords, misfortunes = 10, 100, 8_000, 2_000
	histories, chronicles, historySheet = 2_000, 40, 8
	undoneTables = 200
	flatSmall, flatLarge, flatWithin = 20_000, 200_000, 4<<20
	*historySeed, *undoSeed = 0, 0
}
