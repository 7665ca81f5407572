package slacksim

import (
	"regexp"
	"slices"
	"unicode/utf16"
)

var (
	channelName = regexp.MustCompile(`^[a-z0-9_-]+$`)
	onlyMarks   = regexp.MustCompile(`^[_-]+$`)
)

// units counts UTF-16 code units: Slack's unit is unknown, and these are never
// fewer than its characters.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// checkName refuses a channel name as Slack does. It returns the name unchanged:
// silently bending it would hide what a real workspace refuses.
func (s *Sim) checkName(name string, self *channel) error {
	switch {
	case name == "":
		return refuse("invalid_name_required")
	case units(name) > maxChannelName:
		return refuse("invalid_name_maxlength")
	case onlyMarks.MatchString(name):
		return refuse("invalid_name_punctuation")
	case !channelName.MatchString(name):
		return refuse("invalid_name_specials")
	}
	for _, ch := range s.state.Channels {
		if ch != self && ch.Kind != kindDM && ch.Name == name && !ch.Deleted {
			return refuse("name_taken")
		}
	}
	return nil
}

// conversationObject is a channel as the Web API tells it.
func (s *Sim) conversationObject(ch *channel) object {
	if ch.Kind == kindDM {
		return object{
			"id": ch.ID, "created": ch.Created, "is_im": true, "is_org_shared": false, "user": ch.Person,
			"is_user_deleted": s.state.person(ch.Person).gone(), "is_archived": false, "is_open": ch.Open, "priority": 0,
			"last_read": "0000000000.000000", "context_team_id": s.state.Team.ID, "updated": ch.Created * 1000,
		}
	}
	team := s.state.Team.ID
	properties := object{}
	if ch.Canvas != "" {
		properties["canvas"] = object{"file_id": ch.Canvas, "is_empty": false, "quip_thread_id": ""}
	}
	// is_group means a private channel made before 2021, whose id began with G.
	return object{
		"id": ch.ID, "name": ch.Name, "name_normalized": ch.Name, "is_channel": true, "is_group": false,
		"is_im": false, "is_mpim": false, "is_private": ch.Kind == kindPrivate, "created": ch.Created, "is_archived": ch.Archived,
		"is_general": ch.General, "unlinked": 0, "creator": ch.Creator, "is_member": ch.has(s.state.App.BotUser),
		"is_shared": ch.Shared == "external", "is_frozen": false, "is_read_only": false, "is_thread_only": false,
		"last_read": "0000000000.000000", "properties": properties, "is_ext_shared": ch.Shared == "external", "is_org_shared": false,
		"is_pending_ext_shared": ch.Shared == "pending", "pending_shared": []string{}, "pending_connected_team_ids": []string{},
		"parent_conversation": nil, "context_team_id": team, "shared_team_ids": []string{team}, "num_members": len(ch.Members),
		"topic":          object{"value": ch.Topic, "creator": ch.TopicBy, "last_set": ch.TopicAt},
		"purpose":        object{"value": ch.Purpose, "creator": ch.PurposeBy, "last_set": ch.PurposeAt},
		"previous_names": append([]string{}, ch.Previous...), "priority": 0, "updated": ch.Created * 1000,
	}
}

// target finds the channel a method names. A private channel without the app is
// not there, for anybody.
func (c *call) target() (*channel, error) {
	ch := c.state.byID[c.str("channel")]
	if ch == nil || ch.Deleted || (ch.Kind == kindPrivate && !ch.has(c.state.App.BotUser)) {
		return nil, refuse("channel_not_found")
	}
	return ch, c.holdsFor(ch.Kind)
}

// inside also demands that the app is a member of a channel that is open.
func (c *call) inside(archived string) (*channel, error) {
	ch, err := c.target()
	switch {
	case err != nil:
		return nil, err
	case !ch.has(c.state.App.BotUser):
		return nil, refuse("not_in_channel")
	case ch.Archived && archived != "":
		return nil, refuse(archived)
	}
	return ch, nil
}

// managed also demands a channel that has a name and members to manage.
func (c *call) managed(archived string) (*channel, error) {
	ch, err := c.inside(archived)
	if err == nil && ch.Kind == kindDM {
		return nil, refuse("method_not_supported_for_channel_type")
	}
	return ch, err
}

