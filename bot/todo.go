package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// What a button about a follow-up does; without one it opens the form.
const (
	todoDone = "done"
)

// todo handles the form of a follow-up and its buttons, those of the checklist, "todo draft TEXT [@user]
// [by DAY]", "todo done T3", "todo drop T3 WHY" and "todo edit T3 [@user] [by DAY]".
func (b *Bot) todo(ctx context.Context, c command) (reply, error) {
	if c.form {
		return quiet, b.todoForm(ctx, c)
	}
	if item, on, ok := c.ticks(); ok {
		return quiet, b.o.Response.Tick(ctx, c.act(), c.incident, item, on)
	}
	if c.stamp.Choice == todoDone || strings.HasPrefix(c.in.action, "todo.done") {
		return quiet, b.o.Response.DoneFollowUp(ctx, c.act(), c.incident, c.todoPressed())
	}
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return quiet, err
	}
	t := c.todoTyped(now)
	if t.doing != "draft" && t.number == 0 {
		return quiet, refusal.Invalid("Which one? Write its name behind the word: /snafu todo %s T3. /snafu todos lists them.", t.doing)
	}
	switch t.doing {
	case todoDone:
		return quiet, b.o.Response.DoneFollowUp(ctx, c.act(), c.incident, t.number)
	case "drop":
		return quiet, b.o.Response.DropFollowUp(ctx, c.act(), c.incident, t.number, t.text)
	}
	owner, err := b.owner(ctx, t.owner)
	if err != nil {
		return quiet, err
	}
	if t.doing == "draft" {
		made, err := b.o.Response.AddFollowUp(ctx, c.act(), c.incident, incidents.FollowUp{Text: t.text, Owner: owner, Due: t.due})
		if err != nil {
			return quiet, err
		}
		return said("%s is written down. Missing: %s. `/snafu todo edit %s` asks for it.", made.Ref(), strings.Join(made.Missing(), ", "), made.Ref()), nil
	}
	changed, err := b.o.Response.ChangeFollowUp(ctx, c.act(), c.incident, t.number, func(f incidents.FollowUp) (incidents.FollowUp, error) {
		if owner != "" {
			f.Owner = owner
		}
		if !t.due.IsZero() {
			f.Due = t.due
		}
		if t.text != "" {
			f.Text = t.text
		}
		return f, nil
	})
	if err != nil {
		return quiet, err
	}
	if missing := changed.Missing(); len(missing) > 0 {
		return said("%s is changed. Still missing: %s.", changed.Ref(), strings.Join(missing, ", ")), nil
	}
	return said("%s is changed, and has all it needs.", changed.Ref()), nil
}

// ticks reads "todo tick SNAFU-3.T1", "todo untick SNAFU-3.T1" and the buttons
// that do the same.
func (c command) ticks() (item string, on, ok bool) {
	if strings.HasPrefix(c.in.action, "checklist.tick") {
		return c.stamp.Subject, c.stamp.Choice != view.ChooseUntick, true
	}
	word := strings.ToLower(c.arg(0))
	ticks := word == view.ChooseTick || word == view.ChooseUntick
	if !ticks || len(c.words.args) != 2 || !strings.Contains(c.arg(1), ".") {
		return "", false, false // "Tick the box by default" is a follow-up
	}
	return c.arg(1), word == view.ChooseTick, true
}

// todoPressed is the number of the follow-up that a button is about: one of the
// list, or of a reminder.
func (c command) todoPressed() int64 {
	if n, ok := incidents.ParseFollowRef(c.stamp.Subject); ok && c.stamp.Sheet == 0 {
		return n
	}
	return c.stamp.Sheet
}

// typedTodo is what somebody typed of a follow-up.
type typedTodo struct {
	doing  string // new, draft, edit, done, drop
	number int64
	owner  string // user id
	due    time.Time
	text   string
}

