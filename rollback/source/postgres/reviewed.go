package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Evidence meets the walls of a count: one statement, by itself and inside ours,
// that calls nothing which may change something and costs no more than the
// source allows, in a transaction that cannot write, in a session that is wiped.

// saying is a statement of evidence and where in its answer each thing stands.
type saying struct {
	statement
	r       rollback.Reviewed
	key     []int // places among the columns that are read
	set     []int
	group   int // -1 for those that the answer does not have
	sure    int
	why     int
	several int
	types   []uint32
}

func (o Options) saying(ctx context.Context, tx pgx.Tx, r rollback.Reviewed, set []string) (saying, error) {
	r.Params = namedIn(r.Text, rollback.ScopeParams())
	st, err := statementUpTo(rollback.Question{Query: r.Query}, rollback.MaxReviewed)
	s := saying{statement: st, r: r}
	if err != nil {
		return s, err
	}
	fields, _, err := s.itself(ctx, tx, o)
	if err != nil {
		return s, err
	}
	if err := s.columns(fields, set); err != nil {
		return s, err
	}
	return s, s.inside(ctx, tx, o)
}

// columns finds what is read of the answer, and puts the statement inside ours:
// every column as text, in the order of the keys.
func (s *saying) columns(fields []pgconn.FieldDescription, set []string) error {
	var names []string
	for _, f := range fields {
		switch {
		case slices.Contains(names, f.Name):
			return rollback.RefuseSaying(s.r.Name, "has two columns "+f.Name)
		case !s.r.Means(f.Name):
			return rollback.RefuseSaying(s.r.Name, "has a column "+f.Name+", which means nothing here")
		}
		names = append(names, f.Name)
		s.types = append(s.types, f.DataTypeOID)
	}
	var read []string
	at := func(name string) int {
		if !slices.Contains(names, name) {
			return -1
		}
		read = append(read, "(q."+column(name)+")::text")
		return len(read) - 1
	}
	for _, k := range s.r.Key {
		s.key = append(s.key, at(k))
	}
	if len(set) == 0 {
		set = slices.DeleteFunc(slices.Clone(s.r.May), func(name string) bool { return !slices.Contains(names, name) })
	}
	for _, c := range set {
		s.set = append(s.set, at(c))
	}
	s.group, s.sure, s.why, s.several = -1, at(rollback.SaysConfidence), at(rollback.SaysEvidence), at(rollback.SaysCandidates)
	if i := slices.Index(s.key, -1); i >= 0 {
		return rollback.RefuseSaying(s.r.Name, "has no column "+s.r.Key[i]+", which tells records apart")
	}
	if i := slices.Index(s.set, -1); i >= 0 {
		return rollback.RefuseSaying(s.r.Name, "does not say what "+set[i]+" was")
	}
	if s.r.Group != "" {
		if s.group = at(s.r.Group); s.group < 0 {
			return rollback.RefuseSaying(s.r.Name, "has no column "+s.r.Group+", which its groups are told apart by")
		}
	}
	if len(s.set) == 0 {
		return rollback.RefuseSaying(s.r.Name, "says of no settable column what it was")
	}
	var order []string
	for i := range s.key {
		order = append(order, read[i]+` collate "C"`)
	}
	s.before = "select " + strings.Join(read, ", ") + " from (\n"
	s.behind = fmt.Sprintf("\n) as q order by %s limit %d", strings.Join(order, ", "), s.r.Most+1)
	return nil
}

// Fits asks whether evidence can be asked here about a scope, and runs nothing.
func (r *Reader) Fits(ctx context.Context, e rollback.Reviewed, scope rollback.Scope) error {
	return r.snapshot(ctx, "look at evidence", func(tx pgx.Tx) error {
		s := saying{r: e}
		return s.misfit(s.refused(r.opt, s.planned(ctx, tx, r.opt, scope, r.opt.Counts.StatementTimeout), nowhere))
	})
}

// planned is the statement with what the scope gives it, as the server would run
// it: only a plan says whether the login may read all of it, and what it costs.
func (s *saying) planned(ctx context.Context, tx pgx.Tx, o Options, scope rollback.Scope, limit time.Duration) (err error) {
	if _, err := tx.Exec(ctx, pin, ms(limit), ms(o.Counts.LockTimeout), fewRows); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, pinQuery); err != nil {
		return err
	}
	if *s, err = o.saying(ctx, tx, s.r, scope.Set); err != nil {
		return err
	}
	for _, p := range s.r.Params {
		arg, ok := scope.Arg(p.Name)
		if !ok {
			return rollback.RefuseSayingOf(s.r.Name, p.Name)
		}
		s.q.Args = append(s.q.Args, arg)
	}
	return s.explained(ctx, tx, shape{types: s.types}, o.Counts.MaxCost)
}

