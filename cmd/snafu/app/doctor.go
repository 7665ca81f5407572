package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"snafu/bot"
	"snafu/incidents/pgdb"
	"snafu/incidents/refusal"
	"snafu/manifests"
)

// doctor prints one line for each thing it looked at: what, found, do this.
type doctor struct {
	out    io.Writer
	sick   bool
	scopes []extra // beyond those that the manifest asks for by itself
}

// extra is a scope that something in the configuration needs.
type extra struct{ scope, because, flag string }

// extras are the scopes that a configuration needs beyond those of the manifest.
func (c Config) extras() (all []extra) {
	if len(c.usergroups()) > 0 {
		all = append(all, extra{manifests.UsergroupScope, "A rota names a user group", "--usergroups"})
	}
	if c.Slack.Pictures {
		all = append(all, extra{manifests.UploadScope, "slack.pictures is on", "--pictures"})
	}
	if c.Exports.Upload {
		all = append(all, extra{manifests.UploadScope, "exports.upload is on", "--uploads"})
	}
	return all
}

func (d *doctor) ok(what, format string, args ...any)   { d.line("ok", what, format, args...) }
func (d *doctor) warn(what, format string, args ...any) { d.line("warn", what, format, args...) }

func (d *doctor) fail(what, format string, args ...any) {
	d.sick = true
	d.line("FAIL", what, format, args...)
}

func (d *doctor) line(verdict, what, format string, args ...any) {
	fmt.Fprintf(d.out, "%-4s  %-12s %s\n", verdict, what, fmt.Sprintf(format, args...))
}

// Doctor says what is missing before the bot can work. It returns
// ErrDoesNotHold if serve would not work. It changes nothing.
func Doctor(ctx context.Context, out io.Writer, file string, lo LogOptions) error {
	d := &doctor{out: out}
	c, err := Load(file, lo.Env, Need{Slack: true, Sources: true, Log: true})
	if err != nil {
		d.fail("config", "%s", strings.ReplaceAll(err.Error(), "\n", "\n      "))
		return ErrDoesNotHold
	}
	d.ok("config", "%s declares %d sources and %d rotas", file, len(c.Sources), len(c.Rotas))
	lo.MustExist = true
	d.database(ctx, c.Database, lo)
	d.scopes = c.extras()
	d.slack(ctx, c.Slack)
	d.exports(c.Exports.Dir)
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		d.source(ctx, name, c.Sources[name])
	}
	if d.sick {
		return ErrDoesNotHold
	}
	return nil
}

const serverSettings = `
	select current_setting('server_version_num')::int, current_setting('fsync'), current_setting('synchronous_commit'),
	       clock_timestamp()`

func (d *doctor) database(ctx context.Context, c DatabaseConfig, lo LogOptions) {
	l, err := OpenLog(ctx, c, lo)
	if err != nil {
		d.fail("database", "%s.", trimStop(sentence("The log database cannot be opened", err).Error()))
		return
	}
	defer l.Close() //nolint:errcheck // it is only looked at
	db, err := pgdb.Open(ctx, pgdb.Options{URL: l.URL, MaxConns: 1})
	if err != nil {
		d.fail("database", "%s.", trimStop(sentence("The log database cannot be used", err).Error()))
		return
	}
	defer db.Close()
	if err := checkLog(ctx, db); err != nil {
		d.fail("database", "%s.", err)
		return
	}
	var version int
	var fsync, commit string
	var at time.Time
	if err := db.Pool().QueryRow(ctx, serverSettings).Scan(&version, &fsync, &commit, &at); err != nil {
		d.fail("database", "It does not tell its settings: %s.", because(err))
		return
	}
	switch {
	case version < 140000:
		d.fail("database", "It is PostgreSQL %d; 14 or newer is needed. Upgrade the server.", version/10000)
	case fsync != "on" || commit == "off":
		d.fail("database", "fsync is %s and synchronous_commit is %s. Switch both on: what is acknowledged has to be on disk.", fsync, commit)
	default:
		d.ok("database", "PostgreSQL %d.%d, role and schema as they should be, fsync on", version/10000, version%10000)
	}
	d.clock("database", at)
}

