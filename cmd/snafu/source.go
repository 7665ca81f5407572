package main

import (
	"errors"
	"fmt"

	"snafu/cmd/snafu/app"
)

type sourceSQLCommand struct {
	configFlag
	Name string `arg:"" help:"As snafu.yaml calls it."`
}

func (s sourceSQLCommand) Run(c console) error {
	config, err := app.Load(s.Config, c.env, app.Need{})
	if err != nil {
		return err
	}
	sql, err := app.SourceSQL(config, s.Name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(c.out, sql)
	return err
}

type sourceCheckCommand struct {
	configFlag
	Name string `arg:"" help:"As snafu.yaml calls it."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (s sourceCheckCommand) Run(c console) error {
	config, err := app.Load(s.Config, c.env, app.Need{Sources: true})
	if err != nil {
		return errors.Join(app.ErrCouldNotLook, err)
	}
	return app.CheckSource(c.ctx, c.out, config, s.Name, s.JSON)
}

type configSchemaCommand struct{}

func (configSchemaCommand) Run(c console) error {
	schema, err := app.ConfigSchema()
	if err != nil {
		return err
	}
	_, err = c.out.Write(schema)
	return err
}
