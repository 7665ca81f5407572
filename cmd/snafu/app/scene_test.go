package app

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

// scene is a snafu of a running program, and the people in its channel.
type scene struct {
	*testing.T
	s    *stand
	a    *App
	ctx  context.Context //nolint:containedctx // of the one test
	room string
}

// opens runs the program, and ana opens a snafu in it.
func (s *stand) opens(t *testing.T, title string) *scene {
	t.Helper()
	a, _ := s.run(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	ana := s.sim.As("ana")
	_, err := ana.Slash(ctx, "#general", "/snafu open "+title)
	require.NoError(t, err)
	room, err := ana.AwaitChannel(ctx, "snafu-1-")
	require.NoError(t, err)
	return &scene{T: t, s: s, a: a, ctx: ctx, room: "#" + room.Name}
}

// types has ana type commands, each once the program has done the one before.
func (x *scene) types(lines ...string) {
	x.Helper()
	for _, line := range lines {
		x.says("ana", line)
	}
}

func (x *scene) says(who, line string) {
	x.Helper()
	require.NoError(x, x.a.Idle(x.ctx))
	_, err := x.s.sim.As(who).Slash(x.ctx, x.room, "/snafu "+line)
	require.NoError(x, err)
}

// sees waits for the newest message of which all this is true.
func (x *scene) sees(who string, words ...slacksim.Matching) slacksim.Message {
	x.Helper()
	m, err := x.s.sim.As(who).Await(x.ctx, x.room, words...)
	require.NoError(x, err)
	return m
}

// presses a button, and sends the form that it opens, if one is named.
func (x *scene) presses(who, button, callback string, with slacksim.Values, how ...slacksim.Pressing) {
	x.Helper()
	require.NoError(x, x.a.Idle(x.ctx))
	p := x.s.sim.As(who)
	_, err := p.Press(x.ctx, x.room, button, how...)
	require.NoError(x, err)
	if callback == "" {
		return
	}
	form, err := p.Modal(x.ctx, slacksim.Callback(callback))
	require.NoError(x, err)
	_, err = form.Submit(x.ctx, with)
	require.NoError(x, err)
}

// starts has chi and dev approve a revision, such as "R1 r1", and chi start it.
func (x *scene) starts(ref, revision, rows string) {
	x.Helper()
	for _, who := range []string{"chi", "dev"} {
		x.presses(who, "Review and approve", "approve", slacksim.Values{"rows": rows})
	}
	x.sees("ana", slacksim.Contains(ref+" "+revision+" is approved by"))
	card := x.sees("chi", slacksim.Contains(ref+" "+revision+" · "), slacksim.Shows("Run")) // an earlier plan's may still show its own
	x.presses("chi", "Run", "run", slacksim.Values{"ref": ref}, slacksim.On(card.TS))
}

// plan is R1.
func (x *scene) plan() rollback.PlanView {
	x.Helper()
	id, err := x.a.approval.Find(x.ctx, 1, "R1")
	require.NoError(x, err)
	v, err := x.a.approval.Get(x.ctx, id)
	require.NoError(x, err)
	return v
}

// number is the answer of one query.
func number(t *testing.T, db *pgx.Conn, sql string) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow(t.Context(), sql).Scan(&n))
	return n
}

// id is how configuration names somebody.
func (s *stand) id(t *testing.T, name string) string {
	t.Helper()
	p, err := s.sim.As(name).Profile()
	require.NoError(t, err)
	return p.ID
}

// logsIn gives the environment that holds a connection string for each login of a
// database.
func logsIn(t *testing.T, as map[string][2]string) map[string]string {
	t.Helper()
	pgtest.Login(t, "snafu_count")
	env := map[string]string{}
	for name, login := range as {
		url, err := pgdb.As(login[0], login[1])
		require.NoError(t, err)
		env[name] = url
	}
	return env
}

// holds gives a database what it holds.
func holds(t *testing.T, url string, all ...string) *pgx.Conn {
	t.Helper()
	conn := pgtest.Connect(t, url)
	for _, sql := range all {
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	return conn
}

// ago is an instant as configuration and people write it.
func ago(d time.Duration) string { return time.Now().UTC().Add(-d).Format(time.RFC3339) }
