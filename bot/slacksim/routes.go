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
	return mux
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
