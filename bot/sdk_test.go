package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// Plain slack-go, with its default options apart from the API URL, against the
// simulated Slack: an app of other people, with nothing of our bot in it.
type plainApp struct {
	t   *testing.T
	sim *slacksim.Sim
	api *slack.Client

	mu        sync.Mutex
	approvals map[string][]string // by message ts
}

// reply is what an app acknowledges with, and what it does after that.
type reply struct {
	body any
	then func()
}

func newPlainApp(t *testing.T) *plainApp {
	sim, err := slacksim.Start(slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	tokens := sim.Tokens()
	api := slack.New(tokens.Bot, slack.OptionAPIURL(sim.APIURL()), slack.OptionAppLevelToken(tokens.App))
	_, err = sim.As("ana").Invites(t.Context(), "#general", "snafu")
	require.NoError(t, err)
	return &plainApp{t: t, sim: sim, api: api, approvals: map[string][]string{}}
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func markdown(s string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, s, false, false), nil, nil)
}

func (a *plainApp) form(channel string) slack.ModalViewRequest {
	rows := slack.NewInputBlock("rows", plainText("Rows to write"), nil, slack.NewPlainTextInputBlockElement(nil, "text"))
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: "repair", Title: plainText("Ask for a repair"), Submit: plainText("Ask"),
		PrivateMetadata: channel, Blocks: slack.Blocks{BlockSet: []slack.Block{rows}},
	}
}

func (a *plainApp) asked(rows string, approvers int) slack.MsgOption {
	approve := slack.NewButtonBlockElement("approve", rows, plainText("Approve"))
	return slack.MsgOptionBlocks(markdown(fmt.Sprintf("%s rows · %d of 2 approvals", rows, approvers)), slack.NewActionBlock("decide", approve))
}

func (a *plainApp) command(c slack.SlashCommand) reply {
	if c.Command == "/hello" {
		return reply{body: slack.Msg{Text: "Hello " + c.UserName, ResponseType: slack.ResponseTypeInChannel}}
	}
	return reply{then: func() {
		_, err := a.api.OpenView(c.TriggerID, a.form(c.ChannelID))
		require.NoError(a.t, err)
	}}
}

func (a *plainApp) interaction(in slack.InteractionCallback) reply {
	switch in.Type {
	case slack.InteractionTypeViewSubmission:
		rows := in.View.State.Values["rows"]["text"].Value
		if _, err := strconv.Atoi(rows); err != nil {
			return reply{body: slack.NewErrorsViewSubmissionResponse(map[string]string{"rows": rows + " is no number."})}
		}
		return reply{then: func() {
			_, _, err := a.api.PostMessage(in.View.PrivateMetadata, slack.MsgOptionText("A repair", false), a.asked(rows, 0))
			require.NoError(a.t, err)
		}}
	case slack.InteractionTypeBlockActions:
		return reply{then: func() { a.pressed(in) }}
	case slack.InteractionTypeShortcut:
		return reply{then: func() {
			_, err := a.api.OpenView(in.TriggerID, a.form("C"))
			require.NoError(a.t, err)
		}}
	case slack.InteractionTypeMessageAction:
		return reply{then: func() {
			file, err := a.api.UploadFile(slack.UploadFileParameters{
				Channel: in.Channel.ID, ThreadTimestamp: in.Message.Timestamp, Filename: "said.txt",
				Content: in.Message.Text, FileSize: len(in.Message.Text), InitialComment: "Kept",
			})
			require.NoError(a.t, err)
			require.NotEmpty(a.t, file.ID)
		}}
	}
	return reply{}
}

// pressed counts the approvals: the first edits the message, the second replaces
// it through the response URL.
func (a *plainApp) pressed(in slack.InteractionCallback) {
	a.mu.Lock()
	a.approvals[in.Message.Timestamp] = append(a.approvals[in.Message.Timestamp], "<@"+in.User.ID+">")
	names := a.approvals[in.Message.Timestamp]
	a.mu.Unlock()
	rows := in.ActionCallback.BlockActions[0].Value
	if len(names) < 2 {
		_, _, _, err := a.api.UpdateMessage(in.Channel.ID, in.Message.Timestamp, slack.MsgOptionText("A repair", false), a.asked(rows, len(names)))
		require.NoError(a.t, err)
		return
	}
	done := markdown(rows + " rows approved by " + strings.Join(names, " and "))
	_, _, err := a.api.PostMessage(in.Channel.ID, slack.MsgOptionReplaceOriginal(in.ResponseURL), slack.MsgOptionText("Approved", false), slack.MsgOptionBlocks(done))
	require.NoError(a.t, err)
}

