package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// methods are the calls that a short incident makes; each fails in its turn.
var methods = []string{
	"conversations.create", "conversations.invite", "conversations.setTopic", "pins.add", "chat.postMessage", "chat.update",
	"users.conversations", "conversations.history", "views.publish",
}

func TestWhateverSlackAnswersAnAcknowledgedActHappensOnceAndIsToldOnce(t *testing.T) {
	t.Parallel()
	w := faulty(t)
	everywhere := func(f slacksim.Fault) {
		for _, m := range methods {
			f.Match.Method = m
			w.fault(f)
		}
	}
	for name, f := range map[string]slacksim.Fault{
		"too many calls":              {Kind: "api.rate_limited", RetryAfter: 2},
		"an answer that is lost":      {Kind: "api.lost_reply"},
		"a request that is lost":      {Kind: "api.lost_request"},
		"a server error":              {Kind: "api.http_error", Status: 500},
		"a page instead of an answer": {Kind: "api.http_error", Status: 502, HTML: true},
		"a slow answer":               {Kind: "api.slow", Delay: "100ms"},
		"an error of Slack's own":     {Kind: "api.error", Error: "internal_error"},
		"a fatal error of Slack's":    {Kind: "api.error", Error: "fatal_error"},
	} {
		w.each(name+" to the first call of each method", func(ta *tale) {
			before := w.struck(f.Kind)
			everywhere(f)
			ta.all()
			w.settles()
			require.Greater(w.t, w.struck(f.Kind), before+4, "the fault was there")
		})
		w.each(name+" to every call but the first two", func(ta *tale) {
			f.Skip, f.Times = 2, 4
			everywhere(f)
			ta.all()
		})
	}
}

func TestWhateverSlackRefusesTheIncidentGoesOnAndTheLeadHearsWhy(t *testing.T) {
	t.Parallel()
	w := faulty(t)
	refuses := func(method, word string, times int) {
		w.fault(slacksim.Fault{Kind: "api.error", Error: word, Match: slacksim.Match{Method: method}, Times: times, Always: times == 0})
	}
	w.each("the name is taken", func(ta *tale) {
		refuses("conversations.create", "name_taken", 1)
		ta.all()
		w.settles()
		ta.holds()
		require.Contains(w.t, ta.ch, "-2")
	})
	w.each("channels may not be made", func(ta *tale) {
		refuses("conversations.create", "restricted_action", 0)
		ta.all()
		w.settles()
		w.sees("ana", "@snafu", slacksim.Contains("Slack does not let me create channels (restricted_action). "+ta.id.String()+" is open and goes on in #data-incidents."))
		w.sim.Unfault("")
		ta.noChannel = true
	})
	for _, word := range []string{"is_archived", "channel_not_found", "not_in_channel", "restricted_action"} {
		w.each("a post is refused: "+word, func(ta *tale) {
			ta.open()
			w.settles()
			w.fault(slacksim.Fault{Kind: "api.error", Error: "message_not_found", Match: slacksim.Match{Method: "chat.update", Channel: ta.channel()}, Always: true})
			w.fault(slacksim.Fault{Kind: "api.error", Error: word, Match: slacksim.Match{Method: "chat.postMessage", Channel: ta.channel()}, Always: true})
			ta.note()
			ta.answer()
			w.settles()
			w.sees("ana", "@snafu", slacksim.Contains(ta.id.String()+": Slack does not let me use"), slacksim.Contains("I go on in #data-incidents"))
		})
	}
	for method, word := range map[string]string{
		"conversations.invite": "cant_invite", "conversations.setTopic": "user_is_restricted", "pins.add": "too_many_pins",
	} {
		w.each("decoration is refused: "+method, func(ta *tale) {
			refuses(method, word, 0)
			ta.all()
		})
	}
	w.each("blocks are refused", func(ta *tale) {
		refuses("chat.postMessage", "invalid_blocks", 3)
		ta.all()
	})
	w.each("metadata is refused", func(ta *tale) {
		refuses("chat.postMessage", "metadata_too_large", 2)
		ta.all()
	})
	w.each("the Home tab is refused", func(ta *tale) {
		refuses("views.publish", "not_enabled", 1)
		ta.all()
	})
	w.each("nobody says who asks", func(ta *tale) {
		w.forget()
		refuses("users.info", "user_not_found", 1)
		act := w.slash("ana", "#general", "/snafu open sev3 somebody unknown asks")
		require.Equal(w.t, "acked", act.Deliveries[0].State)
		w.settles()
		w.sees("ana", "#general", slacksim.OnlyForMe(), slacksim.Contains("Slack did not confirm who you are"))
		ta.all()
	})
}

func TestHoweverPayloadsComeWhatIsAcknowledgedHappensOnceAndWhoIsNotHeardReadsSo(t *testing.T) {
	t.Parallel()
	w := faulty(t)
	for name, f := range map[string]slacksim.Fault{
		"the acknowledgement is dropped":   {Kind: "socket.drop_ack", Times: 3},
		"the payload comes late":           {Kind: "socket.delay", Delay: "2s", Times: 3},
		"the payload comes four times":     {Kind: "socket.duplicate", Copies: 3, Times: 3},
		"payloads change places":           {Kind: "socket.reorder", Window: 2, Times: 2},
		"Slack warns before a refresh":     {Kind: "socket.warning"},
		"Slack refreshes the connections":  {Kind: "socket.refresh"},
		"there are too many connections":   {Kind: "socket.too_many"},
		"the connections are cut":          {Kind: "socket.cut"},
		"the connections are half closed":  {Kind: "socket.half_close"},
		"Slack sends no pings":             {Kind: "socket.no_ping", Match: slacksim.Match{Connection: 1}},
		"the link is disabled":             {Kind: "socket.link_disabled"},
		"ephemeral messages are not shown": {Kind: "ephemeral.lost", Always: true},
		"events are dropped":               {Kind: "event.drop", Always: true},
		"events come four times":           {Kind: "event.duplicate", Copies: 3, Always: true},
		"events change places":             {Kind: "event.reorder", Window: 2, Times: 2},
	} {
		w.each(name, func(ta *tale) {
			w.fault(f)
			ta.open()
			w.fault(f)
			ta.answer()
			w.looksAway("ana")
			w.fault(f)
			ta.note()
		})
	}
	w.each("Slack refuses new connections for a while", func(ta *tale) {
		ta.open()
		w.fault(slacksim.Fault{Kind: "socket.refuse", Times: 2})
		w.fault(slacksim.Fault{Kind: "socket.cut"})
		ta.answer()
		ta.note()
	})
	require.NoError(t, w.sim.AwaitConnections(w.ctx(), 2))
}
