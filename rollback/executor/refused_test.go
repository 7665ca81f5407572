package executor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

func TestAdversarial39ATriggerThatSwallowsIsToldBeforeAnythingIsLeftOut(t *testing.T) {
	t.Parallel()
	meddled(t, "return null;")
}

func TestAdversarial40ATriggerThatRewritesIsToldBeforeAnythingIsLeftOut(t *testing.T) {
	t.Parallel()
	meddled(t, "new.status := 'lost';")
}

// Something in the source takes the value back. No one can know that beforehand,
// so the batch is undone and a person hears of it first.
func meddled(t *testing.T, harm string) {
	t.Helper()
	s := newShop(t, 40, batches(20))
	s.exec(`create function shop.meddle() returns trigger language plpgsql as $$ begin
		if new.id in (25, 33) and new.status = 'good' then ` + harm + ` end if; return new; end $$`)
	s.exec(`create trigger zz_meddle before update on shop.item for each row execute function shop.meddle()`)
	job := s.claimed()
	v := s.run(job)
	require.Equal(t, rollback.NamePaused, v.State)
	require.Contains(t, v.Waits, "2 of 20 records did not keep their value")
	require.EqualValues(t, 20, s.number(`select count(*) from shop.item where hits > 0`), "nothing of that batch")

	v = s.run(s.order(job, rollback.OrderResume))
	require.Equal(t, rollback.NamePartial, v.State)
	require.Equal(t, rollback.Outcomes{Written: 38, Failed: 2}, v.Progress.Counts)
	require.EqualValues(t, 2, s.number(`select count(*) from snafu.ledger where outcome = 7 and note = 'trigger'`))
}

// Each refused record fails alone, and a person is asked ever more rarely.
func TestManyRefusedRecordsPauseTheRunAFewTimesAndAllOthersAreWritten(t *testing.T) {
	t.Parallel()
	s := newShop(t, 150, batches(40))
	s.exec(`alter table shop.item disable trigger hit`)
	s.exec(`create function shop.refuse() returns trigger language plpgsql as $$ begin
		if new.id % 3 = 0 and new.status = 'good' then raise exception 'no %', new.id; end if; return new; end $$`)
	s.exec(`create trigger refuse before update on shop.item for each row execute function shop.refuse()`)
	s.exec(`alter table shop.item enable trigger hit`)
	job := s.claimed()
	v := s.run(job)
	pauses := 0
	for ; v.State == rollback.NamePaused; pauses++ {
		require.Contains(t, v.Waits, "records were refused, the last one by SQLSTATE P0001")
		job = s.order(job, rollback.OrderResume)
		v = s.run(job)
	}
	require.Equal(t, rollback.NamePartial, v.State, "%s", v.Why)
	require.Equal(t, rollback.Outcomes{Written: 100, Failed: 50}, v.Progress.Counts)
	require.LessOrEqual(t, pauses, 3, "10, 20, 40")
	s.holds(v)
	require.Zero(t, s.number(`select count(*) from (select lo, lag(hi, 1, 0::bigint) over (order by number) as before from snafu.batches) b where lo <> before + 1`),
		"no span skips or repeats a record")
}

func TestADeferredConstraintThatRefusesAtCommitFailsOneRecord(t *testing.T) {
	t.Parallel()
	s := newShop(t, 40, batches(20))
	s.exec(`create table shop.allowed (item bigint, status text, primary key (item, status));
		insert into shop.allowed select i, v from generate_series(1, 40) i, unnest(array['first', 'lost', 'good']) v where not (i = 31 and v = 'good');
		alter table shop.item add constraint allowed foreign key (id, status) references shop.allowed deferrable initially deferred`)
	v := s.run(s.claimed())
	require.Equal(t, rollback.NamePartial, v.State, "%s %s", v.Why, v.Waits)
	require.Equal(t, rollback.Outcomes{Written: 39, Failed: 1}, v.Progress.Counts)
	require.EqualValues(t, 1, s.number(`select count(*) from snafu.ledger where ord is not null and outcome = 7 and note = 'allowed'`))
	s.holds(v)
}

func TestARightTakenAwayMidRunIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, 40, batches(20))
	job := s.claimed()
	began := time.Now()
	v, err := s.sitting(job, hooked{before: func(number int64) {
		if number == 2 {
			s.exec(`revoke update on shop.item from snafu_exec`)
			s.exec(`revoke update (status) on shop.item from snafu_exec`)
		}
	}})
	require.NoError(t, err)
	require.Less(t, time.Since(began), time.Minute, "it is no matter of waiting")
	require.Equal(t, rollback.NamePaused, v.State)
	require.Contains(t, v.Waits, "SQLSTATE 42501")
	s.exec(`grant update (status) on shop.item to snafu_exec`)
	v = s.run(s.order(job, rollback.OrderResume))
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	s.holds(v)
}

// A constraint trigger of the source's own raises whatever it likes at the end
// of the transaction. It has refused, and nobody need wonder whether it did.
func TestATriggerThatRaisesAtCommitFailsOneRecord(t *testing.T) {
	t.Parallel()
	s := newShop(t, 40, batches(20))
	s.exec(`create function shop.late() returns trigger language plpgsql as $$ begin
		if new.id = 31 and new.status = 'good' then raise exception 'no'; end if; return null; end $$`)
	s.exec(`create constraint trigger late after update on shop.item deferrable initially deferred for each row execute function shop.late()`)
	v := s.run(s.claimed())
	require.Equal(t, rollback.NamePartial, v.State, "%s %s", v.Why, v.Waits)
	require.Equal(t, rollback.Outcomes{Written: 39, Failed: 1}, v.Progress.Counts)
	s.holds(v)
}

// The server ends our session while it commits: what became of the batch is read
// from its own rows, and it is neither lost nor written again.
func TestASessionThatEndsInItsCommitIsSettledFromTheSource(t *testing.T) {
	t.Parallel()
	s := newShop(t, 60, batches(20))
	s.exec(`create table shop.slow (n int); insert into shop.slow values (0)`)
	s.exec(`create function shop.linger() returns trigger language plpgsql security definer as $$ begin
		if new.id = 31 and new.status = 'good' and (select n from shop.slow) = 0 then perform pg_sleep(20); end if; return null; end $$`)
	s.exec(`create constraint trigger linger after update on shop.item deferrable initially deferred for each row execute function shop.linger()`)
	job := s.claimed()
	ended := make(chan struct{})
	conn := pgtest.Connect(t, s.url)
	go func() {
		defer close(ended)
		for limit := time.Now().Add(40 * time.Second); time.Now().Before(limit); time.Sleep(2 * time.Millisecond) {
			var n int64
			err := conn.QueryRow(t.Context(), `with done as (update shop.slow set n = 1 where exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()) returning n)
				select count(pg_terminate_backend(pid)) from pg_stat_activity, done where wait_event = 'PgSleep' and datname = current_database()`).Scan(&n)
			if err != nil || n > 0 {
				return
			}
		}
	}()
	v := s.run(job)
	<-ended
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	require.EqualValues(t, 1, s.number(`select n from shop.slow`))
	require.EqualValues(t, 3, v.Progress.Batches)
	s.holds(v)
}

// An order that comes while the last batch is in hand finds nothing to stop.
func TestAnOrderAtTheLastBatchChangesNothingThatIsDone(t *testing.T) {
	t.Parallel()
	for _, word := range []rollback.OrderWord{rollback.OrderPause, rollback.OrderAbort} {
		t.Run(string(word), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 20, batches(10))
			job := s.claimed()
			v, err := s.sitting(job, hooked{before: func(number int64) {
				if number == 2 {
					s.order(job, word)
				}
			}})
			require.NoError(t, err)
			require.Equal(t, rollback.NameDone, v.State)
			require.Empty(t, v.Order)
			s.holds(v)
		})
	}
}
