package slacksim

import "slices"

func (s *Sim) groupObject(g *usergroup, users, count bool) object {
	t := s.state.Team
	out := object{
		"id": g.ID, "team_id": t.ID, "is_usergroup": true, "is_subteam": true, "name": g.Name, "description": "", "handle": g.Handle,
		"is_external": false, "date_create": g.Updated, "date_update": g.Updated, "date_delete": 0, "auto_type": nil,
		"auto_provision": false, "enterprise_subteam_id": "", "created_by": g.By, "updated_by": g.By, "deleted_by": nil,
		"prefs": object{"channels": []string{}, "groups": []string{}},
	}
	if users {
		out["users"] = append([]string{}, g.Members...)
	}
	if count {
		out["user_count"] = len(g.Members)
	}
	return out
}

// handled finds the user group that an argument names. Slack knows it by its id
// alone.
func (c *call) handled() *usergroup {
	if g := c.state.group(c.str("usergroup")); g != nil && g.ID == c.str("usergroup") {
		return g
	}
	return nil
}

func usergroupsList(c *call) (object, error) {
	if id := c.str("team_id"); id != "" && id != c.state.Team.ID {
		return nil, refuse("invalid_team")
	}
	groups := []any{}
	for _, g := range c.state.Groups {
		groups = append(groups, c.groupObject(g, c.flag("include_users"), c.flag("include_count")))
	}
	return object{"usergroups": groups}, nil
}

func usergroupsUsersList(c *call) (object, error) {
	g := c.handled()
	if g == nil {
		return nil, refuse("no_such_subteam")
	}
	return object{"users": append([]string{}, g.Members...)}, nil
}

func usergroupsUsersUpdate(c *call) (object, error) {
	if !c.has("usergroup") {
		return nil, refuse("missing_argument", "[ERROR] missing required field: usergroup")
	}
	users := c.list("users")
	if len(users) == 0 {
		return nil, refuse("no_users_provided")
	}
	g := c.handled()
	if g == nil {
		return nil, refuse("permission_denied", "[ERROR] there is no such user group")
	}
	slices.Sort(users)
	users = slices.Compact(users)
	for _, id := range users {
		switch p := c.state.person(id); {
		case p == nil, p.Deactivated:
			return nil, refuse("invalid_users")
		case p.Stranger:
			return nil, refuse("failed_for_some_users")
		}
	}
	g.By = c.state.App.BotUser
	c.setGroup(g, users)
	return object{"usergroup": c.groupObject(g, true, true)}, nil
}

// setGroup changes the members of a group and tells the app.
func (s *Sim) setGroup(g *usergroup, users []string) {
	before, updated := g.Members, g.Updated
	g.Members, g.Updated = users, unixNow(s.clock)
	s.save("group", g.ID, g)
	gone := func(from, other []string) []string {
		out := []string{}
		for _, id := range from {
			if !slices.Contains(other, id) {
				out = append(out, id)
			}
		}
		return out
	}
	added, removed := gone(users, before), gone(before, users)
	s.emit(nil, object{
		"type": "subteam_members_changed", "subteam_id": g.ID, "team_id": s.state.Team.ID,
		"date_previous_update": updated, "date_update": g.Updated,
		"added_users": added, "added_users_count": len(added), "removed_users": removed, "removed_users_count": len(removed),
	})
}
