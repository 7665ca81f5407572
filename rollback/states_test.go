package rollback

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A move is legal where the type of the state has its method; what it may lead
// to is what it returns.
var moves = []struct {
	name string
	try  func(t require.TestingT, s State) (legal bool, to []StateName)
}{
	{"edit", func(_ require.TestingT, s State) (bool, []StateName) {
		switch s.(type) {
		case interface{ Edit(Edit) (Draft, error) }:
			return true, []StateName{NameDraft}
		case interface {
			Edit(Edit) (Ended, Draft, error)
		}, interface {
			Edit(Edit, Ref) (Ended, Draft, error)
		}:
			return true, []StateName{NameSuperseded, NameDraft}
		}
		return false, nil
	}},
	{"freeze", func(_ require.TestingT, s State) (bool, []StateName) {
		_, ok := s.(interface{ Freeze(Freeze) (Frozen, error) })
		return ok, []StateName{NameFrozen}
	}},
	{"contain", func(_ require.TestingT, s State) (bool, []StateName) {
		_, ok := s.(interface{ Contain() (Ended, error) })
		return ok, []StateName{NameDone}
	}},
	{"propose", func(_ require.TestingT, s State) (bool, []StateName) {
		_, ok := s.(interface {
			Propose(time.Time) (Proposed, error)
		})
		return ok, []StateName{NameProposed}
	}},
	{"approve", func(t require.TestingT, s State) (bool, []StateName) {
		p, ok := s.(Proposed)
		if !ok {
			return false, nil
		}
		first, err := p.Approve(click(p, ben), nil, noon.Add(2*time.Minute))
		require.NoError(t, err)
		second, err := first.(Proposed).Approve(click(p, chi), nil, noon.Add(2*time.Minute))
		require.NoError(t, err)
		return true, []StateName{first.Name(), second.Name()}
	}},
	{"withdraw approval", func(t require.TestingT, s State) (bool, []StateName) {
		switch p := s.(type) {
		case Proposed:
			return true, []StateName{p.Name()}
		case Approved:
			back, err := p.WithdrawApproval(ben)
			require.NoError(t, err)
			return true, []StateName{back.Name()}
		}
		return false, nil
	}},
	{"reject", func(_ require.TestingT, s State) (bool, []StateName) {
		return ends(s, func(s State) (Ended, bool) {
			p, ok := s.(interface{ Reject(string) Ended })
			if !ok {
				return Ended{}, false
			}
			return p.Reject("no"), true
		})
	}},
	{"withdraw", func(_ require.TestingT, s State) (bool, []StateName) {
		return ends(s, func(s State) (Ended, bool) {
			p, ok := s.(interface{ Withdraw(string) Ended })
			if !ok {
				return Ended{}, false
			}
			return p.Withdraw("no"), true
		})
	}},
	{"expire", func(_ require.TestingT, s State) (bool, []StateName) {
		return ends(s, func(s State) (Ended, bool) {
			p, ok := s.(interface{ Expire() Ended })
			if !ok {
				return Ended{}, false
			}
			return p.Expire(), true
		})
	}},
	{"drift", func(_ require.TestingT, s State) (bool, []StateName) {
		p, ok := s.(interface{ Drift(string) (Ended, Draft) })
		if !ok {
			return false, nil
		}
		e, d := p.Drift("the world moved")
		return true, []StateName{e.Name(), d.Name()}
	}},
	{"start", func(t require.TestingT, s State) (bool, []StateName) {
		a, ok := s.(Approved)
		if !ok {
			return false, nil
		}
		r, err := a.Start(ben, noon.Add(4*time.Minute))
		require.NoError(t, err)
		return true, []StateName{r.Name()}
	}},
	{"pause", func(_ require.TestingT, s State) (bool, []StateName) {
		r, ok := s.(Running)
		if !ok {
			return false, nil
		}
		return true, []StateName{r.Pause().Name()}
	}},
	{"resume", func(t require.TestingT, s State) (bool, []StateName) {
		p, ok := s.(Paused)
		if !ok {
			return false, nil
		}
		r, err := p.Resume(noon.Add(5 * time.Minute))
		require.NoError(t, err)
		return true, []StateName{r.Name()}
	}},
	{"abort", func(_ require.TestingT, s State) (bool, []StateName) {
		return ends(s, func(s State) (Ended, bool) {
			p, ok := s.(interface{ Abort(string) Ended })
			if !ok {
				return Ended{}, false
			}
			return p.Abort("no"), true
		})
	}},
	{"finish", func(_ require.TestingT, s State) (bool, []StateName) {
		r, ok := s.(Running)
		if !ok {
			return false, nil
		}
		all := Outcomes{Written: r.Writes()}
		return true, []StateName{
			r.Finish(Result{Outcomes: all, Verified: true}).Name(),
			r.Finish(Result{Outcomes: all}).Name(),
			r.Finish(Result{Broken: "ledger and plan disagree"}).Name(),
		}
	}},
}

func ends(s State, end func(State) (Ended, bool)) (bool, []StateName) {
	e, ok := end(s)
	return ok, []StateName{e.Name()}
}

// TestTheMatrixOfStatesAndMoves holds every state against every move and
// prints the result.
func TestTheMatrixOfStatesAndMoves(t *testing.T) {
	states := []State{draft(t), frozen(t), proposed(t), approved(t), running(t), running(t).Pause()}
	for _, name := range StateNames[6:] {
		states = append(states, running(t).end(name, ""))
	}
	require.Len(t, states, len(StateNames))

	var b strings.Builder
	for i, s := range states {
		require.Equal(t, StateNames[i], s.Name())
		for _, m := range moves {
			legal, to := m.try(t, s)
			if !legal {
				continue
			}
			parts := make([]string, len(to))
			for i, n := range to {
				parts[i] = string(n)
			}
			fmt.Fprintf(&b, "%-11s %-18s %s\n", s.Name(), m.name, strings.Join(parts, ", "))
		}
		if !s.Name().Open() {
			fmt.Fprintf(&b, "%-11s %-18s\n", s.Name(), "-")
		}
	}
	golden(t, "testdata/states.txt", b.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, " \n", "\n")
	for strings.Contains(got, " \n") {
		got = strings.ReplaceAll(got, " \n", "\n")
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run with -update to rewrite %s", path)
}
