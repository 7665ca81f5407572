package slacksim

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

func apiTest(c *call) (object, error) {
	if e := c.str("error"); e != "" {
		return nil, &refused{name: e, extra: object{"args": redacted(object(c.args))}}
	}
	return object{"args": redacted(object(c.args))}, nil
}

func authTest(c *call) (object, error) {
	st := c.state
	out := object{
		"url": "https://" + st.Team.Domain + ".slack.com/", "team": st.Team.Name, "user": st.App.Name,
		"team_id": st.Team.ID, "user_id": st.App.BotUser, "bot_id": st.App.BotID, "is_enterprise_install": false,
	}
	if st.Team.EnterpriseID != "" {
		out["enterprise_id"] = st.Team.EnterpriseID
	}
	return out, nil
}

func teamInfo(c *call) (object, error) {
	t := c.state.Team
	if id := c.str("team"); id != "" && id != t.ID {
		return nil, refuse("team_not_found")
	}
	out := object{
		"id": t.ID, "name": t.Name, "domain": t.Domain, "email_domain": "", "url": "https://" + t.Domain + ".slack.com/",
		"icon": object{"image_default": true}, "avatar_base_url": "https://ca.slack-edge.com/", "is_verified": false,
	}
	if t.EnterpriseID != "" {
		out["enterprise_id"], out["enterprise_name"] = t.EnterpriseID, t.EnterpriseName
	}
	return object{"team": out}, nil
}

func botsInfo(c *call) (object, error) {
	a := c.state.App
	if id := c.str("bot"); id != a.BotID {
		return nil, refuse("bot_not_found")
	}
	return object{"bot": object{
		"id": a.BotID, "deleted": false, "name": a.Name, "updated": 0, "app_id": a.ID, "user_id": a.BotUser, "icons": object{},
	}}, nil
}

// userObject is a person as the Web API and events tell it.
func (s *Sim) userObject(p *person) object {
	st := s.state
	offset, label := 0, "Coordinated Universal Time"
	if zone, err := time.LoadLocation(p.TZ); err == nil {
		_, offset = s.clock.Now().In(zone).Zone()
		label = p.TZ
	}
	profile := object{
		"real_name": p.RealName, "real_name_normalized": p.RealName, "display_name": p.Name, "display_name_normalized": p.Name,
		"title": p.Title, "phone": "", "skype": "", "status_text": "", "status_emoji": "", "status_expiration": 0,
		"avatar_hash": "", "image_24": "", "image_32": "", "image_48": "", "image_72": "", "image_192": "", "image_512": "",
		"team": p.TeamID, "fields": object{},
	}
	if !p.Bot && st.App.hasScope("users:read.email") {
		profile["email"] = p.Email
	}
	if p.BotID != "" {
		profile["bot_id"], profile["api_app_id"] = p.BotID, st.App.ID
	}
	out := object{
		"id": p.ID, "team_id": p.TeamID, "name": p.Name, "deleted": p.Deactivated, "color": strings.TrimPrefix(p.Color, "#"),
		"real_name": p.RealName, "profile": profile, "is_bot": p.Bot, "is_app_user": false, "updated": p.Updated,
		"is_email_confirmed": !p.Bot, "who_can_share_contact_card": "EVERYONE", "is_stranger": p.Stranger,
	}
	if !p.Deactivated {
		for k, v := range (object{
			"tz": p.TZ, "tz_label": label, "tz_offset": offset, "is_admin": p.Admin, "is_owner": false, "is_primary_owner": false,
			"is_restricted": p.Guest != "", "is_ultra_restricted": p.Guest == "single",
		}) {
			out[k] = v
		}
	}
	if p.EnterpriseUserID != "" {
		out["enterprise_user"] = object{
			"id": p.EnterpriseUserID, "enterprise_id": st.Team.EnterpriseID, "enterprise_name": st.Team.EnterpriseName,
			"is_admin": p.Admin, "is_owner": false, "teams": []string{p.TeamID},
		}
	}
	return out
}

func usersInfo(c *call) (object, error) {
	p := c.state.human(c.str("user"))
	if p == nil {
		return nil, refuse("user_not_found")
	}
	return object{"user": c.userObject(p)}, nil
}

