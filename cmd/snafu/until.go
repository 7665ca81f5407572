package main

import (
	"context"
	"errors"

	"snafu/cmd/snafu/app"
)

var errPostgresGone = errors.New("my own Postgres ended. Nothing that was acknowledged is lost: start me again")

// untilGone ends with ctx, or when a Postgres of our own has ended. The
// function it returns says which it was.
func untilGone(ctx context.Context, db *app.LogDatabase) (context.Context, func() error) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-ctx.Done():
		case <-db.Gone():
			cancel(errPostgresGone)
		}
	}()
	return ctx, func() error {
		defer cancel(nil)
		if errors.Is(context.Cause(ctx), errPostgresGone) {
			return errPostgresGone
		}
		return nil
	}
}
