package app

// AdminsConfig names who looks after snafu itself. They hear what is wrong with
// it, and may change who is on call in any rota.
type AdminsConfig struct {
	Users     []string `yaml:"users"` // Slack user ids
	Usergroup string   `yaml:"usergroup"`
}

func (a AdminsConfig) check(d *decoder) {
	users(d, "admins.users", a.Users)
	if a.Usergroup != "" && !groupRule.MatchString(a.Usergroup) {
		d.fault("admins.usergroup", "%q is not the id of a user group. Those begin with S.", a.Usergroup)
	}
}
