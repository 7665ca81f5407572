package app

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"snafu/incidents/response"
)

// Config is snafu.yaml. Times of day are of the zone that stands beside them,
// lengths of time are written as 15s, 5m, 4h or 90d.
type Config struct {
	Slack    SlackConfig             `yaml:"slack"`
	Database DatabaseConfig          `yaml:"database"`
	Zone     string                  `yaml:"zone"`     // of the house: its hours of work, its mornings
	Announce string                  `yaml:"announce"` // channel where new incidents are told: its id, or #name
	Archive  string                  `yaml:"archive"`  // when the channel of a closed incident goes: 14d, never
	Exports  ExportsConfig           `yaml:"exports"`
	Sources  map[string]SourceConfig `yaml:"sources"`
	Rotas    map[string]RotaConfig   `yaml:"rotas"`
	Ladder   LadderConfig            `yaml:"ladder"`
	Limits   LimitsConfig            `yaml:"limits"`
	Outbound OutboundConfig          `yaml:"outbound"`
	Vendors  map[string]VendorConfig `yaml:"vendors"`
	Security string                  `yaml:"security"` // rota or Slack user id, called when data was exposed
	Admins   AdminsConfig            `yaml:"admins"`
	Roles    map[string]string       `yaml:"roles"` // beside the lead: name to what the role does

	CustomerCaseURL string `yaml:"customer_case_url"`

	Folder string // of the file: relative paths begin here
}

// SlackConfig names the tokens of the Slack app.
type SlackConfig struct {
	BotTokenEnv  string `yaml:"bot_token_env"`
	BotTokenFile string `yaml:"bot_token_file"`
	AppTokenEnv  string `yaml:"app_token_env"`
	AppTokenFile string `yaml:"app_token_file"`
	Listen       string `yaml:"listen"` // address for signed requests; empty is Socket Mode
	SecretEnv    string `yaml:"signing_secret_env"`
	SecretFile   string `yaml:"signing_secret_file"`
	APIURL       string `yaml:"api_url"`  // of a simulated Slack; empty is Slack itself
	Pictures     bool   `yaml:"pictures"` // post charts of counts

	Reactions ReactionsConfig `yaml:"reactions"`

	BotToken, AppToken, SigningSecret Secret
	// SecondAfter is when the second connection is opened; 0 is the usual ten
	// seconds, less than 0 at once.
	SecondAfter time.Duration
}

// DatabaseConfig says where the log is kept. Without a URL it is kept in a
// Postgres of our own, in Dir.
type DatabaseConfig struct {
	URLEnv         string `yaml:"url_env"`
	URLFile        string `yaml:"url_file"`
	MigrateURLEnv  string `yaml:"migrate_url_env"`
	MigrateURLFile string `yaml:"migrate_url_file"`
	VerifyURLEnv   string `yaml:"verify_url_env"`
	VerifyURLFile  string `yaml:"verify_url_file"`
	Dir            string `yaml:"dir"`
	Connections    int    `yaml:"connections"`

	URL, MigrateURL, VerifyURL Secret
}

// ExportsConfig says where the before-images and lists are written, and how long
// they are kept once their snafu was closed; zero is for ever.
type ExportsConfig struct {
	Dir  string        `yaml:"dir"`
	Keep time.Duration `yaml:"keep"`
	// Upload shares post-mortems in the channel of their snafu; before-images and
	// lists never leave the folder.
	Upload bool `yaml:"upload"`
}

// LimitsConfig bounds what people may send in a minute.
type LimitsConfig struct {
	ActsPerPerson int64 `yaml:"acts_per_person"` // a minute
	Acts          int64 `yaml:"acts"`            // a minute, of the whole workspace
}

// The variables that stand in for keys nobody wrote.
const (
	databaseEnv = "SNAFU_DATABASE_URL"
	migrateEnv  = "SNAFU_MIGRATE_URL"
	verifyEnv   = "SNAFU_VERIFY_URL"
)

var (
	nameRule    = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
	userRule    = regexp.MustCompile(`^[UW][A-Z0-9]{2,20}$`)
	groupRule   = regexp.MustCompile(`^S[A-Z0-9]{2,20}$`)
	archiveRule = regexp.MustCompile(`^(never|[2-9]d|[1-9][0-9]{1,3}d)$`)
	channelRule = regexp.MustCompile(`^([CG][A-Z0-9]{2,20}|#[^ A-Z#@.,]{1,80})$`)
)

// Need says which secrets a command reads. The others are left alone: a bot
// has no business with the login that migrates, nor an audit with a token. Names
// takes the token that reads names, if it is there.
type Need struct{ Slack, Sources, Log, Migrate, Names bool }

func given(need bool, w wish) wish {
	if need {
		return w
	}
	return unread
}

// Load reads a configuration and its secrets. An error that is *Faults shows
// everything that is wrong at once.
func Load(file string, env Lookup, need Need) (Config, error) {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return Config{}, fmt.Errorf("there is no %s. Copy manifests/snafu.example.yaml there, or name another file with --config", file)
	}
	if err != nil {
		return Config{}, fmt.Errorf("%s cannot be read:%s", file, cause(err))
	}
	return parse(file, text, env, need)
}

