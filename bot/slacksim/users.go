package slacksim

import (
	"slices"
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
	switch id, domain := c.str("team"), c.str("domain"); {
	case id != "" && id != t.ID, id == "" && domain != "" && domain != t.Domain && t.EnterpriseID != "":
		return nil, refuse("team_not_found")
	case id == "" && domain != "" && t.EnterpriseID == "":
		return nil, refuse("team_not_on_enterprise")
	}
	out := object{
		"id": t.ID, "name": t.Name, "domain": t.Domain, "email_domain": "", "url": "https://" + t.Domain + ".slack.com/",
		"icon": object{
			"image_default": true, "image_34": "", "image_44": "", "image_68": "", "image_88": "", "image_102": "", "image_132": "",
		}, "discoverable": "closed", "avatar_base_url": "https://ca.slack-edge.com/", "is_verified": false,
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
		"id": a.BotID, "deleted": false, "name": a.Name, "updated": 0, "app_id": a.ID, "user_id": a.BotUser, "icons": botIcons(),
	}}, nil
}

func botIcons() object { return object{"image_36": "", "image_48": "", "image_72": ""} }

// userObject is a person as the Web API and events tell it.
func (s *Sim) userObject(p *person) object {
	st := s.state
	offset, label := 0, "Coordinated Universal Time"
	if zone, err := time.LoadLocation(p.TZ); err == nil {
		_, offset = s.clock.Now().In(zone).Zone()
		label = p.TZ
	}
	first, last, _ := strings.Cut(p.RealName, " ")
	profile := object{
		"real_name": p.RealName, "real_name_normalized": p.RealName, "display_name": p.Name, "display_name_normalized": p.Name,
		"first_name": first, "last_name": last, "title": p.Title, "phone": "", "skype": "", "status_text": "", "status_text_canonical": "",
		"status_emoji": "", "status_emoji_display_info": []any{}, "status_expiration": 0, "avatar_hash": "",
		"image_24": "", "image_32": "", "image_48": "", "image_72": "", "image_192": "", "image_512": "",
		"team": p.TeamID, "fields": object{}, "always_active": p.Bot,
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
	return object{"user": c.localized(c.userObject(p))}, nil
}

// localized adds the language of a person, if it was asked for.
func (c *call) localized(user object) object {
	if c.flag("include_locale") {
		user["locale"] = "en-US"
	}
	return user
}

func usersList(c *call) (object, error) {
	own := slices.DeleteFunc(slices.Clone(c.state.People), func(p *person) bool { return p.Stranger })
	page, next, err := paged(c, paging{kind: "user", most: 1000}, own, func(p *person) string { return p.ID })
	if err != nil {
		return nil, err
	}
	members := []any{}
	for _, p := range page {
		members = append(members, c.localized(c.userObject(p)))
	}
	return object{"members": members, "cache_ts": unixNow(c.clock), "response_metadata": object{"next_cursor": next}}, nil
}

func usersLookupByEmail(c *call) (object, error) {
	for _, p := range c.state.People {
		if p.Email != "" && strings.EqualFold(p.Email, c.str("email")) && !p.Deactivated && !p.Stranger && !p.Bot {
			return object{"user": c.userObject(p)}, nil
		}
	}
	return nil, refuse("users_not_found")
}
