package story

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"snafu/cmd/snafu/app"
	"snafu/incidents/pgdb"
)

//go:embed snafu.yaml
var configText string

// counted are the named counts of the sample.
//
//go:embed counts
var counted embed.FS

var configTemplate = template.Must(template.New("snafu.yaml").Parse(configText))

// settings are what the configuration of the demo cannot know beforehand.
type settings struct {
	APIURL, Secrets, Anchor, Rest string
	Dir                           string // of a Postgres that stays; empty for one that is thrown away
	people                        map[string]string
}

// ID is the Slack user id of somebody of the cast.
func (s settings) ID(name string) string { return s.people[name] }

// configure writes snafu.yaml with its secrets into the folder of the stage,
// and reads it as serve would.
func (s *Stage) configure(crm string) (app.Config, error) {
	secrets := filepath.Join(s.dir, "secrets")
	if err := os.MkdirAll(secrets, 0o700); err != nil {
		return app.Config{}, fmt.Errorf("make the folder of secrets: %w", err)
	}
	count, err1 := pgdb.As("snafu_count", crm)
	exec, err2 := pgdb.As("snafu_exec", crm)
	if err1 != nil || err2 != nil {
		return app.Config{}, fmt.Errorf("name the logins of the sample: %w, %w", err1, err2)
	}
	tokens := s.sim.Tokens()
	for name, secret := range map[string]string{
		"slack-bot-token": tokens.Bot, "slack-app-token": tokens.App, "log": s.log.URL, "log-verify": s.log.VerifyURL,
		"crm-count": count, "crm-exec": exec,
	} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(secret+"\n"), 0o600); err != nil {
			return app.Config{}, fmt.Errorf("write a secret: %w", err)
		}
	}
	with := settings{APIURL: s.sim.APIURL(), Secrets: secrets, Anchor: anchor(time.Now()), Rest: s.rest().String(), people: map[string]string{}}
	if s.o.Dir != "" {
		with.Dir = filepath.Join(s.dir, "postgres")
	}
	for _, p := range cast().People {
		known, err := s.sim.As(p.Name).Profile()
		if err != nil {
			return app.Config{}, err
		}
		with.people[p.Name] = known.ID
	}
	var text strings.Builder
	if err := configTemplate.Execute(&text, with); err != nil {
		return app.Config{}, fmt.Errorf("write the configuration: %w", err)
	}
	file := filepath.Join(s.dir, "snafu.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return app.Config{}, fmt.Errorf("write the configuration: %w", err)
	}
	if err := s.namedCounts(); err != nil {
		return app.Config{}, fmt.Errorf("write the named counts: %w", err)
	}
	config, err := app.Load(file, s.o.Env, app.Need{Slack: true, Sources: true, Log: true})
	config.Database.URL = app.NewSecret(s.log.URL)
	// A minute is the shortest window a workspace may have; nobody wants to
	// watch that.
	window := s.shorter(20*time.Second, 5*time.Second)
	config.Ladder.Sev1, config.Ladder.Sev2, config.Ladder.Sev3 = window, window, window
	config.Slack.SecondAfter = -1
	return config, err
}

// namedCounts writes the reviewed files beside snafu.yaml, where nobody else may
// write: serve takes no other.
func (s *Stage) namedCounts() error {
	files, err := counted.ReadDir("counts")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "counts"), 0o700); err != nil {
		return err
	}
	for _, f := range files {
		text, err := counted.ReadFile("counts/" + f.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.dir, "counts", f.Name()), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// rest is the pause between two batches. It stays long enough for somebody to
// press Pause in it.
func (s *Stage) rest() time.Duration { return s.shorter(400*time.Millisecond, 250*time.Millisecond) }

// anchor begins the turns of the rota so that it is the first member's now.
func anchor(now time.Time) string { return now.UTC().AddDate(0, 0, -2).Format(time.DateOnly) }
