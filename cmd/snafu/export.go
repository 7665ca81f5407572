package main

import (
	"snafu/cmd/snafu/app"
	"snafu/incidents"
)

type exportCommand struct {
	configFlag
	Incident string `arg:"" help:"Such as SNAFU-42."`
	Format   string `help:"md, html, csv, json, or public: a draft for everybody." enum:"md,html,csv,json,public" default:"md"`
	Out      string `help:"Folder to write into; without this the one of exports in snafu.yaml." placeholder:"DIR"`
	Private  string `help:"Why a private snafu is exported. Its channel is told." placeholder:"WHY"`
	Loss     string `help:"For public: the first sentence, what was lost, as we." placeholder:"TEXT"`
	Harm     string `help:"For public: what it meant for those who were hit." placeholder:"TEXT"`
	Apology  string `help:"For public: the apology." placeholder:"TEXT"`
	Changes  string `help:"For public: what you change; without this the safeguards of the follow-ups." placeholder:"TEXT"`
	Thanks   string `help:"For public: thanks, and where to read more." placeholder:"TEXT"`
}

func (e exportCommand) Run(c console) error {
	config, err := app.Load(e.Config, c.env, app.Need{Log: true, Names: true})
	if err != nil {
		return err
	}
	return app.Export(c.ctx, c.out, config, c.logOptions(), app.ExportOptions{
		Incident: e.Incident, Form: e.Format, Dir: e.Out, Why: e.Private,
		Public: incidents.PublicText{Loss: e.Loss, Harm: e.Harm, Apology: e.Apology, Changes: e.Changes, Thanks: e.Thanks},
	})
}
