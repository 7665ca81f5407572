package count

import (
	"context"
	"slices"
	"strings"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Queries are the named counts of one source, or of all if it is "".
func (c *Count) Queries(source string) []rollback.Query {
	var all []rollback.Query
	for _, q := range c.queries {
		if source == "" || q.Source == source {
			all = append(all, q)
		}
	}
	return all
}

// Lookup finds a named count, of the incident's system first. A name with a
// source before it, such as crm.leads, is that source's. It refuses with
// NotFound what nobody declares, and with Invalid what several do.
func (c *Count) Lookup(name, system string) (rollback.Query, error) {
	name = strings.ToLower(name)
	typed := name
	of, rest, whole := strings.Cut(name, ".")
	if whole {
		name, system = rest, of
	}
	var found []rollback.Query
	for _, q := range c.queries {
		switch {
		case q.Name != name:
		case q.Source == system:
			return q, nil
		case !whole:
			found = append(found, q)
		}
	}
	switch len(found) {
	case 0:
		return rollback.Query{}, rollback.RefuseNoQuery(typed, near(name, c.names("")), c.names(""))
	case 1:
		return found[0], nil
	}
	var sources []string
	for _, q := range found {
		sources = append(sources, q.Source)
	}
	return rollback.Query{}, rollback.RefuseWhichSource(name, sources)
}

func (c *Count) names(source string) []string {
	var names []string
	for _, q := range c.Queries(source) {
		names = append(names, q.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// near is the known name that is most likely meant: the one that begins as
// somebody wrote, or the one that is fewest slips away; "" if none is.
func near(name string, known []string) string {
	if len(name) < 3 {
		return ""
	}
	var begin []string
	for _, k := range known {
		if strings.HasPrefix(k, name[:3]) {
			begin = append(begin, k)
		}
	}
	if len(begin) == 1 {
		return begin[0]
	}
	return refusal.Nearest(name, known)
}

// Named asks a named count about an incident, stores what it found and journals
// it. A parameter that is called run is the incident's run unless it is given.
// It refuses with Invalid values that do not fit, and as the source does.
func (c *Count) Named(ctx context.Context, act journal.Act, id incidents.ID, q rollback.Query, given map[string]string) (Counting, error) {
	given, err := c.filled(ctx, id, q, given)
	if err != nil {
		return Counting{}, err
	}
	asked, err := q.Ask(given)
	if err != nil {
		return Counting{}, err
	}
	return c.ask(ctx, act, id, asked)
}

// filled adds the incident's run where it is wanted and known.
func (c *Count) filled(ctx context.Context, id incidents.ID, q rollback.Query, given map[string]string) (map[string]string, error) {
	wants := slices.Contains(q.Params, rollback.Param{Name: "run", Type: rollback.ParamText})
	if _, there := given["run"]; there || !wants {
		return given, nil
	}
	m, picked, err := c.Latest(ctx, id)
	if err != nil || !picked || m.Scope.Source != q.Source {
		return given, err
	}
	all := map[string]string{"run": m.Scope.Run}
	for name, value := range given {
		all[name] = value
	}
	return all, nil
}

// Typed counts the records that a typed statement finds. It refuses with
// Forbidden unless the source names a group whose members may do that and the
// person is one, asked as of now.
func (c *Count) Typed(ctx context.Context, act journal.Act, id incidents.ID, name, text string) (Counting, error) {
	if _, err := c.reader(name); err != nil {
		return Counting{}, err
	}
	group := c.typists[name]
	by, person := act.By.Person()
	if group == "" || c.member == nil || !person {
		return Counting{}, rollback.RefuseTypedOff(name, c.names(name))
	}
	member, err := c.member(ctx, group, by)
	if err != nil {
		return Counting{}, err
	}
	if !member {
		return Counting{}, rollback.RefuseTypedGroup(name, c.names(name))
	}
	return c.ask(ctx, act, id, rollback.TypedQuestion(name, text))
}

// Ask answers a question and stores nothing.
func (c *Count) Ask(ctx context.Context, q rollback.Question) (rollback.Found, error) {
	var found rollback.Found
	err := c.counting(ctx, q.Source, func(r source.Reader) (err error) {
		found, err = r.Count(ctx, q)
		return err
	})
	return found, err
}

// ask answers a question about an incident, and keeps the answer.
func (c *Count) ask(ctx context.Context, act journal.Act, id incidents.ID, q rollback.Question) (Counting, error) {
	found, err := c.Ask(ctx, q)
	if err != nil {
		return Counting{}, err
	}
	return c.keep(ctx, act, id, countingOf(q, found))
}
