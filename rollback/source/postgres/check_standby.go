package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback/source"
)

// A standby that has replayed all it received is as far as it can know; one
// whose receiver is gone is told by the age of what it replayed last.
const standbySQL = `
	select pg_is_in_recovery(),
	       case when not pg_is_in_recovery() then 0
	            when exists (select from pg_catalog.pg_stat_wal_receiver) and pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
	            else coalesce(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()), -1) end::double precision,
	       current_setting('hot_standby_feedback') = 'on'
	       or current_setting('max_standby_streaming_delay')::interval > make_interval(secs => $1) or current_setting('max_standby_streaming_delay') = '-1'`

// lag says whether a login is on a standby, and how far that is behind;
// less than 0 means that it does not know.
func lag(ctx context.Context, tx pgx.Tx, patience time.Duration) (standby bool, behind time.Duration, patient bool, err error) {
	var seconds float64
	err = tx.QueryRow(ctx, standbySQL, patience.Seconds()).Scan(&standby, &seconds, &patient)
	return standby, time.Duration(seconds * float64(time.Second)), patient, err
}

func (l *look) standby(ctx context.Context) error {
	standby, behind, patient, err := lag(ctx, l.tx, l.opt.Counts.StatementTimeout)
	if err != nil {
		return err
	}
	name := "server"
	if l.login == "snafu_exec" {
		if standby {
			l.found(name, source.Lacks, nil, "exec_dsn leads to a standby, which takes no write. Name the primary")
			return nil
		}
		l.found(name, source.Kept, nil, "The primary")
		return nil
	}
	declared, most := l.opt.Counts.Replica, l.opt.Counts.MaxLag
	switch {
	case declared && !standby:
		l.found(name, source.Broken, nil, "counts.replica is declared, and count_dsn leads to the primary. Name the standby, or write counts.replica: false")
	case standby && !declared:
		l.found(name, source.Broken, nil, "count_dsn leads to a standby. Write counts.replica: true, so that a check after a run waits for it")
	case !standby:
		l.found(name, source.Kept, nil, "The primary")
	case behind < 0:
		l.found(name, source.Broken, nil, "The standby does not know how far it is behind its primary. See that it receives")
	case behind > most:
		l.found(name, source.Broken, nil, "The standby is %s behind, at most %s may be", behind.Round(time.Second), most)
	default:
		l.found(name, source.Kept, nil, "A standby, %s behind", behind.Round(time.Second))
	}
	if standby && !patient {
		l.found(name, source.Advice, []string{"alter system set hot_standby_feedback = on"}, "The standby may cancel a count that its primary's clean-up meets")
	}
	return nil
}
