package slacksim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// digest36 turns a text into n characters of [0-9A-Z], always the same ones.
func digest36(text string, n int) string {
	sum := sha256.Sum256([]byte(text))
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[int(sum[i])%len(alphabet)]
	}
	return string(out)
}

// named makes an id from the seed and a name, so that golden files are stable. A
// name that is used again gets another id.
func (st *state) named(prefix, name string) string {
	for n := 0; ; n++ {
		id := prefix + "0" + digest36(fmt.Sprintf("%d %s %s %d", st.Seed, prefix, name, n), 9)
		if !st.taken[id] {
			st.taken[id] = true
			return id
		}
	}
}

// minted makes an id for something without a name. It differs in every run on
// the same state file, since apps remember triggers and events across restarts.
func (st *state) minted(kind string) string {
	st.seq++
	return fmt.Sprintf("%d/%d/%s/%d", st.Seed, st.Run, kind, st.seq)
}

func (st *state) mintID(prefix string) string { return prefix + "0" + digest36(st.minted(prefix), 9) }

// mintHex makes n hexadecimal digits, at most 64.
func (st *state) mintHex(kind string, n int) string {
	sum := sha256.Sum256([]byte(st.minted(kind)))
	return hex.EncodeToString(sum[:])[:n]
}

// mintUUID makes an envelope id.
func (st *state) mintUUID() string {
	h := st.mintHex("envelope", 32)
	return strings.Join([]string{h[:8], h[8:12], "4" + h[13:16], "a" + h[17:20], h[20:]}, "-")
}

// mintDigits makes n decimal digits that do not start with zero.
func (st *state) mintDigits(kind string, n int) string {
	sum := sha256.Sum256([]byte(st.minted(kind)))
	out := make([]byte, n)
	for i := range out {
		out[i] = '0' + sum[i]%10
	}
	if out[0] == '0' {
		out[0] = '1'
	}
	return string(out)
}

// nextTS makes the time of a message: ten digits, a dot, six digits, strictly
// increasing in the workspace.
func (st *state) nextTS(now time.Time) string {
	at := now.UnixMicro()
	if at <= st.lastTS {
		at = st.lastTS + 1
	}
	st.lastTS = at
	return formatTS(at)
}

func formatTS(micros int64) string { return fmt.Sprintf("%010d.%06d", micros/1e6, micros%1e6) }

// parseTS reads the time of a message in microseconds.
func parseTS(ts string) (int64, bool) {
	whole, part, ok := strings.Cut(ts, ".")
	if !ok || len(part) > 6 {
		part = (part + "000000")[:6]
	}
	for len(part) < 6 {
		part += "0"
	}
	s, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, false
	}
	us, err := strconv.ParseInt(part, 10, 64)
	if err != nil {
		return 0, false
	}
	return s*1e6 + us, true
}
