package approval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
)

func (h *house) asOwner(statement string, args ...any) {
	h.t.Helper()
	conn := pgtest.Connect(h.t, pgtest.OwnerURL(h.t, h.db))
	_, err := conn.Exec(h.t.Context(), `set search_path = snafu`)
	require.NoError(h.t, err)
	_, err = conn.Exec(h.t.Context(), statement, args...)
	require.NoError(h.t, err)
}

// state of an error, for tests about what the database refuses.
func (h *house) exec(statement string, args ...any) string {
	h.t.Helper()
	_, err := h.db.Pool().Exec(h.t.Context(), statement, args...)
	return pgdb.State(err)
}

const (
	refusedByGrant   = "42501"
	refusedByForeign = "23503"
	refusedByUnique  = "23505"
	refusedByCheck   = "23514"
	refusedForEver   = "SN009"
)

const addPart = `insert into plan_people (plan, person, part) values ($1, $2, $3)`

const addApproval = `
	insert into approvals (plan, digest, person, part, requester_counts, typed, standing, act, at)
	values ($1, $2, $3, $4, $5, $6, '{}', $7, $8)`

// The bot's own login, past all Go code, cannot write what the rules refuse.
func TestAdversarial20TheDatabaseRefusesAFalseApproval(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ben, chi, dev)
	draft := h.draft()
	_, err := h.a.Edit(t.Context(), h.act(dev), draft, ask()) // dev is an author now
	require.NoError(t, err)
	stamp := h.freeze(draft.Plan, ana)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), stamp))
	plan, digest := stamp.Plan, stamp.Digest.Bytes()
	other := rollback.Digest{7}
	require.Empty(t, h.exec(addPart, plan, ben, "approver"))
	_, err = h.db.Pool().Exec(t.Context(), addPart, plan, chi, "involved")
	require.NoError(t, err)

	for name, c := range map[string]struct {
		args []any
		want string
	}{
		"the requester as approver":         {[]any{plan, digest, ana, "approver", false, 1169, "k1", noon}, refusedByForeign},
		"the requester as requester":        {[]any{plan, digest, ana, "requester", false, 1169, "k2", noon}, refusedByCheck},
		"the requester with a false option": {[]any{plan, digest, ana, "requester", true, 1169, "k3", noon}, refusedByForeign},
		"an author as approver":             {[]any{plan, digest, dev, "approver", false, 1169, "k4", noon}, refusedByForeign},
		"an author as author":               {[]any{plan, digest, dev, "author", false, 1169, "k5", noon}, refusedByCheck},
		"somebody involved as approver":     {[]any{plan, digest, chi, "approver", false, 1169, "k6", noon}, refusedByForeign},
		"somebody without a part":           {[]any{plan, digest, "T1/X", "approver", false, 1169, "k7", noon}, refusedByForeign},
		"another digest":                    {[]any{plan, other.Bytes(), ben, "approver", false, 1169, "k8", noon}, refusedByForeign},
		"another number":                    {[]any{plan, digest, ben, "approver", false, 1176, "k9", noon}, refusedByForeign},
		"no digest":                         {[]any{plan, nil, ben, "approver", false, 1169, "k10", noon}, "23502"},
		"another plan":                      {[]any{plan + 1, digest, ben, "approver", false, 1169, "k11", noon}, refusedByForeign},
	} {
		require.Equal(t, c.want, h.exec(addApproval, c.args...), name)
	}
	require.Empty(t, h.exec(addApproval, plan, digest, ben, "approver", false, 1169, "k12", noon), "a true one")
	require.Equal(t, refusedByUnique, h.exec(addApproval, plan, digest, ben, "approver", false, 1169, "k13", noon), "the same person twice")
	require.Empty(t, h.exec(addPart, plan, "T1/EVE", "approver"))
	require.Equal(t, refusedByUnique, h.exec(addApproval, plan, digest, "T1/EVE", "approver", false, 1169, "k12", noon), "one act for two people")
	for _, part := range []string{"approver", "author", "involved", "requester"} {
		require.Equal(t, refusedByUnique, h.exec(addPart, plan, ana, part), "a second part for the requester: %s", part)
	}
	require.Equal(t, refusedByUnique, h.exec(addPart, plan, "T1/MAL", "requester"), "a second requester")
	require.Equal(t, refusedByCheck, h.exec(addPart, plan, "system:executor", "approver"), "a part of the program")
	require.Equal(t, refusedByGrant, h.exec(`insert into approvals (plan, digest, person, part, requester_counts, typed, standing, act, at, counts)
		values ($1, $2, 'T1/EVE', 'approver', false, 1169, '{}', 'k14', $3, true)`, plan, digest, noon), "counts is not for the bot to set")
}

const addExecution = `
	insert into executions (plan, digest, source, voice1, voice2, started_by, claimed_at, start_before)
	values ($1, $2, $3, $4, $5, 'T1/BEN', $6, $7)`

