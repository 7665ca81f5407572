package journal

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/pgdb"
)

// Head is the last link of a chain.
type Head struct {
	Seq  int64
	Hash Hash
}

// HeadOf returns the last link of the chain of an incident, zero if nothing was
// ever appended.
func HeadOf(ctx context.Context, db *pgdb.DB, id incidents.ID) (Head, error) {
	var h Head
	var stored []byte
	err := db.Pool().QueryRow(ctx, readHead, id).Scan(&h.Seq, &stored)
	if errors.Is(err, pgx.ErrNoRows) {
		return Head{}, nil
	}
	if err != nil {
		return Head{}, fmt.Errorf("read head of %s: %w", nameOf(id), err)
	}
	copy(h.Hash[:], stored)
	return h, nil
}
