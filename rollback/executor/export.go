package executor

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

const (
	truthSuffix    = ".jsonl.gz"
	manifestSuffix = ".manifest.json"
	bufferSize     = 256 << 10
)

// export is the before-image file while it is written: JSON lines, compressed,
// hashed uncompressed. It has a temporary name until it is whole and on disk.
type export struct {
	path string
	file *os.File
	buf  *bufio.Writer
	gz   *gzip.Writer
	sum  hash.Hash
	rows int64
}

// WriteExport makes a before-image file of the lines that stream writes: packed,
// on disk and under its name, or not there at all.
func WriteExport(dir, name string, stream func(io.Writer) error) (rollback.Export, error) {
	out, err := newExport(dir, name)
	if err != nil {
		return rollback.Export{}, err
	}
	defer out.discard()
	if err := stream(out); err != nil {
		return rollback.Export{}, err
	}
	return out.seal()
}

func newExport(dir, name string) (*export, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the export folder: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(dir, name+truthSuffix))
	if err != nil {
		return nil, fmt.Errorf("name the export: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), writing) // 0600
	if err != nil {
		return nil, fmt.Errorf("begin the export: %w", err)
	}
	buf := bufio.NewWriterSize(file, bufferSize)
	gz, err := gzip.NewWriterLevel(buf, gzip.BestSpeed) // level 6 takes five times as long for 18 % less
	if err != nil {
		return nil, fmt.Errorf("begin the export: %w", err)
	}
	return &export{path: path, file: file, buf: buf, gz: gz, sum: sha256.New()}, nil
}

// Write takes what the source streams.
func (e *export) Write(b []byte) (int, error) {
	e.sum.Write(b)
	e.rows += int64(bytes.Count(b, []byte{'\n'}))
	return e.gz.Write(b)
}

// seal puts the file on disk under its name.
func (e *export) seal() (rollback.Export, error) {
	for _, step := range []func() error{e.gz.Close, e.buf.Flush, e.file.Sync, e.file.Close} {
		if err := step(); err != nil {
			return rollback.Export{}, fmt.Errorf("write the export: %w", err)
		}
	}
	if err := settle(e.file.Name(), e.path); err != nil {
		return rollback.Export{}, err
	}
	return rollback.Export{Path: e.path, SHA256: e.sum.Sum(nil), Rows: e.rows}, nil
}

// discard removes what was not sealed.
func (e *export) discard() {
	_ = e.file.Close()           // closed already when it was sealed
	_ = os.Remove(e.file.Name()) // gone already when it was sealed
}

// unwritable tells people that the folder of the exports takes no file: they can
// mend that. Any other error is as it was.
func unwritable(err error, dir string) error {
	var path *fs.PathError
	var link *os.LinkError
	var why error
	switch {
	case errors.As(err, &path):
		why = path.Err
	case errors.As(err, &link):
		why = link.Err
	default:
		return err
	}
	no := refusal.Unavailable("The before-image file cannot be written to %s (%s), so nothing was frozen. Ask an admin to mend that, then freeze again.", dir, why)
	return no.Coded("export")
}

// settle renames a file that is on disk, and puts the name on disk as well.
func settle(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("name %s: %w", filepath.Base(to), err)
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return fmt.Errorf("open the export folder: %w", err)
	}
	defer dir.Close() //nolint:errcheck // it was only read
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("write the export folder: %w", err)
	}
	return nil
}

// writing is how a file is named that is not whole yet.
const writing = ".writing-*"

// write makes a small file whole or not at all.
func write(path string, body func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), writing)
	if err != nil {
		return fmt.Errorf("begin %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(file.Name()) //nolint:errcheck // gone when it was named
	defer file.Close()           //nolint:errcheck // closed below
	buf := bufio.NewWriterSize(file, bufferSize)
	if err := body(buf); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	for _, step := range []func() error{buf.Flush, file.Sync, file.Close} {
		if err := step(); err != nil {
			return fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
	}
	return settle(file.Name(), path)
}

// errExport means that the file is not the one that was approved.
var errExport = errors.New("the export is missing or altered")

// intact reads the export again and compares it with what was approved.
func intact(x rollback.Export) error { return reread(x, func([]byte) {}) }

// reread is intact, and gives each line on the way: what they say counts once it
// has returned nil.
func reread(x rollback.Export, each func([]byte)) error {
	sum := sha256.New()
	var rows int64
	err := lines(x.Path, func(line []byte) error {
		sum.Write(line)
		rows++
		each(line)
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errExport, err)
	}
	if rows != x.Rows || !bytes.Equal(sum.Sum(nil), x.SHA256) {
		return errExport
	}
	return nil
}

// ReadBack proves that the file on disk alone gives the rows that were frozen.
func ReadBack(f rollback.Freeze) error {
	digest := rollback.NewRowsDigest()
	var odd error // of the first line that is not a record in its place
	err := reread(f.Export, func(line []byte) {
		if odd != nil {
			return
		}
		var row record
		if row, odd = parseLine(line); odd == nil {
			odd = digest.Add(row.FrozenRow)
		}
	})
	if err != nil {
		return err
	}
	if odd != nil {
		return fmt.Errorf("read the export back: %w", odd)
	}
	if digest.Sum() != f.RowsDigest || digest.Rows() != f.Rows {
		return errExport
	}
	return nil
}

// lines gives each line of a compressed file with its end.
func lines(path string, each func([]byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	gz, err := gzip.NewReader(bufio.NewReaderSize(file, bufferSize))
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(gz, bufferSize)
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil
		case errors.Is(err, io.EOF):
			return io.ErrUnexpectedEOF // a line without end was cut
		case err != nil:
			return err
		}
		if err := each(line); err != nil {
			return err
		}
		line = line[:0]
	}
}

// manifest says what the export holds, for readers without this program.
type manifest struct {
	Format     string            `json:"format"`
	Plan       string            `json:"plan"`
	Rows       int64             `json:"rows"`
	SHA256     string            `json:"sha256"` // over the uncompressed lines
	RowsDigest rollback.Digest   `json:"rows_digest"`
	Fields     []string          `json:"fields"`
	Table      rollback.Relation `json:"table"`
	Columns    []string          `json:"export_columns"`
	Snapshot   time.Time         `json:"snapshot"`
}

func writeManifest(s rollback.Spec, f rollback.Freeze) error {
	m := manifest{
		Format: "snafu-export-v1", Plan: s.Label() + fmt.Sprintf("r%d", s.Revision), Rows: f.Rows, SHA256: fmt.Sprintf("%x", f.Export.SHA256),
		RowsDigest: f.RowsDigest, Table: f.Relation, Columns: f.Export.Columns, Snapshot: f.At,
		Fields: []string{"ord", "cohort", "class", "key", "initial", "error", "desired", "mark", "version", "current", "evidence", "export"},
	}
	return write(base(f.Export.Path)+manifestSuffix, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(m)
	})
}

// base is the path of an export without its suffix: its companions share it.
func base(path string) string { return path[:len(path)-len(truthSuffix)] }
