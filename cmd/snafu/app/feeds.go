package app

import (
	"context"
	"errors"
)

// fetchCalendars fetches the calendars of rotas that are due, and tells those
// who look after the systems once that one has been away for a day. It returns
// 0: that some are due is no sign of anything lost.
func (a *App) fetchCalendars(ctx context.Context) (int, error) {
	due, err := a.response.CalendarsDue(ctx)
	if err != nil {
		return 0, err
	}
	for _, name := range due {
		problem := ""
		text, err := a.reach.Calendar(ctx, a.o.Config.Rotas[name].Calendar.Reveal())
		if err != nil {
			if ctx.Err() != nil {
				return 0, ctx.Err()
			}
			a.log.WarnContext(ctx, "a calendar cannot be fetched", "err", err)
			problem = err.Error()
		}
		if err := a.response.KeepCalendar(ctx, name, text, problem); err != nil {
			return 0, err
		}
	}
	old, err := a.response.OldCalendars(ctx)
	for _, o := range old {
		err = errors.Join(err, a.bot.TellOldCalendar(ctx, o))
	}
	return 0, err
}
