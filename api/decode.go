package api

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"coffer/internal/problem"
)

// maxBody is the most bytes of a JSON body.
const maxBody = 256 << 10

// What is wrong with a body as a whole, and with its fields.
var (
	errContentType = problem.New(problem.Invalid, "content_type",
		"Send the body as application/json in UTF-8, without Content-Encoding.")
	errTooLarge = problem.New(problem.Invalid, "too_large", "The body is too large.")
	errBody     = problem.New(problem.Invalid, "bad_json",
		"The body is not one JSON object without repeated names.")
	errFields = problem.New(problem.Invalid, "fields", "Some fields are missing, unknown or of the wrong type.")
	errCutOff = problem.New(problem.Invalid, "cut_off", "The body ended before it was whole. Send it again.")
)

// decode reads a request's body, one JSON object, into a struct. Every field must
// be there and must not be null, but for pointers and those that are tagged
// omitzero; the same holds in an object that is a field. What is unknown, there
// twice, or of another type is refused, and all fields that are wrong are named at
// once.
// Errors: 415 content_type, 413 too_large, 400 bad_json, fields, cut_off.
func decode[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var v T
	body, err := readJSON(w, r)
	if err != nil {
		return v, err
	}
	return v, unmarshal(body, &v)
}

// decodeOptional is decode for a body that may be left out.
func decodeOptional[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var v T
	body := bufio.NewReader(r.Body)
	if _, err := body.Peek(1); errors.Is(err, io.EOF) { // a proxy that streams bodies tells no length
		return v, nil
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{body, r.Body}
	return decode[T](w, r)
}

func readJSON(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := parameters["charset"]
	if err != nil || media != "application/json" || r.Header.Get("Content-Encoding") != "" ||
		charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, errContentType
	}
	return readAll(w, r, maxBody)
}

func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	return body, bodyTrouble(err)
}

// bodyTrouble says what went wrong when a body was read.
func bodyTrouble(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge.With("max", large.Limit)
	case err != nil:
		return errCutOff.Because(err)
	}
	return nil
}

// unmarshal sets the fields of the struct that v points to.
func unmarshal(body []byte, v any) error {
	var sent map[string]jsontext.Value
	if err := json.Unmarshal(body, &sent); err != nil || sent == nil {
		return errBody.Because(err)
	}
	wrong := fillObject("", sent, reflect.ValueOf(v).Elem())
	if len(wrong) == 0 {
		return nil
	}
	slices.SortFunc(wrong, func(a, b problem.Field) int { return strings.Compare(a.Field, b.Field) })
	return errFields.At(wrong[:min(len(wrong), mostFields)]...)
}

// fillObject sets the fields of a struct, and says what is wrong with them. path is what
// stands before their names.
func fillObject(path string, sent map[string]jsontext.Value, v reflect.Value) (wrong []problem.Field) {
	for field, value := range v.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		optional := field.Type.Kind() == reflect.Pointer || strings.Contains(options, "omitzero")
		text, there := sent[name]
		delete(sent, name)
		name = path + name
		switch {
		case !there && optional:
		case !there:
			wrong = append(wrong, problem.Field{Field: name, Code: "required", Detail: "This is missing."})
		case text.Kind() == jsontext.KindNull && field.Type.Kind() != reflect.Pointer:
			wrong = append(wrong, ofType(name, field.Type))
		default:
			wrong = append(wrong, fill(name, text, value)...)
		}
	}
	for name := range sent {
		wrong = append(wrong, problem.Field{Field: path + clipped(name), Code: "unknown", Detail: "There is no such field here."})
	}
	return wrong
}

// mostFields is how many wrong fields are named at once.
const mostFields = 100

// fill sets one field, and says what is wrong with its value.
func fill(name string, text jsontext.Value, field reflect.Value) []problem.Field {
	var sent map[string]jsontext.Value
	if inner := structIn(field.Type()); inner != nil && json.Unmarshal(text, &sent) == nil && sent != nil {
		if field.Kind() == reflect.Pointer {
			field.Set(reflect.New(inner))
			field = field.Elem()
		}
		return fillObject(name+"/", sent, field)
	}
	err := json.Unmarshal(text, field.Addr().Interface(), json.RejectUnknownMembers(true))
	var semantic *json.SemanticError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &semantic):
		return []problem.Field{{Field: name, Code: "type", Detail: "This is not what is expected here."}}
	}
	name += clipped(string(semantic.JSONPointer))
	if errors.Is(err, json.ErrUnknownName) {
		return []problem.Field{{Field: name, Code: "unknown", Detail: "There is no such field here."}}
	}
	return []problem.Field{ofType(name, semantic.GoType)}
}

// structIn returns the struct that a field is or points to, nil if it is written as
// something else than an object.
func structIn(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return nil
	}
	return t
}

// ofType says what type a field must have.
func ofType(name string, t reflect.Type) problem.Field {
	what := "another type"
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == nil:
	case t == reflect.TypeFor[ID]():
		what = "an id, a text of digits"
	case t == reflect.TypeFor[time.Time]():
		what = "a time such as 2026-11-27T12:00:00Z"
	case t.Kind() == reflect.String:
		what = "a text"
	case t.Kind() == reflect.Bool:
		what = "true or false"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		what = "a whole number"
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		what = "a list"
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		what = "an object"
	}
	return problem.Field{Field: name, Code: "type", Detail: "This must be " + what + "."}
}

// clipped keeps what a client chose to a length that can be told.
func clipped(s string) string {
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "") + "…"
	}
	return s
}
