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

const (
	typeJSON      = "application/json"
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
	typeText      = "text/plain"
)

func contentType(r *http.Request) (string, map[string]string) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what cannot be read is no type
	return kind, params
}

// readArgs collects the arguments of a request. A body beats the query.
func readArgs(r *http.Request) (args, error) {
	a := args{}
	for k, v := range r.URL.Query() {
		a[k] = v[len(v)-1]
	}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	kind, params := contentType(r)
	if set := params["charset"]; set != "" && !strings.EqualFold(set, "utf-8") && !strings.EqualFold(set, "iso-8859-1") {
		return a, refuse("invalid_charset")
	}
	var err error
	switch kind {
	case typeJSON:
		return a, a.readJSON(r.Body)
	case typeMultipart:
		if err = r.ParseMultipartForm(maxBody); err == nil {
			a.add(r.MultipartForm.Value)
		}
	case typeForm:
		if err = r.ParseForm(); err == nil {
			a.add(r.PostForm)
		}
	default:
		return a, a.readUntyped(r, kind)
	}
	if err != nil {
		return a, refuse("invalid_form_data", "[ERROR] "+err.Error())
	}
	return a, nil
}

func (a args) add(values map[string][]string) {
	for k, v := range values {
		a[k] = v[len(v)-1]
	}
}

func (a args) readJSON(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return refuse("invalid_form_data", "[ERROR] "+err.Error())
	}
	if len(raw) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return refuse("invalid_json", "[ERROR] "+err.Error())
	}
	fields, ok := v.(object)
	if !ok {
		return refuse("json_not_object")
	}
	for k, v := range fields {
		a[k] = v
	}
	return nil
}

// readUntyped refuses a body of a kind that Slack does not take. Plain text is
// taken and means nothing.
func (a args) readUntyped(r *http.Request, kind string) error {
	if r.Method != http.MethodPost || kind == typeText {
		return nil
	}
	one := make([]byte, 1)
	if n, _ := io.ReadFull(r.Body, one); n == 0 {
		return nil
	}
	if r.Header.Get("Content-Type") == "" {
		return refuse("missing_post_type")
	}
	return refuse("invalid_post_type")
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
