package bot

import "time"

// options takes "--name value" out of typed words, one after the other.
type options struct {
	args []string
	c    command
	err  error // the first value that could not be read
}

func (n *options) take(name string) (value string, found bool) {
	value, n.args, found = flag(n.args, name)
	return value, found
}

// or is the value of a name, or what holds where it was not said.
func (n *options) or(name, otherwise string) string {
	if value, found := n.take(name); found {
		return value
	}
	return otherwise
}

// time is the instant of a name; zero where it was not said.
func (n *options) time(name string) time.Time {
	value, found := n.take(name)
	if !found {
		return time.Time{}
	}
	zone := n.c.zone
	if zone == nil {
		zone = time.UTC
	}
	at, err := when(value, zone, n.c.received)
	if err != nil && n.err == nil {
		n.err = err
	}
	return at
}
