package app

import (
	"context"
	"fmt"
	"strings"

	"snafu/incidents"
	"snafu/incidents/notify"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// sendCode does the job of that name: a new code goes to a number or an address, so
// that its owner can type it back. Each try sends another code, because of the
// ones before only a hash is kept; the newest counts.
func (a *App) sendCode(ctx context.Context, job jobs.Job[response.SendCode]) error {
	args := job.Args
	code, address, err := a.response.NewCode(ctx, args.Person, args.Way)
	if err != nil || code == "" {
		return err
	}
	at, err := a.db.Now(ctx, nil)
	if err != nil {
		return err
	}
	switch {
	case args.Way == incidents.ByPhone && !a.o.Config.Outbound.Twilio.calls():
		_, err = a.reach.SMS(ctx, a.twilio(), address, "Your snafu code is "+code+". Type it in Slack: /snafu oncall contact code "+code)
	case args.Way == incidents.ByPhone:
		_, err = a.reach.Call(ctx, a.twilio(), address, "Your snafu code is "+strings.Join(strings.Split(code, ""), ", ")+".")
	default:
		_, err = a.reach.Mail(ctx, a.mail(), notify.Letter{
			To: address, ID: fmt.Sprintf("snafu-code-%s-%d", args.Person.User(), at.UnixMicro()), At: at, Subject: "Your snafu code",
			Text: "Your code is " + code + ". Type it in Slack within ten minutes: /snafu oncall contact code " + code +
				"\n\nIf you asked for none, do nothing: without the code this address is not used.\n",
		})
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	failed := notify.FailureOf(err)
	a.log.WarnContext(ctx, "a code could not be sent", "err", failed.Said)
	return a.bot.TellCode(ctx, args.Person, args.Way, failed.Said)
}
