package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"time"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// orders are what a child must know to carry a claimed plan out.
type orders struct {
	Log    string // address of the log database
	Source postgres.Options
	Batch  rollback.Batching
	Dir    string // of before-image files
	Holder string
	Tasks  bool // do what is asked, one thing after the other, instead of what has no owner
}

// told is one thing that a child says, a line of JSON each.
type told struct {
	Span *rollback.Span `json:"span,omitempty"` // the next batch
	Done bool           `json:"done,omitempty"` // nothing is left to do, or the task is done
}

// hurry is the pace of a child: a killed owner's term must pass before the next
// one may go on, and nobody wants to wait for that.
var hurry = executor.Pace{Term: 400 * time.Millisecond, Heartbeat: 100 * time.Millisecond, Deferred: 10 * time.Millisecond}

// Obey is the benchmark's other process. In the section rollback it carries out
// whatever run has no owner, asks before each batch, and is killed while it
// works; in the section export it freezes and runs what it is told to, while its
// memory is watched.
func Obey(ctx context.Context, in io.Reader, out io.Writer, log *slog.Logger) error {
	var o orders
	hear := json.NewDecoder(in)
	if err := hear.Decode(&o); err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	c := &child{orders: o, say: json.NewEncoder(out)}
	var err error
	if c.db, err = pgdb.Open(ctx, pgdb.Options{URL: o.Log, Log: log}); err != nil {
		return err
	}
	defer c.db.Close()
	reader, err := postgres.OpenReader(ctx, o.Source)
	if err != nil {
		return err
	}
	defer reader.Close()
	c.approval = newApproval(c.db, o.Source, o.Batch)
	c.executor = executor.New(executor.Options{
		DB: c.db, Approval: c.approval, ExportDir: o.Dir, Holder: o.Holder, Log: log, Pace: hurry,
		Readers: func(string) (source.Reader, error) { return reader, nil },
		Writers: func(string) (source.Writer, error) {
			w, err := postgres.OpenWriter(ctx, o.Source)
			if err != nil || o.Tasks {
				return w, err
			}
			return askingWriter{Writer: w, say: c.say, hear: hear}, nil
		},
	})
	if o.Tasks {
		return c.tasks(ctx, hear)
	}
	return c.work(ctx)
}

type child struct {
	orders   orders
	say      *json.Encoder
	db       *pgdb.DB
	approval *approval.Approval
	executor *executor.Executor
}

const liveSQL = `select count(*) from executions where ended_at is null`

// work goes on until no run is left.
func (c *child) work(ctx context.Context) error {
	for {
		var live int
		if err := c.db.Pool().QueryRow(ctx, liveSQL).Scan(&live); err != nil {
			return fmt.Errorf("look for runs: %w", err)
		}
		if live == 0 {
			return c.say.Encode(told{Done: true})
		}
		runs, err := c.approval.Unowned(ctx)
		if err != nil {
			return err
		}
		for _, run := range runs {
			if err := c.executor.Run(ctx, jobs.Job[approval.Run]{Args: run, Attempt: 1}); err != nil {
				return err
			}
		}
		if len(runs) == 0 { // its owner's term has to pass
			if _, err := c.db.Pool().Exec(ctx, `select pg_sleep(0.01)`); err != nil {
				return fmt.Errorf("wait for the owner of a run: %w", err)
			}
		}
	}
}

// askingWriter writes no batch before its parent lets it: a parent that is slow
// would come too late to kill it.
type askingWriter struct {
	source.Writer
	say  *json.Encoder
	hear *json.Decoder
}

func (a askingWriter) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	var yes bool
	if err := errors.Join(a.say.Encode(told{Span: &s}), a.hear.Decode(&yes)); err != nil {
		return rollback.Batch{}, fmt.Errorf("ask for a batch: %w", err)
	}
	return a.Writer.Apply(ctx, f, s)
}

// running is a child as its parent sees it.
type running struct {
	cmd   *exec.Cmd
	heard *json.Decoder
	tell  *json.Encoder
}

// start runs this program as another process.
func (d *desk) start(ctx context.Context, o orders) (*running, error) {
	cmd := d.b.o.Child(ctx)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("reach another process: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("hear another process: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start another process: %w", err)
	}
	r := &running{cmd: cmd, heard: json.NewDecoder(out), tell: json.NewEncoder(in)}
	if err := r.tell.Encode(o); err != nil {
		return nil, r.end(fmt.Errorf("give orders to another process: %w", err))
	}
	return r, nil
}

// next is what the child says next. It fails when the child has ended.
func (r *running) next() (told, error) {
	var t told
	if err := r.heard.Decode(&t); err != nil {
		return t, fmt.Errorf("hear another process: %w", err)
	}
	return t, nil
}

// letGo lets the child write the batch that it has told of.
func (r *running) letGo() error {
	if err := r.tell.Encode(true); err != nil {
		return fmt.Errorf("let another process go on: %w", err)
	}
	return nil
}

// kill ends the child as kill -9 does and waits until it has.
func (r *running) kill() error {
	if err := r.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill the process: %w", err)
	}
	_ = r.cmd.Wait() // it was killed
	return nil
}

// end makes sure that no child is left when something went wrong.
func (r *running) end(err error) error { return errors.Join(err, r.kill()) }

// ended waits for a child that has said it is done.
func (r *running) ended() error {
	if err := r.cmd.Wait(); err != nil {
		return fmt.Errorf("another process: %w", err)
	}
	return nil
}
