package bot

import (
	"context"
	"slices"

	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// reconstruct handles "reconstruct EVIDENCE FIELD": a plan that takes what
// records held from reviewed evidence, and asks for its freeze.
func (b *Bot) reconstruct(ctx context.Context, c command) (reply, error) {
	return b.evidenced(ctx, c, rollback.FromQuery)
}

// about finds the table that evidence is about, and the field if only one can be
// meant.
func (b *Bot) about(inc incidents.Incident, name string, s *rollback.Scope, in string, said bool) error {
	var known []string
	var found []rollback.Scope
	where := first(inc.System, s.Source, "My configuration")
	for _, src := range b.o.Sources {
		if inc.System != "" && src.Name != inc.System {
			continue
		}
		for _, e := range src.Evidence {
			known = append(known, e.Name)
			if e.Name == name && (in == "" || in == e.Table || in == src.Name+"."+e.Table) {
				found = append(found, rollback.Scope{Source: src.Name, Table: e.Table})
			}
		}
	}
	switch {
	case len(found) == 0:
		return rollback.RefuseNoEvidence(where, "evidence", name, known)
	case len(found) > 1 && !slices.ContainsFunc(found, func(f rollback.Scope) bool { return f.Source == s.Source }):
		return refusal.Invalid("More than one system declares evidence %s. Say which with --in, such as `--in %s.%s`.", short(name), found[0].Source, found[0].Table)
	}
	is := found[max(0, slices.IndexFunc(found, func(f rollback.Scope) bool { return f.Source == s.Source }))]
	if !said && (is.Source != s.Source || is.Table != s.Table) {
		s.Set = nil
	}
	s.Source, s.Table = is.Source, is.Table
	if len(s.Set) > 0 {
		return nil
	}
	src, err := b.source(s.Source)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(src.Tables, func(t Table) bool { return t.Name == s.Table })
	if at < 0 || len(src.Tables[at].Set) != 1 {
		return refusal.Invalid("Which field does it bring back? `/snafu reconstruct %s FIELD`.", short(name))
	}
	s.Set = slices.Clone(src.Tables[at].Set)
	return nil
}
