package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// liarsSQL are functions that say they only read, so that nothing but the walls
// behind the first look holds them.
const liarsSQL = `
	create schema liar;
	create function liar.sleeps() returns bigint language plpgsql stable as $$ begin perform pg_sleep(60); return 1; end $$;
	create function liar.sets() returns bigint language plpgsql stable as $$ begin
	  perform set_config('statement_timeout', '0', false), set_config('search_path', 'liar', false), set_config('snafu.leak', 'x', false); return 1; end $$;
	create function liar.locks() returns bigint language plpgsql stable as $$ begin perform pg_advisory_lock(4711); return 1; end $$;
	create function liar.large() returns bigint language plpgsql stable as $$ begin return lo_create(4711); end $$;
	create function liar.tells() returns bigint language plpgsql stable as $$ begin perform pg_notify('liars', 'leaked'); return 1; end $$;
	create function liar.writes() returns bigint language plpgsql stable security invoker as
	  $$ begin execute 'set transaction read write'; execute 'delete from crm.lead'; return 1; end $$;
	create function liar.dblink(text, text) returns setof record language plpgsql as $$ begin delete from crm.lead; return; end $$;
	grant usage on schema liar to public;`

// wall is a source whose counting login has one connection: what one statement
// left behind, the next would find.
type wall struct {
	*world
	r       *Reader
	session string
	before  string
}

func newWall(t *testing.T) *wall {
	w := sample(t)
	w.exec(trapsSQL)
	w.exec(liarsSQL)
	w.exec("analyze crm.lead")
	w.opt.Counts.Connections = 1
	w.opt.Counts.StatementTimeout = 10 * time.Second
	r := w.reader()
	return &wall{world: w, r: r, session: r.sessions(t), before: w.everything()}
}

// holds says that nothing in the source is other than it was, and that the next
// question finds a clean session and the right answer.
func (w *wall) holds(t *testing.T) {
	t.Helper()
	require.Equal(t, w.session, w.r.sessions(t), "the session is clean")
	require.Equal(t, w.before, w.everything(), "nothing changed")
	found, err := w.r.named(t, query("x", "select count(*) from crm.lead"), nil)
	require.NoError(t, err)
	require.Equal(t, []rollback.FoundGroup{{N: 3000}}, found.Groups)
}

// both asks a statement as a person types it and as a reviewed file. It returns
// the code of the typed one, and what became of the other.
func (w *wall) both(t *testing.T, text string) (typed, reviewed string) {
	t.Helper()
	_, err := w.r.Count(t.Context(), rollback.TypedQuestion("crm", text))
	typed = answered(t, err)
	_, err = w.r.Count(t.Context(), rollback.Question{Query: query("x", text)})
	return typed, answered(t, err)
}

// answered is the code of a refusal in a human sentence, or "counted".
func answered(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return "counted"
	}
	no, ok := refusal.As(err)
	require.True(t, ok, "%v", err)
	require.Regexp(t, `^[A-Za-z].*\.$`, no.Say)
	require.NotContains(t, no.Say, "@example")
	return no.Code
}

