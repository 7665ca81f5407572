package bot

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// File is something that was written where snafu runs: Slack gets its place and
// its checksum.
type File struct {
	Path   string
	Bytes  int64
	SHA256 []byte
}

// forms are the forms of an export; the first is meant where none is named.
var forms = []string{incidents.ExportMarkdown, incidents.ExportHTML, incidents.ExportCSV, incidents.ExportJSON}

// export handles "export": the post-mortem as files. It changes nothing of the
// incident whatever its phase, and that it was written is journalled before
// anybody hears of it.
func (b *Bot) export(ctx context.Context, c command) (reply, error) {
	form := strings.ToLower(first(c.arg(0), forms[0]))
	if c.form {
		return b.exportPublic(ctx, c)
	}
	if !slices.Contains(forms, form) {
		return quiet, refusal.Invalid("%q is not a form of an export. Write export md, export html, export csv, export json or export public.", short(c.arg(0)))
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	report, err := b.postMortem(ctx, inc)
	if err != nil {
		return quiet, err
	}
	texts, err := rendered(report, form, b.names(ctx))
	if err != nil {
		return quiet, err
	}
	return b.written(ctx, c, inc, form, texts)
}

// rendered is a post-mortem in one form: the ends of its files' names, and what
// they hold.
func rendered(p incidents.PostMortem, form string, names incidents.Names) (map[string][]byte, error) {
	switch form {
	case incidents.ExportHTML:
		return map[string][]byte{"postmortem.html": []byte(p.HTML(names))}, nil
	case incidents.ExportJSON:
		raw, err := p.JSON(names)
		return map[string][]byte{"postmortem.json": raw}, err
	case incidents.ExportCSV:
		tables, err := p.CSV(names)
		files := map[string][]byte{}
		for name, raw := range tables {
			files[name+".csv"] = raw
		}
		return files, err
	}
	return map[string][]byte{"postmortem.md": []byte(p.Markdown(names))}, nil
}

// written keeps the files, records them, and says where they lie.
func (b *Bot) written(ctx context.Context, c command, inc incidents.Incident, form string, texts map[string][]byte, remarks ...string) (reply, error) {
	if b.o.Keep == nil {
		return quiet, refusal.Unavailable("Exports are not kept here. Ask whoever runs snafu for the export folder.")
	}
	fact := incidents.Exported{Format: form}
	card := view.ExportedCard{Incident: inc, Form: form, Remarks: remarks}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		f, err := b.o.Keep(ctx, inc.Key()+"-"+name, texts[name])
		if err != nil {
			return quiet, err
		}
		fact.Files = append(fact.Files, incidents.ExportedFile{Name: name, Bytes: f.Bytes, SHA256: f.SHA256})
		card.Files = append(card.Files, view.ExportedFile{Path: f.Path, Bytes: f.Bytes, SHA256: f.SHA256})
	}
	err := b.o.Response.Exported(ctx, c.act(), inc.ID, fact)
	if err != nil && !errors.Is(err, journal.ErrAlready) { // a crash may have come between the log and the answer
		return quiet, err
	}
	return say(view.Exported(card)), nil
}

// names says what people are called, as Slack knows them; who is not known
// there is an id.
func (b *Bot) names(ctx context.Context) incidents.Names {
	known := map[incidents.Person]string{}
	return func(p incidents.Person) string {
		if p == "" {
			return "nobody"
		}
		if name, ok := known[p]; ok {
			return name
		}
		name := p.User()
		if u, err := b.who(ctx, p.User()); err == nil {
			name = first(u.Profile.DisplayName, first(u.RealName, first(u.Name, name)))
		}
		known[p] = name
		return name
	}
}
