package executor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	require.Less(t, time.Since(began), 2*time.Second, "it is no matter of waiting")
	require.Equal(t, rollback.NamePaused, v.State)
	require.Contains(t, v.Waits, "SQLSTATE 42501")
	s.exec(`grant update (status) on shop.item to snafu_exec`)
	v = s.run(s.order(job, rollback.OrderResume))
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	s.holds(v)
}