func TestStatementsOfBadWillAreRefusedAndChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	for _, c := range []struct{ name, text string }{
		{"Adversarial66CommitAndDelete", "select count(*) from crm.lead; commit; delete from crm.lead"},
		{"Adversarial66DeleteAfterItsOwnBegin", "commit; begin; delete from crm.lead; commit; select 1"},
		{"Adversarial67ReadWrite", "set transaction read write"},
		{"Adversarial67ReadWriteByFunction", "select set_config('transaction_read_only', 'off', true)::int"},
		{"Adversarial67ReadWriteBesideACount", "select count(*) from crm.lead; set transaction read write; delete from crm.lead"},
		{"Adversarial68ABracketThatClosesOurs", "select 1) q; drop table crm.lead; select * from (select 1"},
		{"Adversarial68ABracketAndAComment", "select 1) q; drop table crm.lead; --"},
		{"Adversarial69DeleteInWith", "with gone as (delete from crm.lead returning id) select count(*) from gone"},
		{"Adversarial69UpdateInANestedWith", "select count(*) from (with done as (update crm.lead set lead_status = 'x' returning id) select id from done) as x"},
		{"Adversarial70SelectInto", "select id into crm.copy from crm.lead"},
		{"Adversarial70CreateTableAs", "create table crm.copy as select id from crm.lead"},
		{"Adversarial71ForUpdate", "select id from crm.lead where id = 1 for update"},
		{"Adversarial71ForShareWithin", "select count(*) from (select id from crm.lead for share) as x"},
		{"Adversarial72LargeObject", "select lo_create(4711)"},
		{"Adversarial72LargeObjectOfBytes", `select lo_from_bytea(0, 'x')`},
		{"Adversarial73Notify", "select count(pg_notify('liars', 'leaked')) from crm.lead"},
		{"Adversarial73NotifyStatement", "notify liars, 'leaked'"},
		{"Adversarial74Dblink", "select count(*) from liar.dblink('host=elsewhere', 'delete from crm.lead') as t (id int)"},
		{"Adversarial74DblinkThatIsNotThere", "select count(*) from dblink('host=elsewhere', 'delete from crm.lead') as t (id int)"},
		{"Adversarial75Sleep", "select count(pg_sleep(60)) from crm.lead"},
		{"Adversarial75SleepForAndUntil", "select count(*) from crm.lead where pg_sleep_for('1 minute') is null"},
		{"Adversarial77SetConfig", "select count(set_config('statement_timeout', '0', false)) from crm.lead"},
		{"Adversarial78AdvisoryLock", "select count(pg_advisory_lock(4711)) from crm.lead"},
		{"Adversarial79AnOpenComment", "select count(*) from crm.lead /* ) as q; delete from crm.lead"},
		{"Adversarial79ACommentInAComment", "select count(*) from crm.lead /* /* */ "},
		{"Adversarial79DollarQuotes", "select count(*) from crm.lead where lead_status = $$) as q; delete from crm.lead; --$$"},
		{"Adversarial79NUL", "select count(*) from crm.lead\x00; delete from crm.lead"},
		{"Adversarial79NoUTF", "select count(*) from crm.lead where lead_status = '\xc0\x27; delete from crm.lead; --'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			typed, reviewed := w.both(t, c.text)
			require.Contains(t, []string{"count-refused", "count-rights", "count-name"}, typed)
			require.Equal(t, "count-unfit", reviewed)
			w.holds(t)
		})
	}
}

func TestStatementsThatOnlyLookBadAreCounted(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	for _, c := range []struct {
		name, text string
		label      string
		n          int64
	}{
		{"Adversarial79ATailOfMinuses", "select count(*) from crm.lead where id < 4 -- ) as q; delete from crm.lead", "", 3},
		{"Adversarial79ASemicolonInText", "select count(*) from crm.lead where lead_status <> '; delete from crm.lead; --'", "", 3000},
		{"Adversarial79ALabelThatTurnsRound", "select '\u202egnp.exe'::text, count(*) from crm.lead group by 1", "\u202egnp.exe", 3000},
		{"Adversarial80ALabelOfEverybody", "select '<!channel> *bold*'::text, count(*) from crm.lead group by 1", "<!channel> *bold*", 3000},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := w.r.Count(t.Context(), rollback.Question{Query: query("x", c.text)})
			require.NoError(t, err)
			require.Len(t, found.Groups, 1)
			require.Equal(t, c.n, found.Groups[0].N)
			require.Equal(t, c.label, found.Groups[0].Label.Text)
			w.holds(t)
		})
	}
}

