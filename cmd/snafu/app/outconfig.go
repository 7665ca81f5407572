package app

import (
	"fmt"
	"maps"
	"net/mail"
	"slices"

	"snafu/incidents"
	"snafu/incidents/notify"
	"snafu/incidents/response"
)

// OutboundConfig says what is reached outside of Slack, and how people are called
// there.
type OutboundConfig struct {
	Allow     []string                 `yaml:"allow"`    // addresses or ranges of private networks
	Contacts  map[string]ContactConfig `yaml:"contacts"` // by Slack user id
	Mail      MailConfig               `yaml:"mail"`
	Twilio    TwilioConfig             `yaml:"twilio"`
	PagerDuty PagerDutyConfig          `yaml:"pagerduty"`
	Webhook   WebhookConfig            `yaml:"webhook"`
}

// ContactConfig is how one person is called outside of Slack.
type ContactConfig struct {
	Email string `yaml:"email"`
	Phone string `yaml:"phone"`
}

// MailConfig names the server that takes mail.
type MailConfig struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	From         string `yaml:"from"`
	User         string `yaml:"user"`
	PasswordEnv  string `yaml:"password_env"`
	PasswordFile string `yaml:"password_file"`
	Security     string `yaml:"security"` // starttls, implicit or none

	Password Secret
}

// TwilioConfig names the account that calls by telephone and sends texts.
type TwilioConfig struct {
	Account   string `yaml:"account"`
	From      string `yaml:"from"`
	TokenEnv  string `yaml:"token_env"`
	TokenFile string `yaml:"token_file"`
	URL       string `yaml:"url"`
	By        string `yaml:"by"`        // call, sms or both
	ReplyURL  string `yaml:"reply_url"` // where Twilio posts what comes back

	Token Secret
}

func (t TwilioConfig) calls() bool { return t.Account != "" && t.By != "sms" }
func (t TwilioConfig) texts() bool { return t.Account != "" && (t.By == "sms" || t.By == "both") }

// howToAnswer is what a text says: that a reply counts, only where it is heard.
func (t TwilioConfig) howToAnswer() string {
	if t.ReplyURL == "" {
		return "Answer in Slack."
	}
	return "Reply 1 to say that you are on it."
}

// PagerDutyConfig names the integration that takes events.
type PagerDutyConfig struct {
	RoutingKeyEnv  string `yaml:"routing_key_env"`
	RoutingKeyFile string `yaml:"routing_key_file"`
	URL            string `yaml:"url"`

	WebhookSecretEnv  string            `yaml:"webhook_secret_env"`
	WebhookSecretFile string            `yaml:"webhook_secret_file"`
	People            map[string]string `yaml:"people"` // users of PagerDuty by their ids: Slack user ids
	APITokenEnv       string            `yaml:"api_token_env"`
	APITokenFile      string            `yaml:"api_token_file"`
	APIURL            string            `yaml:"api_url"`

	RoutingKey    Secret
	WebhookSecret Secret
	APIToken      Secret
}

// hears says whether PagerDuty tells us who acknowledges.
func (p PagerDutyConfig) hears() bool { return p.WebhookSecretEnv != "" || p.WebhookSecretFile != "" }

// WebhookConfig says where events of calls and incidents go.
type WebhookConfig struct {
	URL        string `yaml:"url"`
	SecretEnv  string `yaml:"secret_env"`
	SecretFile string `yaml:"secret_file"`

	Secret Secret
}

func (p PagerDutyConfig) on() bool { return p.RoutingKeyEnv != "" || p.RoutingKeyFile != "" }

