package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// ErrCouldNotLook says that a question has no answer: exit code 2.
var ErrCouldNotLook = errors.New("could not look")

// ErrDoesNotHold says that the answer was printed, and that it is no: exit code 1.
var ErrDoesNotHold = errors.New("it does not hold")

// AuditOptions choose what is verified and how it is printed.
type AuditOptions struct {
	Incident string // SNAFU-42; empty is everything
	JSON     bool
}

// Audit recomputes the chains of the journal and prints what it found. It
// returns ErrDoesNotHold if a chain is broken, and an error that wraps
// ErrCouldNotLook if it cannot tell.
func Audit(ctx context.Context, out io.Writer, c DatabaseConfig, lo LogOptions, o AuditOptions) (err error) {
	lo.MustExist = true
	l, err := OpenLog(ctx, c, lo)
	if err != nil {
		return errors.Join(ErrCouldNotLook, sentence("The log database cannot be opened", err))
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	conn, err := pgx.Connect(ctx, l.VerifyURL)
	if err != nil {
		return errors.Join(ErrCouldNotLook, sentence("The log database does not answer", err))
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // its work is done or has failed
	return Verify(ctx, out, conn, o)
}

// Verify is Audit on a connection that is open.
func Verify(ctx context.Context, out io.Writer, conn journal.Beginner, o AuditOptions) error {
	var vo journal.VerifyOptions
	if o.Incident != "" {
		id, err := incidents.ParseID(o.Incident)
		if err != nil {
			return errors.Join(ErrCouldNotLook, fmt.Errorf("%q is not an incident. Write it as SNAFU-42", o.Incident))
		}
		vo.Incident = &id
	}
	report, err := journal.Verify(ctx, conn, vo)
	if err != nil {
		return errors.Join(ErrCouldNotLook, err)
	}
	if o.JSON {
		err = json.NewEncoder(out).Encode(reportJSON(report))
	} else {
		_, err = report.WriteTo(out)
	}
	switch {
	case err != nil:
		return fmt.Errorf("print the report: %w", err)
	case report.Broken() > 0:
		return ErrDoesNotHold
	case report.Unreadable() > 0:
		return ErrCouldNotLook
	}
	return nil
}

type chainJSON struct {
	Chain   string `json:"chain"`
	Entries int64  `json:"entries"`
	Head    string `json:"head"`
	OK      bool   `json:"ok"`
	Seq     int64  `json:"seq,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Say     string `json:"say,omitempty"`
}

func reportJSON(r journal.Report) any {
	chains := []chainJSON{}
	for _, c := range r.Chains {
		line := chainJSON{Chain: c.Incident.String(), Entries: c.Entries, Head: fmt.Sprintf("%x", c.Head[:]), OK: c.Fault == nil}
		if c.Incident == journal.House {
			line.Chain = "house"
		}
		if c.Fault != nil {
			line.Seq, line.Kind, line.Say = c.Fault.Seq, c.Fault.Kind, c.Fault.Say
		}
		chains = append(chains, line)
	}
	return map[string]any{"chains": chains, "broken": r.Broken(), "unreadable": r.Unreadable(), "not_checked": r.NotChecked}
}
