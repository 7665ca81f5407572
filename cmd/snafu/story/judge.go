package story

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/bot/slacksim"
	"snafu/cmd/snafu/app"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

func figure(n int64) string { return strconv.FormatInt(n, 10) }

func figures(ns ...int64) string {
	var out []string
	for _, n := range ns {
		out = append(out, figure(n))
	}
	return strings.Join(out, "/")
}

// counted checks how many members the newest count found.
func (p *play) counted(what, expected string) deed {
	return func(ctx context.Context) error {
		m, _, err := p.count.Latest(ctx, p.id)
		if err != nil {
			return err
		}
		p.check(what, expected, figure(m.Table.Members))
		return nil
	}
}

// cohorts checks the state table after Iris has decided.
func (p *play) cohorts() deed {
	return func(ctx context.Context) error {
		c, lists, err := p.classified(ctx)
		if err != nil {
			return err
		}
		var sizes, wrong []int64
		for _, k := range c.Cohorts {
			sizes = append(sizes, k.Counts.Total())
			if k.Kind == rollback.KindRevert {
				wrong = append(wrong, k.Counts.Total())
			}
		}
		p.check("cohorts", "500/676/1000/750", figures(sizes...))
		p.check("wrong", "1176", figure(sum(wrong)))
		p.check("static list", "2895", lists)
		return nil
	}
}

// corrected checks the state table after Rosa has written.
func (p *play) corrected() deed {
	return func(ctx context.Context) error {
		c, _, err := p.classified(ctx)
		if err != nil {
			return err
		}
		var left []int64
		for _, k := range c.Cohorts {
			if k.Kind == rollback.KindRevert {
				left = append(left, k.Counts.Write)
			}
		}
		p.check("to write after Rosa", "497/672", figures(left...))
		p.check("conflicts after Rosa", "7", figure(c.Classes().Conflicts()))
		return nil
	}
}

func (p *play) classified(ctx context.Context) (c rollback.Classified, lists string, err error) {
	m, _, err := p.count.Latest(ctx, p.id)
	if err != nil {
		return c, "", err
	}
	var sizes []int64
	for _, l := range m.Table.Lists {
		sizes = append(sizes, l.Records)
	}
	c, err = m.Classified()
	return c, figures(sizes...), err
}

func sum(ns []int64) (total int64) {
	for _, n := range ns {
		total += n
	}
	return total
}

const rosasLeads = `
	select string_agg(l::text, E'\n' order by id)
	from crm.lead l
	where id in (1, 2, 3, 501, 502, 503, 504)`

func (p *play) remembersRosa() deed {
	return func(ctx context.Context) (err error) {
		p.rosa, err = p.Stage.world.sees(ctx, rosasLeads)
		return err
	}
}

// exported reads the copy of the old values back, as anybody could.
func (p *play) exported() deed {
	return func(ctx context.Context) error {
		v, err := p.plan(ctx, "R1")
		if err != nil {
			return err
		}
		if v.Frozen == nil {
			return errors.New("R1 is not frozen")
		}
		text, err := unpacked(v.Frozen.Export.Path)
		if err != nil {
			return err
		}
		hash := sha256.Sum256(text)
		p.check("rows of the export", "2926", figure(int64(bytes.Count(text, []byte("\n")))))
		p.check("checksum of the export", fmt.Sprintf("%x", v.Frozen.Export.SHA256)[:12], fmt.Sprintf("%x", hash)[:12])
		return nil
	}
}

// unpacked reads a file that may be compressed.
func unpacked(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the export: %w", err)
	}
	if !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		return text, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read the export: %w", err)
	}
	return io.ReadAll(r)
}

// refused checks that an act is refused and leaves the plan as it was.
func (p *play) refused(who string, act deed) deed {
	return func(ctx context.Context) error {
		before, err := p.plan(ctx, "R1")
		if err != nil {
			return err
		}
		if err := act(ctx); err != nil {
			return err
		}
		if err := p.settle(ctx); err != nil {
			return err
		}
		after, err := p.plan(ctx, "R1")
		if err != nil {
			return err
		}
		p.check("refused: "+who, standing(before), standing(after))
		p.refusals++
		return nil
	}
}

func standing(v rollback.PlanView) string {
	return fmt.Sprintf("%s, %d of %d", v.State, len(v.Approvals), v.Spec.Needs)
}

var listPlace = regexp.MustCompile(`The list lies at (\S+) `)

