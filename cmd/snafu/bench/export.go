package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"snafu/rollback"
	"snafu/rollback/executor"
	"snafu/rollback/source/postgres"
)

// exporting is the section about before-images: the product's statement and its
// file beside a plain copy of the same records to a file.
type exporting struct {
	desk  *desk
	sql   string // the product's COPY
	view  rollback.PlanView
	files int
}

func export(ctx context.Context, b *bench) (err error) {
	d, err := newDesk(ctx, b, "export", harm{affected: b.o.Affected})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close(context.WithoutCancel(ctx))) }()
	if err := d.rebuild(ctx); err != nil {
		return err
	}
	x := &exporting{desk: d}
	b.print.progress("export: freezing %d records", d.harm.affected)
	if x.view, err = d.hands(whole()).frozen(ctx); err != nil {
		return err
	}
	w, err := postgres.OpenWriter(ctx, d.opt)
	if err != nil {
		return err
	}
	defer w.Close()
	if x.sql, err = w.ExportSQL(ctx, x.view.Run()); err != nil {
		return err
	}
	if err := b.race(ctx, "export", x.probes()); err != nil {
		return err
	}
	return d.memory(ctx)
}

func (x *exporting) probes() []*probe {
	limit := x.probe("COPY to a file, by psql", "", goal{}, x.byPsql)
	if _, err := exec.LookPath("psql"); err != nil {
		limit = x.probe("COPY to a file", "", goal{}, x.plain)
	}
	return []*probe{
		limit,
		x.probe("exporter without gzip", limit.name, goal{name: "E1", good: 1.5, great: 1.15, by: byWall}, x.hashed),
		x.probe("before-image file, read back", limit.name, goal{name: "E2", good: 2, great: 1.4, by: byWall}, x.truth),
	}
}

// probe times how a file is made, and then compares what it holds.
func (x *exporting) probe(name, limit string, g goal, work func(context.Context, string) (rollback.Export, error)) *probe {
	p := &probe{name: name, rows: x.desk.harm.rows(), affected: x.desk.harm.affected, limit: limit, goal: g}
	p.time = func(ctx context.Context) (took, error) {
		x.files++
		path := filepath.Join(x.desk.dir, strconv.Itoa(x.files))
		began := time.Now()
		made, err := work(ctx, path)
		t := took{wall: time.Since(began)}
		if err != nil {
			return t, err
		}
		if made.SHA256 == nil { // nobody has looked at it on the way
			if made, err = hashOf(path); err != nil {
				return t, err
			}
		}
		want := x.view.Frozen.Export
		if made.Rows != want.Rows || !bytes.Equal(made.SHA256, want.SHA256) {
			err = wrongAnswer{fmt.Errorf("the file holds %d lines with SHA-256 %x, and what was frozen has %d with %x", made.Rows, made.SHA256, want.Rows, want.SHA256)}
		}
		return t, errors.Join(err, os.RemoveAll(path))
	}
	return p
}

// byPsql lets psql write the file. It learns the password from its environment,
// since other users of a machine see what a program was started with.
func (x *exporting) byPsql(ctx context.Context, path string) (rollback.Export, error) {
	out, err := os.Create(path)
	if err != nil {
		return rollback.Export{}, fmt.Errorf("begin a file: %w", err)
	}
	c := x.desk.b.db.conn.Config()
	cmd := exec.CommandContext(ctx, "psql", "-X", "-q", "-c", x.sql)
	cmd.Env = append(os.Environ(), "PGHOST="+c.Host, fmt.Sprintf("PGPORT=%d", c.Port), "PGUSER="+c.User, "PGPASSWORD="+c.Password, "PGDATABASE="+c.Database, "PGOPTIONS="+alikeOptions)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &said
	if err := cmd.Run(); err != nil {
		return rollback.Export{}, errors.Join(fmt.Errorf("psql: %w: %s", err, bytes.TrimSpace(said.Bytes())), out.Close())
	}
	return rollback.Export{}, out.Close()
}

// plain is what psql does, where there is none.
func (x *exporting) plain(ctx context.Context, path string) (rollback.Export, error) {
	out, err := os.Create(path)
	if err != nil {
		return rollback.Export{}, fmt.Errorf("begin a file: %w", err)
	}
	if _, err := x.desk.b.db.conn.PgConn().CopyTo(ctx, out, x.sql); err != nil {
		return rollback.Export{}, errors.Join(fmt.Errorf("copy: %w", err), out.Close())
	}
	return rollback.Export{}, out.Close()
}

// hashed is the exporter without its compression: on disk, and hashed on the way.
func (x *exporting) hashed(ctx context.Context, path string) (rollback.Export, error) {
	out, err := os.Create(path)
	if err != nil {
		return rollback.Export{}, fmt.Errorf("begin a file: %w", err)
	}
	buf, sum := bufio.NewWriterSize(out, 256<<10), sha256.New()
	tag, err := x.desk.b.db.conn.PgConn().CopyTo(ctx, io.MultiWriter(buf, sum), x.sql)
	if err != nil {
		return rollback.Export{}, errors.Join(fmt.Errorf("copy: %w", err), out.Close())
	}
	return rollback.Export{Rows: tag.RowsAffected(), SHA256: sum.Sum(nil)}, errors.Join(buf.Flush(), out.Sync(), out.Close())
}

// truth is the product's file, and the proof that it alone gives the records.
func (x *exporting) truth(ctx context.Context, path string) (rollback.Export, error) {
	made, err := executor.WriteExport(filepath.Dir(path), filepath.Base(path), func(to io.Writer) error {
		_, err := x.desk.b.db.conn.PgConn().CopyTo(ctx, to, x.sql)
		return err
	})
	if err != nil {
		return made, err
	}
	f := *x.view.Frozen
	f.Export = made
	if err := executor.ReadBack(f); err != nil {
		return made, wrongAnswer{err}
	}
	return made, os.Remove(made.Path)
}

func hashOf(path string) (rollback.Export, error) {
	in, err := os.Open(path)
	if err != nil {
		return rollback.Export{}, fmt.Errorf("read the file: %w", err)
	}
	defer in.Close() //nolint:errcheck // it was only read
	sum, n := sha256.New(), int64(0)
	for lines := bufio.NewReader(in); ; n++ {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return rollback.Export{Rows: n, SHA256: sum.Sum(nil)}, nil
		}
		if err != nil {
			return rollback.Export{}, fmt.Errorf("read the file: %w", err)
		}
		sum.Write(line)
	}
}
