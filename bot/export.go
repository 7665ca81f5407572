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

// Writing says what is exported of an incident, by whom, and where it is kept.
type Writing struct {
	Act      journal.Act
	Incident incidents.Incident
	Form     string               // md, html, csv, json, public
	Public   incidents.PublicText // the words of the public form
	// Names are what people are called; nil asks Slack.
	Names incidents.Names
	// Why a private incident leaves Slack, "" where its members asked for it.
	Why  string
	Keep func(ctx context.Context, name string, content []byte) (File, error)
}

// Written is what came of it.
type Written struct {
	Files   []File
	Remarks []string // what whoever reads the text should look at
	texts   map[string][]byte
	again   bool // it had been journalled before
}

// export handles "export": the post-mortem as files. It changes nothing of the
// incident whatever its phase, and that it was written is journalled before
// anybody hears of it.
func (b *Bot) export(ctx context.Context, c command) (reply, error) {
	form := strings.ToLower(first(c.arg(0), forms[0]))
	if c.form {
		form = incidents.ExportPublic
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	done, err := b.Export(ctx, Writing{Act: c.act(), Incident: inc, Form: form, Public: c.public(), Keep: b.o.Keep})
	if err != nil {
		return quiet, err
	}
	card := view.ExportedCard{Incident: inc, Form: form, Remarks: done.Remarks}
	if why := b.upload(ctx, inc, form, done); why != "" {
		card.Remarks = append(card.Remarks, why)
	}
	for _, f := range done.Files {
		card.Files = append(card.Files, view.ExportedFile{Path: f.Path, Bytes: f.Bytes, SHA256: f.SHA256})
	}
	return say(view.Exported(card)), nil
}

// Export writes the post-mortem of an incident, or its edition for everybody,
// and journals that. It refuses with Invalid a form that there is not and a text
// that cannot stand in public.
func (b *Bot) Export(ctx context.Context, w Writing) (Written, error) {
	if w.Form != incidents.ExportPublic && !slices.Contains(forms, w.Form) {
		return Written{}, refusal.Invalid("%q is not a form of an export. Write export md, export html, export csv, export json or export public.", short(w.Form))
	}
	report, err := b.postMortem(ctx, w.Incident)
	if err != nil {
		return Written{}, err
	}
	if w.Form == incidents.ExportPublic {
		return b.writePublic(ctx, w, report)
	}
	names := w.Names
	if names == nil {
		names = b.names(ctx)
	}
	texts, err := rendered(report, w.Form, names)
	if err != nil {
		return Written{}, err
	}
	return b.written(ctx, w, texts)
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

// written keeps the files and records them.
func (b *Bot) written(ctx context.Context, w Writing, texts map[string][]byte, remarks ...string) (Written, error) {
	if w.Keep == nil {
		return Written{}, refusal.Unavailable("Exports are not kept here. Ask whoever runs snafu for the export folder.")
	}
	fact := incidents.Exported{Format: w.Form}
	done := Written{Remarks: remarks, texts: texts}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		f, err := w.Keep(ctx, w.Incident.Key()+"-"+name, texts[name])
		if err != nil {
			return Written{}, err
		}
		fact.Files = append(fact.Files, incidents.ExportedFile{Name: name, Bytes: f.Bytes, SHA256: f.SHA256})
		done.Files = append(done.Files, f)
	}
	err := b.o.Response.Exported(ctx, w.Act, w.Incident.ID, fact, w.Why)
	if done.again = errors.Is(err, journal.ErrAlready); err != nil && !done.again { // a crash may have come between the log and the answer
		return Written{}, err
	}
	return done, nil
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
