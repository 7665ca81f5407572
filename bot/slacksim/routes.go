package slacksim

import (
	"net"
	"net/http"
)

// routes joins the addresses with who answers them.
func (s *Sim) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", s.serveAPI)
	mux.HandleFunc("GET /link/", s.serveLink)
	mux.HandleFunc("POST /response/", s.serveResponse)
	mux.HandleFunc("POST /upload/", s.serveUpload)
	mux.HandleFunc("PUT /upload/", s.serveUpload)
	mux.HandleFunc("GET /files-pri/", s.servePrivate)
	s.controlRoutes(mux)
	mux.HandleFunc("GET /{$}", s.servePage)
	mux.HandleFunc("GET /page/{file...}", s.servePage)
	return s.tracked(mux)
}

// tracked keeps Close waiting until no request is being answered any more.
func (s *Sim) tracked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			hangUp(w)
			return
		}
		s.goes.Add(1)
		s.mu.Unlock()
		defer s.goes.Done()
		next.ServeHTTP(w, r)
	})
}

// root is the address by which this machine reaches the workspace. An address
// that stands for all of the machine's is none that can be opened.
func (s *Sim) root() string {
	host, port, err := net.SplitHostPort(s.listener.Addr().String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// APIURL is what an app is given instead of https://slack.com/api/. A workspace
// that listens on all addresses names that of this machine; for others it has its
// own.
func (s *Sim) APIURL() string { return s.root() + "/api/" }

// PageURL is where a browser looks. Off loopback it carries the access key.
func (s *Sim) PageURL() string {
	u := s.root() + "/"
	if s.key != "" {
		u += "?key=" + s.key
	}
	return u
}

// loopback tells whether an address with a port is of this machine alone.
func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
