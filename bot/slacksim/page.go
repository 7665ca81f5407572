package slacksim

import (
	"html/template"
	"net/http"
)

// landing says what this is, and where the control API is.
var landing = template.Must(template.New("landing").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated Slack, not Slack</title>
<body>
<main>
<h1>Simulated Slack, not Slack</h1>
<p>This is the workspace {{.Team}}, simulated by one process on this machine. Nothing here reaches Slack.</p>
<p>Give an app the API URL <code>{{.API}}</code>. {{.Connections}} connections are open.</p>
<ul>
{{range .Links}}<li><a href="/sim/{{.}}">/sim/{{.}}</a></li>
{{end}}</ul>
</main>
</body>
</html>
`))

func (s *Sim) servePage(w http.ResponseWriter, r *http.Request) {
	if why := s.forbidden(r); why != "" {
		http.Error(w, why, http.StatusForbidden)
		return
	}
	if s.key != "" {
		http.SetCookie(w, &http.Cookie{Name: "sim_key", Value: s.key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	s.mu.Lock()
	data := struct {
		Team, API   string
		Connections int
		Links       []string
	}{s.state.Team.Name, s.APIURL(), len(s.hub.conns), []string{"app", "people", "usergroups", "channels", "traffic", "faults", "clock"}}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'self'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = landing.Execute(w, data)
}
