package incidents

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// Whose number a case has.
const (
	CaseVendor   = "vendor"
	CaseCustomer = "customer"
)

// Case is a number under which a vendor or a customer's support knows of an
// incident.
type Case struct {
	ID       int64
	Whom     string // CaseVendor or CaseCustomer
	Vendor   string // name in the configuration; "" of a customer's
	Title    string // what people call the vendor
	Ref      string
	Text     string
	URL      string // where it is read; "" if nobody said
	By       Person
	At       time.Time
	Answered time.Time // zero while it waits for an answer
}

// Named returns "Acme case 4711", or "customer case 4711".
func (c Case) Named() string {
	if c.Whom == CaseVendor {
		return c.Title + " case " + c.Ref
	}
	return "customer case " + c.Ref
}

const caseRefMax = 60

// CheckRef returns a case number as it is kept. It refuses with Invalid an empty
// one, one of several lines, and one of more than 60 characters.
func CheckRef(ref string) (string, error) {
	ref = oneLine(ref)
	switch {
	case ref == "":
		return "", refusal.Invalid("Which number has the case? Write `/snafu case vendor 4711`, or `/snafu case customer 4711`.")
	case len([]rune(ref)) > caseRefMax:
		return "", refusal.Invalid("A case number has at most %d characters. Put the rest behind it.", caseRefMax)
	}
	return ref, nil
}

// VendorCalled says that a vendor's support is asked for help. Nobody is paged.
type VendorCalled struct {
	Vendor string
	Title  string
	Why    string
}

// Kind names the fact.
func (VendorCalled) Kind() string { return "vendor-called/1" }

// CaseLinked says under which number a vendor or a customer's support knows of
// the incident.
type CaseLinked struct {
	Case   int64
	Whom   string
	Vendor string
	Title  string
	Ref    string
	Text   string
	Of     int64 // how many there are of this kind now
	By     Person
}

// Kind names the fact.
func (CaseLinked) Kind() string { return "case-linked/1" }

// Words returns "Acme case 4711, by @ana: they look into it".
func (c CaseLinked) Words() Words {
	w := Sentence(sentenceCase(Case{Whom: c.Whom, Title: c.Title, Ref: c.Ref}.Named()))
	if c.Of > 1 {
		w = Sentence(w, " (", c.Of, " by now)")
	}
	w = Sentence(w, ", by ", c.By)
	if c.Text != "" {
		return Sentence(w, ": "+c.Text)
	}
	return Sentence(w, ".")
}

// CaseAnswered says that a case was answered.
type CaseAnswered struct {
	Case   int64
	Whom   string
	Vendor string
	Title  string
	Ref    string
	Text   string
	By     Person
	After  int64 // seconds since it was linked
}

// Kind names the fact.
func (CaseAnswered) Kind() string { return "case-answered/1" }

// Words returns "Acme case 4711 was answered after 2 h, says @ana."
func (c CaseAnswered) Words() Words {
	w := Sentence(sentenceCase(Case{Whom: c.Whom, Title: c.Title, Ref: c.Ref}.Named())+" was answered after "+Took(time.Duration(c.After)*time.Second)+", says ", c.By)
	if c.Text != "" {
		return Sentence(w, ": "+c.Text)
	}
	return Sentence(w, ".")
}

func sentenceCase(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// caseLines are the cases of an incident for its Summary: each of a vendor, and
// how many customers have one.
func caseLines(all []Case) []Words {
	var lines []Words
	var customers, waiting int64
	for _, c := range all {
		if c.Whom == CaseCustomer {
			customers++
			if c.Answered.IsZero() {
				waiting++
			}
			continue
		}
		if c.Answered.IsZero() {
			lines = append(lines, Sentence(c.Named()+", waiting since ", c.At))
			continue
		}
		lines = append(lines, Sentence(c.Named()+", answered ", c.Answered))
	}
	switch {
	case customers == 1 && waiting == 1:
		lines = append(lines, Sentence("1 customer case, not answered"))
	case customers > 0 && waiting > 0:
		lines = append(lines, Sentence(customers, " customer cases, ", waiting, " not answered"))
	case customers == 1:
		lines = append(lines, Sentence("1 customer case, answered"))
	case customers > 0:
		lines = append(lines, Sentence(customers, " customer cases, all answered"))
	}
	return lines
}
