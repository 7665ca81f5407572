// Package slacksim is a Slack workspace that fits in a test and in a demo.
//
// It speaks Slack's Web API, Socket Mode and interaction payloads as an
// independent reading of the protocol: it knows no client library and nothing of
// the app it serves. An app uses it unchanged apart from the API URL. A driver
// acts for the people of the workspace, and a control API under /sim/ does the
// same for other programs.
//
// It refuses what Slack refuses: an uncertain behaviour is answered with an error
// that Slack documents, never invented. It is not Slack, and says so on its page.
//
// An app takes what is sent to it over Socket Mode or, with a request URL, as
// signed HTTP requests. A clock that can stand still rules everything but pings
// and signatures, and faults do what goes wrong between an app and Slack.
//
// With a state file the workspace outlives the process: people, channels,
// messages, files and what was said. Ephemerals, views, triggers, response
// addresses and payloads under way do not.
//
// It does not do OAuth installs, several apps, group messages, user tokens,
// workflows, search, external selects, link previews or Slack's sending limits.
package slacksim
