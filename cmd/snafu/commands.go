package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"snafu/bot/slacksim"
	"snafu/cmd/snafu/app"
	"snafu/manifests"
)

// spoken is an error as the end of a sentence.
func spoken(err error) string {
	text := strings.TrimPrefix(err.Error(), app.ErrCouldNotLook.Error()+"\n")
	return strings.TrimSuffix(strings.TrimSpace(text), ".")
}

func (c console) log(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: level}))
}

// database reads what concerns the log database: the file if it is there, else
// the environment alone.
func (c console) database(file string, need app.Need) (app.DatabaseConfig, error) {
	if _, err := os.Stat(file); err != nil {
		return app.DatabaseFromEnvironment(c.env), nil //nolint:nilerr // without a file the environment says it all
	}
	config, err := app.Load(file, c.env, need)
	return config.Database, err
}

func (c console) logOptions() app.LogOptions {
	return app.LogOptions{Log: c.log(slog.LevelWarn), Say: c.say, Env: c.env}
}

type manifestCommand struct {
	HTTP     string `name:"http" help:"For a bot that Slack reaches by HTTPS at this address." placeholder:"URL"`
	Pictures bool   `help:"With the scope that charts of counts need, for slack.pictures in snafu.yaml."`

	Uploads bool `help:"With the scope that shared post-mortems need, for exports.upload in snafu.yaml."`

	Usergroups bool `help:"With the scope that user groups need which follow rotas, for rotas.*.usergroup in snafu.yaml."`

	Edits bool `help:"With the events of messages, so that an edited message is offered to whoever put it on the timeline."`
}

func (m manifestCommand) Run(c console) error {
	app := manifests.SlackApp()
	if m.HTTP != "" {
		var err error
		if app, err = manifests.SlackAppHTTP(m.HTTP); err != nil {
			return err
		}
	}
	if m.Pictures || m.Uploads {
		var err error
		if app, err = manifests.WithPictures(app); err != nil {
			return err
		}
	}
	if m.Usergroups {
		var err error
		if app, err = manifests.WithUsergroups(app); err != nil {
			return err
		}
	}
	if m.Edits {
		var err error
		if app, err = manifests.WithEdits(app); err != nil {
			return err
		}
	}
	_, err := c.out.Write(app)
	return err
}

type migrateCommand struct{ configFlag }

func (m migrateCommand) Run(c console) error {
	db, err := c.database(m.Config, app.Need{Log: true, Migrate: true})
	if err != nil {
		return err
	}
	if err := app.Migrate(c.ctx, db, c.logOptions()); err != nil {
		return err
	}
	c.say("The log database has the schema of this binary.")
	return nil
}

type verifyCommand struct {
	configFlag
	Incident string `help:"Only this one, such as SNAFU-42." placeholder:"SNAFU-N"`
	JSON     bool   `name:"json" help:"Print JSON."`
}

func (v verifyCommand) Run(c console) error {
	db, err := c.database(v.Config, app.Need{Log: true})
	if err != nil {
		return errors.Join(app.ErrCouldNotLook, err)
	}
	return app.Audit(c.ctx, c.out, db, c.logOptions(), app.AuditOptions{Incident: v.Incident, JSON: v.JSON})
}

type slacksimCommand struct {
	Listen     string `help:"Address to listen on." default:"127.0.0.1:0"`
	Workspace  string `help:"Description of the workspace; without it six neutral people." placeholder:"FILE"`
	State      string `help:"Keep the workspace in this file, so that it survives a restart." placeholder:"FILE"`
	RequestURL string `help:"Send the app signed HTTP requests there instead of using Socket Mode." placeholder:"URL" name:"request-url"`
}

func (s slacksimCommand) Run(c console) error {
	workspace := slacksim.DefaultWorkspace()
	if s.Workspace != "" {
		var err error
		if workspace, err = app.Workspace(s.Workspace); err != nil {
			return err
		}
	}
	sim, err := slacksim.Start(slacksim.Options{
		Workspace: workspace, Listen: s.Listen, StateFile: s.State, RequestURL: s.RequestURL, Log: c.log(slog.LevelWarn),
	})
	if err != nil {
		return err
	}
	t := sim.Tokens()
	fmt.Fprintf(c.out, "Simulated Slack, not Slack.\npage       %s\nAPI        %s\nbot token  %s\napp token  %s\n", sim.PageURL(), sim.APIURL(), t.Bot, t.App)
	fmt.Fprintf(c.out, "secret     %s\n", t.SigningSecret)
	if s.RequestURL != "" {
		fmt.Fprintf(c.out, "requests   %s\n", s.RequestURL)
	}
	<-c.ctx.Done()
	return sim.Close()
}

type versionCommand struct{}

func (versionCommand) Run(c console) error {
	_, err := fmt.Fprintf(c.out, "snafu %s\n", app.Version())
	return err
}
