package embedded

import (
	"fmt"
	"runtime"
	"strings"
)

// Refused is a reason why there is no server, in words for a person: the fact,
// then the next step.
type Refused struct {
	Code Code
	Say  string
	Err  error // the cause, where there is one
}

func (r *Refused) Error() string { return r.Say }
func (r *Refused) Unwrap() error { return r.Err }

// Code is the stable name of a refusal.
type Code string

// The refusals of this package.
const (
	NoPostgres    Code = "no-postgres"     // none found and none to be fetched
	TooOld        Code = "too-old"         // only versions that will not do
	BadBinDir     Code = "bad-bin-dir"     // Options.BinDir holds no server
	DigestDiffers Code = "digest-differs"  // npm delivered something else
	FetchFailed   Code = "fetch-failed"    // npm delivered nothing
	UnknownUser   Code = "unknown-user"    // the user has no passwd entry
	NoAccount     Code = "no-account"      // root, and nobody to run it as
	NoShell       Code = "no-shell"        // no /bin/sh for the guard
	NoPlatform    Code = "no-platform"     // this system has no supervisor
	InUse         Code = "in-use"          // another process holds the folder
	OtherMajor    Code = "other-major"     // the folder needs another version
	NotOurs       Code = "not-ours"        // the folder is something else
	NotThere      Code = "not-there"       // MustExist, and it does not
	NotRunning    Code = "not-running"     // Join, and nobody runs it
	ClosedFolder  Code = "closed-folder"   // the account cannot enter it
	Died          Code = "died-at-start"   // the server ended while starting
	Silent        Code = "silent-at-start" // the server did not answer in time
)

func refused(code Code, cause error, format string, args ...any) error {
	return &Refused{Code: code, Say: fmt.Sprintf(format, args...), Err: cause}
}

func (o Options) urlSetting() string {
	if o.URLSetting != "" {
		return o.URLSetting
	}
	return "SNAFU_DATABASE_URL"
}

// install is the line that ends every refusal about missing binaries.
func (o Options) install() string {
	return "Debian, Ubuntu: apt-get install postgresql. macOS: brew install postgresql. " +
		"Alpine: apk add postgresql. Or set " + o.urlSetting() + " to a running server."
}

func (o Options) refuseNone(noNpm bool) error {
	say := fmt.Sprintf("I need PostgreSQL %d or newer and found none", o.minMajor())
	switch {
	case len(o.Need) > 0:
		say = fmt.Sprintf("I need PostgreSQL %d or newer with %s and found none", o.minMajor(), strings.Join(o.Need, ", "))
	case noNpm:
		say += ", and no npm to fetch one"
	default:
		say += fmt.Sprintf(", and there is none to fetch for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	return refused(NoPostgres, nil, "%s. %s", say, o.install())
}

func (o Options) refuseOld(newest version) error {
	return refused(TooOld, nil, "The newest Postgres here is %s; I need %d or newer. %s", newest, o.minMajor(), o.install())
}
