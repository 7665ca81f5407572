package slacksim

import (
	"net/url"
	"regexp"
	"slices"
)

func (s *Sim) bookmarkObject(ch *channel, b bookmark) object {
	return object{
		"id": b.ID, "channel_id": ch.ID, "title": b.Title, "link": b.Link, "emoji": b.Emoji, "icon_url": "", "type": b.Type,
		"entity_id": nil, "date_created": b.Created, "date_updated": b.Updated, "rank": "V", "last_updated_by_user_id": b.By,
		"last_updated_by_team_id": s.state.Team.ID, "shortcut_id": nil, "app_id": nil,
	}
}

// bookmarked finds the channel and, if asked for, the bookmark of a call.
func (c *call) bookmarked(find bool) (*channel, int, error) {
	ch := c.state.byID[or(c.str("channel_id"), c.str("channel"))]
	if ch == nil || ch.Deleted || !ch.has(c.state.App.BotUser) {
		return nil, 0, refuse("channel_not_found")
	}
	if ch.Archived {
		return nil, 0, refuse("permission_denied")
	}
	if !find {
		return ch, 0, nil
	}
	i := slices.IndexFunc(ch.Bookmarks, func(b bookmark) bool { return b.ID == c.str("bookmark_id") })
	if i < 0 {
		return nil, 0, refuse("not_found")
	}
	return ch, i, nil
}

var bookmarkEmoji = regexp.MustCompile(`^:[a-z0-9_+'-]+(::skin-tone-[2-6])?:$`)

func validLink(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// described checks the words of a bookmark, those that the call names.
func (c *call) described() error {
	switch {
	case c.has("link") && !validLink(c.str("link")):
		return refuse("invalid_link")
	case c.has("emoji") && !bookmarkEmoji.MatchString(c.str("emoji")):
		return refuse("invalid_emoji")
	}
	return nil
}

func bookmarksAdd(c *call) (object, error) {
	if err := c.described(); err != nil {
		return nil, err
	}
	switch {
	case c.str("type") != "link":
		return nil, refuse("invalid_bookmark_type")
	case !c.has("link"):
		return nil, refuse("invalid_link")
	case c.has("parent_id"):
		return nil, refuse("parent_bookmark_disabled")
	}
	ch, _, err := c.bookmarked(false)
	switch {
	case err != nil:
		return nil, err
	case len(ch.Bookmarks) >= maxBookmarks:
		return nil, refuse("too_many_bookmarks")
	}
	now := unixNow(c.clock)
	b := bookmark{
		ID: c.state.named("Bk", ch.ID+" "+c.str("link")+" "+c.str("title")), Title: c.str("title"), Link: c.str("link"), Emoji: c.str("emoji"),
		Type: "link", By: c.state.App.BotUser, Created: now, Updated: now,
	}
	ch.Bookmarks = append(ch.Bookmarks, b)
	c.touch(ch)
	return object{"bookmark": c.bookmarkObject(ch, b)}, nil
}

func bookmarksEdit(c *call) (object, error) {
	if err := c.described(); err != nil {
		return nil, err
	}
	ch, i, err := c.bookmarked(true)
	if err != nil {
		return nil, err
	}
	b := &ch.Bookmarks[i]
	b.Link = or(c.str("link"), b.Link)
	if _, named := c.args["title"]; named {
		b.Title = c.str("title")
	}
	if _, named := c.args["emoji"]; named {
		b.Emoji = c.str("emoji")
	}
	b.By, b.Updated = c.state.App.BotUser, unixNow(c.clock)
	c.touch(ch)
	return object{"bookmark": c.bookmarkObject(ch, *b)}, nil
}

func bookmarksRemove(c *call) (object, error) {
	ch, i, err := c.bookmarked(true)
	if err != nil {
		return nil, err
	}
	ch.Bookmarks = slices.Delete(ch.Bookmarks, i, i+1)
	c.touch(ch)
	return nil, nil
}

func bookmarksList(c *call) (object, error) {
	ch := c.state.byID[or(c.str("channel_id"), c.str("channel"))]
	if ch == nil || ch.Deleted || !ch.has(c.state.App.BotUser) {
		return nil, refuse("channel_not_found")
	}
	list := []any{}
	for _, b := range ch.Bookmarks {
		list = append(list, c.bookmarkObject(ch, b))
	}
	return object{"bookmarks": list}, nil
}
