package jobs

import "time"

// Later moves a runner's idea of now.
func (r *Runner) Later(d time.Duration) {
	before := r.presence.now
	r.presence.now = func() time.Time { return before().Add(d) }
}
