//go:build linux || darwin

package embedded

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who the server runs as.
type account struct {
	name     string
	uid, gid uint32
	dropped  bool // it is not us: we are root, and Postgres refuses root
}

// serverAccount is ourselves, or for root postgres, else nobody.
func serverAccount(o Options) (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if a, ok := lookUp(name); ok {
			return a, nil
		}
	}
	return account{}, refused(NoAccount, nil, "I run as root and Postgres will not; there is neither a postgres nor a nobody account to run it as. Add one, or set %s.", o.urlSetting())
}

func lookUp(name string) (account, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, false
	}
	uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
	if errUID != nil || errGID != nil || uid == 0 {
		return account{}, false
	}
	return account{name: name, uid: uint32(uid), gid: uint32(gid), dropped: true}, true
}

// own gives a folder that we have just made to the account.
func (a account) own(path string) error {
	if !a.dropped {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// credential is what a child process needs to run as the account.
func (a account) credential() *syscall.Credential {
	if !a.dropped {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// closed returns the first folder on the way to path that the account cannot
// enter, or "". Root's home is such a folder on most machines.
func (a account) closed(path string) string {
	if !a.dropped {
		return ""
	}
	var shut string
	for p := path; ; p = filepath.Dir(p) {
		if info, err := os.Stat(p); err == nil && !a.enters(info) {
			shut = p
		}
		if p == filepath.Dir(p) {
			return shut
		}
	}
}

func (a account) enters(dir os.FileInfo) bool {
	st, ok := dir.Sys().(*syscall.Stat_t)
	switch mode := dir.Mode().Perm(); {
	case !ok:
		return false
	case st.Uid == a.uid:
		return mode&0o100 != 0
	case st.Gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// uidOf is the owner of a file, and false where the system does not say.
func uidOf(info os.FileInfo) (uint32, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return st.Uid, true
}
