package count

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// A file that gives each record a value of its own is kept line by line, apart
// from the journal, until the incident is over: recounts and freezes read it.

const insertFile = `
	insert into desired_files (incident, scope, sha256, by, at)
	values ($1, $2, $3, $4, $5)
	returning id`

// The same file taken again is a new one: of two files that name a record, the
// one that was taken last holds.
const forgetFile = `delete from desired_files where incident = $1 and sha256 = $2`

func keepFile(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, number int, s Sheet, at time.Time) error {
	if _, err := tx.Exec(ctx, forgetFile, int64(id), s.SHA256); err != nil {
		return fmt.Errorf("forget an older copy of a file: %w", err)
	}
	var file int64
	if err := tx.QueryRow(ctx, insertFile, int64(id), number, s.SHA256, string(act.By), at).Scan(&file); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	lines := pgx.CopyFromSlice(len(s.Wishes), func(i int) ([]any, error) {
		w := s.Wishes[i]
		return []any{file, w.Line, w.Key, w.Desired.Pointers()[0]}, nil
	})
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"snafu", "desired_lines"}, []string{"file", "line", "key", "desired"}, lines); err != nil {
		return fmt.Errorf("keep the lines of a file: %w", err)
	}
	return nil
}

const forgetFiles = `delete from desired_files where incident = $1`

// forgetWishes ends the keeping of what files said about single records.
func forgetWishes(ctx context.Context, tx pgx.Tx, id incidents.ID) error {
	if _, err := tx.Exec(ctx, forgetFiles, int64(id)); err != nil {
		return fmt.Errorf("forget what files said: %w", err)
	}
	return nil
}

const countFiles = `select count(distinct sha256) from desired_files where incident = $1 and sha256 = any ($2)`

const readLines = `
	select distinct on (l.key) l.line, l.key, l.desired, f.sha256
	  from desired_lines l join desired_files f on f.id = l.file
	 where f.incident = $1 and f.sha256 = any ($2)
	 order by l.key, f.id desc`

// eachLine gives what the files of an incident say, each record once.
func eachLine(ctx context.Context, q querier, id incidents.ID, files []string, do func(w rollback.Wish, file string) error) error {
	rows, err := q.Query(ctx, countFiles, int64(id), files)
	if err != nil {
		return fmt.Errorf("look for files: %w", err)
	}
	kept, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	if err != nil {
		return fmt.Errorf("look for files: %w", err)
	}
	if kept < len(files) {
		return refusal.Conflict("A file that says what each record should be is kept no longer. Share it again and choose \"Use as desired values\" on the message.").Coded("csv")
	}
	if rows, err = q.Query(ctx, readLines, int64(id), files); err != nil {
		return fmt.Errorf("read the lines of a file: %w", err)
	}
	var line int64
	var key []string
	var desired *string
	var file string
	_, err = pgx.ForEachRow(rows, []any{&line, &key, &desired, &file}, func() error {
		return do(rollback.Wish{Line: line, Key: slices.Clone(key), Desired: rollback.FromPointers([]*string{desired})}, file)
	})
	if err != nil {
		return fmt.Errorf("read the lines of a file: %w", err)
	}
	return nil
}

// wishes are what the files of the decisions in force say.
func (c *Count) wishes(ctx context.Context, id incidents.ID, m Measurement) (all []rollback.Wish, err error) {
	files := rollback.FilesOf(m.Decisions)
	if len(files) == 0 {
		return nil, nil
	}
	err = eachLine(ctx, c.db.Pool(), id, files, func(w rollback.Wish, _ string) error {
		all = append(all, w)
		return nil
	})
	return all, err
}

// Staged streams what files say about single records of a plan, for its freeze.
// It refuses (Conflict) a file that is kept no longer.
func (c *Count) Staged(ctx context.Context, s rollback.Spec) source.Staged {
	return func(yield func(rollback.Staged, error) bool) {
		err := eachLine(ctx, c.db.Pool(), s.Incident, s.Files(), func(w rollback.Wish, file string) error {
			staged := rollback.Staged{Key: rollback.Key(w.Key), Desired: w.Desired, Confidence: rollback.ConfidenceExact, Evidence: file}
			if !yield(staged, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(rollback.Staged{}, err)
		}
	}
}

// errEnough ends a stream that its reader has left.
var errEnough = errors.New("nobody reads on")

// measured is a measurement as decided: with what files say laid over it.
func (c *Count) measured(ctx context.Context, id incidents.ID, m Measurement) (rollback.StateTable, error) {
	wishes, err := c.wishes(ctx, id, m)
	if err != nil {
		return rollback.StateTable{}, err
	}
	if len(wishes) == 0 {
		return c.measure(ctx, m.Scope)
	}
	return c.lay(ctx, m.Scope, wishes, rollback.FilesOf(m.Decisions))
}

func (c *Count) lay(ctx context.Context, scope rollback.Scope, wishes []rollback.Wish, files []string) (table rollback.StateTable, err error) {
	err = c.counting(ctx, scope.Source, func(r source.Reader) (err error) {
		table, err = r.Laid(ctx, scope, wishes)
		return err
	})
	table.Files = files
	return table, err
}

// laid says that a count knows of all files that were decided by.
func (m Measurement) laid(table rollback.StateTable) bool {
	return slices.Equal(rollback.FilesOf(m.Decisions), table.Files)
}