func usersList(c *call) (object, error) {
	page, next, err := paged(c, c.state.People, 1000, "")
	if err != nil {
		return nil, err
	}
	members := []any{}
	for _, p := range page {
		if !p.Stranger {
			members = append(members, c.userObject(p))
		}
	}
	return object{"members": members, "cache_ts": unixNow(c.clock), "response_metadata": object{"next_cursor": next}}, nil
}

func usersLookupByEmail(c *call) (object, error) {
	for _, p := range c.state.People {
		if p.Email != "" && strings.EqualFold(p.Email, c.str("email")) && !p.Deactivated {
			return object{"user": c.userObject(p)}, nil
		}
	}
	return nil, refuse("users_not_found")
}

func (s *Sim) groupObject(g *usergroup, users bool) object {
	t := s.state.Team
	out := object{
		"id": g.ID, "team_id": t.ID, "is_usergroup": true, "name": g.Name, "description": "", "handle": g.Handle,
		"is_external": false, "date_create": 0, "date_update": 0, "date_delete": 0, "auto_type": nil, "created_by": "",
		"updated_by": "", "deleted_by": nil, "prefs": object{"channels": []string{}, "groups": []string{}}, "user_count": len(g.Members),
	}
	if users {
		out["users"] = slices.Clone(g.Members)
	}
	return out
}

func usergroupsList(c *call) (object, error) {
	groups := []any{}
	for _, g := range c.state.Groups {
		groups = append(groups, c.groupObject(g, c.flag("include_users")))
	}
	return object{"usergroups": groups}, nil
}

func usergroupsUsersList(c *call) (object, error) {
	g := c.state.group(c.str("usergroup"))
	if g == nil {
		return nil, refuse("no_such_subteam")
	}
	return object{"users": append([]string{}, g.Members...)}, nil
}

func usergroupsUsersUpdate(c *call) (object, error) {
	g := c.state.group(c.str("usergroup"))
	if g == nil {
		return nil, refuse("missing_argument", "[ERROR] usergroup")
	}
	users := c.list("users")
	if len(users) == 0 {
		return nil, refuse("no_users_provided")
	}
	for _, id := range users {
		if c.state.person(id) == nil {
			return nil, refuse("invalid_users")
		}
	}
	c.setGroup(g, users)
	return object{"usergroup": c.groupObject(g, true)}, nil
}

// setGroup changes the members of a group and tells the app.
func (s *Sim) setGroup(g *usergroup, users []string) {
	before := g.Members
	g.Members = users
	s.save("group", g.ID, g)
	var added, removed []string
	for _, id := range users {
		if !slices.Contains(before, id) {
			added = append(added, id)
		}
	}
	for _, id := range before {
		if !slices.Contains(users, id) {
			removed = append(removed, id)
		}
	}
	s.emit(nil, object{
		"type": "subteam_members_changed", "subteam_id": g.ID, "team_id": s.state.Team.ID,
		"added_users": added, "added_users_count": len(added), "removed_users": removed, "removed_users_count": len(removed),
	})
}

// paged cuts a list by limit and cursor. Cursors are opaque and checked. An empty
// refusal for a wrong limit means that the method has none and bends it.
func paged[T any](c *call, all []T, most int, wrongLimit string) ([]T, string, error) {
	limit, ok := c.number("limit", min(most, 100))
	if !ok || limit < 0 || limit > most {
		if wrongLimit != "" {
			return nil, "", refuse(wrongLimit)
		}
		limit = most
	}
	if limit == 0 {
		limit = most
	}
	from := 0
	if cursor := c.str("cursor"); cursor != "" {
		raw, _ := base64.StdEncoding.DecodeString(cursor) // what is no cursor has no mark either
		rest, mine := strings.CutPrefix(string(raw), "from:")
		var err error
		if from, err = strconv.Atoi(rest); err != nil || !mine || from < 0 || from > len(all) {
			return nil, "", refuse("invalid_cursor")
		}
	}
	end := min(from+limit, len(all))
	next := ""
	if end < len(all) {
		next = base64.StdEncoding.EncodeToString([]byte("from:" + strconv.Itoa(end)))
	}
	return all[from:end], next, nil
}