// check looks at what is configured. Listens says whether anything but Slack can
// reach this program.
func (o *OutboundConfig) check(d *decoder, secret secrets, need wish, listens bool) {
	if _, err := notify.Ranges(o.Allow); err != nil {
		d.fault("outbound.allow", "%s.", err)
	}
	for user, c := range o.Contacts {
		path := "outbound.contacts." + user
		users(d, path, []string{user})
		if err := checkEmail(c.Email); c.Email != "" && err != nil {
			d.fault(path+".email", "%s.", err)
		}
		if err := notify.CheckPhone(c.Phone); c.Phone != "" && err != nil {
			d.fault(path+".phone", "%s.", err)
		}
	}
	if m := &o.Mail; m.Host != "" || d.has("outbound.mail") {
		if m.Host == "" {
			d.fault("outbound.mail", "outbound.mail.host is missing. Name the server that takes mail.")
		}
		if _, err := mail.ParseAddress(m.From); err != nil {
			d.fault("outbound.mail.from", "%q is no e-mail address. Write who the mail comes from.", m.From)
		}
		if m.Port < 0 || m.Port > 65535 {
			d.fault("outbound.mail.port", "%d is no port.", m.Port)
		}
		if !slices.Contains([]string{"", "starttls", "implicit", "none"}, m.Security) {
			d.fault("outbound.mail.security", "%q is not known. Write starttls, implicit or none.", m.Security)
		}
		m.Password = secret.read("outbound.mail.password", m.PasswordEnv, m.PasswordFile, given(need != unread, ifGiven))
	}
	if t := &o.Twilio; d.has("outbound.twilio") {
		for path, err := range map[string]error{"account": notify.CheckAccount(t.Account), "from": notify.CheckPhone(t.From)} {
			if err != nil {
				d.fault("outbound.twilio."+path, "%s.", err)
			}
		}
		if !slices.Contains([]string{"", "call", "sms", "both"}, t.By) {
			d.fault("outbound.twilio.by", "%q is not known. Write call, sms or both.", t.By)
		}
		t.Token = secret.read("outbound.twilio.token", t.TokenEnv, t.TokenFile, need)
	}
	if d.has("outbound.pagerduty") {
		o.PagerDuty.RoutingKey = secret.read("outbound.pagerduty.routing_key", o.PagerDuty.RoutingKeyEnv, o.PagerDuty.RoutingKeyFile, need)
	}
	if d.has("outbound.webhook") {
		o.Webhook.Secret = secret.read("outbound.webhook.secret", o.Webhook.SecretEnv, o.Webhook.SecretFile, need)
		if o.Webhook.URL == "" {
			d.fault("outbound.webhook", "outbound.webhook.url is missing. Write where events go.")
		}
	}
	o.checkReplies(d, secret, need, listens)
	for path, address := range map[string]string{"twilio.url": o.Twilio.URL, "twilio.reply_url": o.Twilio.ReplyURL, "pagerduty.url": o.PagerDuty.URL, "pagerduty.api_url": o.PagerDuty.APIURL, "webhook.url": o.Webhook.URL} {
		if err := notify.CheckURL(address); address != "" && err != nil {
			d.fault("outbound."+path, "The address is not possible: %s.", err)
		}
	}
}

// checkReplies looks at what comes back from outside.
func (o *OutboundConfig) checkReplies(d *decoder, secret secrets, need wish, listens bool) {
	if t := o.Twilio; t.ReplyURL != "" {
		if !t.texts() {
			d.fault("outbound.twilio.reply_url", "No text is sent that could be replied to. Write by: sms or by: both.")
		}
		if !listens {
			d.fault("outbound.twilio.reply_url", "Replies are heard only where slack.listen says on which address.")
		}
	}
	p := &o.PagerDuty
	p.WebhookSecret = secret.read("outbound.pagerduty.webhook_secret", p.WebhookSecretEnv, p.WebhookSecretFile, given(need != unread, ifGiven))
	p.APIToken = secret.read("outbound.pagerduty.api_token", p.APITokenEnv, p.APITokenFile, given(need != unread, ifGiven))
	if p.hears() && !listens {
		d.fault("outbound.pagerduty", "What PagerDuty says is heard only where slack.listen says on which address.")
	}
	for _, user := range p.People {
		users(d, "outbound.pagerduty.people", []string{user})
	}
	if len(p.People) > 0 && !p.hears() {
		d.fault("outbound.pagerduty.people", "They answer in PagerDuty, which is heard only with webhook_secret_env or webhook_secret_file.")
	}
}

// ways are those that are configured whole.
func (o OutboundConfig) ways() response.Ways {
	return response.Ways{
		Mail: o.Mail.Host != "", Telephone: o.Twilio.calls(), SMS: o.Twilio.texts(), PagerDuty: o.PagerDuty.on(), Webhook: o.Webhook.URL != "",
		CheckEmail: checkEmail, CheckPhone: notify.CheckPhone,
	}
}

func checkEmail(address string) error {
	if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
		return fmt.Errorf("%q is no e-mail address", address)
	}
	return nil
}

// entered are the numbers and addresses that the file names for people.
func (o OutboundConfig) entered(person func(string) incidents.Person) (all []response.Contact) {
	w := o.ways()
	for _, user := range slices.Sorted(maps.Keys(o.Contacts)) {
		c := o.Contacts[user]
		if c.Email != "" && w.Mail {
			all = append(all, response.Contact{Person: person(user), Way: incidents.ByEmail, Address: c.Email})
		}
		if c.Phone != "" && (w.Telephone || w.SMS) {
			all = append(all, response.Contact{Person: person(user), Way: incidents.ByPhone, Address: c.Phone})
		}
	}
	return all
}
