package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// task is one thing that a child is asked to do.
type task struct {
	Freeze *approval.Freeze `json:"freeze,omitempty"`
	Run    *approval.Run    `json:"run,omitempty"`
	List   rollback.ID      `json:"list,omitempty"` // what a run has put back, and what it has not
}

// tasks does what is asked until nothing more can be. It says when it is ready
// for the first one, and after each.
func (c *child) tasks(ctx context.Context, hear *json.Decoder) error {
	for {
		if err := c.say.Encode(told{Done: true}); err != nil {
			return fmt.Errorf("say that a task is done: %w", err)
		}
		var t task
		if err := hear.Decode(&t); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the next task: %w", err)
		}
		if err := c.perform(ctx, t); err != nil {
			return err
		}
	}
}

func (c *child) perform(ctx context.Context, t task) error {
	switch {
	case t.Freeze != nil:
		return c.executor.Freeze(ctx, jobs.Job[approval.Freeze]{Args: *t.Freeze, Attempt: 1})
	case t.Run != nil:
		return c.executor.Run(ctx, jobs.Job[approval.Run]{Args: *t.Run, Attempt: 1})
	}
	if _, err := c.executor.List(ctx, t.List, rollback.ListOf{Name: rollback.ListFixed}); err != nil {
		return err
	}
	_, err := c.executor.List(ctx, t.List, rollback.ListOf{Name: rollback.ListLeft})
	return err
}

// does gives a child a task and waits until it is done.
func (r *running) does(t task) error {
	if err := r.tell.Encode(t); err != nil {
		return fmt.Errorf("give another process a task: %w", err)
	}
	_, err := r.next()
	return err
}
