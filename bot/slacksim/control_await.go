package slacksim

import (
	"context"
	"net/http"
	"time"
)

// awaited is what POST /sim/await can wait for; exactly one must be named.
type awaited struct {
	As      string `json:"as"`
	Timeout string `json:"timeout"`
	Message *struct {
		Channel  string `json:"channel"`
		Contains string `json:"contains"`
		Label    string `json:"label"`
		After    string `json:"after"`
		ThreadTS string `json:"thread_ts"`
	} `json:"message"`
	View *struct {
		CallbackID string `json:"callback_id"`
		Contains   string `json:"contains"`
	} `json:"view"`
	Home *struct {
		Contains string `json:"contains"`
	} `json:"home"`
	Channel *struct {
		NamePrefix string `json:"name_prefix"`
	} `json:"channel"`
	Connections *int `json:"connections"`
	Idle        bool `json:"idle"`
}

func (s *Sim) postAwait(r *http.Request) (object, error) {
	in, err := body[awaited](r)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	limit, err := time.ParseDuration(or(in.Timeout, "5s"))
	if err != nil || limit < 0 {
		return nil, badRequest("timeout is a duration like 5s")
	}
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	me := s.As(in.As)
	if in.As != "" {
		if _, err := me.Profile(); err != nil {
			return nil, err
		}
	}
	switch {
	case in.Message != nil:
		m, err := me.Await(ctx, in.Message.Channel, in.conditions()...)
		return object{"message": m}, err
	case in.View != nil:
		v, err := me.Modal(ctx, Contains(in.View.Contains), func(x Seen) bool {
			return in.View.CallbackID == "" || x.CallbackID == in.View.CallbackID
		})
		return object{"view": v}, err
	case in.Home != nil:
		v, err := me.Home(ctx, Contains(in.Home.Contains))
		return object{"home": v}, err
	case in.Channel != nil:
		ch, err := me.AwaitChannel(ctx, in.Channel.NamePrefix)
		return object{"channel": ch}, err
	case in.Connections != nil:
		return object{"connections": *in.Connections}, s.AwaitConnections(ctx, *in.Connections)
	}
	return object{"idle": true}, s.Idle(ctx)
}

// check refuses a wait for nothing, for two things, or of nobody for what only
// somebody can see.
func (in awaited) check() error {
	seen, other := 0, 0
	for _, asked := range []bool{in.Message != nil, in.View != nil, in.Home != nil, in.Channel != nil} {
		if asked {
			seen++
		}
	}
	for _, asked := range []bool{in.Connections != nil, in.Idle} {
		if asked {
			other++
		}
	}
	switch {
	case seen+other != 1:
		return badRequest("name one thing to wait for: message, view, home, channel, connections or idle")
	case seen == 1 && in.As == "":
		return badRequest("as says who is to see it")
	case in.Message != nil && in.Message.Channel == "":
		return badRequest("message.channel is needed")
	}
	return nil
}

func (in awaited) conditions() []Matching {
	m := in.Message
	out := []Matching{Contains(m.Contains)}
	if m.Label != "" {
		out = append(out, Shows(m.Label))
	}
	if m.After != "" {
		out = append(out, After(m.After))
	}
	if m.ThreadTS != "" {
		out = append(out, InThread(m.ThreadTS))
	}
	return out
}