// fixedList reads the list of who was fixed from where the bot says it is.
func (p *play) fixedList() deed {
	return func(ctx context.Context) error {
		m, err := p.as("iris").Await(ctx, p.room, slacksim.Contains("The list lies at "), slacksim.OnlyForMe())
		if err != nil {
			return err
		}
		found := listPlace.FindStringSubmatch(m.Plain)
		if found == nil {
			return fmt.Errorf("no place in %q", m.Plain)
		}
		text, err := unpacked(found[1])
		if err != nil {
			return err
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err == nil && len(rows) == 0 {
			err = errors.New("it is empty")
		}
		if err != nil {
			return fmt.Errorf("read the list of who was fixed: %w", err)
		}
		before, after := slices.Index(rows[0], "lead_status_before"), slices.Index(rows[0], "lead_status_after")
		if before < 0 || after < 0 {
			return fmt.Errorf("the list of who was fixed has the columns %v", rows[0])
		}
		var fixed int64
		for _, r := range rows[1:] {
			if r[before] == "SQL" && r[after] == "MQL" {
				fixed++
			}
		}
		p.check("rows of the fixed list", "1169", figure(int64(len(rows)-1)))
		p.check("of them SQL before and MQL after", "1169", figure(fixed))
		return nil
	}
}

// judge looks at everything once the story is over.
func (p *play) judge(ctx context.Context) error {
	p.check("refused acts", "4", figure(p.refusals))
	v, err := p.plan(ctx, "R1")
	if err != nil {
		return err
	}
	own := slices.Concat([]incidents.Person{v.Spec.Requester}, v.Spec.Authors)
	p.check("asked by", "@maya", p.name(v.Spec.Requester))
	p.check("approved by", "@ken, @lena", p.names(v.Approvers()))
	p.check("approvers who took part in it", "0", figure(shared(v.Approvers(), own)))
	p.check("written", "1169", figure(v.Progress.Counts.Written))
	p.check("batches", "13", figure(v.Progress.Batches))
	again, err := p.plan(ctx, "R2")
	if err != nil {
		return err
	}
	p.check("to write the second time", "0", figure(again.Writes()))
	if err := p.judgeSource(ctx); err != nil {
		return err
	}
	return p.judgeLog(ctx)
}

func shared(a, b []incidents.Person) (n int64) {
	for _, who := range a {
		if slices.Contains(b, who) {
			n++
		}
	}
	return n
}

// What the sample must look like in the end.
var endOfSource = []struct{ what, expected, sql string }{
	{
		"records both in the ledger and in the CRM's history", "1169",
		`select count(*) from snafu.fixed f join crm.lead_history h on h.lead_id = f.key[1]::bigint and h.run = 'SNAFU-1/R1'`,
	},
	{
		"records in only one of them", "0",
		`select count(*) from (select distinct key[1]::bigint as id from snafu.fixed) f
		 full join (select distinct lead_id from crm.lead_history where run = 'SNAFU-1/R1') h on h.lead_id = f.id
		 where f.id is null or h.lead_id is null`,
	},
	{
		"records in each batch", "20, 11 x 100, 49",
		`select string_agg(case n when 1 then size::text else n || ' x ' || size end, ', ' order by first)
		   from (select hi - lo + 1 as size, count(*) as n, min(number) as first from snafu.batches group by 1) as b`,
	},
	{"lead 10", "+15559999999 MQL", `select phone || ' ' || lead_status from crm.lead where id = 10`},
	{
		"leads in the end: MQL/SQL/Disqualified/Customer", "1169/1750/7/74",
		`select concat_ws('/', count(*) filter (where lead_status = 'MQL'), count(*) filter (where lead_status = 'SQL'),
		        count(*) filter (where lead_status = 'Disqualified'), count(*) filter (where lead_status = 'Customer'))
		   from crm.lead`,
	},
	{"all leads", "3000", `select count(*)::text from crm.lead`},
	{"lines of the CRM's history", "6528", `select count(*)::text from crm.lead_history`},
	{"customers written since weekly-41", "0", `select count(*)::text from crm.lead_history where lead_id > 2926`},
	{"campaign 7 is active", "true", `select active::text from crm.campaign where id = 7`},
}

func (p *play) judgeSource(ctx context.Context) error {
	for _, c := range endOfSource {
		found, err := p.Stage.world.sees(ctx, c.sql)
		if err != nil {
			return err
		}
		p.check(c.what, c.expected, found)
	}
	now, err := p.Stage.world.sees(ctx, rosasLeads)
	if err != nil {
		return err
	}
	p.check("Rosa's leads, byte for byte", digest(p.rosa), digest(now))
	return nil
}

func digest(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:12] }

// What the pinned Summary must say in the end.
var endOfSummary = []string{
	"SNAFU-1 · Closed · SEV2 · lead @maya",
	"1,176 of 2,926 touched leads were wrong: 1,169 fixed, 7 kept as people set them, 0 left. 1,750 were right all along, 74 ",
	"Customers e-mailed: none (by the mail log).",
	", 0 new since.",
	": asked by @maya, approved by @ken and @lena, run by @ken.",
	"Nothing needed from you.",
}

func (p *play) judgeLog(ctx context.Context) error {
	card, err := p.as("paul").Await(ctx, p.room, slacksim.IsPinned())
	if err != nil {
		return err
	}
	for _, words := range endOfSummary {
		found := "not there"
		if strings.Contains(card.Plain, words) {
			found = "there"
		}
		p.check("Summary: "+shortened(words), "there", found)
	}
	var led []string
	for who := range p.leads {
		led = append(led, who)
	}
	p.check("lead, at every moment", "@maya", strings.Join(led, ", "))
	pending, err := journal.Pending(ctx, p.app.DB(), p.id)
	if err != nil {
		return err
	}
	p.check("deliveries pending", "0", figure(int64(len(pending))))
	p.check("audit verify", "OK", p.audited(ctx))
	return nil
}

func shortened(words string) string {
	words = strings.Trim(words, " ,:.")
	if r := []rune(words); len(r) > 48 {
		return string(r[:47]) + "…"
	}
	return words
}

// audited recomputes the chains of the journal as audit verify does.
func (p *play) audited(ctx context.Context) string {
	conn, err := pgx.Connect(ctx, p.log.VerifyURL)
	if err != nil {
		return err.Error()
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it only read
	if err := app.Verify(ctx, io.Discard, conn, app.AuditOptions{}); err != nil {
		return err.Error()
	}
	return "OK"
}
