package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"snafu/incidents/refusal"
	"snafu/rollback/source"
)

// sources are the systems that the configuration declares. The counting logins
// are open as long as the program runs; a writing login is opened by the
// executor for one freeze or run, and closed after it.
type sources struct {
	config  map[string]SourceConfig
	readers map[string]source.Reader
}

const answerWithin = 10 * time.Second

// openSources opens the counting logins and asks each who it is, so that a
// wrong address or a missing role is known at the start.
func openSources(ctx context.Context, config map[string]SourceConfig) (*sources, error) {
	all := &sources{config: config, readers: map[string]source.Reader{}}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		s := config[name]
		r, err := systems[s.System].reader(ctx, name, s)
		if err == nil {
			all.readers[name] = r
			ask, cancel := context.WithTimeout(ctx, answerWithin)
			_, err = r.Target(ask)
			cancel()
		}
		if err != nil {
			all.close()
			return nil, fmt.Errorf("source %s at %s cannot be used: %s. Check sources.%s.count_dsn, or run snafu source check %s", name, s.CountDSN.place(), because(err), name, name)
		}
	}
	return all, nil
}

// because is the reason of an error in words for a person.
func because(err error) string {
	text := err.Error()
	if r, ok := refusal.As(err); ok {
		text = r.Say
	} else if words := pgWords(err); words != "" {
		text = words
	} else if errors.Is(err, context.DeadlineExceeded) {
		text = "no answer within " + answerWithin.String()
	}
	return trimStop(text)
}

func (s *sources) reader(name string) (source.Reader, error) {
	if r, ok := s.readers[name]; ok {
		return r, nil
	}
	return nil, refusal.NotFound("There is no source %q in the configuration.", name)
}

func (s *sources) writer(name string) (source.Writer, error) {
	c, ok := s.config[name]
	if !ok {
		return nil, refusal.NotFound("There is no source %q in the configuration.", name)
	}
	return systems[c.System].writer(context.Background(), name, c)
}

func (s *sources) close() {
	for _, r := range s.readers {
		r.Close()
	}
}
