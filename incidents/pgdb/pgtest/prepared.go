package pgtest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Prepared is what the databases of some tests have in common, made once in a
// test binary.
type Prepared struct {
	fill func(context.Context, *pgx.Conn) error

	mu     sync.Mutex
	origin string
}

// Prepare says how the databases of some tests begin. fill runs when the first
// of them asks, as the superuser of an empty database; it must leave no session
// there. What belongs to the server, or to a database as such, is not copied:
// roles and their settings, and who may connect.
func Prepare(fill func(context.Context, *pgx.Conn) error) *Prepared {
	return &Prepared{fill: fill}
}

// New returns the URL of a copy, as its superuser. The copy is dropped when the
// test ends.
func (p *Prepared) New(t testing.TB) string {
	t.Helper()
	c := here.start(t)
	origin, err := p.once(t.Context(), c)
	require.NoError(t, err)
	return c.url(c.create(t, origin), "")
}

// once fills the origin; after an error the next test tries again.
func (p *Prepared) once(ctx context.Context, c *cluster) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.origin != "" {
		return p.origin, nil
	}
	c.mu.Lock()
	name, err := c.clone(ctx, "template1")
	c.origins = append(c.origins, name)
	c.mu.Unlock()
	if err != nil {
		return "", fmt.Errorf("make a database to copy: %w", err)
	}
	conn, err := pgx.Connect(ctx, c.url(name, ""))
	if err != nil {
		return "", fmt.Errorf("connect to the database to copy: %w", err)
	}
	err = p.fill(ctx, conn)
	// The copy waits until this session has ended.
	if ended := conn.Close(context.WithoutCancel(ctx)); err == nil {
		err = ended
	}
	if err != nil {
		return "", fmt.Errorf("fill the database to copy: %w", err)
	}
	p.origin = name
	return name, nil
}
