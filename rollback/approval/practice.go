package approval

import (
	"snafu/incidents"
	"snafu/rollback"
)

// practice refuses a plan of a drill that would write to a real system.
func practice(inc incidents.Incident, src Source) error {
	if inc.Drill && !src.Drill {
		return rollback.RefusePractice(src.Name, inc.ID)
	}
	return nil
}

// practised is practice once more, as the source is declared now.
func (s *step) practised() error {
	src, err := s.a.source(s.source)
	if err != nil {
		return err
	}
	return practice(s.inc, src)
}