// misfit says of reviewed evidence that the source is not what it was reviewed
// for: whoever asks can do nothing about it.
func (s saying) misfit(err error) error {
	no, ok := refusal.As(err)
	if !ok || !slices.Contains([]string{"count-refused", "count-name", "count-rights", "count-value"}, no.Code) {
		return err
	}
	return errors.Join(rollback.RefuseMisfit(s.r.Name, s.r.Source, no.Say), err)
}

// Evidence streams what evidence says about single records.
func (r *Reader) Evidence(ctx context.Context, e rollback.Reviewed, scope rollback.Scope) source.Staged {
	return func(yield func(rollback.Staged, error) bool) {
		const doing = "read evidence"
		waits, tired := context.WithTimeout(ctx, 4*r.opt.Counts.StatementTimeout)
		conn, err := r.pool.Acquire(waits)
		tired()
		if err != nil {
			yield(rollback.Staged{}, r.unanswered(doing, err))
			return
		}
		defer conn.Release()
		ctx, cancel := context.WithTimeout(ctx, r.opt.Limits.FreezeTimeout+2*time.Second)
		defer func() {
			wipe(ctx, conn)
			cancel()
		}()
		s := saying{r: e}
		err = s.stream(ctx, conn.Conn(), r.opt, scope, func(one rollback.Staged) bool { return yield(one, nil) })
		if err != nil {
			yield(rollback.Staged{}, r.unanswered(doing, s.misfit(s.refused(r.opt, err, nowhere))))
		}
	}
}

func (s *saying) stream(ctx context.Context, conn *pgx.Conn, o Options, scope rollback.Scope, do func(rollback.Staged) bool) error {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer rollbackTx(ctx, tx)
	if err := s.planned(ctx, tx, o, scope, o.Limits.FreezeTimeout); err != nil {
		return err
	}
	result := tx.Conn().PgConn().ExecParams(ctx, s.before+s.alone+s.behind, s.args(), s.oids, nil, nil)
	stopped, n := false, int64(0)
	for !stopped && result.NextRow() {
		if n++; n > s.r.Most {
			err = rollback.RefuseSaying(s.r.Name, "knows more than "+rollback.Number(s.r.Most)+" records")
			break
		}
		one, wrong := s.record(result.Values())
		if err = wrong; err != nil {
			break
		}
		stopped = !do(one)
	}
	if err != nil || stopped {
		// What is left unread would be read to its end: the session ends instead.
		_ = conn.Close(ctx)
		return err
	}
	_, err = result.Close()
	return err
}

// record reads one line of the answer.
func (s *saying) record(line [][]byte) (rollback.Staged, error) {
	one := rollback.Staged{Confidence: rollback.ConfidenceDerived, Evidence: s.r.Rule, Candidates: 1}
	for i, at := range s.key {
		if line[at] == nil {
			return one, rollback.RefuseSaying(s.r.Name, "has a line without "+s.r.Key[i])
		}
		one.Key = append(one.Key, string(line[at]))
	}
	told := false
	for _, at := range s.set {
		v := rollback.Null()
		if line[at] != nil {
			v, told = rollback.Text(string(line[at])), true
		}
		one.Desired = append(one.Desired, v)
	}
	if text, ok := textAt(line, s.group); ok {
		one.Group = text
	}
	if text, ok := textAt(line, s.why); ok {
		one.Evidence = text
	}
	// Absence is no evidence: a line that holds nothing says nothing, unless it
	// says that nothing is the one possible value.
	if !told {
		one.Candidates = 0
	}
	if text, ok := textAt(line, s.several); ok {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n < 0 {
			return one, rollback.RefuseSaying(s.r.Name, "has "+strconv.Quote(rollback.Discreet(rollback.GroupLabel(text)))+" for a number of candidates")
		}
		one.Candidates = n
	}
	guess := s.r.Guess
	if text, ok := textAt(line, s.sure); ok {
		switch rollback.Confidence(text) {
		case rollback.ConfidenceDerived:
		case rollback.ConfidenceGuess:
			guess = true
		default:
			return one, rollback.RefuseSaying(s.r.Name, "has "+strconv.Quote(rollback.Discreet(rollback.GroupLabel(text)))+" for a confidence; it is derived or guess")
		}
	}
	if guess && one.Candidates == 1 {
		one.Candidates = 2
	}
	return one, nil
}

// textAt is a text of a line, if it has one.
func textAt(line [][]byte, place int) (string, bool) {
	if place < 0 || line[place] == nil {
		return "", false
	}
	return string(line[place]), true
}