// Instants come from the database and signatures are checked against Slack's
// clock, so a machine whose clock is off shows wrong times.
func (d *doctor) clock(whose string, at time.Time) {
	if at.IsZero() {
		return
	}
	if off := time.Since(at).Abs(); off > 30*time.Second {
		d.warn("clock", "This machine and the clock of %s differ by %s. Switch time synchronisation on.", whose, off.Round(time.Second))
		return
	}
	d.ok("clock", "as the clock of %s", whose)
}

func (d *doctor) slack(ctx context.Context, c SlackConfig) {
	ask, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	w, err := bot.Hello(ask, c.options())
	if r, ok := refusal.As(err); ok {
		d.fail("slack", "%s", r.Say)
		return
	}
	if err != nil {
		d.fail("slack", "Slack does not answer from here. Open the way to slack.com, or check slack.api_url.")
		return
	}
	if c.Listen != "" {
		d.ok("slack", "the bot token leads to %s (%s); Slack comes to %s", w.Name, w.Team, c.Listen)
	} else {
		d.ok("slack", "both tokens lead to %s (%s)", w.Name, w.Team)
	}
	if missing := missingScopes(w.Scopes); len(w.Scopes) > 0 && len(missing) > 0 {
		d.fail("scopes", "The bot token lacks %s. Paste the output of snafu manifest into the app, then reinstall it.", strings.Join(missing, ", "))
	} else if len(w.Scopes) > 0 {
		d.ok("scopes", "all that the manifest asks for")
	}
	for _, x := range d.scopes {
		if len(w.Scopes) > 0 && !slices.Contains(w.Scopes, x.scope) {
			d.fail("scopes", "%s, and the bot token lacks %s. Paste the output of snafu manifest %s into the app, then reinstall it.", x.because, x.scope, x.flag)
		}
	}
	d.clock("Slack", w.At)
}

func missingScopes(held []string) []string {
	var app struct {
		OAuth struct {
			Scopes struct {
				Bot []string `json:"bot"`
			} `json:"scopes"`
		} `json:"oauth_config"`
	}
	if err := json.Unmarshal(manifests.SlackApp(), &app); err != nil {
		panic(err) // the file is part of this binary
	}
	return slices.DeleteFunc(app.OAuth.Scopes.Bot, func(s string) bool { return slices.Contains(held, s) })
}

func (d *doctor) exports(dir string) {
	info, err := os.Stat(dir)
	if os.IsNotExist(err) {
		d.ok("exports", "%s will be made at the first start", dir)
		return
	}
	if err != nil {
		d.fail("exports", "%s cannot be read:%s.", dir, cause(err))
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		d.warn("exports", "%s can be read by others, and before-images hold personal data. Run: chmod 0700 %s", dir, dir)
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		d.fail("exports", "%s cannot be written:%s.", dir, cause(err))
		return
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	d.ok("exports", "%s can be written", dir)
}

func (d *doctor) source(ctx context.Context, name string, s SourceConfig) {
	what := "source " + name
	a := s.Approvers
	if a.Usergroup == "" && len(a.Users) < a.Needed+1 {
		d.warn(what, "%d approvers for %d approvals: whoever asks for a plan does not count, so one person more is wise.", len(a.Users), a.Needed)
	}
	if a.Usergroup == "" && len(a.Users) < a.Needed {
		d.fail(what, "%d approvers are listed and %d approvals are needed. Add people to approvers.users.", len(a.Users), a.Needed)
	}
	if !s.ExecDSN.Given() {
		d.warn(what, "It has no exec_dsn: it is measured, and nothing is ever written.")
	}
	found, err := systems[s.System].check(ctx, name, s)
	if err != nil {
		d.fail(what, "It could not be looked at: %s.", because(err))
		return
	}
	for _, p := range found.Promises {
		if v := verdicts[p.Verdict]; v != "ok" {
			d.line(v, what, "%s", p.Say())
			d.sick = d.sick || v == "FAIL"
		}
	}
	if found.Sound() {
		d.ok(what, "every right that is needed, and none too many: %d promises kept", len(found.Promises))
	}
}
