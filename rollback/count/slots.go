package count

import (
	"context"
	"sync"
)

// slots bounds how many questions one source is asked at once.
type slots struct {
	mu  *sync.Mutex
	per int
	of  map[string]chan struct{}
}

func newSlots(per int) slots {
	return slots{mu: &sync.Mutex{}, per: per, of: map[string]chan struct{}{}}
}

// take waits for a free slot, or for the end of ctx.
func (s slots) take(ctx context.Context, name string) (release func(), err error) {
	s.mu.Lock()
	slot, ok := s.of[name]
	if !ok {
		slot = make(chan struct{}, s.per)
		s.of[name] = slot
	}
	s.mu.Unlock()
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
