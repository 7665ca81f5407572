package app

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback/source"
)

func TestACheckSaysWhatSettlesItAndEndsWithItsCode(t *testing.T) {
	t.Parallel()
	f := newForeign(t)
	versand := f.config.Sources["versand"]
	versand.Counts.LockTimeout = 20 * time.Millisecond
	f.config.Sources["versand"] = versand
	print := func(asJSON bool) (string, error) {
		var out strings.Builder
		err := CheckSource(t.Context(), &out, f.config, "versand", asJSON)
		return out.String(), err
	}
	text, err := print(false)
	require.NoError(t, err, text)
	require.Regexp(t, `(?m)^ok    snafu_count  writes nothing +[0-9]+ statements were tried and the server refused each$`, text)
	require.NotContains(t, text, "FAIL")

	f.exec(`grant delete on "Versand 2.0"."Auftrag" to snafu_exec`)
	text, err = print(false)
	require.ErrorIs(t, err, ErrDoesNotHold)
	require.Regexp(t, `(?m)^FAIL  snafu_exec   no right too many +snafu_exec may delete Versand 2.0.Auftrag\n      revoke delete on "Versand 2.0"."Auftrag" from snafu_exec;$`, text)
	text, err = print(true)
	require.ErrorIs(t, err, ErrDoesNotHold)
	var answer checked
	require.NoError(t, json.Unmarshal([]byte(text), &answer))
	require.False(t, answer.Holds)
	require.Contains(t, answer.Promises, source.Promise{
		Login: "snafu_exec", Name: "no right too many", Verdict: source.Surplus, Found: "snafu_exec may delete Versand 2.0.Auftrag",
		Fix: []string{`revoke delete on "Versand 2.0"."Auftrag" from snafu_exec`},
	})
	f.exec(`revoke delete on "Versand 2.0"."Auftrag" from snafu_exec`)

	tx, err := pgtest.Connect(t, f.admin.Config().ConnString()).Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `lock table "Versand 2.0"."Änderung" in access exclusive mode`)
	require.NoError(t, err)
	text, err = print(false)
	require.ErrorIs(t, err, ErrCouldNotLook)
	require.Contains(t, text, "????  snafu_count")
	require.NoError(t, tx.Rollback(t.Context()))
}
