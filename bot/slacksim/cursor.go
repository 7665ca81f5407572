package slacksim

import (
	"encoding/base64"
	"slices"
	"strings"
)

// paging is how a method cuts its list.
type paging struct {
	kind       string // of what its cursors name
	usual      int    // items on a page when none are asked for; 0 is all of them
	most       int
	wrongLimit string // error for a limit that is too high, "" if it is bent instead
}

// paged cuts a list by limit and cursor. A cursor is opaque: it names the first
// item of the next page, and is no longer valid once that item is gone.
func paged[T any](c *call, p paging, all []T, key func(T) string) ([]T, string, error) {
	limit, ok := c.number("limit", 0)
	switch {
	case (!ok || limit < 0 || limit > p.most) && p.wrongLimit != "":
		return nil, "", refuse(p.wrongLimit)
	case !ok || limit < 0:
		return nil, "", refuse("invalid_arguments", "[ERROR] must be a number of items [json-pointer:/limit]")
	case limit > p.most:
		c.note("limit_lowered")
		limit = p.most
	case limit == 0 && p.usual > 0:
		limit = p.usual
	case limit == 0:
		limit = len(all)
	}
	from := 0
	if cursor := c.str("cursor"); cursor != "" {
		raw, _ := base64.StdEncoding.DecodeString(cursor) // what is no cursor has no mark either
		first, mine := strings.CutPrefix(string(raw), p.kind+":")
		from = slices.IndexFunc(all, func(item T) bool { return key(item) == first })
		if !mine || from < 0 {
			return nil, "", refuse("invalid_cursor")
		}
	}
	end := min(from+limit, len(all))
	next := ""
	if end < len(all) {
		next = base64.StdEncoding.EncodeToString([]byte(p.kind + ":" + key(all[end])))
	}
	return all[from:end], next, nil
}
