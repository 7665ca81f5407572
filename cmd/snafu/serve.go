package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"snafu/cmd/snafu/app"
)

type serveCommand struct {
	configFlag
	Verbose bool `help:"Log each act and each job."`
}

func (s serveCommand) Run(c console) (err error) {
	config, err := app.Load(s.Config, c.env, app.Need{Slack: true, Sources: true, Log: true})
	if err != nil {
		return err
	}
	level := slog.LevelWarn
	if s.Verbose {
		level = slog.LevelInfo
	}
	log := c.log(level)
	lo := c.logOptions()
	lo.Log = log
	db, err := app.OpenLog(c.ctx, config.Database, lo)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	config.Database.URL = app.NewSecret(db.URL)
	a, err := app.Open(c.ctx, app.Options{Config: config, Log: log, Say: c.say})
	if err != nil {
		return err
	}
	defer a.Close()
	sources := slices.Sorted(maps.Keys(config.Sources))
	c.say(fmt.Sprintf("snafu works in %s. Sources: %s. Stop it with Ctrl-C.", a.Workspace().Name, strings.Join(sources, ", ")))
	ctx, lost := untilGone(c.ctx, db)
	if err := a.Run(ctx); err != nil {
		return err
	}
	return lost()
}

type doctorCommand struct{ configFlag }

func (d doctorCommand) Run(c console) error {
	return app.Doctor(c.ctx, c.out, d.Config, c.logOptions())
}
