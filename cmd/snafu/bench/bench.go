// Package bench measures how fast snafu's own code is beside the least that the
// machine can do for the same job: a count beside a bare count(*).
//
// Each claim is a ratio of two things that ran in turn, in one program, on the
// same data. What a case answers is compared with what the data were made to
// hold before anything is timed: a wrong figure fails whatever its time.
//
// Decisions.
//
//	Where the server is on this machine, the CPU time of its backends judges
//	when wall time is noisy: with other work on two cores the wall time of one
//	statement moved by half, its CPU time by a twentieth (measured).
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"slices"
	"strings"
	"time"

	"snafu/cmd/snafu/app"
)

// Options say what is measured, how large it is and where.
type Options struct {
	Sections []string // names of Sections; empty means all
	Rows     int64    // of the big table
	Affected int64    // records that the run touched; at most half of Rows
	Rounds   int      // repetitions after one that warms up
	Tries    int      // counts while two writers write
	Seed     int64    // of the data
	URL      string   // of a scratch database; empty means a server of our own
	Keep     bool     // leave the scratch schema behind
	JSON     bool     // a line of JSON for each cell instead of a table
	Out      io.Writer
	Say      func(string) // what a person who waits should know, in sentences
	Log      *slog.Logger
	Env      app.Lookup
	// Child is this program as another process, which does what Obey reads from
	// its standard input.
	Child func(context.Context) *exec.Cmd

	small int64 // records of the run that a large one is compared with; 0 means smallRun
}

// section is one part of the benchmark: it makes its data and measures.
type section struct {
	name string
	run  func(context.Context, *bench) error
}

var sections = []section{{"counts", counts}, {"rollback", putBack}, {"impact", impact}, {"export", export}, {"incidents", closedBeside}}

// Sections are the names of all sections.
func Sections() []string {
	names := make([]string, len(sections))
	for i, s := range sections {
		names[i] = s.name
	}
	return names
}

// bench is a benchmark that runs.
type bench struct {
	o     Options
	db    *database
	print *printer
}

// Run measures and prints. It returns nil if no verdict is FAIL, an error that
// wraps app.ErrDoesNotHold if one is, and one that wraps app.ErrCouldNotLook if
// it could not measure. It leaves nothing behind, unless Keep asks for it.
func Run(ctx context.Context, o Options) error {
	if err := o.valid(); err != nil {
		return errors.Join(app.ErrCouldNotLook, err)
	}
	b := &bench{o: o, print: newPrinter(o)}
	err := b.measure(ctx)
	if b.db != nil {
		err = errors.Join(err, b.db.close(context.WithoutCancel(ctx), o))
	}
	switch {
	case err != nil:
		return errors.Join(app.ErrCouldNotLook, err)
	case b.print.count["FAIL"] > 0:
		return app.ErrDoesNotHold
	}
	return nil
}

func (b *bench) measure(ctx context.Context) (err error) {
	began := time.Now()
	if b.db, err = openDatabase(ctx, b.o); err != nil {
		return err
	}
	m, err := b.db.machine(ctx, b.o)
	if err != nil {
		return err
	}
	if err := b.print.machine(m); err != nil {
		return err
	}
	for _, s := range sections {
		if len(b.o.Sections) > 0 && !slices.Contains(b.o.Sections, s.name) {
			continue
		}
		if err := s.run(ctx, b); err != nil {
			return fmt.Errorf("section %s: %w", s.name, err)
		}
	}
	return b.print.summary(time.Since(began), load())
}

const (
	leastRows = 1000
	mostRows  = 100_000_000
	mostSeed  = 1_000_000 // keeps the arithmetic of the data within 64 bits
)

func (o Options) valid() error {
	for _, s := range o.Sections {
		if !slices.Contains(Sections(), s) {
			return fmt.Errorf("there is no section %q. There are: %s", s, strings.Join(Sections(), ", "))
		}
	}
	switch {
	case o.Rows < leastRows || o.Rows > mostRows:
		return fmt.Errorf("--rows is %d; it can be %d to %d", o.Rows, leastRows, mostRows)
	case o.Affected < leastRows/10 || o.Affected > o.Rows/2:
		return fmt.Errorf("--affected is %d; with %d rows it can be %d to %d", o.Affected, o.Rows, leastRows/10, o.Rows/2)
	case o.Rounds < 1 || o.Rounds > 50:
		return fmt.Errorf("--rounds is %d; it can be 1 to 50", o.Rounds)
	case o.Tries < 1 || o.Tries > 100_000:
		return fmt.Errorf("--tries is %d; it can be 1 to 100000", o.Tries)
	case o.Seed < 0 || o.Seed > mostSeed:
		return fmt.Errorf("--seed is %d; it can be 0 to %d", o.Seed, mostSeed)
	}
	return nil
}
