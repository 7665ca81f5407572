package rollback

import (
	"slices"
	"strings"
)

// Samples are how many records of one cohort a person reads at once, and of how
// many cohorts.
const (
	SamplesEach    = 5
	SampledCohorts = 10
)

// ManyRows is the size from which an approver also says that they looked at
// records, not only at numbers.
const ManyRows = 1000

// Sampled is a frozen record as a person may read it: what is declared as
// personal is masked. It is shown to whoever asked, and stored nowhere.
type Sampled struct {
	Cohort  int64
	Class   Class
	Key     string
	Was     Values // nil where nothing says it
	Is      Values // what the run left; nil where nothing says it
	Should  Values // nil where nothing is written
	Current Values // when it was frozen; nil when it was gone
	Fields  []Field
}

// Sampled is a frozen record of the table as a person may read it; columns name
// the values of more.
func (t Table) Sampled(set []string, r FrozenRow, current Values, columns []string, more Values) Sampled {
	masked := func(vs Values) Values {
		if vs == nil {
			return nil
		}
		out := slices.Clone(vs)
		for i := range out {
			if i < len(set) && slices.Contains(t.PII, set[i]) {
				out[i].Text = Mask(out[i].Text)
			}
		}
		return out
	}
	key := slices.Clone(r.Key)
	for i, name := range t.Key {
		if slices.Contains(t.PII, name) {
			key[i] = Mask(key[i])
		}
	}
	out := Sampled{
		Cohort: r.Cohort, Class: r.Class, Key: strings.Join(key, "/"),
		Was: masked(r.Initial), Is: masked(r.Error), Should: masked(r.Desired), Current: masked(current),
	}
	for i, name := range columns {
		if i >= len(more) {
			break
		}
		f := Field{Name: name, Value: more[i], Masked: slices.Contains(t.PII, name)}
		if f.Masked {
			f.Value.Text = Mask(f.Value.Text)
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}
