package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"unicode/utf8"

	"snafu/bot"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
)

// ExportOptions say what is exported at the command line, and where to.
type ExportOptions struct {
	Incident string // SNAFU-42
	Form     string // md, html, csv, json, public
	Dir      string // the configured folder if empty
	Why      string // a private snafu is exported; its channel is told
	Public   incidents.PublicText
}

// whyPrivate is how long a reason is at least that is one.
const whyPrivate = 10

// Export writes the post-mortem of an incident as the bot does, from the log
// database alone: neither a source nor Slack has to answer. Without Slack people
// stand in it by their ids. It journals what it wrote. A private incident is
// refused without a reason.
func Export(ctx context.Context, out io.Writer, c Config, lo LogOptions, o ExportOptions) (err error) {
	id, err := incidents.ParseID(o.Incident)
	if err != nil {
		return fmt.Errorf("%q is not an incident. Write it as SNAFU-42", o.Incident)
	}
	lo.MustExist = true
	l, err := OpenLog(ctx, c.Database, lo)
	if err != nil {
		return errors.Join(ErrCouldNotLook, sentence("The log database cannot be opened", err))
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	db, err := pgdb.Open(ctx, pgdb.Options{URL: l.URL, MaxConns: 4, Log: lo.Log})
	if err != nil {
		return errors.Join(ErrCouldNotLook, sentence("The log database cannot be used", err))
	}
	defer db.Close()
	if err := checkLog(ctx, db); err != nil {
		return errors.Join(ErrCouldNotLook, err)
	}
	a := &App{o: Options{Config: c, DB: db, Log: lo.Log, Say: lo.Say}, log: lo.Log, db: db, inbox: db, holder: holder(), sources: &sources{config: c.Sources}}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if err := a.build(); err != nil {
		return err
	}
	defer a.reach.Close()
	return a.export(ctx, out, id, o)
}

func (a *App) export(ctx context.Context, out io.Writer, id incidents.ID, o ExportOptions) error {
	inc, err := a.response.Get(ctx, id)
	if err != nil {
		return err
	}
	o.Why = strings.TrimSpace(o.Why)
	if inc.Private && utf8.RuneCountInString(o.Why) < whyPrivate {
		return fmt.Errorf("%s is private. Say why it leaves its channel, in %d characters or more: --private \"the auditor asked for it\". Its channel is told", id, whyPrivate)
	}
	if !inc.Private {
		o.Why = ""
	}
	dir := o.Dir
	if dir == "" {
		dir = a.o.Config.Exports.Dir
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder for exports cannot be made:%s. Name another with --out", cause(err))
	}
	done, err := a.bot.Export(ctx, bot.Writing{
		Act: journal.Act{By: incidents.System("export"), Key: "export:" + a.holder}, Incident: inc, Form: o.Form, Public: o.Public,
		Names: a.nameless(ctx), Why: o.Why, Keep: keepIn(dir),
	})
	if err != nil {
		return err
	}
	for _, f := range done.Files {
		fmt.Fprintf(out, "%s (%d bytes, SHA-256 %x)\n", f.Path, f.Bytes, f.SHA256)
	}
	for _, remark := range done.Remarks {
		a.o.Say(remark)
	}
	return nil
}

// nameless are ids for names, where Slack cannot be asked; nil where it can.
func (a *App) nameless(ctx context.Context) incidents.Names {
	say := "There is no token for Slack, so people stand in it by their ids."
	if a.o.Config.Slack.BotToken.Given() {
		ask, cancel := context.WithTimeout(ctx, answerWithin)
		defer cancel()
		err := a.bot.Known(ask)
		if err == nil {
			return nil
		}
		say = "Slack could not be asked for names, so people stand in it by their ids: " + cause(err) + "."
	}
	a.o.Say(say)
	return func(p incidents.Person) string {
		if p == "" {
			return "nobody"
		}
		return p.User()
	}
}