func TestAdversarial20TheDatabaseRefusesAFalseStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.list(ben, chi, dev)
	stamp := h.proposed()
	require.NoError(t, h.approve(stamp, ben))
	plan, digest := stamp.Plan, stamp.Digest.Bytes()
	require.Equal(t, refusedByForeign, h.exec(addExecution, plan, digest, "crm", ben, chi, noon, noon.Add(time.Hour)), "a plan that nobody approved has no deadline")

	require.NoError(t, h.approve(stamp, dev))
	before := h.get(plan).StartBefore
	for name, c := range map[string]struct {
		args []any
		want string
	}{
		"a voice that was not given": {[]any{plan, digest, "crm", ben, chi, noon, before}, refusedByForeign},
		"one voice twice":            {[]any{plan, digest, "crm", ben, ben, noon, before}, refusedByCheck},
		"one voice only":             {[]any{plan, digest, "crm", ben, nil, noon, before}, "23502"},
		"the requester as a voice":   {[]any{plan, digest, "crm", ana, ben, noon, before}, refusedByForeign},
		"a late start":               {[]any{plan, digest, "crm", ben, dev, before, before}, refusedByCheck},
		"an invented deadline":       {[]any{plan, digest, "crm", ben, dev, noon, before.Add(time.Hour)}, refusedByForeign},
		"another source":             {[]any{plan, digest, "erp", ben, dev, noon, before}, refusedByForeign},
		"another digest":             {[]any{plan, (rollback.Digest{7}).Bytes(), "crm", ben, dev, noon, before}, refusedByForeign},
	} {
		require.Equal(t, c.want, h.exec(addExecution, c.args...), name)
	}
	require.Empty(t, h.exec(`update approvals set counts = false where person = $1`, dev))
	require.Equal(t, refusedByForeign, h.exec(addExecution, plan, digest, "crm", ben, dev, noon, before), "a withdrawn voice")

	h.asOwner(`insert into plan_people (plan, person, part) values ($1, $2, 'approver')`, plan, chi)
	require.Empty(t, h.exec(addApproval, plan, digest, chi, "approver", false, 1169, "late", noon))
	require.Empty(t, h.exec(addExecution, plan, digest, "crm", ben, chi, noon, before))
	require.Equal(t, refusedByUnique, h.exec(addExecution, plan, digest, "crm", ben, chi, noon, before), "a second start")
	require.Equal(t, refusedByForeign, h.exec(`update approvals set counts = false where person = $1`, ben), "a voice after the start")
	require.Equal(t, refusedByGrant, h.exec(`update executions set voice1 = 'T1/X'`))
	require.Equal(t, refusedByGrant, h.exec(`delete from executions`))
	require.Equal(t, refusedByGrant, h.exec(`insert into journal (entry_id, chain, seq) overriding system value values (1, 1, 1)`), "an own number in the journal")
}

func TestAdversarial20TheDatabaseRefusesAnEditOfWhatWasApproved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	plan := stamp.Plan
	for name, c := range map[string]struct{ statement, want string }{
		"the canonical bytes":  {`update revisions set canonical = canonical || '\x00' where plan = $1`, refusedForEver},
		"bytes and digest":     {`update revisions set canonical = '\x00', digest = sha256('\x00') where plan = $1`, refusedForEver},
		"the number of writes": {`update revisions set writes = 1 where plan = $1`, refusedForEver},
		"what it asks":         {`update revisions set spec = '{}' where plan = $1`, refusedForEver},
		"what was frozen":      {`update revisions set frozen = '{}' where plan = $1`, refusedForEver},
		"the deadline":         {`update revisions set freeze_expires = 'infinity' where plan = $1`, refusedForEver},
		"fewer people needed":  {`update revisions set needs = 2 where plan = $1`, refusedByGrant},
		"no bytes at all":      {`update revisions set canonical = null, digest = null, writes = null, frozen = null, freeze_expires = null where plan = $1`, refusedForEver},
		"back to another plan": {`update plans set source = 'erp' where id = $1`, refusedByGrant},
		"deleted":              {`delete from revisions where plan = $1`, refusedByGrant},
	} {
		require.Equal(t, c.want, h.exec(c.statement, plan), name)
	}
	require.Equal(t, refusedByCheck, h.exec(`insert into revisions (plan, number, author, author_part, state, spec, needs, requester_counts, drafted_at)
		values ($1, 9, $2, 'requester', 'draft', '{}', 1, false, now())`, plan, ana), "needs 1")
	require.Equal(t, refusedByUnique, h.exec(`insert into revisions (plan, number, author, author_part, state, spec, needs, requester_counts, drafted_at)
		values ($1, 9, $2, 'requester', 'draft', '{}', 2, false, now())`, plan, ana), "a second open revision")
	require.Equal(t, refusedByForeign, h.exec(`insert into revisions (plan, number, author, author_part, state, spec, needs, requester_counts, drafted_at)
		values ($1, 9, $2, 'author', 'withdrawn', '{}', 2, false, now())`, plan, ben), "an approver as author")
	require.NoError(t, h.claim(stamp, ben))
}

// Not even a superuser whose session skips ordinary triggers changes a decision.
func TestAdversarial21ASuperuserInReplicaModeChangesNoDecision(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	conn := pgtest.Connect(t, pgtest.AdminURL(t, h.db))
	_, err := conn.Exec(t.Context(), `set session_replication_role = replica`)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `set search_path = snafu`)
	require.NoError(t, err)
	for _, statement := range []string{
		`update approvals set person = 'T1/X' where person = 'T1/BEN'`,
		`update approvals set counts = false, at = at - interval '1 day'`,
		`update approvals set typed = 1`,
		`delete from approvals`,
		`truncate approvals cascade`,
		`update plan_people set part = 'approver' where part = 'requester'`,
		`delete from plan_people`,
		`truncate plan_people cascade`,
		`update revisions set writes = 1`,
		`delete from revisions`,
		`truncate revisions cascade`,
	} {
		_, err := conn.Exec(t.Context(), statement)
		require.Equal(t, refusedForEver, pgdb.State(err), "%s: %v", statement, err)
	}
	require.Equal(t, rollback.NameApproved, h.state(stamp.Plan))
	_, err = conn.Exec(t.Context(), `update approvals set counts = false`)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `update approvals set counts = true`)
	require.Equal(t, refusedForEver, pgdb.State(err), "an approval taken back does not come back")
}
