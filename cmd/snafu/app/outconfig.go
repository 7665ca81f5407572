package app

import "snafu/incidents/notify"

// OutboundConfig says what may be reached outside of Slack.
type OutboundConfig struct {
	Allow []string `yaml:"allow"` // addresses or ranges of private networks
}

func (o OutboundConfig) check(d *decoder) {
	if _, err := notify.Ranges(o.Allow); err != nil {
		d.fault("outbound.allow", "%s", err)
	}
}
