package postgres

import (
	"fmt"
	"strings"

	"snafu/rollback"
)

// The values of a record's set columns are compared as one: a text where there
// is one column, else a list of texts in the order of the scope. What was
// measured of plans about one column was measured with a text.
//
// In both forms NULL equals NULL, and nothing else is nearly equal: the server
// compares the elements of two lists as `is not distinct from` does.

// wide says that the plan is about several columns.
func (t table) wide() bool { return len(t.set) > 1 }

// current is what a record of t holds, as it is compared: byte by byte.
func (t table) current() string {
	texts := make([]string, len(t.set))
	for i, c := range t.set {
		texts[i] = fmt.Sprintf(`t.%s::text collate "C"`, c.name)
	}
	if !t.wide() {
		return texts[0]
	}
	return "array[" + strings.Join(texts, ", ") + "]"
}

// form is the type of what is compared.
func (t table) form() string {
	if t.wide() {
		return "text[]"
	}
	return "text"
}

// stored is a list that our own tables keep, such as f.desired, as it is
// compared.
func (t table) stored(list string) string {
	if t.wide() {
		return list
	}
	return list + "[1]"
}

// list is what is compared as our own tables keep it.
func (t table) list(compared string) string {
	if t.wide() {
		return compared
	}
	return "array[" + compared + "]"
}

// nth is the value of one column, counted from 0, of what is compared.
func (t table) nth(compared string, i int) string {
	if t.wide() {
		return fmt.Sprintf("(%s)[%d]", compared, i+1)
	}
	return compared
}

// given is what is compared of one element of an argument that packed has made.
func (t table) given(element string) string {
	if t.wide() {
		return element + "::text[]"
	}
	return element
}

// plain is what is compared as one text that stands for nothing else.
func (t table) plain(compared string) string {
	if t.wide() {
		return compared + "::text"
	}
	return compared
}

// held is what is compared in the form in which the set columns would hand it
// back.
func (t table) held(compared string) string {
	if !t.wide() {
		return t.heldIn(t.set[0], compared)
	}
	texts := make([]string, len(t.set))
	for i, c := range t.set {
		texts[i] = t.heldIn(c, t.nth(compared, i))
	}
	return fmt.Sprintf("case when %s is not null then array[%s] end", compared, strings.Join(texts, ", "))
}

func (t table) heldIn(c col, text string) string {
	return fmt.Sprintf(`(%s::text::%s)::text collate "C"`, text, c.typ)
}

// cuts says that a cast to the type of the column may cut what it is given
// without a word: texts of any kind, also behind a domain, and bits.
func (c col) cuts() bool {
	return c.form == "" && c.typ != "text" || strings.HasPrefix(c.form, "bit")
}

// cut holds where the type of a set column would cut the text it is given.
func (t table) cut(compared string) string {
	var cuts []string
	for i, c := range t.set {
		if c.cuts() {
			text := t.nth(compared, i)
			cuts = append(cuts, fmt.Sprintf(`rtrim(%[1]s, ' ') is distinct from rtrim(%[2]s, ' ')`, text, t.heldIn(c, text)))
		}
	}
	if len(cuts) == 0 {
		return "false"
	}
	return strings.Join(cuts, " or ")
}

// assign are the columns the update sets, from the list desired of alias.
func (t table) assign(alias string) string {
	sets := make([]string, len(t.set))
	for i, c := range t.set {
		sets[i] = fmt.Sprintf("%s = (%s.desired[%d])::%s", c.name, alias, i+1, c.typ)
	}
	if at := t.decl.TouchedAt; at.Column != "" && !at.Keep {
		sets = append(sets, column(at.Column)+" = now()")
	}
	return strings.Join(sets, ", ")
}

// byKey joins the table t with rows that carry the key as text.
func (t table) byKey(alias string) string {
	sql := ""
	for i, k := range t.key {
		if i > 0 {
			sql += " and "
		}
		sql += fmt.Sprintf("t.%s = (%s.key[%d])::%s", k.name, alias, i+1, k.typ)
	}
	return sql
}

// values are what a query gave back of what is compared. A text that is NULL is
// a column that holds nothing; a list that is NULL is of a record that is gone.
func values(compared any) rollback.Values {
	switch v := compared.(type) {
	case string:
		return rollback.One(v)
	case []any:
		out := make(rollback.Values, len(v))
		for i, text := range v {
			if s, ok := text.(string); ok {
				out[i] = rollback.Text(s)
			} else {
				out[i] = rollback.Null()
			}
		}
		return out
	}
	return rollback.Values{rollback.Null()}
}

// before are values before a run; none where no history tells them.
func (t table) before(compared any) rollback.Values {
	if t.untold() {
		return nil
	}
	return values(compared)
}

// arg is an argument of the form that is compared. No values at all are NULL.
func (t table) arg(vs rollback.Values) any {
	switch {
	case t.wide():
		return vs.Pointers()
	case vs == nil:
		return (*string)(nil)
	}
	return vs.Pointers()[0]
}

// packed are values as one element of an argument that holds many: a list of
// lists is no list of its own to the server.
func (t table) packed(vs rollback.Values) *string {
	switch {
	case vs == nil:
		return nil
	case !t.wide():
		return vs.Pointers()[0]
	}
	texts := make([]string, len(vs))
	for i, v := range vs {
		if texts[i] = "NULL"; !v.Null {
			texts[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v.Text) + `"`
		}
	}
	all := "{" + strings.Join(texts, ",") + "}"
	return &all
}

// names are the set columns as people read them.
func (t table) names() string {
	names := make([]string, len(t.set))
	for i, c := range t.set {
		names[i] = c.plain
	}
	return strings.Join(names, ", ")
}

// types says of what type each set column is: "lead_status is of type text".
func (t table) types() string {
	types := make([]string, len(t.set))
	for i, c := range t.set {
		types[i] = fmt.Sprintf("%s is of type %s", c.plain, c.typ)
	}
	return strings.Join(types, ", ")
}

// fields is the argument by which ofFields finds the entries of the history.
func (t table) fields() any {
	switch {
	case t.wide():
		return t.hist.names
	case len(t.hist.names) == 0: // nothing tells what was written when
		return ""
	}
	return t.hist.names[0]
}

// ofFields holds for entries h of the set columns.
func (t table) ofFields(arg string) string {
	if t.wide() {
		return fmt.Sprintf("h.%s::text = any (%s::text[])", t.hist.field, arg)
	}
	return fmt.Sprintf("h.%s::text = %s", t.hist.field, arg)
}

// column is the place of the entry's column among the set columns, from 1.
func (t table) column(arg string) string {
	if t.wide() {
		return fmt.Sprintf("array_position(%s::text[], h.%s::text)", arg, t.hist.field)
	}
	return "1"
}

// eachColumn goes behind what a window over the entries h is parted by.
func (t table) eachColumn() string {
	if t.wide() {
		return fmt.Sprintf(", h.%s::text", t.hist.field)
	}
	return ""
}
