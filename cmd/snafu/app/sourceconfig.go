package app

import (
	"slices"
	"time"

	"snafu/rollback"
	"snafu/rollback/source/postgres"
)

// SourceConfig declares a system that snafu counts in and puts back.
type SourceConfig struct {
	System       string                      `yaml:"system"`
	Title        string                      `yaml:"title"`
	CountDSNEnv  string                      `yaml:"count_dsn_env"`
	CountDSNFile string                      `yaml:"count_dsn_file"`
	ExecDSNEnv   string                      `yaml:"exec_dsn_env"`
	ExecDSNFile  string                      `yaml:"exec_dsn_file"`
	Drill        bool                        `yaml:"drill"`
	Rota         string                      `yaml:"rota"`     // who is called for it
	Fallback     string                      `yaml:"fallback"` // told to people when nobody answered
	Vendor       string                      `yaml:"vendor"`   // whose support helps with it
	Ladder       OwnLadderConfig             `yaml:"ladder"`   // of its own
	Admins       []string                    `yaml:"admins"`   // Slack user ids
	Approvers    ApproversConfig             `yaml:"approvers"`
	Limits       PlanLimitsConfig            `yaml:"limits"`
	Tolerance    ToleranceConfig             `yaml:"tolerance"`
	Batch        BatchConfig                 `yaml:"batch"`
	Throttle     ThrottleConfig              `yaml:"throttle"`
	Counts       CountsConfig                `yaml:"counts"`
	Queries      map[string]QueryConfig      `yaml:"queries"`
	Tables       map[string]TableConfig      `yaml:"tables"`
	Backups      map[string]BackupConfig     `yaml:"backups"`
	Automations  map[string]AutomationConfig `yaml:"automations"`
	Evidence     map[string]EvidenceConfig   `yaml:"evidence"`

	CountDSN, ExecDSN Secret
	written           *postgres.Written   // what its logins know of each other
	asked             []rollback.Reviewed // evidence that is asked here, of this source or another
}

// ApproversConfig says who may approve: the union of users and group.
type ApproversConfig struct {
	Users           []string         `yaml:"users"`
	Usergroup       string           `yaml:"usergroup"`
	Needed          int              `yaml:"needed"`
	RequesterCounts bool             `yaml:"requester_counts"`
	Involved        string           `yaml:"involved"`  // refuse, allow
	Discussed       string           `yaml:"discussed"` // demand, free
	BreakGlass      BreakGlassConfig `yaml:"break_glass"`
}

// BreakGlassConfig lets who asks for a plan be one of its two voices, for a
// reason that everybody reads.
type BreakGlassConfig struct {
	Enabled bool  `yaml:"enabled"`
	MaxRows int64 `yaml:"max_rows"`
}

// Whether a plan has to say who was asked in IT and with whom it was discussed.
const (
	discussedDemand = "demand"
	discussedFree   = "free"
)

// Who is involved in the cause may approve, or may not.
const (
	involvedRefuse = "refuse"
	involvedAllow  = "allow"
)

// glassRows is how much a plan may write that its requester approves.
const (
	glassRows    = 500
	maxGlassRows = 100_000
)

// PlanLimitsConfig bounds a plan.
type PlanLimitsConfig struct {
	MaxRows         int64         `yaml:"max_rows"`
	FreezeExpires   time.Duration `yaml:"freeze_expires"`
	ApprovalExpires time.Duration `yaml:"approval_expires"`
	StartWithin     time.Duration `yaml:"start_within"`
	FreezeTimeout   time.Duration `yaml:"freeze_timeout"`
}

// ToleranceConfig says how many records may have changed since the freeze.
type ToleranceConfig struct {
	ShrinkShare Share `yaml:"shrink_share"`
	ShrinkRows  int64 `yaml:"shrink_rows"`
}

// BatchConfig says how a run walks its records.
type BatchConfig struct {
	Start       int64         `yaml:"start"`
	Min         int64         `yaml:"min"`
	Max         int64         `yaml:"max"`
	TargetMin   time.Duration `yaml:"target_min"`
	TargetMax   time.Duration `yaml:"target_max"`
	Rest        time.Duration `yaml:"rest"`
	LockTimeout time.Duration `yaml:"lock_timeout"`
	Canary      int64         `yaml:"canary"`
}

// CountsConfig bounds what counting may cost the source.
type CountsConfig struct {
	StatementTimeout time.Duration `yaml:"statement_timeout"`
	LockTimeout      time.Duration `yaml:"lock_timeout"`
	Connections      int           `yaml:"connections"`
	Replica          bool          `yaml:"replica"` // count_dsn leads to a standby
	MaxLag           time.Duration `yaml:"max_lag"` // behind its primary
	MaxCost          float64       `yaml:"max_cost"`
	AdHocUsergroup   string        `yaml:"ad_hoc_usergroup"` // empty: nobody types a statement
}

// maxRows is the largest plan that was measured with a margin.
const maxRows = 10_000_000

