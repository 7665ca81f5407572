package main

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// changes runs statements in the sample as its administrator.
func (s *stand) changes(statements ...string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.db.crmAdmin)
	require.NoError(s.t, err)
	defer conn.Close(context.WithoutCancel(s.t.Context()))
	for _, sql := range statements {
		_, err := conn.Exec(s.t.Context(), sql)
		require.NoError(s.t, err, sql)
	}
}

func TestACountWhoseBotIsKilledEndsInTheMessageThatShowsIt(t *testing.T) {
	t.Parallel()
	s := newStand(t, ours(t), 0)
	bot := s.serve()
	s.slack.slash("ana", "#general", "open sev3 "+title+" --on crm")
	i := s.room("snafu-1-")
	s.slack.reads("ana", i.room, "SNAFU-1 · Triage · SEV3")
	s.slack.slash("ana", i.room, "triage 2 weekly-42")
	i.knows("measured/1", 1)

	s.changes(`alter table crm.campaign_member rename to joined`,
		`create view crm.campaign_member as select j.* from crm.joined j cross join (select pg_sleep(600)) as long`,
		`grant select on crm.campaign_member to snafu_count`)
	s.slack.slash("ana", i.room, "count")
	s.slack.reads("ana", i.room, "so far")
	bot.kill() // between the message and its end
	s.changes(`select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'snafu:count' and datname = current_database()`,
		`drop view crm.campaign_member`, `alter table crm.joined rename to campaign_member`)
	log, err := pgx.Connect(t.Context(), s.db.logAdmin)
	require.NoError(t, err)
	defer log.Close(context.WithoutCancel(t.Context()))
	// As if the half minute had passed for which the act was the dead one's.
	_, err = log.Exec(t.Context(), `update snafu.receipts set claimed_until = clock_timestamp() where outcome is null`)
	require.NoError(t, err)

	began := time.Now()
	s.serve()
	s.slack.reads("ana", i.room, "SNAFU-1: counted in ")
	t.Logf("taken over after %s", time.Since(began).Round(time.Second))
	i.knows("measured/1", 2)
	eventually(t, "everything is told", func() bool {
		return number(t, s.db.logAdmin, inLog[0].sql)+number(t, s.db.logAdmin, inLog[1].sql) == 0
	})
	i.toldOnce()
}
