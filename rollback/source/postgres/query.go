package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// What a count may not change is not ours to look for alone. The walls stand
// behind each other: the login has no right to write, the transaction is read
// only and is rolled back, the server ends it at its limit, and the session is
// wiped before anybody uses it again. What follows says no earlier, in words.

// statement is a question as it is sent: always one statement, by the extended
// protocol, and inside ours.
type statement struct {
	q     rollback.Question
	words words
	oids  []uint32
	alone string // what was asked, by itself

	before, behind string // what is ours of the statement that is run
}

// The types that parameters are declared with, so that the server compares
// nothing with a value of another kind.
var paramOIDs = map[rollback.ParamType]uint32{
	rollback.ParamText: 25, rollback.ParamInteger: 20, rollback.ParamNumber: 1700,
	rollback.ParamDate: 1082, rollback.ParamInstant: 1184, rollback.ParamTruth: 16,
}

// statementOf reads a question, and refuses what is no text of a statement.
func statementOf(q rollback.Question) (statement, error) { return statementUpTo(q, rollback.MaxQuery) }

func statementUpTo(q rollback.Question, most int) (statement, error) {
	s := statement{q: q}
	if len(q.Text) > most || !utf8.ValidString(q.Text) || strings.ContainsRune(q.Text, 0) {
		return s, rollback.RefuseLong()
	}
	text := strings.TrimRight(q.Text, " \t\r\n;")
	var err error
	if s.words, err = read(text, q.Params); err != nil {
		return s, err
	}
	if len(s.words.names) == 0 {
		return s, rollback.RefuseStatement("")
	}
	for _, p := range q.Params {
		s.oids = append(s.oids, paramOIDs[p.Type])
	}
	s.alone = s.words.text
	s.before, s.behind = "select * from (\n", "\n) as q limit "+limitGroups
	if q.Typed {
		s.before, s.behind = "select count(*) from (\n", "\n) as q"
	}
	return s, nil
}

// limitGroups is one more than a count may have, so that more is seen.
var limitGroups = fmt.Sprint(rollback.MostGroups + 1)

// Count answers a question in one snapshot. It refuses, each with a sentence,
// what is no single SELECT, what calls a function that may do more than read,
// what costs more than the source allows, what takes too long, and what is no
// number; and it is Unavailable when the source does not answer.
func (r *Reader) Count(ctx context.Context, q rollback.Question) (rollback.Found, error) {
	const doing = "count"
	if len(q.Args) != len(q.Params) {
		return rollback.Found{}, fmt.Errorf("count %s: %d values for %d parameters", q.Name, len(q.Args), len(q.Params))
	}
	s, err := statementOf(q)
	if err != nil {
		return rollback.Found{}, s.unfit(err)
	}
	limit := r.opt.Counts.StatementTimeout
	waits, cancel := context.WithTimeout(ctx, 4*limit)
	defer cancel()
	conn, err := r.pool.Acquire(waits)
	if err != nil {
		return rollback.Found{}, r.unanswered(doing, err)
	}
	defer conn.Release()
	ctx, cancel = context.WithTimeout(ctx, limit+2*time.Second)
	defer cancel()
	found, err := r.guarded(ctx, conn.Conn(), s)
	wipe(ctx, conn)
	if err != nil {
		return rollback.Found{}, r.unanswered(doing, s.unfit(s.refused(r.opt, err, nowhere)))
	}
	return found, nil
}

// unfit says of a reviewed statement that the source is not what it was
// reviewed for: whoever asks can do nothing about it.
func (s statement) unfit(err error) error {
	no, ok := refusal.As(err)
	if !ok || s.q.Typed || !slices.Contains([]string{"count-refused", "count-name", "count-rights"}, no.Code) {
		return err
	}
	return errors.Join(rollback.RefuseUnfit(s.q.Query), err)
}

// The statement is read as the words were, runs beside few others, and ends
// when nobody waits for it any more. What tables promise about their rows is not
// looked at to plan it, because that would be run.
const pinQuery = `
	select set_config('standard_conforming_strings', 'on', true), set_config('max_parallel_workers_per_gather', '1', true),
	       set_config('constraint_exclusion', 'off', true), set_config('client_connection_check_interval', '500ms', true)`

