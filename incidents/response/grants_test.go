package response_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/response"
)

// The bot's own login cannot unmake what people did, whatever a bug may try.
func TestTheBotCannotRewriteWhatPeopleDid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm"})
	h.stop(id)
	for name, sql := range map[string]string{
		"delete an incident":            `delete from incidents`,
		"choose the id of an incident":  `insert into incidents (id, title) overriding system value values (7, 'x')`,
		"change who reported it":        `update incidents set reporter = 'T1/UBEN'`,
		"change when it was opened":     `update incidents set opened_at = now()`,
		"delete an answer":              `delete from answers`,
		"change an act on the cause":    `update containments set what = 'x'`,
		"delete an act on the cause":    `delete from containments`,
		"delete a call":                 `delete from pages`,
		"change whom a step called":     `update page_steps set people = '{}'`,
		"take a hold away without word": `delete from holds`,
		"empty the calls":               `truncate pages, page_steps`,
	} {
		_, err := h.db.Pool().Exec(t.Context(), sql)
		require.Equal(t, "42501", pgdb.State(err), name)
	}
}
