package app

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"snafu/bot/slacksim"
)

// maxConfig is far above any real configuration and far below a bomb.
const maxConfig = 256 << 10

// decoder reads YAML into structs and collects every fault, where the library
// itself would stop at the first. It also remembers where each value stood, so
// that what is found wrong later can be shown in its line.
type decoder struct {
	faults *Faults
	places map[string]place
	// secretsMayStand is for files whose tokens open nothing.
	secretsMayStand bool
}

// decode reads text into the struct that into points to.
func decode(file string, text []byte, into any) *decoder { return read(file, text, into, false) }

func read(file string, text []byte, into any, secretsMayStand bool) *decoder {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	d := &decoder{faults: &Faults{File: file, lines: strings.Split(string(text), "\n")}, places: map[string]place{}, secretsMayStand: secretsMayStand}
	if len(text) > maxConfig {
		d.faults.add(place{}, "The file has %d kB; the limit is %d kB.", len(text)>>10, maxConfig>>10)
		return d
	}
	tree, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return d
	}
	if len(tree.Docs) > 1 && tree.Docs[1].Body != nil {
		d.faults.add(at(tree.Docs[1].Body), "A second document begins here. Write one.")
	}
	if len(tree.Docs) > 0 && tree.Docs[0].Body != nil {
		d.value("", tree.Docs[0].Body, reflect.ValueOf(into).Elem())
	}
	return d
}

func (d *decoder) syntax(err error) {
	var token yaml.Error
	if e, ok := err.(yaml.Error); ok { //nolint:errorlint // the parser returns it unwrapped
		token = e
	}
	if token == nil || token.GetToken() == nil || token.GetToken().Position == nil {
		d.faults.add(place{}, "This is not YAML: %s.", err)
		return
	}
	p := token.GetToken().Position
	d.faults.add(place{p.Line, p.Column}, "This is not YAML: %s.", token.GetMessage())
}

// fault adds a fault at a value that was read, or at the nearest one above it.
func (d *decoder) fault(path, format string, args ...any) {
	for {
		if p, ok := d.places[path]; ok || path == "" {
			d.faults.add(p, format, args...)
			return
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
}

// secretFault is a fault of a place whose text nobody is shown.
func (d *decoder) secretFault(path, format string, args ...any) {
	d.faults.addSecret(d.places[path], format, args...)
}

func (d *decoder) has(path string) bool { _, ok := d.places[path]; return ok }

func at(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return at(m.Values[0].Key)
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		return at(m.Key)
	}
	p := n.GetToken().Position
	return place{p.Line, p.Column}
}

func (d *decoder) value(path string, n ast.Node, v reflect.Value) {
	if !d.has(path) {
		d.places[path] = at(n)
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		d.faults.add(at(n), "Anchors, aliases and tags are not read here. Write the value out.")
		return
	case *ast.NullNode:
		return
	}
	switch v.Interface().(type) {
	case time.Duration:
		d.duration(n, v)
		return
	case Share:
		d.share(n, v)
		return
	case slacksim.Members:
		if word, ok := text(n); ok && word == "all" {
			return // nobody in particular
		}
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Map:
		d.mapping(path, n, v)
	case reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			d.faults.add(at(n), "A list is wanted here, such as [a, b].")
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
		for i, item := range list.Values {
			d.value(fmt.Sprintf("%s.%d", path, i), item, v.Index(i))
		}
	case reflect.String:
		text, ok := text(n)
		if !ok {
			d.faults.add(at(n), "Text is wanted here; %s means something else to YAML. Put it in quotes.", n.GetToken().Value)
			return
		}
		if !d.secretsMayStand && looksSecret(text) {
			d.faults.addSecret(at(n), "A secret stands here. Put it into the environment or a file, and name that with a key that ends in _env or _file.")
			return
		}
		v.SetString(text)
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.faults.add(at(n), "true or false is wanted here.")
			return
		}
		v.SetBool(b.Value)
	case reflect.Int64, reflect.Int:
		whole, err := strconv.ParseInt(n.GetToken().Value, 10, 64)
		if _, ok := n.(*ast.IntegerNode); !ok || err != nil {
			d.faults.add(at(n), "A whole number is wanted here.")
			return
		}
		v.SetInt(whole)
	case reflect.Float64:
		number, err := strconv.ParseFloat(n.GetToken().Value, 64)
		if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
			d.faults.add(at(n), "A number is wanted here, such as 1000 or 1e7.")
			return
		}
		v.SetFloat(number)
	default:
		panic("config: no way to read a " + v.Type().String())
	}
}

