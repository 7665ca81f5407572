package executor_test

import (
	"context"
	"fmt"

	"snafu/rollback"
)

// misery is what happens before a message of the executing login is passed on.
func (c *chronicle) misery(int) fate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quiet {
		return arrives
	}
	if !c.withoutPeople && c.chance(6) {
		c.act1()
	}
	if c.withoutMisery {
		return arrives
	}
	switch c.rnd.IntN(600) {
	case 0, 1:
		c.cuts++
		return lost
	case 2, 3:
		c.cuts++
		return answered
	case 4: // killed, and its last message never left
		c.kills++
		c.play.cancel()
		return lost
	case 5: // killed, and what it had asked for is done
		c.kills++
		c.play.cancel()
		return answered
	case 6:
		c.tell(rollback.OrderPause)
	case 7:
		if c.chance(4) {
			c.tell(rollback.OrderAbort)
		}
	}
	return arrives
}

func (c *chronicle) logMisery(int) fate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quiet || c.withoutMisery {
		return arrives
	}
	switch c.rnd.IntN(1200) {
	case 0, 1:
		c.cuts++
		return lost
	case 2:
		c.cuts++
		return answered
	case 3:
		c.kills++
		c.play.cancel()
	}
	return arrives
}

// tell gives an order while the run is at work; one that comes too late is
// refused.
func (c *chronicle) tell(word rollback.OrderWord) {
	stamp := rollback.Stamp{Plan: c.play.job.Plan, Revision: c.play.job.Revision, Digest: c.play.job.Digest}
	_ = c.a.Order(context.Background(), c.act(c.other(ben)), stamp, word, "because")
}

// act1 is one thing that a colleague does. Nobody waits for a record that
// somebody else holds.
func (c *chronicle) act1() {
	s, i := c.play.sheet, 1+c.rnd.IntN(c.play.records)
	free := fmt.Sprintf(`with r as (select h, i from %s where h = $1 and i = $2 for update skip locked) `, s.name)
	col := s.sets()[c.rnd.IntN(len(s.sets()))]
	set := fmt.Sprintf(free+`update %s t set %s = $3::text::%s, edits = edits + 1, moves = moves + 1 from r where t.h = r.h and t.i = r.i`, s.name, quote(col.name), col.kind.typ)
	mine := col.kind.values[2+c.rnd.IntN(3)]
	switch c.rnd.IntN(12) {
	case 0, 1:
		c.does(set, c.play.h, i, mine)
	case 2: // and back, as one
		c.does(set, c.play.h, i, mine)
		c.does(set, c.play.h, i, col.kind.values[1])
	case 3, 4, 5:
		c.does(fmt.Sprintf(free+`update %s t set note = note || 'call back', edits = edits + 1 from r where t.h = r.h and t.i = r.i`, s.name), c.play.h, i)
	case 6:
		c.does(fmt.Sprintf(free+`delete from %s t using r where t.h = r.h and t.i = r.i`, s.name), c.play.h, i)
	case 7, 8: // begins to write a record, and goes for a coffee
		if c.play.open != 0 {
			return
		}
		c.play.open = i
		c.play.held[i] = true
		c.on(c.holder.Exec(context.Background(), `begin`))
		if c.chance(2) {
			c.on(c.holder.Exec(context.Background(), set, c.play.h, i, mine))
			return
		}
		c.on(c.holder.Exec(context.Background(), fmt.Sprintf(`select from %s where h = $1 and i = $2 for update skip locked`, s.name), c.play.h, i))
	case 9, 10:
		c.endsCoffee()
	}
}

func (c *chronicle) does(sql string, args ...any) {
	c.acted++
	c.on(c.people.Exec(context.Background(), sql, args...))
}

func (c *chronicle) on(_ any, err error) {
	if err != nil {
		c.errs = append(c.errs, err)
	}
}

// endsCoffee lets the colleague save the record, or leave it.
func (c *chronicle) endsCoffee() {
	if c.play.open == 0 {
		return
	}
	c.play.open = 0
	word := `rollback`
	if c.chance(2) {
		word = `commit`
	}
	c.on(c.holder.Exec(context.Background(), word))
}

func (c *chronicle) letGo() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endsCoffee()
}