func TestTheWallsBehindTheFirstLookHoldToo(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	_, err := w.admin.Exec(t.Context(), "listen liars")
	require.NoError(t, err)
	asks := func(t *testing.T, text string) string {
		t.Helper()
		_, err := w.r.Count(t.Context(), rollback.Question{Query: query("x", text)})
		return answered(t, err)
	}
	t.Run("Adversarial67AFunctionThatSaysItReads", func(t *testing.T) {
		require.Equal(t, "count-unfit", asks(t, "select liar.writes() from crm.lead where id = 1"))
		w.holds(t)
	})
	t.Run("Adversarial72AFunctionThatMakesALargeObject", func(t *testing.T) {
		asks(t, "select liar.large() from crm.lead where id = 1") // newer servers refuse it, and all forget it
		w.holds(t)
	})
	t.Run("Adversarial73AFunctionThatNotifies", func(t *testing.T) {
		require.Equal(t, "counted", asks(t, "select liar.tells() from crm.lead where id = 1"))
		w.holds(t)
		w.exec("notify liars, 'ours'")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		heard, err := w.admin.WaitForNotification(ctx)
		require.NoError(t, err)
		require.Equal(t, "ours", heard.Payload, "nothing was told before")
	})
	t.Run("Adversarial77AFunctionThatSets", func(t *testing.T) {
		require.Equal(t, "counted", asks(t, "select liar.sets() from crm.lead where id = 1"))
		w.holds(t)
	})
	t.Run("Adversarial78AFunctionThatLocks", func(t *testing.T) {
		require.Equal(t, "counted", asks(t, "select liar.locks() from crm.lead where id = 1"))
		w.holds(t)
		require.Zero(t, w.number(`select count(*) from pg_locks where locktype = 'advisory' and objid = 4711 and database = (select oid from pg_database where datname = current_database())`))
	})
	hasty := w.opt
	hasty.Counts.StatementTimeout = 300 * time.Millisecond
	w.r.opt.Counts = hasty.withDefaults().Counts
	t.Run("Adversarial75AFunctionThatSleeps", func(t *testing.T) {
		require.Equal(t, "count-time", asks(t, "select liar.sleeps() from crm.lead where id = 1"))
		w.holds(t)
	})
	t.Run("Adversarial76NumbersWithoutEnd", func(t *testing.T) {
		const numbers = "select count(*) from generate_series(1, 1000000000000)"
		typed, reviewed := w.both(t, numbers)
		require.Equal(t, "count-refused", typed)
		require.Equal(t, "count-cost", reviewed)
		w.holds(t)
		w.r.opt.Counts.MaxCost = 1e18
		require.Equal(t, "count-time", asks(t, numbers))
		w.holds(t)
	})
}

// What was refused to a person is refused to a reviewed file as well, or counts
// and harms nothing.
func TestAHostileStatementHarmsNoMoreInAReviewedFile(t *testing.T) {
	t.Parallel()
	w := newWall(t)
	for _, c := range hostile {
		if strings.HasPrefix(c.name, "a huge") { // the limit on time is all that holds these
			continue
		}
		for i, text := range []string{c.text, "select count(*) from (\n" + c.text + "\n) as x"} {
			_, err := w.r.Count(t.Context(), rollback.Question{Query: query("x", text)})
			if got := answered(t, err); i == 0 && c.code == "count-refused" {
				require.NotEqual(t, "counted", got, c.name)
			}
		}
		require.Equal(t, w.session, w.r.sessions(t), c.name)
	}
	w.holds(t)
}

// Whatever is set for the login, or for the database, a count runs under our
// settings and finds names where they are written.
func TestDefaultsOfTheLoginDoNotReachACount(t *testing.T) {
	t.Parallel()
	w := sample(t)
	w.exec(trapsSQL)
	w.exec(`
		create table trap.lead (id bigint, lead_status text);
		create function trap.upper(text) returns text language plpgsql as $$ begin perform pg_sleep(60); return 'x'; end $$;
		create function trap.count(bigint) returns bigint language plpgsql as $$ begin perform pg_sleep(60); return 1; end $$;
		grant select on trap.lead to public`)
	for _, setting := range []string{
		"search_path = trap, pg_catalog", "statement_timeout = 0", "default_transaction_read_only = off", "standard_conforming_strings = off",
		"lock_timeout = 0", "row_security = on", "quote_all_identifiers = on", "default_transaction_isolation = 'read committed'",
	} {
		w.exec(`do $$ begin execute format('alter role snafu_count in database %I set ` + strings.ReplaceAll(setting, "'", "''") + `', current_database()); end $$`)
	}
	r := w.reader()
	before := w.everything()
	for text, want := range map[string]string{
		`select id from lead`:                                              "count-name",
		`select id from crm.lead where lead_status = '\'`:                  "counted",
		`select id from crm.lead where upper(lead_status) = 'SQL'`:         "counted",
		`select add(1, 2) from crm.lead`:                                   "count-name",
		`select id from trap.lead where count(id) = 1`:                     "count-name",
		`select id + 1 from crm.lead`:                                      "counted",
		`select n from trap.counting`:                                      "count-refused",
		`select id from crm.lead where '\' = '; delete from crm.lead; --'`: "counted",
	} {
		_, err := r.Count(t.Context(), rollback.TypedQuestion("crm", text))
		require.Equal(t, want, answered(t, err), text)
	}
	require.Equal(t, before, w.everything())
}
