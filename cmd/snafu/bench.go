package main

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"strings"

	"snafu/cmd/snafu/bench"
)

type benchCommand struct {
	Section  string `help:"Sections to run, with commas between: counts, rollback, impact, export, incidents. Without this all of them." placeholder:"NAMES"`
	Rows     int64  `help:"Records of the big table. 10000000 also measures growth." default:"1000000"`
	Affected int64  `help:"Records that the run touched." default:"100000"`
	Rounds   int    `help:"Repetitions, after one that warms up." default:"5"`
	Tries    int    `help:"Counts while two writers keep changing what is counted." default:"1000"`
	Seed     int64  `help:"Of the data: the same seed makes the same." default:"1"`
	JSON     bool   `name:"json" help:"Print a line of JSON for each result."`
	DSN      string `name:"dsn" env:"SNAFU_BENCH_DSN" xor:"dsn" help:"An empty database to work in; without it a throw-away server that really writes to disk." placeholder:"URL"`
	DSNFile  []byte `name:"dsn-file" type:"filecontent" xor:"dsn" help:"A file that holds that address, which may hold a password." placeholder:"FILE"`
	Keep     bool   `help:"Leave the schema snafu_bench in that database."`
}

func (b benchCommand) Run(c console) error {
	var sections []string
	if b.Section != "" {
		sections = strings.Split(b.Section, ",")
	}
	return interrupted(c, bench.Run(c.ctx, bench.Options{
		Sections: sections, Child: benchChild, Rows: b.Rows, Affected: b.Affected, Rounds: b.Rounds, Tries: b.Tries, Seed: b.Seed,
		URL: cmp.Or(b.DSN, strings.TrimSpace(string(b.DSNFile))), Keep: b.Keep, JSON: b.JSON, Out: c.out, Say: c.say, Log: c.log(slog.LevelWarn), Env: c.env,
	}))
}

// benchObeyCommand is the benchmark's other process, which people do not start.
type benchObeyCommand struct{}

func (benchObeyCommand) Run(c console) error {
	return bench.Obey(c.ctx, os.Stdin, c.out, c.log(slog.LevelWarn))
}

// benchChild is this program with that command.
func benchChild(ctx context.Context) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	cmd := exec.CommandContext(ctx, self, "bench-obey")
	cmd.Stderr = os.Stderr
	return cmd
}
