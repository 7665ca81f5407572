package app

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
)

// Secret is a token or a connection string. It prints as *** wherever it is
// printed; Reveal hands it to the one library that needs it.
type Secret struct{ value string }

// NewSecret hides a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value itself.
func (s Secret) Reveal() string { return s.value }

// Given reports whether there is a value at all.
func (s Secret) Given() bool { return s.value != "" }

// Format prints *** whatever the verb, so that no debugging line tells it.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "***") }

// LogValue logs ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalJSON writes ***.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal("***") }

// place of a database, safe to show: host, database and user.
func (s Secret) place() string {
	u, err := url.Parse(s.value)
	if err != nil || u.Scheme == "" {
		return "the configured address"
	}
	host := u.Host
	if host == "" {
		host = u.Query().Get("host")
	}
	if user := u.User.Username(); user != "" {
		return fmt.Sprintf("%s%s as %s", host, u.Path, user)
	}
	return host + u.Path
}

// Lookup reads the environment; cmd hands in os.LookupEnv.
type Lookup func(name string) (string, bool)

// secrets reads what "<key>_env" and "<key>_file" of one section name.
type secrets struct {
	d   *decoder
	env Lookup
}

// wish says what a command does with a secret.
type wish int

const (
	unread   wish = iota // it has no business with it
	ifGiven              // it takes it where it is named
	required             // it cannot work without
)

// read returns the secret, or the zero one when neither key is there.
func (s secrets) read(path, envName, fileName string, w wish) Secret {
	switch {
	case w == unread:
	case envName != "" && fileName != "":
		s.d.fault(path+"_file", "Name the secret by %s_env or by %s_file, not by both.", last(path), last(path))
	case envName != "":
		value, ok := s.env(envName)
		switch missing := !ok || value == ""; {
		case missing && !plainName(envName):
			s.d.secretFault(path+"_env", "The environment has no variable of the name that stands here. Write a name such as SNAFU_SECRET, not the secret, or name a file with %s_file.", last(path))
		case missing:
			s.d.fault(path+"_env", "The environment has no %s. Set it before the start, or name a file with %s_file.", envName, last(path))
		}
		return Secret{value}
	case fileName != "":
		return s.file(path, fileName)
	case w == required && !s.d.has(path+"_env") && !s.d.has(path+"_file"):
		s.d.fault(path, "%s is missing. Name it with %s_env or %s_file.", path, last(path), last(path))
	}
	return Secret{}
}

// ifThere returns the secret if it is where it is named. To be without it is no
// fault.
func (s secrets) ifThere(path, envName, fileName string) Secret {
	if value, ok := s.env(envName); envName != "" && ok {
		return Secret{value}
	}
	if _, err := os.Stat(fileName); fileName != "" && err == nil {
		return s.file(path, fileName)
	}
	return Secret{}
}

func (s secrets) file(path, name string) Secret {
	info, err := os.Stat(name)
	if err != nil {
		s.d.fault(path+"_file", "%s cannot be read: %s.", name, cause(err))
		return Secret{}
	}
	if info.Mode().Perm()&0o022 != 0 {
		s.d.fault(path+"_file", "%s can be written by others. Run: chmod 0600 %s", name, name)
		return Secret{}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		s.d.fault(path+"_file", "%s cannot be read: %s.", name, cause(err))
		return Secret{}
	}
	value := strings.TrimSpace(string(text))
	if value == "" {
		s.d.fault(path+"_file", "%s is empty.", name)
	}
	return Secret{value}
}

// plainName says whether a name can be nothing but that of a variable: a key or a
// password that was written in its place is shown to nobody.
func plainName(name string) bool {
	return envRule.MatchString(name) && strings.ToUpper(name) == name && (len(name) <= 16 || strings.Contains(name, "_"))
}

func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// cause is an error of the file system without the path it repeats.
func cause(err error) string {
	text := err.Error()
	return text[strings.LastIndex(text, ": ")+1:]
}

// looksSecret finds values that must not stand in a file that is shared.
func looksSecret(value string) bool {
	for _, prefix := range []string{"xoxb-", "xoxp-", "xapp-", "xoxe."} {
		if strings.HasPrefix(value, prefix) {
			return true
		}
	}
	if u, err := url.Parse(value); err == nil && u.User != nil {
		_, password := u.User.Password()
		return password
	}
	return strings.Contains(value, "password=")
}
