package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDecodeShowsEveryFaultInItsLine(t *testing.T) {
	type inner struct {
		Text string        `yaml:"text"`
		Wait time.Duration `yaml:"wait"`
		Part Share         `yaml:"part"`
		On   bool          `yaml:"on"`
		List []string      `yaml:"list"`
		N    int64         `yaml:"n"`
	}
	type outer struct {
		A map[string]inner `yaml:"a"`
		B inner            `yaml:"b"`
	}
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":                       {"b:\n  txet: x\n", "f:2:3: I don't know \"txet\" here. Did you mean \"text\"?\n    2 |   txet: x\n          ^"},
		"a doubled key":                        {"b:\n  text: x\n  text: y\n", "f:3:3: \"text\" is here a second time; the first is in line 2.\n    3 |   text: y\n          ^"},
		"no as text":                           {"b: {text: NO}\n", "f:1:11: Text is wanted here; NO means something else to YAML. Put it in quotes.\n    1 | b: {text: NO}\n                  ^"},
		"a number with a leading zero as text": {"b: {text: 0123}\n", "f:1:11: Text is wanted here; 0123 means something else to YAML. Put it in quotes.\n    1 | b: {text: 0123}\n                  ^"},
		"a version as text":                    {"b: {text: 1.10}\n", "f:1:11: Text is wanted here; 1.10 means something else to YAML. Put it in quotes.\n    1 | b: {text: 1.10}\n                  ^"},
		"an alias":                             {"b: {text: &x a}\na: {k: {text: *x}}\n", "f:1:11: Anchors, aliases and tags are not read here. Write the value out.\n    1 | b: {text: &x a}\n                  ^\nf:2:15: Anchors, aliases and tags are not read here. Write the value out.\n    2 | a: {k: {text: *x}}\n                      ^"},
		"a word for a time":                    {"b:\n  wait: soon\n", "f:2:9: A length of time is wanted here, such as 200ms, 15s, 5m, 4h or 90d.\n    2 |   wait: soon\n                ^"},
		"several at once": {"b:\n  on: maybe\n  n: 1.5\nc: 1\n", "f:2:7: true or false is wanted here.\n    2 |   on: maybe\n              ^\n" +
			"f:3:6: A whole number is wanted here.\n    3 |   n: 1.5\n             ^\n" +
			"f:4:1: I don't know \"c\" here. Known: a, b.\n    4 | c: 1\n        ^"},
	} {
		t.Run(name, func(t *testing.T) {
			err := decode("f", []byte(c.text), &outer{}).faults.orNil()
			require.Error(t, err)
			require.Equal(t, c.want, err.Error())
		})
	}
}

func TestDecodeReadsWhatIsMeant(t *testing.T) {
	var got struct {
		Text string            `yaml:"text"`
		Long string            `yaml:"long"`
		Wait time.Duration     `yaml:"wait"`
		Days time.Duration     `yaml:"days"`
		Part Share             `yaml:"part"`
		On   bool              `yaml:"on"`
		List []string          `yaml:"list"`
		N    int64             `yaml:"n"`
		Map  map[string]string `yaml:"map"`
	}
	text := "\ufefftext: \"NO\"\r\nlong: |\r\n  a\r\n  b\r\nwait: 200ms\r\ndays: 90d\r\npart: 0.5%\r\non: true\r\nlist: [a, '0123']\r\nn: 1000\r\nmap: {id: \"7\"}\r\n"
	require.NoError(t, decode("f", []byte(text), &got).faults.orNil())
	require.Equal(t, "NO", got.Text)
	require.Equal(t, "a\nb\n", got.Long)
	require.Equal(t, 200*time.Millisecond, got.Wait)
	require.Equal(t, 90*24*time.Hour, got.Days)
	require.Equal(t, Share(5), got.Part)
	require.True(t, got.On)
	require.Equal(t, []string{"a", "0123"}, got.List)
	require.EqualValues(t, 1000, got.N)
	require.Equal(t, map[string]string{"id": "7"}, got.Map)
}
