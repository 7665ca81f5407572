// Command snafu is a calm incident commander for data: it counts what went
// wrong, lets two people approve the repair, carries it out and proves it.
//
// This is the only package that reads the command line and the environment,
// prints and exits. Everything it does is in the packages below it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"snafu/cmd/snafu/app"
)

// The exit codes, one meaning everywhere.
const (
	exitHolds       = 0
	exitDoesNot     = 1
	exitCouldNot    = 2
	exitUsage       = 80
	exitInterrupted = 130
)

// console is what a command may use of the world.
type console struct {
	ctx      context.Context
	out, err io.Writer
	env      app.Lookup
}

func (c console) say(sentence string) { fmt.Fprintln(c.err, sentence) }

type grammar struct {
	Serve    serveCommand    `cmd:"" help:"Run the bot."`
	Demo     demoCommand     `cmd:"" help:"Play an incident against a simulated Slack and a real Postgres. Nothing to install, nothing to configure."`
	Slacksim slacksimCommand `cmd:"" help:"Run a simulated Slack workspace, for this bot or any other Slack app."`
	Manifest manifestCommand `cmd:"" help:"Print the app manifest to paste into Slack."`
	Doctor   doctorCommand   `cmd:"" help:"Say what is missing before the bot can work."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the log database to the schema of this binary."`
	Audit    struct {
		Verify verifyCommand `cmd:"" help:"Recompute the chains of the journal. Exit code 0: they hold, 1: one is broken, 2: could not look."`
	} `cmd:"" help:"Look after the journal."`
	Export exportCommand `cmd:"" help:"Write the post-mortem of a snafu from the log database, as /snafu export does."`
	Source struct {
		SQL   sourceSQLCommand   `cmd:"" name:"sql" help:"Print the roles, grants and schema that a source's administrator runs."`
		Check sourceCheckCommand `cmd:"" help:"Prove each promise of a source against the live database. Exit code 0: it holds, 1: something does not, 2: could not look."`
	} `cmd:"" help:"Prepare a system that snafu counts in and puts back."`
	Settings struct {
		Schema configSchemaCommand `cmd:"" help:"Print the JSON schema of snafu.yaml, for editors."`
	} `cmd:"" name:"config" help:"Write snafu.yaml."`
	Bench   benchCommand     `cmd:"" help:"Measure how fast snafu is beside the least this machine can do. Exit code 0: within the limits, 1: not, 2: could not measure."`
	Obey    benchObeyCommand `cmd:"" name:"bench-obey" hidden:"" help:"Do what bench writes to the standard input."`
	Version versionCommand   `cmd:"" help:"Print the version."`
}

// configFlag is shared by the commands that read snafu.yaml.
type configFlag struct {
	Config string `help:"Configuration." default:"snafu.yaml" env:"SNAFU_CONFIG" placeholder:"FILE"`
}

func main() {
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-stop
		cancel()
		<-stop // whoever asks twice means it
		os.Exit(exitInterrupted)
	}()
	os.Exit(run(console{ctx: ctx, out: os.Stdout, err: os.Stderr, env: os.LookupEnv}, os.Args[1:]))
}

// exited is how kong ends after --help.
type exited int

func run(c console, args []string) (code int) {
	defer func() {
		switch end := recover().(type) {
		case nil:
		case exited:
			code = int(end)
		default: // a mistake of ours: it must not look like a success
			panic(end)
		}
	}()
	if len(args) > 0 && args[0] == "help" {
		args = append(args[1:], "--help")
	}
	var g grammar
	parser, err := kong.New(&g,
		kong.Name("snafu"), kong.Description("Calm incident response for data: count it, fix it, prove it."),
		kong.Writers(c.out, c.err), kong.Exit(func(code int) { panic(exited(code)) }),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		panic(err) // the grammar itself is wrong
	}
	command, err := parser.Parse(args)
	if err != nil {
		c.say("snafu: " + err.Error() + ". Try: snafu --help")
		return exitUsage
	}
	return verdict(c, command.Run(c))
}

// verdict prints what went wrong, once, and chooses the exit code.
func verdict(c console, err error) int {
	code := exitDoesNot
	if errors.Is(err, app.ErrCouldNotLook) {
		code = exitCouldNot
	}
	var faults *app.Faults
	switch {
	case err == nil:
		return exitHolds
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.Is(err, app.ErrDoesNotHold): // the answer was printed
	case errors.As(err, &faults):
		c.say(faults.Error())
	default:
		c.say("snafu: " + spoken(err) + ".")
	}
	return code
}

var errInterrupted = errors.New("interrupted")
