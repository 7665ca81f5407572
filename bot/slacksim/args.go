package slacksim

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// args are the arguments of a call, wherever they came from: text from a query
// or a form, any value from JSON.
type args map[string]any

const maxBody = 8 << 20

// readArgs collects the arguments of a request. A body beats the query.
func readArgs(r *http.Request) (args, error) {
	a := args{}
	for k, v := range r.URL.Query() {
		a[k] = v[len(v)-1]
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	switch kind {
	case "application/json":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if len(body) == 0 {
			return a, nil
		}
		fields := object{}
		if err := json.Unmarshal(body, &fields); err != nil {
			return nil, fmt.Errorf("the body is no JSON object: %w", err)
		}
		for k, v := range fields {
			a[k] = v
		}
	case "multipart/form-data":
		if err := r.ParseMultipartForm(maxBody); err != nil {
			return nil, err
		}
		for k, v := range r.MultipartForm.Value {
			a[k] = v[len(v)-1]
		}
	default:
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		for k, v := range r.PostForm {
			a[k] = v[len(v)-1]
		}
	}
	return a, nil
}

func (a args) has(name string) bool {
	v, ok := a[name]
	return ok && v != nil && v != ""
}

func (a args) str(name string) string {
	switch v := a[name].(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		out, _ := json.Marshal(v)
		return string(out)
	}
}

func (a args) flag(name string) bool {
	switch a.str(name) {
	case "true", "1":
		return true
	}
	return false
}

func (a args) number(name string, absent int) (int, bool) {
	if !a.has(name) {
		return absent, true
	}
	n, err := strconv.Atoi(a.str(name))
	return n, err == nil
}

// list reads a comma-separated text or a JSON array of texts.
func (a args) list(name string) []string {
	if values, ok := a[name].([]any); ok {
		var out []string
		for _, v := range values {
			out = append(out, fmt.Sprint(v))
		}
		return out
	}
	var out []string
	for _, part := range strings.Split(a.str(name), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// decoded reads an argument that is JSON or the text of JSON.
func (a args) decoded(name string) (any, error) {
	text, ok := a[name].(string)
	if !ok {
		return a[name], nil
	}
	if text == "" {
		return nil, nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("%s is no JSON: %w", name, err)
	}
	return v, nil
}

// array reads an argument that must be a JSON array; ok is false if it is not.
func (a args) array(name string) (values []any, ok bool) {
	v, err := a.decoded(name)
	if err != nil {
		return nil, false
	}
	if v == nil {
		return nil, true
	}
	values, ok = v.([]any)
	return values, ok
}

// Small readers of JSON objects. What is absent or of another kind reads as zero.

func text(o object, key string) string {
	s, _ := o[key].(string)
	return s
}

func child(o object, key string) object {
	c, _ := o[key].(object)
	return c
}

func items(o object, key string) []any {
	a, _ := o[key].([]any)
	return a
}

func truth(o object, key string) bool {
	b, _ := o[key].(bool)
	return b
}

// clone copies a JSON value, so that what is stored cannot be changed by what is
// sent.
func clone[T any](v T) T {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("a JSON value that is not: " + err.Error())
	}
	var out T
	if err := json.Unmarshal(raw, &out); err != nil {
		panic("a JSON value that is not: " + err.Error())
	}
	return out
}