// text is the text of a node. Words that old YAML took for answers, such as NO,
// are refused with the numbers: only quotes say that text is meant.
func text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.StringNode:
		plain := n.Token.Origin == "" || !strings.ContainsAny(strings.TrimSpace(n.Token.Origin)[:1], `"'`)
		if plain && slices.Contains([]string{"yes", "no", "on", "off", "y", "n"}, strings.ToLower(n.Value)) {
			return "", false
		}
		return n.Value, true
	}
	return "", false
}

func (d *decoder) mapping(path string, n ast.Node, v reflect.Value) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		d.faults.add(at(n), "Keys and values are wanted here.")
		return
	}
	if v.Kind() == reflect.Map && v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	seen := map[string]place{}
	for _, pair := range pairs {
		name, ok := pair.Key.(*ast.StringNode)
		if !ok {
			d.faults.add(at(pair.Key), "Text is wanted as a key. Put %s in quotes.", pair.Key.GetToken().Value)
			continue
		}
		key := name.Value
		if first, twice := seen[key]; twice {
			d.faults.add(at(pair.Key), "%q is here a second time; the first is in line %d.", key, first.line)
			continue
		}
		seen[key] = at(pair.Key)
		under := strings.TrimPrefix(path+"."+key, ".")
		if v.Kind() == reflect.Map {
			item := reflect.New(v.Type().Elem()).Elem()
			d.places[under] = at(pair.Key)
			d.value(under, pair.Value, item)
			v.SetMapIndex(reflect.ValueOf(key), item)
			continue
		}
		field, known := fieldOf(v, key)
		if !field.IsValid() {
			say := fmt.Sprintf("I don't know %q here.", key)
			if like := nearest(key, known); like != "" {
				say += fmt.Sprintf(" Did you mean %q?", like)
			} else {
				say += " Known: " + strings.Join(known, ", ") + "."
			}
			d.faults.add(at(pair.Key), "%s", say)
			continue
		}
		d.value(under, pair.Value, field)
	}
}

func fieldOf(v reflect.Value, key string) (found reflect.Value, known []string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			inner, more := fieldOf(v.Field(i), key)
			known = append(known, more...)
			if inner.IsValid() {
				found = inner
			}
			continue
		}
		name := f.Tag.Get("yaml")
		if name == "" {
			name, _, _ = strings.Cut(f.Tag.Get("json"), ",")
		}
		if name == "" || name == "-" {
			continue
		}
		known = append(known, name)
		if name == key {
			found = v.Field(i)
		}
	}
	return found, known
}

// Share is parts of a thousand, written as a percentage: "1%", "0.5%".
type Share int64

func (d *decoder) share(n ast.Node, v reflect.Value) {
	digits, ok := strings.CutSuffix(n.GetToken().Value, "%")
	percent, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || percent < 0 || percent > 100 {
		d.faults.add(at(n), "A share is wanted here, such as 1%% or 0.5%%.")
		return
	}
	v.SetInt(int64(percent*10 + 0.5))
}

// duration reads what time.ParseDuration reads, and whole days and weeks.
func (d *decoder) duration(n ast.Node, v reflect.Value) {
	word := n.GetToken().Value
	span, err := time.ParseDuration(word)
	for unit, hours := range map[string]int64{"d": 24, "w": 7 * 24} {
		if digits, ok := strings.CutSuffix(word, unit); ok {
			var count int64
			if count, err = strconv.ParseInt(digits, 10, 32); err == nil {
				span = time.Duration(count*hours) * time.Hour
			}
		}
	}
	if err != nil || span < 0 {
		d.faults.add(at(n), "A length of time is wanted here, such as 200ms, 15s, 5m, 4h or 90d.")
		return
	}
	v.SetInt(int64(span))
}
