//go:build linux || darwin

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Patience of Start.
const (
	silence = 20 * time.Second     // a server that says nothing at all
	glance  = 5 * time.Millisecond // between two looks at a starting server
	stare   = 50 * time.Millisecond
)

// Start runs a server and returns once it has answered a query. The context
// bounds the start alone; the server lives until Stop or the end of this
// process. Errors a person can act on are *Refused.
func Start(ctx context.Context, o Options) (*Server, error) {
	began := time.Now()
	if _, err := os.Stat(shell); err != nil {
		return nil, refused(NoShell, err, "There is no %s here, which I need to watch over a Postgres. Set %s to a running server.", shell, o.urlSetting())
	}
	a, err := serverAccount(o)
	if err != nil {
		return nil, err
	}
	sweep(o, places())

	f, b, err := prepare(ctx, o, a)
	if err != nil {
		return nil, err
	}
	s, err := f.serve(ctx, o, a, b)
	if err != nil {
		return nil, err
	}
	s.Took = time.Since(began)
	o.say(up(o, s))
	return s, nil
}

// prepare finds binaries and a folder. A persistent folder comes first: it
// decides which binaries will do.
func prepare(ctx context.Context, o Options, a account) (*folder, binaries, error) {
	if o.persistent() {
		return persistent(ctx, o, a)
	}
	b, err := find(ctx, o, 0)
	if err != nil {
		return nil, b, err
	}
	f, err := throwAway(place(o, a), a)
	return f, b, err
}

// serve fills the folder if it is new, starts the server in it and waits for
// its first answer. After an error nothing runs, and nothing is left but the
// log of a server that died.
func (f *folder) serve(ctx context.Context, o Options, a account, b binaries) (*Server, error) {
	if err := f.initdb(ctx, o, a, b); err != nil {
		return nil, errors.Join(err, f.leave())
	}
	command := append([]string{b.path("postgres"), "-D", f.data()}, o.settings(f.socket())...)
	g, err := startGuard(f, a, command)
	if err != nil {
		return nil, errors.Join(err, f.leave())
	}
	s := &Server{
		Version: b.version.text, Source: b.source, Bin: b.dir,
		Dir: f.path, PID: g.server, socket: f.socket(), gone: g.gone,
		stop: func(ctx context.Context) error { return f.stop(ctx, g) },
	}
	if err := s.ready(ctx); err != nil {
		return nil, f.explain(ctx, g, err)
	}
	return s, nil
}

func (f *folder) stop(ctx context.Context, g *guard) error {
	err := g.stop(ctx)
	f.once.Do(func() { f.left = f.leave() })
	return errors.Join(err, f.left)
}

// explain ends a server that did not come up. The log of one that died stays:
// a throw-away folder gets a hidden name, which a sweep leaves alone for an hour.
func (f *folder) explain(ctx context.Context, g *guard, cause error) error {
	last := f.lastLogLine()
	if !errors.Is(cause, errGone) {
		_ = f.stop(ctx, g)
		if ctx.Err() != nil {
			return fmt.Errorf("start postgres: %w", ctx.Err())
		}
		return refused(Silent, cause, "Postgres did not answer within %s: %q.", silence, last)
	}
	g.keepFiles()
	_ = g.stop(ctx)
	if !f.keep {
		_ = os.RemoveAll(f.data())
		hidden := filepath.Join(filepath.Dir(f.path), "."+filepath.Base(f.path))
		if err := os.Rename(f.path, hidden); err == nil {
			f.path = hidden
		}
	}
	f.unlock()
	return refused(Died, cause, "Postgres ended while starting: %q. Whole log: %s.", last, f.log())
}

var errGone = errors.New("the server has ended")

// ready waits for the first answer. A server that says it is recovering gets
// all the time the context has; a silent one does not.
func (s *Server) ready(ctx context.Context) error {
	heard := time.Now()
	socket := filepath.Join(s.socket, ".s.PGSQL."+port)
	pause := glance
	for {
		if _, err := os.Stat(socket); err == nil {
			err := answers(ctx, s.DSN("postgres"))
			if err == nil {
				return nil
			}
			if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
				heard = time.Now()
				if pg.Code != "57P03" { // cannot_connect_now
					return err
				}
				pause = min(2*pause, stare)
			}
		}
		if time.Since(heard) > silence {
			return fmt.Errorf("no answer in %s", silence)
		}
		select {
		case <-s.gone:
			return errGone
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func answers(ctx context.Context, dsn string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "select 1")
	return errors.Join(err, conn.Close(ctx))
}

// initdb makes the cluster under another name first: one cut short is never
// taken for whole. The child inherits the lock, so that no sweep removes the
// folder under it if we die meanwhile.
func (f *folder) initdb(ctx context.Context, o Options, a account, b binaries) error {
	if _, err := os.Stat(f.data()); err == nil {
		return nil
	}
	fresh := filepath.Join(f.path, "data.new")
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove a half-made cluster: %w", err)
	}
	if err := private(fresh, a); err != nil {
		return err
	}
	args := []string{"-D", fresh, "-U", Superuser, "-A", "trust", "-E", "UTF8", "--no-locale"}
	if !o.persistent() {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, b.path("initdb"), args...)
	cmd.Env = quietly(f.run())
	cmd.Dir = f.run()
	cmd.ExtraFiles = []*os.File{f.owner}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: a.credential()}
	// Half a second of patience: initdb cut short leaves shared memory behind.
	cmd.Cancel = func() error { return nil }
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return f.blame(ctx, o, a, b, string(out), err)
	}
	if err := os.Rename(fresh, f.data()); err != nil {
		return fmt.Errorf("name the new cluster: %w", err)
	}
	if o.persistent() {
		return flush(f.path)
	}
	return nil
}

// flush makes the names in a folder survive a loss of power.
func flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("flush %s: %w", dir, err)
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// blame turns a failed initdb into words.
func (f *folder) blame(ctx context.Context, o Options, a account, b binaries, out string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("initdb: %w", ctx.Err())
	}
	uid := strconv.Itoa(os.Geteuid())
	if _, unknown := user.LookupId(uid); unknown != nil {
		return refused(UnknownUser, err, "User %s has no passwd entry and Postgres refuses to start for such a user. Add one, or set %s.", uid, o.urlSetting())
	}
	if shut := a.closed(b.dir); shut != "" {
		return refused(ClosedFolder, err, "I run as root, Postgres as %s, and %s cannot enter %s, where the binaries are. Install Postgres elsewhere, or open that folder.", a.name, a.name, shut)
	}
	return refused(Died, err, "initdb could not make a database: %q.", lastLine(out))
}
