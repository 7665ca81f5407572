package slacksim

import "encoding/json"

// MarshalJSON tells a message with all its keys: empty lists are lists, and only
// an ephemeral says to whom.
func (m Message) MarshalJSON() ([]byte, error) {
	type plain Message
	m.Blocks, m.Attachments, m.Files = nonNil(m.Blocks), nonNil(m.Attachments), nonNil(m.Files)
	m.Reactions, m.Actions = nonNil(m.Reactions), nonNil(m.Actions)
	if m.Metadata == nil {
		m.Metadata = object{}
	}
	out := struct {
		plain
		EphemeralTo *string `json:"ephemeral_to"`
	}{plain: plain(m)}
	if m.EphemeralTo != "" {
		out.EphemeralTo = &m.EphemeralTo
	}
	return json.Marshal(out)
}

// MarshalJSON tells a view with all its keys.
func (v View) MarshalJSON() ([]byte, error) {
	type plain View
	v.Blocks, v.Inputs, v.Actions = nonNil(v.Blocks), nonNil(v.Inputs), nonNil(v.Actions)
	if v.Errors == nil {
		v.Errors = map[string]string{}
	}
	return json.Marshal(plain(v))
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