func (a *plainApp) event(e slackevents.EventsAPIEvent) {
	switch in := e.InnerEvent.Data.(type) {
	case *slackevents.AppMentionEvent:
		user, err := a.api.GetUserInfo(in.User)
		require.NoError(a.t, err)
		_, _, err = a.api.PostMessage(in.Channel, slack.MsgOptionText("Heard "+user.RealName+", "+user.TZ, false), slack.MsgOptionTS(in.TimeStamp))
		require.NoError(a.t, err)
	case *slackevents.AppHomeOpenedEvent:
		home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{markdown("Nothing waits")}}}
		_, err := a.api.PublishView(in.User, home, "")
		require.NoError(a.t, err)
	}
}

// connect runs the app over Socket Mode, and returns what waits until the
// connection is there, and then until it is there again.
func (a *plainApp) connect() (connected func()) {
	sock := socketmode.New(a.api)
	there := make(chan struct{}, 8)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = sock.RunContext(ctx) })
	running.Go(func() {
		for {
			select {
			case ev := <-sock.Events:
				a.hear(sock, ev, there)
			case <-ctx.Done():
				return
			}
		}
	})
	a.t.Cleanup(func() { cancel(); running.Wait() })
	return func() {
		a.t.Helper()
		select {
		case <-there:
		case <-time.After(90 * time.Second):
			require.FailNow(a.t, "the app is not connected")
		}
	}
}

func (a *plainApp) hear(sock *socketmode.Client, ev socketmode.Event, there chan<- struct{}) {
	var out reply
	switch data := ev.Data.(type) {
	case slack.SlashCommand:
		out = a.command(data)
	case slack.InteractionCallback:
		out = a.interaction(data)
	case slackevents.EventsAPIEvent:
		out.then = func() { a.event(data) }
	default:
		if ev.Type == socketmode.EventTypeHello {
			there <- struct{}{}
		}
		return
	}
	if out.body != nil {
		require.NoError(a.t, sock.Ack(*ev.Request, out.body))
	} else {
		require.NoError(a.t, sock.Ack(*ev.Request))
	}
	if out.then != nil {
		out.then()
	}
}

// listen runs the app behind a request URL.
func (a *plainApp) listen() {
	var after sync.WaitGroup
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, ok := a.request(w, r)
		if !ok {
			return
		}
		if out.body != nil {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(out.body)
		}
		if out.then != nil {
			after.Go(out.then)
		}
	}))
	a.t.Cleanup(func() { server.Close(); after.Wait() })
	require.NoError(a.t, a.sim.SetRequestURL(server.URL+"/slack/events"))
}

