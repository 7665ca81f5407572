package app

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"snafu/manifests"
)

// node is what an editor reads of a schema.
type node struct {
	Type        string          `json:"type"`
	Properties  map[string]node `json:"properties"`
	More        json.RawMessage `json:"additionalProperties"`
	Items       *node           `json:"items"`
	Required    []string        `json:"required"`
	Pattern     string          `json:"pattern"`
	Enum        []any           `json:"enum"`
	Minimum     *float64        `json:"minimum"`
	Maximum     *float64        `json:"maximum"`
	Description string          `json:"description"`
}

func schemaOfConfig(t *testing.T) node {
	t.Helper()
	text, err := ConfigSchema()
	require.NoError(t, err)
	var root node
	require.NoError(t, json.Unmarshal(text, &root))
	return root
}

func (n node) under() *node {
	if string(n.More) == "false" || n.More == nil {
		return nil
	}
	var below node
	if err := json.Unmarshal(n.More, &below); err != nil {
		panic(err)
	}
	return &below
}

// faults are what an editor would underline.
func (n node) faults(path string, v any) (out []string) {
	fault := func(format string, args ...any) { out = append(out, path+": "+fmt.Sprintf(format, args...)) }
	switch v := v.(type) {
	case map[string]any:
		for _, need := range n.Required {
			if _, ok := v[need]; !ok {
				fault("lacks %s", need)
			}
		}
		for key, value := range v {
			switch p, ok := n.Properties[key]; {
			case ok:
				out = append(out, p.faults(join(path, key), value)...)
			case n.under() != nil:
				out = append(out, n.under().faults(join(path, key), value)...)
			default:
				fault("does not know %s", key)
			}
		}
	case []any:
		for _, item := range v {
			out = append(out, n.Items.faults(path, item)...)
		}
	case string:
		if n.Type != "string" || n.Pattern != "" && !regexp.MustCompile(n.Pattern).MatchString(v) {
			fault("%q", v)
		}
	case uint64:
		if n.Type != "integer" && n.Type != "number" || n.Minimum != nil && float64(v) < *n.Minimum || n.Maximum != nil && float64(v) > *n.Maximum {
			fault("%d", v)
		}
	case bool:
		if n.Type != "boolean" {
			fault("%t", v)
		}
	}
	if n.Enum != nil && !slices.Contains(n.Enum, v) {
		fault("%v is none of %v", v, n.Enum)
	}
	return out
}

func underlined(t *testing.T, text string) []string {
	t.Helper()
	var v any
	require.NoError(t, yaml.Unmarshal([]byte(text), &v))
	return schemaOfConfig(t).faults("", v)
}

func TestTheSchemaTakesTheExampleAndUnderlinesWhatServeRefuses(t *testing.T) {
	require.Empty(t, underlined(t, manifests.ExampleConfig))
	for name, c := range map[string]struct{ was, is, want string }{
		"an unknown key":         {"    rota: crm-data", "    rotta: crm-data", "sources.crm: does not know rotta"},
		"one approval":           {"needed: 2", "needed: 1", "sources.crm.approvers.needed: 1"},
		"a name for an id":       {"users: [U0KEN, U0LENA]", "users: [ken, U0LENA]", `sources.crm.approvers.users: "ken"`},
		"a system nobody knows":  {"system: postgres", "system: oracle", "sources.crm.system: oracle is none of [postgres]"},
		"a guard nobody knows":   {"guard: later_writer", "guard: hope", "sources.crm.tables.lead.guard: hope is none of"},
		"a span without a unit":  {"freeze_expires: 4h", "freeze_expires: 4", "sources.crm.limits.freeze_expires: 4"},
		"too many rows":          {"max_rows: 1000000", "max_rows: 10000001", "sources.crm.limits.max_rows: 10000001"},
		"a table without a key":  {"        key: [id]", "        #", "sources.crm.tables.lead: lacks key"},
		"a history without run":  {"new: new, run: run,", "new: new,", "sources.crm.tables.lead.history: lacks run"},
		"a share without a sign": {"shrink_share: 1%", "shrink_share: 1", "sources.crm.tolerance.shrink_share: 1"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, manifests.ExampleConfig, c.was)
			text := strings.Replace(manifests.ExampleConfig, c.was, c.is, 1)
			require.Contains(t, strings.Join(underlined(t, text), "\n"), c.want)
			_, err := parse("snafu.yaml", []byte(text), lookup(exampleEnv), Need{Slack: true, Sources: true, Log: true})
			require.Error(t, err, "serve takes what an editor underlines")
		})
	}
}

// keysOf are the keys that the file is read with.
func keysOf(t reflect.Type, path string, all map[string]bool) {
	switch {
	case t == reflect.TypeFor[time.Duration]() || t == reflect.TypeFor[Share]():
	case t.Kind() == reflect.Map:
		all[join(path, "*")] = true
		keysOf(t.Elem(), join(path, "*"), all)
	case t.Kind() == reflect.Slice:
		keysOf(t.Elem(), path, all)
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			if key := f.Tag.Get("yaml"); key != "" {
				all[join(path, key)] = true
				keysOf(f.Type, join(path, key), all)
			}
		}
	}
}

func (n node) keys(t *testing.T, path string, all map[string]bool) {
	for key, p := range n.Properties {
		under := join(path, key)
		all[under] = true
		require.NotEmpty(t, p.Description, "%s has no word", under)
		require.Equal(t, `false`, string(n.More), "%s takes any key", path)
		p.keys(t, under, all)
	}
	if n.Items != nil {
		n.Items.keys(t, path, all)
	}
	if below := n.under(); below != nil {
		all[join(path, "*")] = true
		below.keys(t, join(path, "*"), all)
	}
}

func TestTheSchemaKnowsExactlyTheKeysThatAreRead(t *testing.T) {
	read, shown := map[string]bool{}, map[string]bool{}
	keysOf(reflect.TypeFor[Config](), "", read)
	schemaOfConfig(t).keys(t, "", shown)
	require.Equal(t, read, shown)
	for key := range keyWords {
		require.True(t, read[key], "%s has a word and is no key", key)
	}
	for key := range keyLimits {
		require.True(t, read[key], "%s has a limit and is no key", key)
	}
	for key := range keyNeeds {
		for _, need := range keyNeeds[key] {
			require.True(t, read[join(key, need)], "%s.%s is needed and is no key", key, need)
		}
	}
}
