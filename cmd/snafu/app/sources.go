package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// sources are the systems that the configuration declares. The counting logins
// are open as long as the program runs; a writing login is opened by the
// executor for one freeze or run, and closed after it.
type sources struct {
	config  map[string]SourceConfig
	readers map[string]source.Reader
	unfit   []string // sentences: named counts that their source does not take
}

const answerWithin = 10 * time.Second

// openSources opens the counting logins and asks each source whether all is
// there that counting and rolling back need, so that a wrong address, a missing
// role or a missing right is known at the start.
func openSources(ctx context.Context, config map[string]SourceConfig) (*sources, error) {
	all := &sources{config: config, readers: map[string]source.Reader{}}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		if err := all.open(ctx, name, config[name]); err != nil {
			all.close()
			return nil, err
		}
	}
	return all, nil
}

func (s *sources) open(ctx context.Context, name string, c SourceConfig) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var caps rollback.Caps
	r, err := systems[c.System].reader(ctx, name, c)
	if err == nil {
		s.readers[name] = r
		caps, err = r.Caps(ctx)
	}
	if err != nil {
		return unusable(name, "count_dsn", c.CountDSN, err)
	}
	missing := caps.Missing
	if c.ExecDSN.Given() {
		found, err := systems[c.System].writes(ctx, name, c)
		if err != nil {
			return unusable(name, "exec_dsn", c.ExecDSN, err)
		}
		missing = append(missing, found.Missing()...)
	}
	for _, why := range caps.Unfit {
		s.unfit = append(s.unfit, fmt.Sprintf("Nobody can ask source %s for %s All of it says: snafu source check %s", name, why, name))
	}
	if len(missing) > 0 {
		return fmt.Errorf("source %s lacks what it needs. %s. All of it says: snafu source check %s", name, trimStop(missing[0]), name)
	}
	return nil
}

func unusable(name, key string, login Secret, err error) error {
	return fmt.Errorf("source %s at %s cannot be used: %s. Check sources.%s.%s, or run snafu source check %s",
		name, login.place(), because(err), name, key, name)
}

// because is the reason of an error in words for a person.
func because(err error) string {
	text := err.Error()
	fault, known := source.AsFault(err)
	switch words := pgWords(err); {
	case known && fault.State == "":
		text = "nothing answers there as its database"
	case known && stateWords(fault.State) != "":
		text = stateWords(fault.State)
	case words != "":
		text = words
	case errors.Is(err, context.DeadlineExceeded):
		text = "no answer within " + answerWithin.String()
	default:
		if r, ok := refusal.As(err); ok {
			text = r.Say
		}
	}
	return trimStop(text)
}

func (s *sources) reader(name string) (source.Reader, error) {
	if r, ok := s.readers[name]; ok {
		return r, nil
	}
	return nil, refusal.NotFound("There is no source %q in the configuration.", name)
}

// works asks a source whether one of its automations works now.
func (s *sources) works(ctx context.Context, name, automation string) (rollback.SwitchState, error) {
	r, err := s.reader(name)
	if err != nil {
		return "", err
	}
	now, err := r.Automation(ctx, automation)
	return now.After, err
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
