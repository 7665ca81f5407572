package notify

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// TwilioSigned says whether Twilio signed a form that it posted: its signature is
// the HMAC-SHA1, in base64, of the address as Twilio knows it and each field's name
// and values in order, with the account's token. A port may be in the address that
// it signed, or not.
func TwilioSigned(token, address string, form url.Values, signature string) bool {
	given, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || token == "" {
		return false
	}
	var fields strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
			fields.WriteString(name + value)
		}
	}
	for _, known := range portless(address) {
		mac := hmac.New(sha1.New, []byte(token))
		mac.Write([]byte(known + fields.String()))
		if hmac.Equal(mac.Sum(nil), given) {
			return true
		}
	}
	return false
}

// portless is an address as it is, and without its port.
func portless(address string) []string {
	u, err := url.Parse(address)
	if err != nil || u.Port() == "" {
		return []string{address}
	}
	without := *u
	without.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	return []string{address, without.String()}
}
