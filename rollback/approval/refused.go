package approval

import (
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

func refuseNoSource(name string) error {
	return refusal.NotFound("There is no source %q here. An admin declares it in the configuration.", name)
}

func refuseNoTable(source, table string) error {
	return refusal.NotFound("%s declares no table %q. An admin declares it in the configuration.", source, table)
}

func refuseNoReason(what string) error {
	return refusal.Invalid("Say why: the reason stays with the %s.", what)
}

// refuseVoice stops a start when an approval has lost its person. The code is
// that of the loss.
func refuseVoice(ref rollback.Ref, who incidents.Person, loss error) error {
	code := ""
	if r, ok := refusal.As(loss); ok {
		code = r.Code
	}
	if code == "slack-unsure" {
		return loss
	}
	return refusal.Conflict("The approval of %s by %s no longer counts. Freeze %s again and ask anew.", ref, who.Mention(), ref).Coded(code)
}

func refuseVoicesMoved(ref rollback.Ref) error {
	return refusal.Conflict("The approvals of %s changed just now. Look again.", ref).Coded("state")
}

func refuseNoHold(ref rollback.Ref, name string) error {
	if name == "" {
		return refusal.Conflict("%s holds nothing. `plan effects %s hold` lets the owner of what it sets off stop it meanwhile.", ref, ref).Coded("nothing")
	}
	return refusal.Invalid("%s holds nothing that is called %q.", ref, name).Coded("nothing")
}

func refuseOver(id incidents.ID) error {
	return refusal.Conflict("%s is over. `/snafu reopen WHY` starts it again; something else is a new one: `/snafu open TITLE`.", id)
}