// request reads what slack-go verifies. It answers the rest itself.
func (a *plainApp) request(w http.ResponseWriter, r *http.Request) (out reply, ok bool) {
	raw, err := io.ReadAll(r.Body)
	require.NoError(a.t, err)
	signed, err := slack.NewSecretsVerifier(r.Header, a.sim.Tokens().SigningSecret)
	if err == nil {
		_, _ = signed.Write(raw)
		err = signed.Ensure()
	}
	if err != nil {
		http.Error(w, "not signed", http.StatusUnauthorized)
		return reply{}, false
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	if r.Header.Get("Content-Type") != "application/json" {
		if in, err := slack.InteractionCallbackParse(r); err == nil {
			return a.interaction(in), true
		}
		c, err := slack.SlashCommandParse(r)
		require.NoError(a.t, err)
		return a.command(c), true
	}
	e, err := slackevents.ParseEvent(raw, slackevents.OptionNoVerifyToken())
	require.NoError(a.t, err)
	if e.Type == slackevents.URLVerification {
		_, _ = io.WriteString(w, e.Data.(*slackevents.EventsAPIURLVerificationEvent).Challenge)
		return reply{}, false
	}
	return reply{then: func() { a.event(e) }}, true
}

// play is what people see of the app, however it hears them.
func (a *plainApp) play() {
	t := a.t
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ana, ben, chi := a.sim.As("ana"), a.sim.As("ben"), a.sim.As("chi")

	act, err := ana.Slash(ctx, "#general", "/hello")
	require.NoError(t, err)
	require.Equal(t, "Hello ana", act.Shown)
	_, err = ana.Slash(ctx, "#general", "/repair")
	require.NoError(t, err)
	form, err := ana.Modal(ctx)
	require.NoError(t, err)
	res, err := form.Submit(ctx, slacksim.Values{"Rows to write": "many"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"rows": "many is no number."}, res.Errors)
	res, err = form.Submit(ctx, slacksim.Values{"Rows to write": "1169"})
	require.NoError(t, err)
	require.Equal(t, "closed", res.Result)

	_, err = ben.Press(ctx, "#general", "Approve")
	require.NoError(t, err)
	_, err = chi.Await(ctx, "#general", slacksim.Contains("1169 rows · 1 of 2 approvals"))
	require.NoError(t, err)
	_, err = chi.Press(ctx, "#general", "Approve")
	require.NoError(t, err)
	_, err = ana.Await(ctx, "#general", slacksim.Contains("1169 rows approved by @ben and @chi"))
	require.NoError(t, err)

	said, err := ana.Says(ctx, "#general", "@snafu it is wrong since nine")
	require.NoError(t, err)
	_, err = ana.Await(ctx, "#general", slacksim.InThread(said.TS), slacksim.Contains("Heard Ana Ruiz, Europe/Madrid"))
	require.NoError(t, err)
	_, err = ana.Shortcut(ctx, "keep", "#general", said.TS)
	require.NoError(t, err)
	kept, err := ana.Await(ctx, "#general", slacksim.InThread(said.TS), slacksim.Contains("Kept"))
	require.NoError(t, err)
	require.Len(t, kept.Files, 1)
	_, err = ben.Shortcut(ctx, "new", "", "")
	require.NoError(t, err)
	_, err = ben.Modal(ctx)
	require.NoError(t, err)
	_, err = chi.OpensHome(ctx)
	require.NoError(t, err)
	_, err = chi.Home(ctx, slacksim.Contains("Nothing waits"))
	require.NoError(t, err)
	require.NoError(t, a.sim.Idle(ctx))
}

func TestPlainSlackGoWorksOverSocketMode(t *testing.T) {
	t.Parallel()
	a := newPlainApp(t)
	connected := a.connect()
	connected()
	a.play()

	_, err := a.sim.Fault(slacksim.Fault{Kind: "socket.refresh"})
	require.NoError(t, err)
	connected()
	act, err := a.sim.As("ben").Slash(t.Context(), "#general", "/hello")
	require.NoError(t, err)
	require.Equal(t, "Hello ben", act.Shown)
}

func TestPlainSlackGoWorksBehindARequestURL(t *testing.T) {
	t.Parallel()
	a := newPlainApp(t)
	a.listen()
	a.play()

	_, err := a.sim.Fault(slacksim.Fault{Kind: "http.bad_signature", Match: slacksim.Match{Command: "/hello"}})
	require.NoError(t, err)
	act, err := a.sim.As("ben").Slash(t.Context(), "#general", "/hello")
	require.NoError(t, err)
	require.Equal(t, "http_error", act.Deliveries[0].State, "a forged signature is refused")
}

func TestPlainSlackGoReadsErrorsPagesAndLimits(t *testing.T) {
	t.Parallel()
	a := newPlainApp(t)
	_, _, err := a.api.PostMessage("C0NOWHERE00", slack.MsgOptionText("x", false))
	require.EqualError(t, err, "channel_not_found")
	_, _, err = a.api.PostMessage("C0NOWHERE00", slack.MsgOptionBlocks(markdown("")))
	var refused slack.SlackErrorResponse
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "invalid_blocks", refused.Err)
	require.Contains(t, refused.ResponseMetadata.Messages[0], "[json-pointer:/blocks/0/text/text]")
	_, err = slack.New("xoxb-of-nobody", slack.OptionAPIURL(a.sim.APIURL())).AuthTest()
	require.EqualError(t, err, "invalid_auth")

	_, err = a.sim.Fault(slacksim.Fault{Kind: "api.rate_limited", RetryAfter: 30, Match: slacksim.Match{Method: "team.info"}})
	require.NoError(t, err)
	_, err = a.api.GetTeamInfo()
	var limited *slack.RateLimitedError
	require.ErrorAs(t, err, &limited)
	require.Equal(t, 30*time.Second, limited.RetryAfter)

	people, err := a.api.GetUsers(slack.GetUsersOptionLimit(2))
	require.NoError(t, err)
	require.Len(t, people, 7, "six people and the bot, each once")
	rooms, _, err := a.api.GetConversationsForUser(&slack.GetConversationsForUserParameters{})
	require.NoError(t, err)
	var said []string
	for i := range 5 {
		_, _, err := a.api.PostMessage(rooms[0].ID, slack.MsgOptionText(fmt.Sprintf("step %d", i), false))
		require.NoError(t, err)
	}
	for cursor, more := "", true; more; {
		page, err := a.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: rooms[0].ID, Limit: 2, Cursor: cursor})
		require.NoError(t, err)
		for _, m := range page.Messages {
			if strings.HasPrefix(m.Text, "step") {
				said = append(said, m.Text)
			}
		}
		cursor, more = page.ResponseMetaData.NextCursor, page.HasMore
	}
	require.Equal(t, []string{"step 4", "step 3", "step 2", "step 1", "step 0"}, said)
}
