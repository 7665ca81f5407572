package rollback

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
)

// outside are the fields that do not decide what is written: they are shown.
var outside = map[string]bool{
	"Spec.Unit": true, "Spec.Plan": true, "Spec.Author": true, "Freeze.Export.Path": true, "Freeze.Conflicts": true,
	"Spec.Decisions[].NoChange": true,
}

type leaf struct {
	path string
	v    reflect.Value
}

// leaves lists every settable value below v.
func leaves(path string, v reflect.Value) []leaf {
	if outside[path] {
		return nil
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Time](), v.Kind() == reflect.String, v.Kind() == reflect.Bool, v.CanInt(), v.CanUint():
		return []leaf{{path, v}}
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Array:
		var out []leaf
		for i := range v.Len() {
			out = append(out, leaves(path+"[]", v.Index(i))...)
		}
		return out
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return leaves(path, v.Elem())
	case v.Kind() == reflect.Struct:
		var out []leaf
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Anonymous {
				out = append(out, leaves(path, v.Field(i))...)
			} else {
				out = append(out, leaves(path+"."+f.Name, v.Field(i))...)
			}
		}
		return out
	}
	panic(fmt.Sprintf("%s: %s", path, v.Type()))
}

func bump(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(v.Interface().(time.Time).Add(time.Microsecond)))
	case v.Kind() == reflect.String:
		v.SetString(v.String() + "x")
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.CanInt():
		v.SetInt(v.Int() + 1)
	case v.CanUint():
		v.SetUint(v.Uint() ^ 1)
	}
}

func digestFor(t require.TestingT, s Spec, f Freeze) Digest {
	b, err := Canonical(s, f)
	require.NoError(t, err)
	return digestOf(b)
}

// copyOf makes parts that share no memory with the fixture.
func copyOf[T any](t require.TestingT, v T) T {
	body, err := json.Marshal(v)
	require.NoError(t, err)
	var out T
	require.NoError(t, json.Unmarshal(body, &out))
	return out
}

func TestEveryPartOfAPlanIsInItsDigest(t *testing.T) {
	spec, freeze := leadSpec(), leadFreeze()
	everyPart(t, spec, freeze)

	u, back, err := ended(NameDone).Undo()
	require.NoError(t, err)
	spec.Kind, spec.Decisions, spec.Undoes = KindUndo, back, &u
	freeze.Counts = []CohortCount{{1, ClassWrite, 1168}, {2, ClassWrite, 1}}
	everyPart(t, spec, freeze)
}

func TestWhatContainsRecordsWithoutWritingIsInTheDigest(t *testing.T) {
	spec, freeze := leadSpec(), leadFreeze()
	spec.Kind, spec.Of = KindContain, spec.Scope.Set
	spec.Decisions = []Decision{{Kind: CohortContain, Unclear: true, Desired: One(ItsOwn)}}
	spec.Instead = &Instead{How: InsteadSwitch, Automation: "crm/sync", Title: "Weekly sync"}
	freeze.Counts, freeze.Writes = []CohortCount{{1, ClassUnrecoverable, freeze.Rows}}, 0
	everyPart(t, spec, freeze)
	for _, wrong := range []Instead{{How: "hope"}, {How: InsteadSwitch}, {How: InsteadList, Automation: "crm/sync"}} {
		spec.Instead = &wrong
		_, err := NewDraft(spec)
		require.ErrorContains(t, err, "is no way to contain")
	}
	spec.Instead, spec.Of = &Instead{How: InsteadList}, []string{"another"}
	_, err := NewDraft(spec)
	require.ErrorContains(t, err, "only members that were chosen for containing are listed")
}

func TestEveryPartOfWhatAPlanRestsOnIsInItsDigest(t *testing.T) {
	spec, freeze := leadSpec(), leadFreeze()
	e := Evidence{
		From: FromQuery, Name: "last-mail", SHA256: "aa", Rule: "one step after the last mail", Author: dev, LastSaved: freeze.At, Copy: freeze.Target,
		Records: 7, Newer: KeepNewer, Complete: 1000, Spot: &Spot{By: ana, At: freeze.At, Records: 20, Of: "bb"},
	}
	spec.Kind, spec.Evidence, spec.Decisions = KindReconstruct, &e, e.Whence([]Values{One("SQL")})
	freeze.Counts = []CohortCount{{1, ClassWrite, 1169}}
	freeze.Evidence = &EvidenceFound{SHA256: "cc", Records: 9, Coverage: []Coverage{{Group: "W1", Affected: 9, Restorable: 8}}}
	everyPart(t, spec, freeze)
}

