// Package story plays an incident as its cast, against a simulated Slack and a
// real Postgres, and checks every figure of it.
//
// The people are played; the bot, its database and the sample CRM are the real
// ones, and the configuration is read as an operator's would be. The package
// prints the conversation while it happens and never tells the bot what to
// find.
package story

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"snafu/bot/slacksim"
	"snafu/cmd/snafu/app"
)

// Options of a stage.
type Options struct {
	// Dir keeps everything: log, sample, workspace, configuration. Empty means
	// that all of it ends with the stage.
	Dir string
	// Speed divides waits and pauses, never a fact. 0 is 1.
	Speed float64
	Out   io.Writer    // hears the conversation
	Say   func(string) // hears what the person who started this should know
	Log   *slog.Logger
	Env   app.Lookup
}

// Stage is where the story is played: a Postgres of our own with the log and
// the sample CRM, a simulated Slack, and the bot at work between them.
type Stage struct {
	o      Options
	dir    string
	log    *app.LogDatabase
	sim    *slacksim.Sim
	world  *world
	app    *app.App
	played bool   // in an earlier life of a kept folder
	room   string // the incident's channel, "" before it is there

	leave func()
	ended chan error
}

// Set builds a stage. Close takes it down.
func Set(ctx context.Context, o Options) (*Stage, error) {
	if o.Speed <= 0 {
		o.Speed = 1
	}
	s := &Stage{o: o, dir: o.Dir}
	if err := s.set(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Stage) set(ctx context.Context) error {
	if err := s.folder(); err != nil {
		return err
	}
	var err error
	if s.log, err = app.ThrowAway(ctx, s.o.Dir, app.LogOptions{Log: s.o.Log, Say: s.o.Say, Env: s.o.Env}); err != nil {
		return err
	}
	crm, fresh, err := s.log.Database(ctx, "crm")
	if err != nil {
		return err
	}
	s.played = !fresh
	so := slacksim.Options{Workspace: cast(), Log: s.o.Log}
	if s.o.Dir != "" {
		so.StateFile = filepath.Join(s.dir, "slack.jsonl")
	}
	if s.sim, err = slacksim.Start(so); err != nil {
		return err
	}
	config, err := s.configure(crm)
	if err != nil {
		return err
	}
	if fresh {
		grants, err := app.SourceSQL(config, "crm")
		if err != nil {
			return err
		}
		if err := makeWorld(ctx, crm, grants); err != nil {
			return err
		}
	}
	if s.world, err = openWorld(ctx, crm); err != nil {
		return err
	}
	if fresh {
		if err := s.world.history(ctx, time.Now().UTC().Truncate(time.Minute)); err != nil {
			return err
		}
	}
	return s.start(ctx, config)
}

func (s *Stage) folder() (err error) {
	if s.dir == "" {
		s.dir, err = os.MkdirTemp("", "snafu-demo-")
	} else if s.dir, err = filepath.Abs(s.dir); err == nil {
		// Whoever runs Postgres for root must be able to enter; what is secret
		// lies in folders of its own.
		err = os.MkdirAll(s.dir, 0o711) //nolint:gosec // see above
	}
	if err != nil {
		return fmt.Errorf("the folder of the demo cannot be made: %w", err)
	}
	return nil
}

// start runs the bot until the stage is taken down.
func (s *Stage) start(ctx context.Context, config app.Config) (err error) {
	s.app, err = app.Open(ctx, app.Options{
		Config: config, Log: s.o.Log, Say: s.o.Say, TestOnly: true, Unhurried: true,
		EditEvery: s.shorter(time.Second, time.Millisecond), ProgressEvery: s.shorter(time.Second, time.Millisecond),
		MinRead: time.Millisecond,
	})
	if err != nil {
		return err
	}
	running, leave := context.WithCancel(context.WithoutCancel(ctx))
	s.leave, s.ended = leave, make(chan error, 1)
	go func() { s.ended <- s.app.Run(running) }()
	until, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return s.sim.AwaitConnections(until, 2)
}

// shorter divides a wait by the speed, down to a floor.
func (s *Stage) shorter(d, floor time.Duration) time.Duration {
	return max(time.Duration(float64(d)/s.o.Speed), floor)
}

// URL is where a browser sees the workspace: the incident's channel once there
// is one, before that the channel where it begins.
func (s *Stage) URL() string {
	return s.sim.PageURL() + "?as=maya&channel=" + strings.TrimPrefix(cmp.Or(s.room, marketing), "#")
}

// Played says that the story was played in this folder before.
func (s *Stage) Played() bool { return s.played }

// Gone is closed when the Postgres of the stage has ended.
func (s *Stage) Gone() <-chan struct{} { return s.log.Gone() }

// Close takes the stage down: the bot ends in order, then Slack, then Postgres.
func (s *Stage) Close() error {
	var faults []error
	if s.leave != nil {
		s.leave()
		faults = append(faults, <-s.ended)
	}
	if s.app != nil {
		s.app.Close()
	}
	if s.world != nil {
		s.world.close()
	}
	if s.sim != nil {
		faults = append(faults, s.sim.Close())
	}
	if s.log != nil {
		faults = append(faults, s.log.Close())
	}
	if s.o.Dir == "" && s.dir != "" {
		faults = append(faults, os.RemoveAll(s.dir))
	}
	return errors.Join(faults...)
}