func (c command) todoTyped(now time.Time) (t typedTodo) {
	t.doing = "new"
	args := slices.Clone(c.words.args)
	if len(args) > 0 {
		if word := strings.ToLower(args[0]); slices.Contains([]string{"draft", "edit", todoDone, "drop"}, word) {
			t.doing, args = word, args[1:]
		}
	}
	if len(args) > 0 && t.doing != "draft" {
		if n, ok := incidents.ParseFollowRef(args[0]); ok {
			t.number, args = n, args[1:]
			if t.doing == "new" {
				t.doing = "edit"
			}
		}
	}
	if t.doing == "drop" || t.doing == todoDone {
		t.text = strings.Join(args, " ")
		return t
	}
	if due, rest, ok := dueTyped(args, cmp.Or(c.zone, time.UTC), now); ok {
		t.due, args = due, rest
	}
	for n, word := range args {
		if id, ok := user(word); ok {
			t.owner, args = id, slices.Delete(args, n, n+1)
			break
		}
	}
	t.text = strings.Join(args, " ")
	return t
}

// dueTyped takes "by DAY" from the end of the words. "by" is also a word; only a
// readable day behind the last one is one.
func dueTyped(args []string, zone *time.Location, now time.Time) (time.Time, []string, bool) {
	for n := len(args) - 2; n >= 0; n-- {
		if !strings.EqualFold(args[n], "by") {
			continue
		}
		for to := min(len(args), n+3); to > n+1; to-- {
			if due, err := dueDay(strings.Join(args[n+1:to], " "), zone, now); err == nil {
				return due, slices.Concat(args[:n], args[to:]), true
			}
		}
	}
	return time.Time{}, args, false
}

// dueDay is the morning of the day that somebody names, in their zone.
func dueDay(text string, zone *time.Location, now time.Time) (time.Time, error) {
	at, err := ahead(text, zone, now)
	if err != nil {
		return time.Time{}, refusal.Invalid("%q is not a day. Write friday, tomorrow or 2026-04-03.", short(text))
	}
	day := at.In(zone)
	return time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, zone).UTC(), nil
}

// owner is the full member of that id; "" is nobody.
func (b *Bot) owner(ctx context.Context, id string) (incidents.Person, error) {
	if id == "" {
		return "", nil
	}
	who, err := b.whoNow(ctx, id)
	if err != nil {
		return "", err
	}
	us, err := b.me(ctx)
	if err != nil {
		return "", err
	}
	if why := us.outsider(who); why != "" {
		return "", refusal.Invalid("Only a full member of this workspace can own a follow-up, and that account is %s.", phrase(why))
	}
	return key(who), nil
}

// todoOpens is true for whatever leaves parts of a follow-up open; which day is
// meant does not matter to it.
func todoOpens(c command) bool {
	if _, _, ticks := c.ticks(); ticks || c.in.kind != kindCommand {
		return false
	}
	switch t := c.todoTyped(c.received); t.doing {
	case "new":
		return true
	case "edit":
		return t.number > 0 && t.owner == "" && t.due.IsZero() && t.text == ""
	}
	return false
}

// todoForm records what a form says of a follow-up. One that is changed may not
// have become another one since the form was opened.
func (b *Bot) todoForm(ctx context.Context, c command) error {
	in := c.in.fields
	if why := in.get("drop"); why != "" && c.stamp.Sheet > 0 {
		return b.o.Response.DropFollowUp(ctx, c.act(), c.incident, c.stamp.Sheet, why)
	}
	owner, err := b.owner(ctx, in.get("owner"))
	if err != nil {
		return err
	}
	day, err := time.ParseInLocation(time.DateOnly, in.get("due"), c.zone)
	if err != nil {
		return refusal.Invalid("%q is not a day. Choose one in the calendar.", short(in.get("due")))
	}
	said := func(f incidents.FollowUp) (incidents.FollowUp, error) {
		f.Text, f.Owner, f.For, f.Safeguard, f.Ticket = in.get("text"), owner, incidents.FollowKind(in.get("kind")), in.get("safeguard"), in.get("ticket")
		f.Due = time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, c.zone)
		f.Checklist = slices.Contains(in["checklist"], "checklist")
		if root := in.get("root"); root != "" {
			f.Root = root
		}
		return f, nil
	}
	if c.stamp.Sheet == 0 {
		f, err := said(incidents.FollowUp{})
		if err != nil {
			return err
		}
		_, err = b.o.Response.AddFollowUp(ctx, c.act(), c.incident, f)
		return err
	}
	_, err = b.o.Response.ChangeFollowUp(ctx, c.act(), c.incident, c.stamp.Sheet, func(f incidents.FollowUp) (incidents.FollowUp, error) {
		if markOf(f) != c.stamp.Choice {
			return f, refusal.Conflict("Somebody changed %s since you opened it. `/snafu todo edit %s` shows it as it is.", f.Ref(), f.Ref()).Coded("stale")
		}
		return said(f)
	})
	return err
}

