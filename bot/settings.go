package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// settings handles the form of that name: what one person wants of the bot.
func (b *Bot) settings(ctx context.Context, c command) (reply, error) {
	from, _ := minuteOf(c.in.fields.get("from"))
	to, _ := minuteOf(c.in.fields.get("to"))
	tell := c.in.fields["tell"]
	s := incidents.Settings{
		Rest:    incidents.Rest{From: from, To: to, Weekends: slices.Contains(c.in.fields["weekends"], view.RestWeekends)},
		Updates: slices.Contains(tell, view.TellUpdates), Phases: slices.Contains(tell, view.TellPhases),
	}
	if err := b.o.Response.Set(ctx, c.act(), s); err != nil && !errors.Is(err, journal.ErrAlready) {
		return quiet, err
	}
	more, err := b.contactSettings(ctx, c)
	if err != nil {
		return quiet, err
	}
	return say(view.SettingsKept(s, more...)), nil
}

// contactSettings does what the form says of how somebody is called, and tells what
// came of each. What is refused of one keeps no other from being done.
func (b *Bot) contactSettings(ctx context.Context, c command) (told []string, err error) {
	part := func(name string, do func(journal.Act) (string, error)) error {
		act := c.act()
		act.Key += ":" + name
		line, err := do(act)
		if no, refused := refusal.As(err); refused {
			line, err = spoken(no.Say), nil
		}
		if errors.Is(err, journal.ErrAlready) {
			line, err = "", nil
		}
		if line != "" {
			told = append(told, line)
		}
		return err
	}
	if code := c.in.fields.get("code"); code != "" {
		err = part("code", func(act journal.Act) (string, error) {
			done, err := b.o.Response.Verify(ctx, act, code)
			return fmt.Sprintf("From now on I call you by %s too, at %s.", done.Way, view.Escape(done.Address)), err
		})
		if err != nil {
			return told, err
		}
	}
	all, err := b.o.Response.Contacts(ctx, c.by)
	if err != nil {
		return told, err
	}
	was := map[string]response.Contact{}
	for _, one := range all {
		was[one.Way] = one
	}
	for _, way := range b.o.Response.CanCallBy() {
		_, asked := c.in.fields[way]
		is := unlinked(c.in.fields.get(way))
		if !asked || is == was[way].Address {
			continue
		}
		err = part(way, func(act journal.Act) (string, error) {
			if is == "" {
				return fmt.Sprintf("I don't call you by %s any more.", way), b.o.Response.ForgetContact(ctx, act, way)
			}
			return fmt.Sprintf("I send a code of six digits to your %s. Type it within ten minutes: `/snafu settings`. Until then it does not count.", way),
				b.o.Response.SetContact(ctx, act, way, is)
		})
		if err != nil {
			return told, err
		}
	}
	if first := c.in.fields.get("first"); first != "" {
		if first == view.AllAtOnce {
			first = ""
		}
		err = part("first", func(act journal.Act) (string, error) { return "", b.o.Response.SetFirstWay(ctx, act, first) })
	}
	return told, err
}

func (b *Bot) settingsForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	s, err := b.o.Response.Settings(ctx, c.by)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	all, err := b.o.Response.Contacts(ctx, c.by)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	first, err := b.o.Response.FirstWay(ctx, c.by)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.SettingsModal(view.SettingsForm{
		Stamp: c.stamp, Now: s, Zone: fmt.Sprint(c.zone), Ways: b.o.Response.CanCallBy(), Contacts: contactRows(all), First: first,
	}), nil
}

// minuteOf reads a time of day.
func minuteOf(text string) (int64, bool) {
	at, ok := clockOf(text)
	if !ok {
		return 0, false
	}
	return int64(at.Sub(at.Truncate(24*time.Hour)) / time.Minute), true
}

func checkSettings(c command) map[string]string {
	faults := map[string]string{}
	for _, block := range []string{"from", "to"} {
		if _, ok := minuteOf(c.in.fields.get(block)); !ok {
			faults[block] = "Write a time of day: 20:00 or 8:00."
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}