func (r *Reader) guarded(ctx context.Context, conn *pgx.Conn, s statement) (found rollback.Found, err error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return found, err
	}
	defer rollbackTx(ctx, tx)
	if _, err := tx.Exec(ctx, pin, ms(r.opt.Counts.StatementTimeout), ms(r.opt.Counts.LockTimeout), fewRows); err != nil {
		return found, err
	}
	if _, err := tx.Exec(ctx, pinQuery); err != nil {
		return found, err
	}
	behind, err := r.fresh(ctx, tx)
	if err != nil {
		return found, err
	}
	at, err := instant(ctx, tx)
	if err != nil {
		return found, err
	}
	shape, err := r.opt.prepared(ctx, tx, s)
	if err != nil {
		return found, err
	}
	if err := s.explained(ctx, tx, shape, r.opt.Counts.MaxCost); err != nil {
		return found, err
	}
	found, err = s.run(ctx, tx, shape)
	found.At = at.Add(-behind)
	return found, err
}

// prepared asks the server whether this is one statement that may be run here:
// first by itself, so that no bracket of it can close one of ours, then inside
// ours. Nothing of it is run.
func (o Options) prepared(ctx context.Context, tx pgx.Tx, s statement) (shape, error) {
	fields, given, err := s.itself(ctx, tx, o)
	if err != nil {
		return shape{}, err
	}
	if err := s.inside(ctx, tx, o); err != nil {
		return shape{}, err
	}
	if s.q.Typed {
		return shape{careful: len(given) > 0 || o.namesPersonal(s.words)}, nil
	}
	return o.shapeOf(ctx, tx, fields, s.words)
}

// itself prepares what was asked alone: what it answers with, and which names of
// it are no functions although a bracket follows.
func (s statement) itself(ctx context.Context, tx pgx.Tx, o Options) ([]pgconn.FieldDescription, []string, error) {
	given, err := s.harmless(ctx, tx, s.words)
	if err != nil {
		return nil, nil, err
	}
	alone, err := s.fits(ctx, tx, o, s.alone, 0)
	if err != nil {
		return nil, nil, err
	}
	return alone.Fields, given, nil
}

// inside prepares it within ours.
func (s statement) inside(ctx context.Context, tx pgx.Tx, o Options) error {
	_, err := s.fits(ctx, tx, o, s.before+s.alone+s.behind, len(s.before))
	return err
}

func (s statement) fits(ctx context.Context, tx pgx.Tx, o Options, text string, before int) (*pgconn.StatementDescription, error) {
	d, err := tx.Conn().PgConn().Prepare(ctx, "", text, s.oids)
	if err != nil {
		return nil, s.refused(o, err, before)
	}
	if len(d.ParamOIDs) != len(s.oids) {
		return nil, rollback.RefuseStatement("")
	}
	return d, nil
}

// wipe takes what a statement may have left in its session: settings, locks,
// prepared statements. A session that cannot be wiped is closed.
func wipe(ctx context.Context, conn *pgxpool.Conn) {
	late := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	pg := conn.Conn().PgConn()
	if late {
		_ = pg.CancelRequest(ctx) // the server's own limit ends it too
	}
	err := conn.Conn().DeallocateAll(ctx)
	if err == nil {
		_, err = pg.Exec(ctx, "discard all").ReadAll()
	}
	if err != nil {
		_ = conn.Conn().Close(ctx) // it is gone in any case
	}
}

// nowhere is a place before every text: the one of the server leads to nothing.
const nowhere = 1 << 30

// refused says in words what the server refused. Only its code and the place in
// the person's own text are used: its words may carry values of records.
func (s statement) refused(o Options, err error, before int) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	near := s.near(int(pg.Position) - before)
	switch pg.Code {
	case "42601", "0A000", "42P02", "42P18":
		return rollback.RefuseStatement(near)
	case "25006", "25001", "25000":
		return rollback.RefuseChange("this")
	case "42501":
		return rollback.RefuseRights(o.Name)
	case "57014":
		return rollback.RefuseLate(o.Name, o.Counts.StatementTimeout)
	case "55P03", "40P01", "40001":
		return rollback.RefuseLocked(o.Name)
	}
	switch pg.Code[:2] {
	case "42", "3F", "3D":
		return rollback.RefuseName(o.Name, near)
	case "22", "21", "54", "P0", "XX":
		return rollback.RefuseBroken(o.Name, pg.Code)
	}
	return err
}

// near is the text from a place on that the server named: in characters, from 1.
func (s statement) near(position int) string {
	text := []rune(s.alone)
	if position < 1 || position > len(text) {
		return ""
	}
	words := strings.Fields(string(text[position-1:]))
	return strings.Join(words[:min(len(words), 3)], " ")
}