func (b *Bot) drawTodo(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	all, err := b.o.Response.FollowUps(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	f := view.FollowUpForm{}
	n := c.todoPressed()
	c.stamp.Nag, c.stamp.Subject = "", ""
	if c.in.kind == kindCommand {
		t := c.todoTyped(c.received)
		n = t.number
		f.FollowUp.Text, f.FollowUp.Due = t.text, t.due
		if f.FollowUp.Owner, err = b.owner(ctx, t.owner); err != nil {
			return slack.ModalViewRequest{}, err
		}
	}
	if c.in.kind == kindPress && n == 0 {
		if err := b.drafted(ctx, c, &f.FollowUp); err != nil {
			return slack.ModalViewRequest{}, err
		}
	}
	if n > 0 {
		if f.FollowUp, err = all.Find(n); err != nil {
			return slack.ModalViewRequest{}, err
		}
		if !f.FollowUp.Open() {
			_, _, err = f.FollowUp.Drop("", "", c.received)
			return slack.ModalViewRequest{}, err
		}
		c.stamp.Choice = markOf(f.FollowUp)
	}
	if !f.FollowUp.Due.IsZero() {
		f.Due = f.FollowUp.Due.In(c.zone).Format(time.DateOnly)
	}
	c.stamp.Sheet = n
	f.Stamp = c.stamp
	return view.FollowUpModal(f), nil
}

// checkTodo reads the form alone.
func checkTodo(c command) map[string]string {
	f := c.in.fields
	if f.get("drop") != "" {
		return nil
	}
	faults := map[string]string{}
	for block, say := range map[string]string{
		"text": "What is to be done?", "owner": "Who owns it?", "due": "By which day?", "kind": "What does it help with?",
		"safeguard": "What changes in a system or a checklist?",
	} {
		if f.get(block) == "" {
			faults[block] = say
		}
	}
	if why := incidents.NoSafeguard(f.get("safeguard")); why != "" {
		faults["safeguard"] = why
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

// todos handles "todos": the checklist and the list, to whoever asks alone.
func (b *Bot) todos(ctx context.Context, c command) (reply, error) {
	all, err := b.o.Response.FollowUps(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	list, err := b.o.Response.Checklist(ctx, inc)
	if err != nil {
		return quiet, err
	}
	m := view.Said(fmt.Sprintf("%s has no follow-up yet. `/snafu todo TEXT` writes the first one down.", c.incident))
	if len(all) > 0 {
		if m, err = b.followUpsCard(ctx, c.incident); err != nil {
			return quiet, err
		}
	}
	return say(view.Todos(inc, list, m)), nil
}

// followUpsCard draws the list of what is owed.
func (b *Bot) followUpsCard(ctx context.Context, id incidents.ID) (view.Message, error) {
	all, err := b.o.Response.FollowUps(ctx, id)
	if err != nil {
		return view.Message{}, err
	}
	at, err := b.o.DB.Now(ctx, nil)
	return view.FollowUps(view.FollowUpsCard{Incident: id, All: all, At: at}), err
}
