package app

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/invopop/jsonschema"

	"snafu/rollback"
)

// ConfigSchema is the JSON schema of snafu.yaml, for editors. It is made from
// the structs that the file is read into, so it knows the keys they know. What
// a schema cannot say, such as that a guard needs its column, is said at the
// start, with line and column.
func ConfigSchema() ([]byte, error) {
	r := jsonschema.Reflector{
		Anonymous: true, FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, DoNotReference: true, Mapper: mapped,
	}
	root := r.Reflect(Config{})
	root.Title = "snafu.yaml"
	describe(root, "")
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("print the schema: %w", err)
	}
	return append(text, '\n'), nil
}

// mapped are the types that are written otherwise than Go keeps them.
func mapped(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|^[0-9]+[dw]$`, Examples: []any{"15s", "4h", "90d"}}
	case reflect.TypeFor[Share]():
		return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+(\.[0-9]+)?%$`, Examples: []any{"1%"}}
	}
	return nil
}

// describe puts words to each key and takes out the fields that have none: the
// program fills those in by itself. A name of the file's own is written *.
func describe(s *jsonschema.Schema, path string) {
	if s.AdditionalProperties != nil && s.Properties == nil && s.Type == "object" {
		describe(s.AdditionalProperties, join(path, "*"))
	}
	if s.Items != nil {
		describe(s.Items, path)
	}
	if s.Properties == nil {
		return
	}
	var own []string
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		if p.Key != strings.ToLower(p.Key) {
			own = append(own, p.Key)
			continue
		}
		under := join(path, p.Key)
		p.Value.Description = keyWords[under]
		if limit, ok := keyLimits[under]; ok {
			limit(p.Value)
		}
		describe(p.Value, under)
	}
	for _, name := range own {
		s.Properties.Delete(name)
	}
	s.Required = keyNeeds[path]
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// keyNeeds are the keys that each section must have.
var keyNeeds = map[string][]string{
	"sources.*":                          {"system", "tables"},
	"sources.*.queries.*":                {"file"},
	"sources.*.automations.*.switch":     {"table", "key", "column", "on", "off"},
	"sources.*.evidence.*":               {"table", "file", "rule", "author"},
	"sources.*.tables.*":                 {"table", "unit", "key"},
	"sources.*.tables.*.archive":         {"column", "value"},
	"sources.*.tables.*.history":         {"table", "key", "order", "at", "field", "old", "new", "run"},
	"sources.*.tables.*.membership":      {"table", "key", "run"},
	"sources.*.tables.*.membership.runs": {"table", "run", "member"},
	"sources.*.tables.*.lists.*":         {"table", "key", "name"},
	"sources.*.tables.*.syncs.*":         {"direction", "owner"},
	"sources.*.tables.*.erasures":        {"table", "key"},
	"sources.*.tables.*.require":         {"file", "says"},
	"rotas.*":                            {"zone"},
	"rotas.*.overrides":                  {"from", "to"},
	"outbound.mail":                      {"host", "from"},
	"outbound.twilio":                    {"account", "from"},
	"outbound.webhook":                   {"url"},
}

func oneOf(words ...any) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Enum = words }
}

func between(least, most int) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		s.Minimum, s.Maximum = json.Number(fmt.Sprint(least)), json.Number(fmt.Sprint(most))
	}
}

func each(pattern string) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Items.Pattern = pattern }
}

// keyLimits are what a key takes, where its type says too little.
var keyLimits = map[string]func(*jsonschema.Schema){
	"archive":                                  func(s *jsonschema.Schema) { s.Pattern = archiveRule.String() },
	"announce":                                 func(s *jsonschema.Schema) { s.Pattern = channelRule.String() },
	"database.connections":                     between(8, 200),
	"outbound.twilio.by":                       oneOf("call", "sms", "both"),
	"outbound.pagerduty.people":                func(s *jsonschema.Schema) { s.AdditionalProperties.Pattern = userRule.String() },
	"outbound.mail.security":                   oneOf("starttls", "implicit", "none"),
	"outbound.mail.port":                       between(0, 65535),
	"ladder.repeat":                            between(0, maxRepeat),
	"rotas.*.ladder.repeat":                    between(0, maxRepeat),
	"sources.*.ladder.repeat":                  between(0, maxRepeat),
	"rotas.*.unit":                             oneOf("hour", "day", "week", "month"),
	"rotas.*.days":                             func(s *jsonschema.Schema) { oneOf("mon", "tue", "wed", "thu", "fri", "sat", "sun")(s.Items) },
	"rotas.*.names":                            func(s *jsonschema.Schema) { s.AdditionalProperties.Pattern = userRule.String() },
	"rotas.*.channel":                          func(s *jsonschema.Schema) { s.Pattern = channelRule.String() },
	"rotas.*.usergroup":                        func(s *jsonschema.Schema) { s.Pattern = groupRule.String() },
	"rotas.*.overrides.kind":                   oneOf("replace", "add", "remove"),
	"rotas.*.members":                          each(userRule.String()),
	"sources.*.system":                         func(s *jsonschema.Schema) { oneOf(anySlice(systemNames())...)(s) },
	"sources.*.admins":                         each(userRule.String()),
	"sources.*.approvers.users":                each(userRule.String()),
	"sources.*.approvers.usergroup":            func(s *jsonschema.Schema) { s.Pattern = groupRule.String() },
	"sources.*.approvers.needed":               between(2, 9),
	"sources.*.approvers.discussed":            oneOf(discussedDemand, discussedFree),
	"sources.*.approvers.involved":             oneOf(involvedRefuse, involvedAllow),
	"sources.*.approvers.break_glass.max_rows": between(1, maxGlassRows),
	"sources.*.limits.max_rows":                between(1, maxRows),
	"sources.*.throttle.max_active":            between(1, 100_000),
	"sources.*.throttle.replica_dsn_envs":      each(envRule.String()),
	"sources.*.counts.connections":             between(1, 20),
	"sources.*.counts.ad_hoc_usergroup":        func(s *jsonschema.Schema) { s.Pattern = groupRule.String() },
	"sources.*.automations.*.admin":            func(s *jsonschema.Schema) { s.Pattern = userRule.String() },
	"sources.*.evidence.*.confidence":          oneOf(string(rollback.ConfidenceDerived), string(rollback.ConfidenceGuess)),
	"sources.*.evidence.*.author":              func(s *jsonschema.Schema) { s.Pattern = userRule.String() },
	"sources.*.queries.*.params":               func(s *jsonschema.Schema) { oneOf(anySlice(paramTypes())...)(s.AdditionalProperties) },
	"sources.*.tables.*.key":                   func(s *jsonschema.Schema) { s.MinItems = ptr(uint64(1)) },
	"sources.*.tables.*.row_security":          oneOf("refuse", "bypass"),
	"sources.*.tables.*.touched_at.on_write":   oneOf("now", "keep"),
	"sources.*.tables.*.guard":                 oneOf(string(rollback.GuardValue), string(rollback.GuardTouched), string(rollback.GuardLaterWriter), string(rollback.GuardAnyChange)),
	"sources.*.tables.*.syncs.*.direction":     oneOf("out", "in", "both"),
	"sources.*.tables.*.syncs.*.owner":         func(s *jsonschema.Schema) { s.Pattern = userRule.String() },
}

func ptr[T any](v T) *T { return &v }

func anySlice(words []string) (all []any) {
	for _, w := range words {
		all = append(all, w)
	}
	return all
}
