package bot_test

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// wish is something that a person does through a form.
type wish struct {
	who, ch string
	ask     func(context.Context) (slacksim.Act, error) // what opens the form
	form    string                                      // its callback
	fill    slacksim.Values
	is      func() bool // it has come true
	// heard says that the bot hears everything at once: the clock must not move,
	// or a busy machine would let a trigger expire.
	heard bool
}

// acked stands for an act that needs no more.
var acked = slacksim.Act{ID: "done", Deliveries: []slacksim.Delivery{{State: "acked"}}}

// does does what the wish needs, until Slack acknowledges it. It says whether it
// could be done: what was pressed may be gone, because a press took effect of
// which Slack says that it failed.
func (w *workspace) does(x wish, act func(context.Context) (slacksim.Act, error)) (done bool) {
	w.t.Helper()
	if x.heard {
		a, err := act(w.ctx())
		require.NoError(w.t, err)
		require.Equal(w.t, "acked", a.Deliveries[0].State)
		return true
	}
	w.insist(func(ctx context.Context, _ int) (slacksim.Act, error) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		a, err := act(ctx)
		if done = err == nil; !done || x.is() {
			return acked, nil
		}
		return a, nil
	})
	return done
}

// persists asks and fills in until the wish has come true, as people do who read
// that something did not work. It returns what they were told instead of a form.
func (w *workspace) persists(x wish) (told []string) {
	w.t.Helper()
	for began := time.Now(); time.Since(began) < patience; {
		form, words := w.reaches(x)
		if x.is() {
			return told
		}
		if form == nil {
			if words != "" {
				told = append(told, words)
			}
			continue
		}
		w.does(x, func(ctx context.Context) (slacksim.Act, error) {
			res, err := form.Submit(ctx, x.fill)
			return res.Act, err
		})
		w.nobodyWaits()
		if x.is() {
			return told
		}
		if views := w.sim.As(x.who).Views(); len(views) > 0 {
			told = append(told, views[len(views)-1].Plain)
		}
	}
	w.t.Fatalf("it does not come true: %q", told)
	return nil
}

// nobodyWaits waits until everything is settled that was asked for.
func (w *workspace) nobodyWaits() {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return w.count(`select count(*) from receipts where outcome is null`) == 0 }, patience, 5*time.Millisecond)
}

// reaches asks for a form until it is there. If there is none, the person is
// told why, by words or in its place.
func (w *workspace) reaches(x wish) (form *slacksim.View, words string) {
	w.t.Helper()
	before := len(w.whispers(x.who, x.ch))
	if !w.does(x, x.ask) {
		return nil, ""
	}
	require.Eventually(w.t, func() bool {
		if x.is() {
			return true
		}
		if views := w.sim.As(x.who).Views(); len(views) > 0 {
			top := views[len(views)-1]
			if top.CallbackID == x.form {
				form = top
				return true
			}
			if words = top.Plain; words != "One moment…" && words != "Recording…" {
				_, _ = top.CloseAll(w.ctx()) // unless another one replaced it meanwhile
				return true
			}
		}
		if said := w.whispers(x.who, x.ch); len(said) > before {
			words = said[len(said)-1]
			return true
		}
		return false
	}, patience, 5*time.Millisecond, "neither a form nor a word")
	require.True(w.t, form != nil || words != "" || x.is(), "who gets no form is told why")
	return form, words
}

// whispers are what one person alone was told, in a channel and directly.
func (w *workspace) whispers(who, ch string) (words []string) {
	w.t.Helper()
	for _, place := range []string{"#" + ch, "@snafu"} {
		seen, err := w.sim.As(who).Sees(place)
		require.NoError(w.t, err)
		for _, m := range seen {
			if m.EphemeralTo != "" || place == "@snafu" && m.Bot {
				words = append(words, m.Plain)
			}
		}
	}
	return words
}
