package incidents

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var beats = Beats{At: []time.Duration{-5 * time.Minute, 0, 15 * time.Minute}, Every: time.Hour}

func TestANagRingsAtItsBeats(t *testing.T) {
	from := time.Date(2026, 3, 26, 11, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		what string
		at   time.Duration
		want time.Duration
	}{
		{"nothing before the first", -5*time.Minute - 1, -1},
		{"the first lies before its beginning", -5 * time.Minute, -5 * time.Minute},
		{"the second", 0, 0},
		{"between two the last one counts", 14 * time.Minute, 0},
		{"the third", 15 * time.Minute, 15 * time.Minute},
		{"an hour later again", 75 * time.Minute, 75 * time.Minute},
		{"after a rest of a night only the newest", 10 * time.Hour, 9*time.Hour + 15*time.Minute},
	} {
		beat, begun := beats.Last(from, from.Add(c.at))
		if require.Equal(t, c.want != -1, begun, c.what); begun {
			require.Equal(t, from.Add(c.want), beat, c.what)
		}
	}
	once, begun := Beats{At: []time.Duration{0}}.Last(from, from.Add(48*time.Hour))
	require.True(t, begun)
	require.Equal(t, from, once, "without a pace it rings once")
}

func TestARestIsKeptByTheClockOfWhoeverIsTold(t *testing.T) {
	for at, want := range map[string]bool{
		"2026-03-26 07:59": true, "2026-03-26 08:00": false, "2026-03-26 19:59": false, "2026-03-26 20:00": true,
		"2026-03-28 12:00": true, "2026-03-29 12:00": true, "2026-03-30 12:00": false,
	} {
		when, err := time.Parse("2006-01-02 15:04", at)
		require.NoError(t, err)
		require.Equal(t, want, UsualRest.At(when), at)
	}
	noon := time.Date(2026, 3, 28, 12, 30, 0, 0, time.UTC)
	require.True(t, Rest{From: 12 * 60, To: 13 * 60}.At(noon), "a rest at day")
	require.False(t, Rest{From: 13 * 60, To: 13 * 60}.At(noon), "a rest that ends when it begins is none")
}

func TestOfSeveralThatAreDueThePressingOneRingsAndTheOthersWait(t *testing.T) {
	at := time.Date(2026, 3, 26, 11, 30, 0, 0, time.UTC)
	g := Nagging{Severity: SEV2, Nags: []Nag{
		{Kind: "one", To: []Person{"T/A", "T/B"}, From: at, Beats: beats},
		{Kind: "two", Subject: "T1", To: []Person{"T/A"}, From: at, Beats: beats},
	}}
	nobody, b := func(Person) bool { return false }, func(p Person) bool { return p == "T/B" }
	ring, due := g.Due(b, at)
	require.True(t, due)
	require.Equal(t, []Person{"T/A"}, ring.People, "who rests is told later")
	g.Rang = []Rang{{Kind: "one", Person: "T/A", Beat: ring.Beat, At: at}}
	_, due = g.Due(b, at.Add(9*time.Minute))
	require.False(t, due, "another nag waits for ten minutes")
	ring, due = g.Due(nobody, at.Add(9*time.Minute))
	require.True(t, due)
	require.Equal(t, []Person{"T/B"}, ring.People, "the same nag goes on")
	ring, due = g.Due(b, at.Add(10*time.Minute))
	require.True(t, due)
	require.Equal(t, "two", ring.Kind)
	g.Severity = SEV1
	ring, due = g.Due(b, at)
	require.True(t, due)
	require.Equal(t, []Person{"T/B"}, ring.People, "at SEV1 nobody rests")
	require.Empty(t, g.Over(at))
	require.Equal(t, g.Rang, Nagging{Rang: g.Rang}.Over(at), "its cause is gone")
}

func TestASnoozeHoldsOnce(t *testing.T) {
	from := time.Date(2026, 3, 26, 11, 30, 0, 0, time.UTC)
	nobody := func(Person) bool { return false }
	g := Nagging{Nags: []Nag{{Kind: "one", To: []Person{"T/A"}, From: from, Beats: beats}}}
	heard := []time.Duration{}
	for d := -10 * time.Minute; d < 4*time.Hour; d += time.Minute {
		if ring, due := g.Due(nobody, from.Add(d)); due {
			heard = append(heard, d)
			g.Rang = []Rang{{Kind: "one", Person: "T/A", Beat: ring.Beat, At: from.Add(d)}}
		}
		if d == time.Minute {
			g.Hushes = []Hush{{Kind: "one", Until: from.Add(31 * time.Minute)}}
		}
	}
	m := time.Minute
	require.Equal(t, []time.Duration{-5 * m, 0, 31 * m, 75 * m, 135 * m, 195 * m}, heard)
	g.Hushes = []Hush{{Off: true, Why: "he is on it"}}
	_, due := g.Due(nobody, from.Add(5*time.Hour))
	require.False(t, due, "what is off stays off")
	_, wanted := g.Wanted("one", "", from.Add(5*time.Hour))
	require.False(t, wanted)
}

// However often the sweep comes round and whenever it stands still, each person is
// told no beat twice, and after a rest hears what is due at once.
func TestNoRestartLosesOrDoublesABeat(t *testing.T) {
	from := time.Date(2026, 3, 26, 11, 30, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		g := Nagging{Severity: SEV1, Nags: []Nag{{Kind: "one", To: []Person{"T/A", "T/B"}, From: from, Beats: beats}}}
		at, told := from.Add(-time.Hour), map[Person]map[time.Time]bool{"T/A": {}, "T/B": {}}
		for range rapid.IntRange(1, 30).Draw(t, "sweeps") {
			at = at.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "minutes")) * time.Minute)
			ring, due := g.Due(func(Person) bool { return true }, at)
			beat, begun := beats.Last(from, at)
			if due {
				for _, p := range ring.People {
					if told[p][ring.Beat] {
						t.Fatalf("%s was told twice of the beat at %s", p, ring.Beat)
					}
					told[p][ring.Beat] = true
					g.Rang = append(g.Rang, Rang{Kind: "one", Person: p, Beat: ring.Beat, At: at})
				}
			}
			if begun && (!told["T/A"][beat] || !told["T/B"][beat]) {
				t.Fatalf("at %s nobody had heard of the beat at %s", at, beat)
			}
		}
	})
}
