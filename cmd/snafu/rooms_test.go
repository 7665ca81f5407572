package main

// room is a row of the house: its floor, and which of our rooms it may know.
type room struct {
	floor int
	may   []string
	all   bool // wiring: may know every room that is not above it
}

// house is the whole truth about arrows. A package without a row is refused,
// and so is an arrow that does not lead downstairs.
var house = map[string]room{
	"incidents/refusal":          {floor: 0},
	"incidents/pgdb/jobs":        {floor: 0},
	"incidents/pgdb/embedded":    {floor: 0},
	"manifests":                  {floor: 0},
	"bot/slacksim":               {floor: 0},
	"bot/slacksim/pagetest":      {floor: 0},
	"incidents":                  {floor: 1, may: []string{"incidents/refusal"}},
	"incidents/pgdb":             {floor: 1, may: []string{"incidents/pgdb/jobs"}},
	"incidents/pgdb/pgtest":      {floor: 2, may: []string{"incidents/pgdb", "incidents/pgdb/embedded", "manifests"}},
	"incidents/rota":             {floor: 2, may: []string{"incidents", "incidents/refusal"}},
	"incidents/notify":           {floor: 2, may: []string{"incidents", "incidents/refusal"}},
	"incidents/journal":          {floor: 2, may: []string{"incidents", "incidents/pgdb", "incidents/pgdb/jobs", "incidents/refusal"}},
	"rollback":                   {floor: 2, may: []string{"incidents", "incidents/refusal"}},
	"rollback/source":            {floor: 3, may: []string{"rollback", "incidents", "incidents/refusal"}},
	"bot/view":                   {floor: 3, may: []string{"incidents", "incidents/rota", "rollback", "incidents/refusal"}},
	"incidents/response":         {floor: 3, may: ground("incidents/rota", "incidents/journal")},
	"rollback/source/postgres":   {floor: 4, may: []string{"rollback/source", "rollback", "incidents", "incidents/refusal"}},
	"rollback/source/csv":        {floor: 4, may: []string{"rollback/source", "rollback", "incidents", "incidents/refusal"}},
	"rollback/source/mysql":      {floor: 4, may: []string{"rollback/source", "rollback", "incidents", "incidents/refusal"}},
	"rollback/source/sourcetest": {floor: 4, may: []string{"rollback/source", "rollback", "incidents", "incidents/refusal"}},
	"rollback/count":             {floor: 4, may: ground("rollback", "rollback/source", "incidents/response", "incidents/journal")},
	"rollback/approval":          {floor: 4, may: ground("rollback", "incidents/response", "incidents/journal")},
	"rollback/backup":            {floor: 4, may: ground("rollback", "rollback/source", "incidents/response", "incidents/journal", "incidents/pgdb/embedded")},
	"rollback/executor":          {floor: 5, may: ground("rollback", "rollback/source", "rollback/approval", "incidents/journal")},
	"bot": {floor: 5, may: ground("bot/view", "incidents/rota", "incidents/response", "incidents/journal",
		"rollback", "rollback/count", "rollback/approval", "rollback/backup")},
	"cmd/snafu/app":   {floor: 6, all: true},
	"cmd/snafu/story": {floor: 7, all: true},
	"cmd/snafu/bench": {floor: 7, all: true},
	"cmd/snafu":       {floor: 8, all: true},
}

// ground adds what every room with a transaction stands on.
func ground(more ...string) []string {
	return append(more, "incidents", "incidents/pgdb", "incidents/pgdb/jobs", "incidents/refusal")
}

// shelf holds the libraries and the rooms that may take them down.
var shelf = map[string][]string{
	"github.com/slack-go/slack":           {"bot", "bot/view"},
	"github.com/gorilla/websocket":        {"bot/slacksim"},
	"github.com/riverqueue/river":         {"incidents/pgdb/jobs"},
	"github.com/go-co-op/gocron/v2":       {"cmd/snafu/app"},
	"github.com/prometheus/client_golang": {"cmd/snafu/app"},
	"github.com/goccy/go-yaml":            {"cmd/snafu/app"},
	"github.com/invopop/jsonschema":       {"cmd/snafu/app"},
	"github.com/alecthomas/kong":          {"cmd/snafu"},
	"github.com/pressly/goose/v3":         {"incidents/pgdb"},
	"github.com/arran4/golang-ical":       {"incidents/rota"},
	"github.com/teambition/rrule-go":      {"incidents/rota"},
	"github.com/wneessen/go-mail":         {"incidents/notify"},
	"github.com/dustin/go-humanize":       {"bot/view"},
	"github.com/wcharczuk/go-chart/v2":    {"bot/view"},
	"github.com/go-sql-driver/mysql":      {"rollback/source/mysql"},
	"github.com/stretchr/testify":         {"incidents/pgdb/pgtest", "rollback/source/sourcetest", "bot/slacksim/pagetest"},
	"github.com/chromedp":                 {"bot/slacksim/pagetest"},
	"pgregory.net/rapid":                  {"rollback/source/sourcetest"},
	"golang.org/x/sync":                   {"bot"},
	"golang.org/x/sys":                    {"incidents/pgdb/embedded"},
	"github.com/jackc/pgx/v5": {
		"incidents/pgdb/...", "incidents/journal", "incidents/response", "rollback/count", "rollback/approval",
		"rollback/executor", "rollback/backup", "rollback/source/postgres", "bot", "cmd",
	},
}