func conversationsCreate(c *call) (object, error) {
	kind := kindPublic
	if c.flag("is_private") {
		kind = kindPrivate
	}
	if err := c.holdsFor(kind); err != nil {
		return nil, err
	}
	name := c.str("name")
	if err := c.checkName(name, nil); err != nil {
		return nil, err
	}
	bot := c.state.App.BotUser
	ch := &channel{
		ID: c.state.named("C", name), Name: name, Kind: kind, Creator: bot, Created: unixNow(c.clock),
		Members: []string{bot}, Opened: len(c.state.Record),
	}
	c.state.putChannel(ch)
	c.touch(ch)
	if ch.Kind == kindPublic {
		c.emit(nil, object{"type": "channel_created", "channel": object{
			"id": ch.ID, "name": ch.Name, "created": ch.Created, "creator": bot, "is_channel": true, "name_normalized": ch.Name,
		}})
	}
	return object{"channel": c.conversationObject(ch)}, nil
}

func conversationsInfo(c *call) (object, error) {
	ch, err := c.target()
	if err != nil {
		return nil, err
	}
	out := c.localized(c.conversationObject(ch))
	if !c.flag("include_num_members") {
		delete(out, "num_members")
	}
	return object{"channel": out}, nil
}

func conversationsMembers(c *call) (object, error) {
	ch, err := c.target()
	if err != nil {
		return nil, err
	}
	page, next, err := paged(c, paging{kind: "user", usual: 100, most: 1000, wrongLimit: "invalid_limit"}, ch.Members, func(id string) string { return id })
	if err != nil {
		return nil, err
	}
	return object{"members": append([]string{}, page...), "response_metadata": object{"next_cursor": next}}, nil
}

// listed filters channels by the types and exclude_archived of the call.
func (c *call) listed(keep func(*channel) bool) (object, error) {
	kinds := map[string]string{"public_channel": kindPublic, "private_channel": kindPrivate, "im": kindDM, "mpim": "group"}
	types := c.list("types")
	if len(types) == 0 {
		types = []string{"public_channel"}
	}
	var wanted []string
	for _, t := range types {
		if kinds[t] == "" {
			return nil, refuse("invalid_types")
		}
		if err := c.holdsFor(kinds[t]); err != nil {
			return nil, err
		}
		wanted = append(wanted, kinds[t])
	}
	var all []*channel
	for _, ch := range c.state.Channels {
		if slices.Contains(wanted, ch.Kind) && !ch.Deleted && keep(ch) && (!ch.Archived || !c.flag("exclude_archived")) {
			all = append(all, ch)
		}
	}
	page, next, err := paged(c, paging{kind: "team", usual: 100, most: 999, wrongLimit: "invalid_limit"}, all, func(ch *channel) string { return ch.ID })
	if err != nil {
		return nil, err
	}
	channels := []any{}
	for _, ch := range page {
		channels = append(channels, c.conversationObject(ch))
	}
	return object{"channels": channels, "response_metadata": object{"next_cursor": next}}, nil
}

func conversationsList(c *call) (object, error) {
	bot := c.state.App.BotUser
	return c.listed(func(ch *channel) bool { return ch.Kind == kindPublic || ch.has(bot) })
}

func usersConversations(c *call) (object, error) {
	bot := c.state.App.BotUser
	who := or(c.str("user"), bot)
	if c.state.person(who) == nil {
		return nil, refuse("invalid_arguments", "[ERROR] no such person [json-pointer:/user]")
	}
	return c.listed(func(ch *channel) bool { return ch.has(who) && (ch.Kind == kindPublic || ch.has(bot)) })
}

func conversationsSetTopic(c *call) (object, error) {
	ch, err := c.managed("is_archived")
	if err != nil {
		return nil, err
	}
	if units(c.str("topic")) > maxTopic {
		return nil, refuse("too_long")
	}
	ch.Topic, ch.TopicBy, ch.TopicAt = c.str("topic"), c.state.App.BotUser, unixNow(c.clock)
	c.touch(ch)
	c.notice(ch, "channel_topic", object{"topic": ch.Topic}, "set the channel topic: "+ch.Topic)
	return object{"channel": c.conversationObject(ch)}, nil
}

func conversationsSetPurpose(c *call) (object, error) {
	ch, err := c.managed("is_archived")
	if err != nil {
		return nil, err
	}
	if units(c.str("purpose")) > maxTopic {
		return nil, refuse("too_long")
	}
	ch.Purpose, ch.PurposeBy, ch.PurposeAt = c.str("purpose"), c.state.App.BotUser, unixNow(c.clock)
	c.touch(ch)
	c.notice(ch, "channel_purpose", object{"purpose": ch.Purpose}, "set the channel description: "+ch.Purpose)
	return object{"channel": c.conversationObject(ch), "purpose": ch.Purpose}, nil
}

