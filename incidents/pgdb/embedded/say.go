package embedded

import "fmt"

// up is what a person hears about a server that has come up.
func up(o Options, s *Server) string {
	if o.persistent() {
		return fmt.Sprintf("No database URL is set, so I keep my log in a Postgres of my own: %s (%s, fsync on). Back it up, or set database.url_env.", s.Dir, s.Version)
	}
	return fmt.Sprintf("Postgres %s (%s) is up in %.1f s. It is a throw-away: it ends with this program.", s.Version, s.Source, s.Took.Seconds())
}
