package main

import (
	"cmp"
	"log/slog"
	"strings"

	"snafu/cmd/snafu/bench"
)

type benchCommand struct {
	Section  string `help:"Sections to run, with commas between: counts." default:"counts" placeholder:"NAMES"`
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
	return interrupted(c, bench.Run(c.ctx, bench.Options{
		Sections: strings.Split(b.Section, ","), Rows: b.Rows, Affected: b.Affected, Rounds: b.Rounds, Tries: b.Tries, Seed: b.Seed,
		URL: cmp.Or(b.DSN, strings.TrimSpace(string(b.DSNFile))), Keep: b.Keep, JSON: b.JSON, Out: c.out, Say: c.say, Log: c.log(slog.LevelWarn), Env: c.env,
	}))
}
