package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"snafu/rollback/source"
)

// verdicts are how a promise's verdict is printed.
var verdicts = map[source.Verdict]string{
	source.Kept: "ok", source.Advice: "note", source.Unknown: "????", source.Broken: "FAIL", source.Surplus: "FAIL", source.Lacks: "FAIL",
}

// checked is what `snafu source check --json` prints. Because is there when
// nothing could be looked at.
type checked struct {
	Source   string           `json:"source"`
	Holds    bool             `json:"holds"`
	Because  string           `json:"because,omitempty"`
	Promises []source.Promise `json:"promises"`
}

// CheckSource prints each promise of a source as the live system answered for
// it, and the statements that settle what does not hold. It returns
// ErrDoesNotHold if any does not, and an error that wraps ErrCouldNotLook if it
// cannot tell.
func CheckSource(ctx context.Context, out io.Writer, c Config, name string, asJSON bool) error {
	s, err := c.Source(name)
	if err != nil {
		return errors.Join(ErrCouldNotLook, err)
	}
	found, err := systems[s.System].check(ctx, name, s)
	answer := checked{Source: name, Holds: err == nil && found.Sound(), Promises: found.Promises}
	if err != nil {
		answer.Because = because(err)
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(answer); err != nil {
			return fmt.Errorf("print the promises: %w", err)
		}
	} else {
		printPromises(out, found.Promises)
	}
	fails := slices.ContainsFunc(found.Promises, func(p source.Promise) bool { return verdicts[p.Verdict] == "FAIL" })
	switch {
	case err != nil:
		return errors.Join(ErrCouldNotLook, fmt.Errorf("source %s could not be looked at: %s", name, answer.Because))
	case fails:
		return ErrDoesNotHold
	case found.Unseen():
		return errors.Join(ErrCouldNotLook, fmt.Errorf("source %s answered in part; look at the lines with ????", name))
	}
	return nil
}

// printPromises prints a line for each promise, and its statements under it.
func printPromises(out io.Writer, all []source.Promise) {
	login, name := 0, 0
	for _, p := range all {
		login, name = max(login, len(p.Login)), max(name, len([]rune(p.Name)))
	}
	counts := map[string]int{}
	for _, p := range all {
		v := verdicts[p.Verdict]
		counts[v]++
		fmt.Fprintf(out, "%-4s  %-*s  %-*s  %s\n", v, login, p.Login, name, p.Name, p.Found)
		for _, sql := range p.Fix {
			fmt.Fprintf(out, "%6s%s;\n", "", strings.ReplaceAll(sql, "\n", " "))
		}
	}
	if len(all) == 0 {
		return
	}
	var sum []string
	for _, v := range []struct{ verdict, say string }{{"ok", "kept"}, {"note", "notes"}, {"FAIL", "broken"}, {"????", "unknown"}} {
		if n := counts[v.verdict]; n > 0 {
			sum = append(sum, fmt.Sprintf("%d %s", n, v.say))
		}
	}
	fmt.Fprintf(out, "\n%d promises: %s.\n", len(all), strings.Join(sum, ", "))
}

// SourceSQL is what an administrator of a source runs before snafu may work
// with it.
func SourceSQL(c Config, name string) (string, error) {
	s, err := c.Source(name)
	if err != nil {
		return "", err
	}
	return systems[s.System].setup(name, s), nil
}

// Source finds a declared source.
func (c Config) Source(name string) (SourceConfig, error) {
	s, ok := c.Sources[name]
	if !ok {
		return s, fmt.Errorf("the configuration declares no source %q. It declares: %s", name, quotedList(slices.Sorted(maps.Keys(c.Sources))))
	}
	return s, nil
}