func conversationsRename(c *call) (object, error) {
	ch, err := c.managed("is_archived")
	if err != nil {
		return nil, err
	}
	if ch.Creator != c.state.App.BotUser {
		return nil, refuse("not_authorized")
	}
	if err := c.checkName(c.str("name"), ch); err != nil {
		return nil, err
	}
	c.renameChannel(ch, c.str("name"), c.state.App.BotUser)
	return object{"channel": c.conversationObject(ch)}, nil
}

func (s *Sim) renameChannel(ch *channel, name, by string) {
	was := ch.Name
	ch.Previous = append(ch.Previous, was)
	ch.Name = name
	s.touch(ch)
	s.noticeBy(ch, by, "channel_name", object{"old_name": was, "name": name}, "has renamed the channel from \""+was+"\" to \""+name+"\"")
	s.emit(ch, object{"type": lifecycle(ch, "rename"), "channel": object{
		"id": ch.ID, "name": name, "name_normalized": name, "created": ch.Created, "is_channel": ch.Kind == kindPublic, "is_mpim": false,
	}})
}

func conversationsArchive(c *call) (object, error) {
	ch, err := c.managed("already_archived")
	if err != nil {
		return nil, err
	}
	if ch.General {
		return nil, refuse("cant_archive_general")
	}
	c.archiveChannel(ch, true, c.state.App.BotUser)
	return nil, nil
}

func (s *Sim) archiveChannel(ch *channel, archived bool, by string) {
	if ch.Archived == archived {
		return
	}
	ch.Archived = archived
	s.touch(ch)
	what := "unarchive"
	if archived {
		what = "archive"
	}
	s.noticeBy(ch, by, "channel_"+what, nil, what+"d the channel")
	s.emit(ch, object{"type": lifecycle(ch, what), "channel": ch.ID, "user": by})
}

func conversationsUnarchive(c *call) (object, error) {
	return nil, refuse("not_allowed_token_type")
}

// lifecycle names an event of a channel's life: private channels are still
// groups there.
func lifecycle(ch *channel, what string) string {
	if ch.Kind == kindPrivate {
		return "group_" + what
	}
	return "channel_" + what
}

// opened finds whom a direct message is with.
func (c *call) opened() ([]string, error) {
	id := c.str("channel")
	if id == "" {
		return c.list("users"), nil
	}
	ch := c.state.byID[id]
	switch {
	case ch == nil, ch.Deleted:
		return nil, refuse("channel_not_found")
	case ch.Kind != kindDM:
		return nil, refuse("method_not_supported_for_channel_type")
	}
	return []string{ch.Person}, nil
}

func conversationsOpen(c *call) (object, error) {
	users, err := c.opened()
	switch {
	case err != nil:
		return nil, err
	case len(users) == 0:
		return nil, refuse("users_list_not_supplied")
	case len(users) > maxTogether:
		return nil, refuse("too_many_users")
	case len(users) > 1:
		return nil, refuse("method_not_supported_for_channel_type", "[ERROR] this workspace has no group messages")
	}
	p := c.state.human(users[0])
	switch {
	case p == nil:
		return nil, refuse("user_not_found")
	case p.Deactivated:
		return nil, refuse("user_disabled")
	case p.Bot:
		return nil, refuse("invalid_user_combination")
	case p.Stranger && !c.state.meet(p):
		return nil, refuse("invalid_user_combination")
	}
	ch := c.state.byID[p.DM]
	out := object{"channel": object{"id": ch.ID}}
	switch {
	case ch.Open:
		out["no_op"], out["already_open"] = true, true
	case !c.flag("prevent_creation"):
		ch.Open = true
		c.touch(ch)
	}
	if c.flag("return_im") {
		out["channel"] = c.conversationObject(ch)
	}
	return out, nil
}

// meet tells whether somebody shares a channel with the app.
func (st *state) meet(p *person) bool {
	return slices.ContainsFunc(st.Channels, func(ch *channel) bool {
		return ch.Kind != kindDM && !ch.Deleted && ch.has(p.ID) && ch.has(st.App.BotUser)
	})
}
