package bot_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/response"
)

func TestSomebodySaysHowTheyAreCalledAndOnlyTheySeeIt(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon))
	w.helped = func(o *response.Options) {
		none := func(string) error { return nil }
		o.Ways = response.Ways{Telephone: true, Mail: true, CheckEmail: none, CheckPhone: none}
	}
	w.begin()
	does := func(line string) {
		w.slash("ben", "#data-incidents", line)
		w.quiet()
	}
	require.NoError(t, w.response.SeedContacts(w.ctx(), []response.Contact{{Person: w.id("ben"), Way: incidents.ByEmail, Address: "ben@example.com"}}))
	w.quiet()
	_, err := w.sim.As("ben").Await(w.ctx(), "@snafu", slacksim.Contains("My configuration names an e-mail address for you"))
	require.NoError(t, err)
	does("/snafu oncall contact")
	does("/snafu oncall contact phone <tel:+442079460000|+442079460000>")
	code, to, err := w.response.NewCode(w.ctx(), w.id("ben"), incidents.ByPhone)
	require.NoError(t, err)
	require.Equal(t, "+442079460000", to)
	w.press("ben", "#data-incidents", "Type the code")
	w.submit(w.form("ben", "oncall"), slacksim.Values{"code": code})
	w.quiet()
	does("/snafu oncall contact code 12")
	does("/snafu oncall contact forget email")
	does("/snafu oncall contact")
	told := w.sim.Transcript("#data-incidents")
	for _, line := range []string{
		"E-mail ben@example.com: not yet, it counts once you have typed back the code that I send to it",
		"I send a code of six digits to your telephone number.",
		"Thank you: from now on I call you by phone too, at +442079460000.",
		"That is not the code that I sent within the last ten minutes.",
		"Forgotten: I don't call you by email any more.",
		"Telephone +442079460000, since Mar 28, 2036 12:00",
	} {
		require.Contains(t, told, "to @ben   ")
		require.Contains(t, told, line)
	}
	others, err := w.sim.As("ana").Sees("#data-incidents")
	require.NoError(t, err)
	require.Empty(t, others, "nobody else reads of it")
}

func TestTheSettingsSayHowSomebodyIsCalledAndByWhichWayFirst(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon))
	w.helped = func(o *response.Options) {
		phone := func(number string) error {
			if number[0] != '+' {
				return errors.New("a number begins with its country: +44")
			}
			return nil
		}
		o.Ways = response.Ways{Telephone: true, Mail: true, CheckEmail: func(string) error { return nil }, CheckPhone: phone}
	}
	w.begin()
	mine := slacksim.OnlyForMe()
	sets := func(v slacksim.Values) {
		w.slash("ben", "#data-incidents", "/snafu settings")
		w.submit(w.form("ben", "settings"), v)
		w.quiet()
	}
	// What is wrong with a number keeps the rest from nothing.
	sets(slacksim.Values{"from": "21:00", "phone": "0170", "email": "ben@example.com"})
	told := w.sees("ben", "#data-incidents", mine, slacksim.Contains("Kept: you are quiet from 21:00"))
	require.Contains(t, told.Plain, "a number begins with its country: +44")
	require.Contains(t, told.Plain, "I send a code of six digits to your email.")

	w.slash("ben", "#data-incidents", "/snafu settings")
	form := w.form("ben", "settings")
	require.Contains(t, form.Plain, "e-mail (not verified yet)")
	code, _, err := w.response.NewCode(w.ctx(), w.id("ben"), incidents.ByEmail)
	require.NoError(t, err)
	w.submit(form, slacksim.Values{"code": code, "first": "email"})
	w.quiet()
	w.sees("ben", "#data-incidents", mine, slacksim.Contains("From now on I call you by email too, at ben@example.com."))
	first, err := w.response.FirstWay(w.ctx(), w.id("ben"))
	require.NoError(t, err)
	require.Equal(t, incidents.ByEmail, first)

	// A field that is emptied ends it; one that stands as it was is no news.
	w.slash("ben", "#data-incidents", "/snafu settings")
	form = w.form("ben", "settings")
	require.Contains(t, form.Plain, "e-mail (verified)")
	require.NotContains(t, form.Plain, "The code that I sent")
	w.submit(form, slacksim.Values{"first": "all"})
	w.quiet()
	at, err := w.response.Reached(w.ctx(), w.id("ben"), incidents.ByEmail)
	require.NoError(t, err)
	require.Equal(t, "ben@example.com", at)
	sets(slacksim.Values{"email": nil})
	w.sees("ben", "#data-incidents", mine, slacksim.Contains("I don't call you by email any more."))
	at, err = w.response.Reached(w.ctx(), w.id("ben"), incidents.ByEmail)
	require.NoError(t, err)
	require.Empty(t, at)
	first, err = w.response.FirstWay(w.ctx(), w.id("ben"))
	require.NoError(t, err)
	require.Empty(t, first)
	w.sound()
}
