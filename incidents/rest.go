package incidents

import "time"

// Rest is when somebody is not called to mind of anything: each night, and at
// weekends. Its times are minutes of a day by their own clock; a night that ends
// when it begins is none.
type Rest struct {
	From, To int64
	Weekends bool
}

// UsualRest is from 20:00 to 8:00 and at weekends, for whoever has set nothing
// else.
var UsualRest = Rest{From: 20 * 60, To: 8 * 60, Weekends: true}

// At says whether somebody rests at an instant, given in their own zone.
func (r Rest) At(local time.Time) bool {
	if day := local.Weekday(); r.Weekends && (day == time.Saturday || day == time.Sunday) {
		return true
	}
	minute := int64(local.Hour()*60 + local.Minute())
	if r.From <= r.To {
		return r.From <= minute && minute < r.To
	}
	return minute >= r.From || minute < r.To
}
