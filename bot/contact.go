package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

const contactWord = "contact"

// contact handles "oncall contact [phone NUMBER|email ADDRESS|code CODE|forget
// phone|email]" and its form: how whoever asks is called outside of Slack. Nobody
// else sees it.
func (b *Bot) contact(ctx context.Context, c command) (reply, error) {
	if c.form {
		return b.contactForms(ctx, c)
	}
	switch word := strings.ToLower(c.arg(1)); word {
	case "":
		return b.contactShown(ctx, c)
	case "code":
		return b.contactCode(ctx, c, c.text(2))
	case "forget":
		if err := b.o.Response.ForgetContact(ctx, c.act(), wayOf(c.arg(2))); err != nil {
			return quiet, err
		}
		return said("Forgotten: I don't call you by %s any more.", wayOf(c.arg(2))), nil
	default:
		return b.contactSet(ctx, c, wayOf(word), c.text(2))
	}
}

func wayOf(word string) string {
	switch word = strings.ToLower(word); word {
	case "mail", "e-mail":
		return incidents.ByEmail
	case "tel", "telephone":
		return incidents.ByPhone
	}
	return word
}

func (b *Bot) contactSet(ctx context.Context, c command, way, address string) (reply, error) {
	if err := b.o.Response.SetContact(ctx, c.act(), way, unlinked(address)); err != nil {
		return quiet, err
	}
	return say(view.ContactAsked(way)), nil
}

func (b *Bot) contactCode(ctx context.Context, c command, code string) (reply, error) {
	done, err := b.o.Response.Verify(ctx, c.act(), code)
	if err != nil {
		return quiet, err
	}
	return said("Thank you: from now on I call you by %s too, at %s.", done.Way, view.Escape(done.Address)), nil
}

func (b *Bot) contactShown(ctx context.Context, c command) (reply, error) {
	all, err := b.o.Response.Contacts(ctx, c.by)
	if err != nil {
		return quiet, err
	}
	return say(view.Contacts(contactRows(all))), nil
}

func contactRows(all []response.Contact) []view.ContactRow {
	rows := make([]view.ContactRow, len(all))
	for n, c := range all {
		rows[n] = view.ContactRow{Way: c.Way, Address: c.Address, Verified: c.Verified}
	}
	return rows
}

// contactForms takes the form: a code is read before what was changed.
func (b *Bot) contactForms(ctx context.Context, c command) (reply, error) {
	if code := c.in.fields.get("code"); code != "" {
		return b.contactCode(ctx, c, code)
	}
	all, err := b.o.Response.Contacts(ctx, c.by)
	if err != nil {
		return quiet, err
	}
	was := map[string]response.Contact{}
	for _, one := range all {
		was[one.Way] = one
	}
	for _, way := range []string{incidents.ByPhone, incidents.ByEmail} {
		if is := c.in.fields.get(way); is != "" && (is != was[way].Address || was[way].Verified.IsZero()) {
			return b.contactSet(ctx, c, way, is)
		}
	}
	return b.contactShown(ctx, c)
}

// contactForm draws the form with what whoever asks has.
func (b *Bot) contactForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	all, err := b.o.Response.Contacts(ctx, c.by)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	s := c.stamp
	s.Choice = ""
	return view.ContactModal(s, contactRows(all)), nil
}

func neverTyped(command) bool { return false }

// unlinked takes off what Slack puts around an address or a number that was typed.
func unlinked(typed string) string {
	typed = strings.TrimSpace(typed)
	if inner, ok := strings.CutPrefix(strings.TrimSuffix(typed, ">"), "<"); ok {
		address, _, _ := strings.Cut(inner, "|")
		typed = strings.TrimPrefix(strings.TrimPrefix(address, "mailto:"), "tel:")
	}
	return typed
}

// AskContact does the job of that name: somebody for whom the configuration names a
// number or an address is told that it counts once they have typed back a code.
func (b *Bot) AskContact(ctx context.Context, job jobs.Job[response.AskContact]) error {
	return b.tellContact(ctx, job.Args.Person, view.ContactEntered(job.Args.Way))
}

// TellCode tells whoever waits for a code that it could not be sent.
func (b *Bot) TellCode(ctx context.Context, p incidents.Person, way, why string) error {
	return b.tellContact(ctx, p, view.CodeFailed(way, why))
}

func (b *Bot) tellContact(ctx context.Context, p incidents.Person, m view.Message) error {
	err := b.direct(ctx, p.User(), m)
	switch f, wait := fateOf(err); {
	case err == nil:
		return nil
	case f == fateWait || f == fateUnknown || f == fateMend:
		return jobs.Snooze(max(wait, unknownPause))
	}
	b.log.WarnContext(ctx, "Slack does not take a word to somebody about how they are called", "err", err)
	return nil
}
