package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// What a plan of ours wrote into a record is nobody's change of it: a run that
// was put right, and whose repair was undone, is as wrong as it was. A person
// who changed the record has an entry of their own, whatever stands around it:
// only by that does it count as changed since.
//
// An entry is ours when it names a plan as the session told the source, and the
// ledger of that plan says that it has written this record. The name alone
// proves nothing.

// ran says whether a plan of ours ever ran in this database, and the login may
// read about it: without one there is nothing to look for.
func ran(ctx context.Context, tx pgx.Tx) (yes bool, err error) {
	err = tx.QueryRow(ctx, `select coalesce(has_table_privilege(to_regclass('snafu.runs'), 'select'), false)`).Scan(&yes)
	if err == nil && yes {
		err = tx.QueryRow(ctx, `select exists (select from snafu.runs)`).Scan(&yes)
	}
	if err != nil {
		return false, fmt.Errorf("look for plans that ran: %w", err)
	}
	return yes, nil
}

// labelled is the plan that an entry h of the history names, NULL for none.
func (t table) labelled() string {
	if !t.ran {
		return "null::text"
	}
	return fmt.Sprintf(`case when h.%[1]s::text like 'SNAFU-%%/R%%' then h.%[1]s::text end`, t.hist.run)
}

// repair says whether an entry of alias was written by the plan that it names.
func (t table) repair(alias string) string {
	if !t.ran {
		return "false"
	}
	keys := make([]string, len(t.key))
	for i := range t.key {
		keys[i] = fmt.Sprintf("%s.k%d::text", alias, i+1)
	}
	return fmt.Sprintf(`%[1]s.label is not null and not ours and exists (
         select from snafu.freezes z join snafu.frozen_rows f on f.freeze_id = z.id join snafu.ledger l on l.run = z.id and l.ord = f.ord
          where substring(z.ref from '^(.*)r[0-9]+$') = %[1]s.label and f.key = array[%[2]s] and l.outcome = 1)`, alias, strings.Join(keys, ", "))
}
