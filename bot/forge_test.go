package bot_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/bot/view"
	"snafu/incidents"
	"snafu/rollback"
)

// proposed plays the incident of the moved leads until its plan waits for
// approvals, and returns the incident's channel and what its buttons carry.
func (w *workspace) proposed() (ch string, stamp view.Stamp) {
	w.t.Helper()
	ch = w.decided()
	return ch, w.propose(ch, 1)
}

// decided is an incident whose cause is stopped and whose cohorts are decided.
func (w *workspace) decided() (ch string) {
	w.t.Helper()
	says := slacksim.Contains
	ch = w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926"))
	w.slash("ana", ch, "/snafu contain stopped Weekly stage sync (was on, now off)")
	w.quiet() // the answer to 3 is one about what was done
	w.slash("ana", ch, "/snafu triage 3 no")
	w.slash("ana", ch, "/snafu triage 4 all became SQL")
	w.slash("ana", ch, "/snafu triage 7 workflow the weekly sync")
	w.slash("ana", ch, "/snafu table")
	w.submit(w.form("ana", "table"), slacksim.Values{"cohort-1": "v:MQL", "cohort-2": "v:MQL", "cohort-3": "nochange", "cohort-4": "nochange"})
	w.sees("ana", ch, says("1,176"))
	return ch
}

// propose makes plan n of what was decided and asks for its approvals.
func (w *workspace) propose(ch string, n int) view.Stamp {
	w.t.Helper()
	ref := fmt.Sprintf("R%d", n)
	w.quiet()
	w.slash("ana", ch, "/snafu plan new")
	w.submit(w.form("ana", "plan"), slacksim.Values{"effects": "fire", "why": "put the stages back"})
	w.sees("ana", ch, slacksim.Contains(ref))
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose "+ref)
	w.quiet()
	var stamp rollback.Stamp
	var digest []byte
	require.NoError(w.t, w.db.Pool().QueryRow(w.ctx(),
		`select plan, number, digest from revisions where state = 'proposed' order by plan desc limit 1`).
		Scan(&stamp.Plan, &stamp.Revision, &digest))
	require.NoError(w.t, stamp.Digest.UnmarshalText([]byte(fmt.Sprintf("%x", digest))))
	return view.Stamp{Incident: 1, Channel: w.channelID(ch), Ref: rollback.Ref(ref), Plan: stamp, Opened: w.now()}
}

// now is the instant of the log database, as forms carry it.
func (w *workspace) now() int64 {
	w.t.Helper()
	at, err := w.db.Now(w.ctx(), nil)
	require.NoError(w.t, err)
	return at.UnixMilli()
}

var forged atomic.Int64

// forgery is a payload that no button or form of ours has made.
type forgery struct {
	by      incidents.Person
	fields  map[string]string // of a form
	key     string            // its view or trigger; a new one if empty
	meta    string            // what the form or the button carries
	channel string
}

func (f forgery) newKey() string {
	if f.key != "" {
		return f.key
	}
	return fmt.Sprintf("forged-%d", forged.Add(1))
}

// sends submits a form that was never opened, and returns its receipt.
func (w *workspace) sends(callback string, f forgery) string {
	w.t.Helper()
	view := "V" + f.newKey()
	values := map[string]any{"samples": map[string]any{"x": map[string]any{
		"type": "checkboxes", "selected_options": []any{map[string]any{"value": "looked"}},
	}}}
	for block, typed := range f.fields {
		if typed == "" { // the form came without it
			delete(values, block)
			continue
		}
		values[block] = map[string]any{"x": map[string]any{"type": "plain_text_input", "value": typed}}
	}
	return w.hears("interactive", "view:"+view+":h", map[string]any{
		"type": "view_submission", "user": map[string]any{"id": f.by.User(), "team_id": f.by.Team()}, "trigger_id": "t" + view,
		"view": map[string]any{
			"id": view, "hash": "h", "callback_id": callback, "private_metadata": f.meta, "state": map[string]any{"values": values},
		},
	})
}

// presses a button that was never shown, and returns its receipt.
func (w *workspace) presses(action string, f forgery) string {
	w.t.Helper()
	key := f.newKey()
	return w.hears("interactive", key, map[string]any{
		"type": "block_actions", "user": map[string]any{"id": f.by.User(), "team_id": f.by.Team()}, "trigger_id": key,
		"channel": map[string]any{"id": f.channel}, "actions": []any{map[string]any{"action_id": action, "type": "button", "value": f.meta}},
	})
}

func (w *workspace) hears(envelope, key string, payload map[string]any) string {
	w.t.Helper()
	_, err := w.bot.Hear(w.ctx(), envelope, payload)
	require.NoError(w.t, err)
	return key
}

// ended waits for the act of a receipt and says how it ended: "effect", or
// "refused forbidden self".
func (w *workspace) ended(key string) string {
	w.t.Helper()
	var outcome, note string
	require.Eventually(w.t, func() bool {
		err := w.db.Pool().QueryRow(w.ctx(), `select coalesce(outcome, ''), note from receipts where key = $1`, key).Scan(&outcome, &note)
		return err == nil && outcome != ""
	}, patience, 3*time.Millisecond, key)
	return strings.TrimSpace(outcome + " " + note)
}

// endings are acts that are under way beside each other, and how each must end.
type endings []struct{ key, ends, name string }

func (e *endings) want(key, ends, name string) {
	*e = append(*e, struct{ key, ends, name string }{key, ends, name})
}

// hold waits for them; each must end as was said, or in more words.
func (e *endings) hold(w *workspace) {
	w.t.Helper()
	for _, c := range *e {
		require.Contains(w.t, w.ended(c.key), c.ends, c.name)
	}
	*e = nil
}

func (w *workspace) voices() int {
	w.t.Helper()
	return w.count(`select count(*) from approvals`)
}
