package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// lead handles "lead": whoever leads offers it, anybody else asks for it, and
// whoever is asked answers.
func (b *Bot) lead(ctx context.Context, c command) (reply, error) {
	if c.form {
		if to := c.in.fields.get("to"); to != "" {
			return quiet, b.offerLead(ctx, c, to, c.in.fields.get("points"))
		}
		return quiet, b.takeLead(ctx, c, c.why())
	}
	switch word := strings.ToLower(c.arg(0)); {
	case c.in.action == "lead.accept" || word == "accept":
		return quiet, b.o.Response.AcceptLead(ctx, c.act(), c.incident, c.stamp.Offer)
	case c.in.action == "lead.decline" || word == "decline":
		return quiet, b.o.Response.DeclineLead(ctx, c.act(), c.incident, c.stamp.Offer)
	}
	if id, ok := user(c.arg(0)); ok && incidents.Person(c.by).User() != id {
		points, err := b.openPoints(ctx, c.incident, c.zone)
		if err != nil {
			return quiet, err
		}
		return quiet, b.offerLead(ctx, c, id, points)
	} else if ok {
		c.words.args = c.words.args[1:] // oneself
	}
	return b.askLead(ctx, c)
}

// offerLead offers the lead to a user, who has to be a full member.
func (b *Bot) offerLead(ctx context.Context, c command, to, points string) error {
	p, err := b.member(ctx, to, "lead")
	if err != nil {
		return err
	}
	return b.o.Response.OfferLead(ctx, c.act(), c.incident, p, points)
}

// askLead asks for the lead, or, said again when the time to answer is over and
// with a reason, takes it.
func (b *Bot) askLead(ctx context.Context, c command) (reply, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	if inc.Lead == c.by {
		return say(view.LeadOwn(inc)), nil
	}
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return quiet, err
	}
	o, open, err := b.o.Response.LeadOffer(ctx, c.incident, 0)
	if err != nil {
		return quiet, err
	}
	if open && o.Asked && o.To == c.by && o.Open(now) && !now.Before(o.Free) {
		if c.text(0) == "" {
			return say(view.LeadUnanswered(view.LeadCard{Incident: inc, Offer: o})), nil
		}
		return quiet, b.takeLead(ctx, c, c.text(0))
	}
	return quiet, b.o.Response.AskLead(ctx, c.act(), c.incident, b.gone(ctx, inc, inc.Lead), c.text(0))
}

func (b *Bot) takeLead(ctx context.Context, c command, why string) error {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return err
	}
	return b.o.Response.TakeLead(ctx, c.act(), c.incident, c.stamp.Offer, b.gone(ctx, inc, inc.Lead), why)
}

// gone says why somebody cannot answer at all: the account is deactivated, or
// they are not in the channel. What Slack does not say clearly is "".
func (b *Bot) gone(ctx context.Context, inc incidents.Incident, who incidents.Person) string {
	u, err := b.whoNow(ctx, who.User())
	switch {
	case err != nil:
		return ""
	case u.Deleted:
		return "the account is deactivated"
	case inc.Channel == "":
		return ""
	}
	if in, err := b.inChannel(ctx, inc.Channel, who); err != nil || in {
		return ""
	}
	return "not in the channel"
}

// inChannel asks Slack whether somebody is in a channel.
func (b *Bot) inChannel(ctx context.Context, channel string, who incidents.Person) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	for cursor := ""; ; {
		members, next, err := b.slack.read.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: channel, Cursor: cursor, Limit: 1000})
		if err != nil {
			return false, err
		}
		if slices.Contains(members, who.User()) || next == "" {
			return slices.Contains(members, who.User()), nil
		}
		cursor = next
	}
}

// leadForm draws the hand-over, or the second word of who had no answer.
func (b *Bot) leadForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	if c.in.action == "lead.take" {
		o, there, err := b.o.Response.LeadOffer(ctx, c.incident, c.stamp.Offer)
		switch {
		case err != nil:
			return slack.ModalViewRequest{}, err
		case !there || o.State != incidents.OfferOpen:
			return slack.ModalViewRequest{}, refusal.Conflict("That was settled meanwhile. %s leads %s.", inc.Lead.Mention(), inc.ID)
		case o.To != c.by:
			return slack.ModalViewRequest{}, refusal.Forbidden("Only %s, who asked for the lead, can take it. To ask for it: /snafu lead.", o.To.Mention())
		}
		return view.TakeLeadModal(c.stamp, o), nil
	}
	if inc.Lead != c.by {
		return slack.ModalViewRequest{}, refusal.Forbidden("Only the lead can hand it over. That is %s. To ask for it: /snafu lead.", inc.Lead.Mention())
	}
	points, err := b.openPoints(ctx, c.incident, c.zone)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.HandOverModal(c.stamp, inc, points), nil
}

