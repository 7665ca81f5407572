package app

import (
	"regexp"
	"slices"
	"time"

	"snafu/rollback"
	"snafu/rollback/executor"
	"snafu/rollback/source/postgres"
)

// ThrottleConfig says when a run leaves its source alone. Nobody can overrule it
// while a run goes on.
type ThrottleConfig struct {
	ReplicaDSNEnvs []string      `yaml:"replica_dsn_envs"`
	MaxReplicaLag  time.Duration `yaml:"max_replica_lag"`
	Query          string        `yaml:"query"` // file of a count that holds a run up while it is above 0
	MaxActive      int64         `yaml:"max_active"`
	GiveUp         time.Duration `yaml:"give_up"`

	Replicas []Secret // in the order of ReplicaDSNEnvs
	text     string
}

// envRule is the name of a variable of the environment.
var envRule = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

// throttleQuery is what the query of a throttle is called where it is checked.
const throttleQuery = "throttle"

func (t *ThrottleConfig) check(d *decoder, secret secrets, path string, c Config, need bool) {
	for i, name := range t.ReplicaDSNEnvs {
		if slices.Contains(t.ReplicaDSNEnvs[:i], name) {
			d.fault(path+".replica_dsn_envs", "%q stands twice in replica_dsn_envs.", name)
		}
		t.Replicas = append(t.Replicas, secret.replica(path+".replica_dsn_envs", name, need))
	}
	if d.has(path+".max_replica_lag") && (t.MaxReplicaLag < 100*time.Millisecond || t.MaxReplicaLag > time.Hour) {
		d.fault(path+".max_replica_lag", "%s is not possible for max_replica_lag. Write 100ms to 1h.", t.MaxReplicaLag)
	}
	if d.has(path+".max_replica_lag") && len(t.ReplicaDSNEnvs) == 0 {
		d.fault(path+".max_replica_lag", "max_replica_lag has no replica to look at. Name one with replica_dsn_envs.")
	}
	if d.has(path+".max_active") && (t.MaxActive < 1 || t.MaxActive > 100_000) {
		d.fault(path+".max_active", "%d sessions are not possible for max_active. Write 1 to 100000.", t.MaxActive)
	}
	if d.has(path+".give_up") && (t.GiveUp < time.Minute || t.GiveUp > 8*time.Hour) {
		d.fault(path+".give_up", "%s is not possible for give_up. Write 1m to 8h: approvals count for no longer.", t.GiveUp)
	}
	if t.Query != "" {
		file := QueryConfig{File: t.Query}
		file.read(d, path+".query", c)
		t.text = file.text
	}
}

// replica reads the connection string of one of several.
func (s secrets) replica(path, name string, need bool) Secret {
	if !need {
		return Secret{}
	}
	if !envRule.MatchString(name) {
		s.d.fault(path, "%q is no name of a variable. A connection string stands in the environment, and its variable here.", name)
		return Secret{}
	}
	value, ok := s.env(name)
	if !ok || value == "" {
		s.d.fault(path, "The environment has no %s. Set it before the start.", name)
	}
	return Secret{value}
}

func (t ThrottleConfig) postgres() postgres.Throttle {
	all := postgres.Throttle{MaxLag: t.MaxReplicaLag, MaxActive: t.MaxActive}
	for i, dsn := range t.Replicas {
		all.Replicas = append(all.Replicas, postgres.Replica{Name: t.ReplicaDSNEnvs[i], URL: dsn.Reveal()})
	}
	return all
}

// query is asked between batches; its text is empty where none is declared.
func (t ThrottleConfig) query(source string) rollback.Query {
	return rollback.Query{Source: source, Name: throttleQuery, Text: t.text, Unit: "records"}
}

// throttles are those of all sources.
func (c Config) throttles() map[string]executor.Throttle {
	all := map[string]executor.Throttle{}
	c.each(func(name string, s SourceConfig) {
		all[name] = executor.Throttle{Query: s.Throttle.query(name), GiveUp: s.Throttle.GiveUp}
	})
	return all
}
