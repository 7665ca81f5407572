package approval

import "snafu/rollback"

// ruled refuses a revision that was drafted under rules which the source no
// longer has (rules), or as break-glass where that is off by now (break-glass).
func (s *step) ruled(spec rollback.Spec) error {
	src, err := s.a.source(s.source)
	if err != nil {
		return err
	}
	if spec.Rules() != src.rules() {
		return rollback.RefuseRules(s.ref(), src.Name)
	}
	if spec.BreakGlass != nil && !src.BreakGlass.Enabled {
		return rollback.RefuseGlassOff(src.Name, people(src.Admins, s.requester))
	}
	return nil
}
