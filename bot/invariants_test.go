package bot_test

import (
	"os"
	"strings"

	"github.com/stretchr/testify/require"
)

// sound holds the log database to what must never be.
func (w *workspace) sound() {
	w.t.Helper()
	raw, err := os.ReadFile("testdata/invariants.sql")
	require.NoError(w.t, err)
	admin := w.admin()
	_, err = admin.Exec(w.ctx(), `set search_path = snafu`)
	require.NoError(w.t, err)
	for _, sql := range strings.Split(string(raw), ";\n") {
		if !strings.Contains(sql, "select") {
			continue
		}
		rows, err := admin.Query(w.ctx(), sql)
		require.NoError(w.t, err)
		for rows.Next() {
			found, err := rows.Values()
			require.NoError(w.t, err)
			w.t.Errorf("%v", found)
		}
		require.NoError(w.t, rows.Err(), sql)
	}
}
