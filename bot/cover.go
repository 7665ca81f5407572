package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/incidents/rota"
)

const coverUsage = "Write who, from, to: `/snafu cover @colleague friday 18:00 monday 9:00`, or `/snafu cover anyone friday 18:00 monday 9:00`."

// cover handles "cover [add|remove] @user|anyone FROM TO [ROTA]", "cover take C7"
// and "cover cancel C7".
func (b *Bot) cover(ctx context.Context, c command) (reply, error) {
	if c.stamp.Choice != "" && !c.form {
		_, err := b.takeCover(ctx, c, c.stamp.Choice)
		return quiet, err // the message with the button says who took it
	}
	switch word := strings.ToLower(c.arg(0)); {
	case !c.form && word == "take":
		return b.takeCover(ctx, c, c.arg(1))
	case !c.form && word == "cancel":
		id, err := incidents.ParseCoverID(c.arg(1))
		if err != nil {
			return quiet, err
		}
		done, err := b.o.Response.CancelCover(ctx, c.act(), id)
		if err != nil {
			return quiet, err
		}
		return said("%s is cancelled: the rota %s counts again from %s to %s.", id, view.Escape(done.Rota), view.Day(done.From), view.Day(done.To)), nil
	}
	req, err := b.coverRequest(ctx, c)
	if err != nil {
		return quiet, err
	}
	made, err := b.o.Response.Cover(ctx, c.act(), req)
	if err != nil {
		return quiet, err
	}
	return said("%s", b.coverReply(made)), nil
}

func (b *Bot) coverReply(c incidents.Cover) string {
	name, span := view.Escape(c.Rota), " from "+view.Day(c.From)+" to "+view.Day(c.To)
	switch {
	case c.Person != "":
		return c.ID.String() + ": " + c.Person.Mention() + " " + view.Covers(c) + " " + name + span + ". To take it back: `/snafu cover cancel " + c.ID.String() + "`."
	case b.o.RotaChannels[c.Rota] != "":
		return c.ID.String() + ": I ask in the channel of " + name + " who covers it" + span + ". Until somebody takes it, nothing changes."
	}
	return c.ID.String() + ": nobody covers " + name + span + " yet, and the rota has no channel in which I could ask. A colleague takes it with `/snafu cover take " + c.ID.String() + "`."
}

func (b *Bot) takeCover(ctx context.Context, c command, number string) (reply, error) {
	id, err := incidents.ParseCoverID(number)
	if err != nil {
		return quiet, err
	}
	taken, err := b.o.Response.TakeCover(ctx, c.act(), id)
	if err != nil {
		return quiet, err
	}
	return said("Thank you: you cover %s from %s to %s.", view.Escape(taken.Rota), view.Day(taken.From), view.Day(taken.To)), nil
}

// coverRequest reads the typed words or the form.
func (b *Bot) coverRequest(ctx context.Context, c command) (req response.CoverRequest, err error) {
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return req, err
	}
	var whom string
	if c.form {
		whom, req.Why, req.Rota = c.in.fields.get("who"), c.in.fields.get("why"), c.in.fields.get("rota")
		if req.From, err = ahead(c.in.fields.get("from"), c.zone, now); err != nil {
			return req, err
		}
		req.To, err = until(c.in.fields.get("to"), c.zone, now, req.From)
	} else {
		args := c.words.args
		if len(args) > 0 {
			if kind := rota.OverrideKind(strings.ToLower(args[0])); kind == rota.Add || kind == rota.Remove {
				req.Kind, args = kind, args[1:]
			}
		}
		if len(args) < 3 {
			return req, refusal.Invalid("%s", coverUsage)
		}
		id, mentioned := user(args[0])
		if !mentioned && !strings.EqualFold(args[0], "anyone") {
			return req, refusal.Invalid("%q is nobody that I know. %s", short(args[0]), coverUsage)
		}
		whom, args = id, args[1:]
		if last := len(args) - 1; last > 0 {
			if known, ok := b.rotaWord(args[last]); ok {
				req.Rota, args = known, args[:last]
			}
		}
		args = without(args, "from")
		if req.From, args, err = takeTime(args, c.zone, now); err != nil {
			return req, err
		}
		args = without(without(args, "to"), "until")
		req.To, err = until(strings.Join(args, " "), c.zone, now, req.From)
	}
	if err != nil || whom == "" {
		return req, err
	}
	who, err := b.whoNow(ctx, whom)
	if err != nil {
		return req, err
	}
	us, err := b.me(ctx)
	if err != nil {
		return req, err
	}
	if why := us.outsider(who); why != "" {
		return req, refusal.Invalid("Only a full member of this workspace can be on call, and that account is %s.", phrase(why))
	}
	req.Person = key(who)
	return req, nil
}

func without(args []string, word string) []string {
	if len(args) > 0 && strings.EqualFold(args[0], word) {
		return args[1:]
	}
	return args
}