func parse(file string, text []byte, env Lookup, need Need) (Config, error) {
	c := Config{
		Folder:  filepath.Dir(file),
		Ladder:  defaultLadder(),
		Exports: ExportsConfig{Keep: 30 * 24 * time.Hour},
	}
	d := decode(file, text, &c)
	if len(d.faults.list) > 0 && len(d.places) == 0 {
		return Config{}, d.faults.orNil()
	}
	s := secrets{d, env}
	c.Slack.check(d, s, given(need.Slack, required))
	if need.Names {
		c.Slack.BotToken = s.ifThere("slack.bot_token", c.Slack.BotTokenEnv, c.Slack.BotTokenFile)
	}
	c.Database.check(d, s, need)
	if c.Announce != "" && !channelRule.MatchString(c.Announce) {
		d.fault("announce", "%q is not a channel. Write its id, such as C0123ABCD, or \"#its-name\" in quotes.", c.Announce)
	}
	if c.Archive != "" && !archiveRule.MatchString(c.Archive) {
		d.fault("archive", "%q is not when a channel is archived. Write 2d or more after the close, such as 14d, or never.", c.Archive)
	}
	if c.zone() == nil {
		d.fault("zone", "%q is not a time zone. Write one such as Europe/Berlin.", c.Zone)
	}
	if c.Exports.Dir == "" {
		c.Exports.Dir = "exports"
	}
	c.Exports.Dir = c.path(c.Exports.Dir)
	if c.Exports.Keep < 24*time.Hour {
		d.fault("exports.keep", "What was written before a change is kept for a day at least after its snafu was closed. Write 1d or more.")
	}
	for name, source := range c.Sources {
		source.check(d, s, name, c, need.Sources)
		c.Sources[name] = source
	}
	c.asks()
	for name, rota := range c.Rotas {
		rota.check(d, s, name, given(need.Slack, required))
		c.Rotas[name] = rota
	}
	c.Ladder.check(d)
	c.checkVendors(d)
	c.checkSteps(d)
	c.checkSecurity(d)
	c.Admins.check(d)
	c.Slack.Reactions.check(d)
	c.checkRoles(d)
	c.Outbound.check(d, s, given(need.Slack, required), c.Slack.Listen != "")
	return c, d.faults.orNil()
}

// archiveAfter is how long after its close a channel goes; zero is the usual.
func (c Config) archiveAfter() time.Duration {
	if c.Archive == "never" {
		return response.ArchiveNever
	}
	days, err := strconv.Atoi(strings.TrimSuffix(c.Archive, "d"))
	if err != nil { // nobody says, or it was told as a fault
		return 0
	}
	return time.Duration(days) * 24 * time.Hour
}

// path makes a path of the file absolute to its folder.
func (c Config) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Folder, p)
}

func (s *SlackConfig) check(d *decoder, secret secrets, need wish) {
	s.BotToken = secret.read("slack.bot_token", s.BotTokenEnv, s.BotTokenFile, need)
	sockets, signed := need, min(need, ifGiven)
	if s.Listen != "" {
		sockets, signed = signed, need
		if _, port, err := net.SplitHostPort(s.Listen); err != nil || port == "" {
			d.fault("slack.listen", "%q is not an address to listen on. Write host and port, such as 127.0.0.1:8322.", s.Listen)
		}
	}
	s.AppToken = secret.read("slack.app_token", s.AppTokenEnv, s.AppTokenFile, sockets)
	s.SigningSecret = secret.read("slack.signing_secret", s.SecretEnv, s.SecretFile, signed)
	if t := s.BotToken; t.Given() && !strings.HasPrefix(t.Reveal(), "xoxb-") {
		d.fault("slack.bot_token_env", "This is not a bot token: those begin with xoxb-. Slack shows it under OAuth & Permissions.")
	}
	if t := s.AppToken; t.Given() && !strings.HasPrefix(t.Reveal(), "xapp-") {
		d.fault("slack.app_token_env", "This is not an app-level token: those begin with xapp-. Slack shows it under Basic Information.")
	}
}

func (b *DatabaseConfig) check(d *decoder, secret secrets, need Need) {
	b.URL = secret.read("database.url", b.URLEnv, b.URLFile, given(need.Log, ifGiven))
	b.MigrateURL = secret.read("database.migrate_url", b.MigrateURLEnv, b.MigrateURLFile, given(need.Migrate, ifGiven))
	b.VerifyURL = secret.read("database.verify_url", b.VerifyURLEnv, b.VerifyURLFile, given(need.Log, ifGiven))
	b.fromEnvironment(secret.env)
	if b.Connections != 0 && (b.Connections < 8 || b.Connections > 200) {
		d.fault("database.connections", "%d connections are not possible. Write 8 to 200.", b.Connections)
	}
}

// fromEnvironment fills in what the file left open. The bare DATABASE_URL is
// never read: it belongs to other programs.
func (b *DatabaseConfig) fromEnvironment(env Lookup) {
	for name, to := range map[string]*Secret{databaseEnv: &b.URL, migrateEnv: &b.MigrateURL, verifyEnv: &b.VerifyURL} {
		if value, ok := env(name); ok && !to.Given() {
			*to = NewSecret(value)
		}
	}
}

// DatabaseFromEnvironment is the log database where there is no file.
func DatabaseFromEnvironment(env Lookup) DatabaseConfig {
	var c DatabaseConfig
	c.fromEnvironment(env)
	return c
}
