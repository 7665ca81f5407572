package response

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/rota"
)

// definition is a rota as it was configured, kept so that who was on call then
// stays answerable. One that is kept in a calendar has no rule.
type definition struct {
	Rule     *rota.Rule `json:"rule,omitempty"`
	Calendar bool       `json:"calendar,omitempty"`
}

const (
	newestDefinition = `
	select definition
	from rota_versions
	where rota = $1
	order by valid_from desc
	limit 1`

	insertDefinition = `
	insert into rota_versions (rota, valid_from, definition)
	values ($1, $2, $3)
	on conflict (rota, valid_from) do nothing`

	// The version that counted then. Before the first there was none that anybody
	// knows of, so the first counts.
	definitionsThen = `
	select distinct on (rota) rota, definition
	from rota_versions
	order by rota, valid_from <= $1 desc, case when valid_from <= $1 then valid_from end desc, valid_from`
)

// KeepRotas keeps the definition of each rota that differs from the one kept
// before, from now on. It is called at each start.
func (r *Response) KeepRotas(ctx context.Context) error {
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		for _, known := range r.o.Rotas {
			rule, _ := known.Rule()
			if err := keepDefinition(ctx, tx, known.Name(), definition{Rule: &rule}, at); err != nil {
				return err
			}
		}
		for _, feed := range r.o.Feeds {
			if err := keepDefinition(ctx, tx, feed.Name, definition{Calendar: true}, at); err != nil {
				return err
			}
		}
		return nil
	})
}

func keepDefinition(ctx context.Context, tx pgx.Tx, name string, d definition, at time.Time) error {
	now, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode rota: %w", err)
	}
	rows, err := tx.Query(ctx, newestDefinition, name)
	if err != nil {
		return fmt.Errorf("read versions of rota %s: %w", name, err)
	}
	kept, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return fmt.Errorf("read versions of rota %s: %w", name, err)
	}
	if len(kept) > 0 {
		var was definition
		if err := json.Unmarshal(kept[0], &was); err != nil {
			return fmt.Errorf("read version of rota %s: %w", name, err)
		}
		same, err := json.Marshal(was)
		if err != nil {
			return fmt.Errorf("encode rota: %w", err)
		}
		if string(same) == string(now) {
			return nil
		}
	}
	if _, err := tx.Exec(ctx, insertDefinition, name, at, now); err != nil {
		return fmt.Errorf("keep version of rota %s: %w", name, err)
	}
	return nil
}

type definitionRow struct {
	Rota       string `db:"rota"`
	Definition []byte `db:"definition"`
}

// then returns the rotas as they were defined at an instant that has passed, each
// without its covers. A calendar says what its copy of then says; one that was
// configured as a rule then counts as that.
func (r *Response) then(ctx context.Context, q asker, list turns, at time.Time) (turns, error) {
	rows, err := q.Query(ctx, definitionsThen, at)
	if err != nil {
		return nil, fmt.Errorf("read versions of rotas: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[definitionRow])
	if err != nil {
		return nil, fmt.Errorf("read versions of rotas: %w", err)
	}
	was := map[string]definition{}
	for _, row := range found {
		var d definition
		if err := json.Unmarshal(row.Definition, &d); err != nil {
			return nil, fmt.Errorf("read version of rota %s: %w", row.Rota, err)
		}
		was[row.Rota] = d
	}
	for n, known := range list {
		d := was[known.Name()]
		if d.Rule == nil {
			if list[n], err = r.copyOf(ctx, q, known, at); err != nil {
				return nil, err
			}
			continue
		}
		old, err := rota.New(*d.Rule)
		if err != nil {
			return nil, fmt.Errorf("version of rota %s: %w", known.Name(), err)
		}
		list[n] = old
	}
	return list, nil
}

// copyOf returns a rota as its calendar said then; as it is where it has none.
func (r *Response) copyOf(ctx context.Context, q asker, known rota.Rota, at time.Time) (rota.Rota, error) {
	for _, feed := range r.o.Feeds {
		if feed.Name != known.Name() {
			continue
		}
		if then, ok, err := calendarThen(ctx, q, feed, at); err != nil || ok {
			return then, err
		}
	}
	return known, nil
}
