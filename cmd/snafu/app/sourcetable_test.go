package app

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAWrongDeclarationOfATableIsShownInItsLine(t *testing.T) {
	for name, c := range map[string]struct {
		edits []string
		want  string
	}{
		"a column of the key as settable":      {[]string{"settable: [lead_status]", "settable: [lead_status, id]"}, `LINE:19: "id" is part of the key, so no plan can set it.`},
		"a column twice":                       {[]string{"settable: [lead_status]", "settable: [lead_status, lead_status]"}, `LINE:19: "lead_status" stands twice in settable.`},
		"the column of the last change":        {[]string{"settable: [lead_status]", "settable: [updated_at]"}, `LINE:19: "updated_at" is the column of the last change`},
		"an empty column":                      {[]string{"key: [id]", `key: [""]`}, "LINE:14: An empty name stands in key."},
		"a history without an instant":         {[]string{"order: id, at: at,", "order: id,"}, "LINE:18: A history needs as many key columns as the table, and order, at, field, old and new."},
		"a history that names no run":          {[]string{"new: new, run: run,", "new: new,"}, "LINE:18: A history needs run: the column that says which run wrote an entry."},
		"a name for a column nobody sets":      {[]string{"field: field, old", "field: field, field_names: {stage: S}, old"}, `"stage" is not settable, so its name in the history says nothing.`},
		"a zone that does not exist":           {[]string{"retention: 90d}", "retention: 90d, zone: Europe/Bärlin}"}, `"Europe/Bärlin" is not a time zone. Write one such as UTC or Europe/Berlin.`},
		"a key of another length":              {[]string{"campaign_member, key: [lead_id]", "campaign_member, key: [lead_id, nr]"}, "LINE:21: A membership needs as many key columns as the table, and run"},
		"a list and a way to it":               {[]string{"run: run, at: joined_at}", "run: run, at: joined_at, name: x, runs: {table: a.b, run: c, member: d}}"}, "A membership is one list by its name, or found through runs, not both."},
		"a way to a campaign that is not said": {[]string{"run: run, at: joined_at}", "run: run, at: joined_at, runs: {table: a.b, run: c}}"}, "runs needs table, run and member"},
		"a list without its name":              {[]string{"key: [lead_id], name: list}", "key: [lead_id]}"}, "LINE:11: A list needs table, as many key columns as the table, and name"},
		"row security that hopes":              {[]string{"unit: leads", "unit: leads\n        row_security: hope"}, `LINE:23: "hope" is not possible. Write refuse or bypass.`},
		"no connection to count with":          {[]string{"connections: 3", "connections: 0"}, "LINE:69: 0 connections are not possible for counting."},
		"a count of a day":                     {[]string{"statement_timeout: 15s", "statement_timeout: 1d"}, "LINE:33: 24h0m0s is not possible for statement_timeout. Write 10ms to 10m."},
		"a replica that is not yes or no":      {[]string{"replica: false", "replica: maybe"}, "LINE:81: true or false is wanted here."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := example(t, exampleEnv, c.edits...)
			require.ErrorContains(t, err, atTheEdit(c.want, c.edits...))
		})
	}
}
