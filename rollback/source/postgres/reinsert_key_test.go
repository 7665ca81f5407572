package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/source"
)

func TestAnInsertThatATriggerGivesAnotherKeyIsNotKept(t *testing.T) {
	t.Parallel()
	w := empty(t, guestsSQL, guest())
	s := w.again()
	wr := w.writer()
	w.exec(`create function club.own() returns trigger language plpgsql as $$ begin new.id := new.id + 1000; return new; end $$;
		create trigger own before insert on club.guest for each row when (new.id = 4) execute function club.own()`)
	running, _, _ := w.running(wr, s)
	before := w.number(`select count(*) from club.guest`)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	_, err = wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 11})
	var rewritten *source.Rewritten
	require.ErrorAs(t, err, &rewritten)
	require.Equal(t, before, w.number(`select count(*) from club.guest`), "a record with a key that nobody approved")
}
