package main

import (
	"errors"
	"fmt"
	"log/slog"

	"snafu/cmd/snafu/story"
)

type demoCommand struct {
	Exit  bool    `help:"End after the story. Exit code 0: every check of it held."`
	Keep  string  `help:"Keep the log, the sample and the workspace in this folder." placeholder:"DIR"`
	Speed float64 `help:"Divide waits and pauses by this; never a fact." default:"1"`
	Open  bool    `help:"Open the page in a browser, at a terminal with a screen." default:"true" negatable:""`
	Story string  `help:"The story to play: ${enum}." enum:"lead-status,none" default:"lead-status"`
}

func (d demoCommand) Run(c console) (err error) {
	stage, err := story.Set(c.ctx, story.Options{
		Dir: d.Keep, Speed: d.Speed, Out: c.out, Say: c.say, Log: c.log(slog.LevelWarn), Env: c.env,
	})
	if err != nil {
		return interrupted(c, err)
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	c.say("A simulated Slack, not connected to Slack. Watch it here: " + stage.URL())
	if d.Open && !d.Exit {
		c.browse(stage.URL())
	}
	var verdict error
	switch {
	case d.Story == "none":
	case stage.Played() && d.Exit:
		return fmt.Errorf("the story was played in %s before. Name an empty folder with --keep", d.Keep)
	case stage.Played():
		c.say("The story was played in " + d.Keep + " before; the workspace goes on where it stood.")
	default:
		report := stage.Play(c.ctx)
		if c.ctx.Err() != nil {
			return errInterrupted
		}
		fmt.Fprintln(c.out)
		if _, err := report.WriteTo(c.out); err != nil {
			return fmt.Errorf("print the checks: %w", err)
		}
		verdict = report.Verdict()
	}
	if d.Exit {
		return verdict
	}
	c.say("The workspace stays up: act as anybody in it at " + stage.URL() + ". Stop it with Ctrl-C.")
	select {
	case <-c.ctx.Done():
	case <-stage.Gone():
		return errors.Join(verdict, errPostgresGone)
	}
	return verdict
}

// interrupted tells an end that was asked for from one that was not.
func interrupted(c console, err error) error {
	if c.ctx.Err() != nil {
		return errInterrupted
	}
	return err
}