func (s *SourceConfig) check(d *decoder, secret secrets, name string, c Config, need bool) {
	path := "sources." + name
	if !nameRule.MatchString(name) {
		d.fault(path, "%q cannot name a source. Write small letters, digits, - and _, at most 32.", name)
	}
	if !slices.Contains(systemNames(), s.System) {
		d.fault(path+".system", "sources.%s.system is %q. Known: %s.", name, s.System, quotedList(systemNames()))
	}
	s.CountDSN = secret.read(path+".count_dsn", s.CountDSNEnv, s.CountDSNFile, given(need, required))
	s.ExecDSN = secret.read(path+".exec_dsn", s.ExecDSNEnv, s.ExecDSNFile, given(need, ifGiven))
	s.written = postgres.NewWritten()
	if s.Title == "" {
		s.Title = name
	}
	if s.Rota != "" {
		if _, ok := c.Rotas[s.Rota]; !ok {
			d.fault(path+".rota", "There is no rota %q. Declare it under rotas.", s.Rota)
		}
	}
	users(d, path+".admins", s.Admins)
	s.Approvers.check(d, path+".approvers")
	s.Batch.check(d, path+".batch")
	s.Throttle.check(d, secret, path+".throttle", c, need)
	s.Counts.check(d, path+".counts")
	if l := s.Limits.MaxRows; l < 0 || l > maxRows {
		d.fault(path+".limits.max_rows", "A plan of %d rows is more than was ever tried. Write at most %d.", l, maxRows)
	}
	if len(s.Tables) == 0 {
		d.fault(path, "sources.%s declares no table. Add one under tables.", name)
	}
	for key, q := range s.Queries {
		q.check(d, path+".queries."+key, key, c)
		s.Queries[key] = q
	}
	for key, t := range s.Tables {
		t.check(d, path+".tables."+key, key)
		t.Require.check(d, path+".tables."+key+".require", c)
		s.Tables[key] = t
	}
	for key, a := range s.Automations {
		a.check(d, path+".automations."+key, key, s, need)
		s.Automations[key] = a
	}
	for key, b := range s.Backups {
		b.check(d, secret, path+".backups."+key, key, s, need)
		s.Backups[key] = b
	}
	for key, e := range s.Evidence {
		e.check(d, path+".evidence."+key, key, s, c)
		s.Evidence[key] = e
	}
}

func (a *ApproversConfig) check(d *decoder, path string) {
	if !d.has(path + ".needed") {
		a.Needed = 2
	}
	if a.Needed < 2 || a.Needed > 9 {
		d.fault(path+".needed", "%d approvals are not possible. Write 2 to 9: nothing is written by one person alone.", a.Needed)
	}
	if a.Involved != "" && a.Involved != involvedRefuse && a.Involved != involvedAllow {
		d.fault(path+".involved", "%q is not possible for involved. Write refuse or allow.", a.Involved)
	}
	switch a.Discussed {
	case "":
		a.Discussed = discussedDemand
	case discussedDemand, discussedFree:
	default:
		d.fault(path+".discussed", "%q is not possible for discussed. Write demand or free.", a.Discussed)
	}
	if !d.has(path + ".break_glass.max_rows") {
		a.BreakGlass.MaxRows = glassRows
	}
	if n := a.BreakGlass.MaxRows; n < 1 || n > maxGlassRows {
		d.fault(path+".break_glass.max_rows", "Break-glass for %d records is not possible. Write 1 to %d.", n, maxGlassRows)
	}
	users(d, path+".users", a.Users)
	if a.Usergroup != "" && !groupRule.MatchString(a.Usergroup) {
		d.fault(path+".usergroup", "%q is not the id of a user group. Those begin with S.", a.Usergroup)
	}
}

func (c CountsConfig) check(d *decoder, path string) {
	if d.has(path+".connections") && (c.Connections < 1 || c.Connections > 20) {
		d.fault(path+".connections", "%d connections are not possible for counting. Write 1 to 20; more than 3 is seldom wise.", c.Connections)
	}
	if d.has(path+".max_cost") && (c.MaxCost < 1e3 || c.MaxCost > 1e12) {
		d.fault(path+".max_cost", "%g is not possible as a cost. Write 1e3 to 1e12.", c.MaxCost)
	}
	if c.AdHocUsergroup != "" && !groupRule.MatchString(c.AdHocUsergroup) {
		d.fault(path+".ad_hoc_usergroup", "%q is not the id of a user group. Those begin with S.", c.AdHocUsergroup)
	}
	for key, limit := range map[string]time.Duration{"statement_timeout": c.StatementTimeout, "lock_timeout": c.LockTimeout, "max_lag": c.MaxLag} {
		if d.has(path+"."+key) && (limit < 10*time.Millisecond || limit > 10*time.Minute) {
			d.fault(path+"."+key, "%s is not possible for %s. Write 10ms to 10m.", limit, key)
		}
	}
}

func (b BatchConfig) check(d *decoder, path string) {
	with := b.batching()
	switch {
	case with.Min > with.Max:
		d.fault(path, "The smallest batch, %d, is larger than the largest, %d.", with.Min, with.Max)
	case with.Min < 1 || with.Start < 1 || with.Canary < 1:
		d.fault(path, "Batches have at least one record.")
	case with.TargetMin > with.TargetMax:
		d.fault(path, "A batch cannot take at least %s and at most %s. Write a target_min that is below target_max.", with.TargetMin, with.TargetMax)
	}
	for _, limit := range []struct {
		key         string
		is          time.Duration
		least, most time.Duration
	}{
		{"target_min", with.TargetMin, time.Millisecond, 10 * time.Second},
		{"target_max", with.TargetMax, time.Millisecond, 10 * time.Second},
		{"rest", with.Rest, 0, 10 * time.Minute},
		{"lock_timeout", with.LockTimeout, time.Millisecond, 10 * time.Second},
	} {
		if d.has(path+"."+limit.key) && (limit.is < limit.least || limit.is > limit.most) {
			d.fault(path+"."+limit.key, "%s is not possible for %s. Write %s to %s.", limit.is, limit.key, limit.least, limit.most)
		}
	}
}

func users(d *decoder, path string, ids []string) {
	for _, id := range ids {
		if !userRule.MatchString(id) {
			d.fault(path, "%q is not a Slack user id. Those begin with U or W; Slack shows it in a profile under Copy member ID.", id)
		}
	}
}