func checkLead(c command) map[string]string {
	_, asked := c.in.fields["to"]
	if _, reason := c.in.fields["why"]; reason && c.why() == "" {
		return map[string]string{"why": "Why do you take it without an answer?"}
	} else if !reason && asked && c.in.fields.get("to") == "" {
		return map[string]string{"to": "To whom?"}
	} else if !reason && asked && c.in.fields.get("to") == c.in.user {
		return map[string]string{"to": "That is you. Choose somebody else."}
	}
	return nil
}

// openPoints is what a hand-over starts with: what is unanswered, what waits,
// what was promised.
func (b *Bot) openPoints(ctx context.Context, id incidents.ID, zone *time.Location) (string, error) {
	inc, err := b.o.Response.Get(ctx, id)
	if err != nil {
		return "", err
	}
	moment, err := b.moment(ctx, inc)
	if err != nil {
		return "", err
	}
	return strings.Join(incidents.OpenPoints(inc, moment, zone), "\n"), nil
}

// leadCard draws an offer of the lead by its number.
func (b *Bot) leadCard(ctx context.Context, inc incidents.Incident, number string) (view.Message, error) {
	o, err := b.offer(ctx, inc.ID, number)
	return view.Lead(view.LeadCard{Incident: inc, Offer: o}), err
}

func (b *Bot) offer(ctx context.Context, id incidents.ID, number string) (incidents.LeadOffer, error) {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return incidents.LeadOffer{}, err
	}
	o, there, err := b.o.Response.LeadOffer(ctx, id, n)
	if err == nil && !there {
		err = refusal.NotFound("%s has no offer %d of its lead.", id, n)
	}
	return o, err
}

// prepareLead writes to those whom the lead concerns: who has to answer an offer
// ("offered"), who had no answer ("untold"), who leads now ("leading"), and who
// leads and is gone from the channel ("away").
func (b *Bot) prepareLead(ctx context.Context, t task, doing, what string) (send, error, error) {
	switch doing {
	case "leading":
		var f incidents.LeadChanged
		if err := t.entry.Into(&f); err != nil {
			return nil, nil, err
		}
		if f.Now != t.inc.Lead {
			return nil, errUnchanged, nil // they have handed it on since
		}
		return b.telling(t, f.Now, view.Leading(t.inc, f)), nil, nil
	case "away":
		return b.telling(t, t.inc.Lead, view.LeadAway(t.inc)), nil, nil
	}
	o, err := b.offer(ctx, t.Incident, what)
	if err != nil {
		return nil, nil, err
	}
	card := view.LeadCard{Incident: t.inc, Offer: o}
	if doing == "untold" {
		if o.State != incidents.OfferOpen {
			return nil, errUnchanged, nil
		}
		return b.telling(t, o.To, view.LeadUnanswered(card)), nil, nil
	}
	return b.mirrored(ctx, t, "lead-dm:"+what, o.Answers(), b.outside(t, view.Lead(card)), o.State == incidents.OfferOpen)
}

// outside is what a direct message may say: of a private incident no more than
// that somebody is needed.
func (b *Bot) outside(t task, m view.Message) view.Message {
	if t.inc.Private {
		m = view.Needs(t.inc)
	}
	return badged(t.inc, m)
}

// telling writes to somebody of whom an incident wants something, and lets them
// into it.
func (b *Bot) telling(t task, to incidents.Person, m view.Message) send {
	write := b.directing(to, b.outside(t, m))
	return func(ctx context.Context) (sent, error) {
		if err := b.letIn(ctx, t.inc, to); err != nil {
			return sent{}, err
		}
		return write(ctx)
	}
}

// mirrored keeps a direct message like the card that it mirrors. A new one is
// written only if fresh.
func (b *Bot) mirrored(ctx context.Context, t task, kind string, to incidents.Person, m view.Message, fresh bool) (send, error, error) {
	drawn, err := drawing(m)
	if err != nil {
		return nil, nil, err
	}
	old, there, err := findPosted(ctx, b.o.DB, t.Incident, kind)
	switch {
	case err != nil:
		return nil, nil, err
	case there && string(old.Drawn) == string(drawn), !there && !fresh:
		return nil, errUnchanged, nil
	}
	return func(ctx context.Context) (sent, error) {
		if !there {
			if err := b.letIn(ctx, t.inc, to); err != nil {
				return sent{}, err
			}
			where, err := b.directing(to, m)(ctx)
			if err != nil {
				return where, err
			}
			return where, b.keepDrawn(ctx, t, kind, where, m)
		}
		where := sent{old.Channel, old.TS}
		_, _, _, err := b.slack.write.UpdateMessageContext(ctx, where.channel, where.ts, content(m)...)
		if f, _ := fateOf(err); err != nil && f != fateGone {
			return where, err
		}
		return where, b.keepDrawn(ctx, t, kind, where, m)
	}, nil, nil
}