func everyPart(t *testing.T, spec Spec, freeze Freeze) {
	t.Helper()
	spec.Authors, spec.Accepted = []incidents.Person{ana, dev}, []string{"a"}
	freeze.Inventory.Rules, freeze.Inventory.KeysIn, freeze.Inventory.Syncs = []string{"r"}, []string{"k"}, []string{"s"}
	was := digestFor(t, spec, freeze)
	seen := map[Digest]string{was: "unchanged"}
	n := len(leaves("Spec", reflect.ValueOf(&spec).Elem())) + len(leaves("Freeze", reflect.ValueOf(&freeze).Elem()))
	for i := range n {
		s, f := copyOf(t, spec), copyOf(t, freeze)
		all := append(leaves("Spec", reflect.ValueOf(&s).Elem()), leaves("Freeze", reflect.ValueOf(&f).Elem())...)
		require.Len(t, all, n)
		bump(all[i].v)
		d := digestFor(t, s, f)
		require.Empty(t, seen[d], "%s changed and the digest is that of: %s", all[i].path, seen[d])
		seen[d] = all[i].path
	}
	require.Greater(t, len(seen), 80)
}

func TestAPlanReadBackFromItsRowsHasTheSameDigest(t *testing.T) {
	spec, freeze := leadSpec(), leadFreeze()
	require.Equal(t, digestFor(t, spec, freeze), digestFor(t, copyOf(t, spec), copyOf(t, freeze)))
}

func TestAnyByteOfTheCanonicalFormIsAnotherPlan(t *testing.T) {
	canonical, err := Canonical(leadSpec(), leadFreeze())
	require.NoError(t, err)
	require.Equal(t, format, string(canonical[:len(format)]))
	was := digestOf(canonical)
	rapid.Check(t, func(t *rapid.T) {
		changed := append([]byte{}, canonical...)
		changed[rapid.IntRange(0, len(changed)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		require.NotEqual(t, was, digestOf(changed))
	})
}

func TestAPlanThatNamesNullIsNotOneThatNamesEmptyText(t *testing.T) {
	empty, null := leadSpec(), leadSpec()
	empty.Decisions[0].Error, null.Decisions[0].Error = One(""), Values{Null()}
	require.NotEqual(t, digestFor(t, empty, leadFreeze()), digestFor(t, null, leadFreeze()))
}

func TestACanonicalPlanIsBounded(t *testing.T) {
	f := leadFreeze()
	f.Fingerprint = make([]byte, maxCanonical)
	_, err := Canonical(leadSpec(), f)
	require.Equal(t, "too-many", code(t, err))
}

func TestAPlanThatSaysNoMoreKeepsTheFirstFormat(t *testing.T) {
	type more struct {
		Kind   string
		Expect int64
		Holds  []string
	}
	body := []byte("body")
	none, err := withMore(body, more{})
	require.NoError(t, err)
	require.Equal(t, "snafu-plan-v1body", string(none))

	seen := map[string]bool{string(none): true}
	for _, m := range []more{{Kind: "a"}, {Kind: "b"}, {Expect: 7}, {Holds: []string{"a"}}, {Kind: "a", Expect: 7}} {
		whole, err := withMore(body, m)
		require.NoError(t, err)
		require.False(t, seen[string(whole)], "%+v", m)
		seen[string(whole)] = true
	}

	type later struct { // with a field that joined since
		Kind   string
		Expect int64
		Holds  []string
		Why    string
	}
	then, err := withMore(body, more{Kind: "a", Expect: 7})
	require.NoError(t, err)
	now, err := withMore(body, later{Kind: "a", Expect: 7})
	require.NoError(t, err)
	require.Equal(t, then, now)
}
