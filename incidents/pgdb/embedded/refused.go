package embedded

import (
	"fmt"
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

// refuseNone says that nothing was found; why there is nothing to fetch either
// is the end of the sentence.
func (o Options) refuseNone(why string) error {
	return refused(NoPostgres, nil, "I need PostgreSQL %d or newer%s and found none%s. %s", o.minMajor(), o.with(), why, o.install())
}

func (o Options) refuseOld(newest version) error {
	return refused(TooOld, nil, "The newest Postgres here%s is %s; I need %d or newer. %s", o.with(), newest, o.minMajor(), o.install())
}

func (o Options) with() string {
	if len(o.Need) == 0 {
		return ""
	}
	return " with " + strings.Join(o.Need, " and ")
}