// until reads the end of a span: a time of day or a weekday is the first one
// after its begin.
func until(text string, zone *time.Location, now, from time.Time) (time.Time, error) {
	return ahead(text, zone, latest(now, from))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (b *Bot) coverForm(_ context.Context, c command) (slack.ModalViewRequest, error) {
	if len(b.o.Rotas) == 0 {
		return slack.ModalViewRequest{}, refusal.Invalid("There is no rota in my configuration. Its admin can add one under `rotas`.")
	}
	f := view.CoverForm{Stamp: c.stamp}
	f.Stamp.Choice = ""
	for _, r := range b.o.Rotas {
		f.Rotas = append(f.Rotas, view.Option{Value: r, Label: r})
	}
	return view.CoverModal(f), nil
}

func checkCover(c command) map[string]string {
	faults := map[string]string{}
	now := time.UnixMilli(c.stamp.Opened)
	for _, block := range []string{"from", "to"} {
		if _, err := ahead(c.in.fields.get(block), time.UTC, now); err != nil {
			faults[block] = "Write 18:00, tomorrow 9:00, friday 18:00 or 2026-03-28 18:00."
		}
	}
	if c.in.fields.get("rota") == "" {
		faults["rota"] = "Which rota?"
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

// TellCover does the job of that name. What Slack refuses for good is logged and
// let be: the cover counts all the same, and /snafu oncall shows it.
func (b *Bot) TellCover(ctx context.Context, job jobs.Job[response.TellCover]) error {
	c, err := b.o.Response.GetCover(ctx, job.Args.Cover)
	if err != nil {
		return err
	}
	if job.Args.Room {
		err = b.coverRoom(ctx, c, job.Args)
	} else {
		err = b.coverPerson(ctx, c, job.Args)
	}
	switch f, wait := fateOf(err); {
	case err == nil:
		return nil
	case f == fateWait || f == fateUnknown || f == fateMend:
		return jobs.Snooze(max(wait, unknownPause))
	}
	b.log.WarnContext(ctx, "Slack does not take the news of a cover", "err", err)
	return nil
}

func (b *Bot) coverPerson(ctx context.Context, c incidents.Cover, t response.TellCover) error {
	to := c.Person
	if t.What == response.CoverTaken {
		to = c.By
	}
	if to == "" || to == t.By {
		return nil
	}
	return b.direct(ctx, to.User(), view.CoverSaid(c, t.What, t.By))
}

func (b *Bot) coverRoom(ctx context.Context, c incidents.Cover, t response.TellCover) error {
	m := view.CoverSaid(c, t.What, t.By)
	if c.TS != "" && t.What != response.CoverMade { // where anyone was asked
		_, _, _, err := b.slack.write.UpdateMessageContext(ctx, c.Channel, c.TS, content(m)...)
		return err
	}
	channel, err := b.rotaRoom(ctx, c.Rota)
	if err != nil || channel == "" {
		return err
	}
	channel, ts, err := b.slack.write.PostMessageContext(ctx, channel, content(m)...)
	if err == nil && t.What == response.CoverAsked {
		err = b.o.Response.CoverPosted(ctx, c.ID, channel, ts)
	}
	return err
}

// rotaRoom is the channel of a rota, "" if it has none.
func (b *Bot) rotaRoom(ctx context.Context, of string) (string, error) {
	name := strings.TrimPrefix(b.o.RotaChannels[of], "#")
	if name == "" || isChannelID(name) {
		return name, nil
	}
	if id, ok := b.rooms.Load(name); ok {
		return id.(string), nil
	}
	ch, found := b.channelNamed(ctx, name)
	if !found {
		ch, found = b.publicNamed(ctx, name)
	}
	if !found {
		return "", errors.New("I am in no channel called " + name + ": invite me there")
	}
	b.rooms.Store(name, ch.ID)
	return ch.ID, nil
}

// TellOldCalendar tells, in the channel of a rota or else in the central one, that
// its calendar could not be read for a day, and the admins of the whole.
func (b *Bot) TellOldCalendar(ctx context.Context, o response.OldCalendar) error {
	for _, p := range b.admins(ctx) {
		if err := b.direct(ctx, p.User(), view.OldCalendar(o.Rota, o.Good, o.Problem)); err != nil {
			b.log.WarnContext(ctx, "tell an admin that a calendar is old", "err", err)
		}
	}
	channel, err := b.rotaRoom(ctx, o.Rota)
	if err == nil && channel == "" {
		channel, err = b.announceID(ctx)
	}
	if errors.Is(err, errUnchanged) {
		return nil
	}
	if err == nil {
		_, _, err = b.slack.write.PostMessageContext(ctx, channel, content(view.OldCalendar(o.Rota, o.Good, o.Problem))...)
	}
	if err != nil {
		b.log.WarnContext(ctx, "tell that a calendar is old", "err", err)
	}
	return nil
}
