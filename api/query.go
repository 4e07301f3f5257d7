package api

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/julienschmidt/httprouter"

	"coffer/internal/problem"
)

var (
	errQuery  = problem.New(problem.Invalid, "query", "Some parameters after the question mark are unknown, repeated or wrong.")
	errCursor = problem.New(problem.Invalid, "bad_cursor", "That cursor is none of this list's. Begin at its start again.")
	errID     = problem.New(problem.Invalid, "bad_id", "The address has an id that is none.")
)

// checkQuery refuses parameters that the operation's description does not name,
// and those that come twice.
func checkQuery(r *http.Request, known []string) error {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return errQuery.Because(err)
	}
	var wrong []problem.Field
	for name, all := range values {
		switch {
		case !slices.Contains(known, name):
			wrong = append(wrong, problem.Field{Field: clipped(name), Code: "unknown", Detail: "There is no such parameter here."})
		case len(all) > 1:
			wrong = append(wrong, problem.Field{Field: name, Code: "repeated", Detail: "This may come only once."})
		}
	}
	return errAt(errQuery, wrong)
}

// errAt returns e with the fields, or nil if there are none.
func errAt(e *problem.Error, wrong []problem.Field) error {
	if len(wrong) == 0 {
		return nil
	}
	slices.SortFunc(wrong, func(a, b problem.Field) int { return strings.Compare(a.Field, b.Field) })
	return e.At(wrong[:min(len(wrong), mostFields)]...)
}

// pathID returns the number that the path's parameter is. Errors: bad_id.
func pathID(r *http.Request, name string) (int64, error) {
	id, ok := parseID(httprouter.ParamsFromContext(r.Context()).ByName(name))
	if !ok {
		return 0, errID
	}
	return id, nil
}

// parseID reads an id as it is written: digits without sign and leading zeros.
func parseID(s string) (int64, bool) {
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil && id > 0 && s[0] != '+' && s[0] != '0'
}

// query reads a request's parameters. What is wrong with them is collected;
// handlers ask Err once, after everything was read.
type query struct {
	values url.Values
	wrong  []problem.Field
	cursor bool // the cursor is wrong
}

// queryOf returns the parameters, which checkQuery has seen.
func queryOf(r *http.Request) *query { return &query{values: r.URL.Query()} }

// Err returns what was wrong with the parameters that were read.
// Errors: query, bad_cursor.
func (q *query) Err() error {
	if q.cursor && len(q.wrong) == 0 {
		return errCursor
	}
	return errAt(errQuery, q.wrong)
}

func (q *query) refuse(name, code, detail string) {
	q.wrong = append(q.wrong, problem.Field{Field: name, Code: code, Detail: detail})
}

// Text returns a parameter of at most longest characters, or "".
func (q *query) Text(name string, longest int) string {
	s := q.values.Get(name)
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > longest || strings.ContainsRune(s, 0) {
		q.refuse(name, "range", "This has at most "+strconv.Itoa(longest)+" characters.")
	}
	return s
}

// OneOf returns a parameter that has one of some values; the first, which may be
// empty, is meant where it is left out.
func (q *query) OneOf(name string, choices ...string) string {
	s := q.values.Get(name)
	switch {
	case !q.values.Has(name):
		return choices[0]
	case s == "" || !slices.Contains(choices, s):
		q.refuse(name, "choice", "This must be one of: "+strings.TrimPrefix(strings.Join(choices, ", "), ", ")+".")
	}
	return s
}

// Int returns a whole number within bounds, or otherwise where it is left out.
func (q *query) Int(name string, least, most, otherwise int) int {
	if !q.values.Has(name) {
		return otherwise
	}
	n, err := strconv.Atoi(q.values.Get(name))
	if err != nil || n < least || n > most {
		q.refuse(name, "range", "This must be a whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most)+".")
	}
	return n
}

// Bool returns a parameter that is true or false, and false where it is left out.
func (q *query) Bool(name string) bool { return q.OneOf(name, "false", "true") == "true" }

// ID returns a parameter that is an id, or 0 where it is left out.
func (q *query) ID(name string) int64 {
	if !q.values.Has(name) {
		return 0
	}
	id, ok := parseID(q.values.Get(name))
	if !ok {
		q.refuse(name, "format", "This must be an id, a number.")
	}
	return id
}

// Time returns a moment, or the zero time where it is left out.
func (q *query) Time(name string) time.Time {
	if !q.values.Has(name) {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, q.values.Get(name))
	if t = t.UTC(); err != nil || !tellable(t) {
		q.refuse(name, "format", "This must be a time such as 2026-11-27T12:00:00Z.")
	}
	return t
}

// tellable reports whether stores can be told a time in UTC, also when it is rounded up
// to the microsecond.
func tellable(t time.Time) bool {
	return t.Year() >= 2000 && t.Add(time.Microsecond-1).Year() <= 9999
}

// The number of entries of a page.
const (
	mostOnPage    = 100
	usuallyOnPage = 25
)

// cursorVersion is what cursors begin with. Whoever changes what a list's cursor
// holds changes the name of the list or this.
const cursorVersion = "1"

// page is a window on a list, which is resumed behind the key of an entry.
type page struct {
	Limit int

	list  string
	after []string // the key; none on the first page
	query *query
}

// Page reads limit and cursor. A cursor belongs to one list, whose name says also
// in which order it is, and has a key of so many parts; the parts are read with
// Int and Text and are as much to be doubted as anything that a client sends.
func (q *query) Page(list string, parts int) *page {
	p := &page{Limit: q.Int("limit", 1, mostOnPage, usuallyOnPage), list: list, query: q}
	if q.values.Has("cursor") {
		p.after = openCursor(q.values.Get("cursor"), list, parts)
		q.cursor = p.after == nil
	}
	return p
}

// First reports whether the page is the list's first, which has no key.
func (p *page) First() bool { return p.after == nil }

// Text returns a part of the key, "" on the first page.
func (p *page) Text(part int) string {
	if p.First() {
		return ""
	}
	return p.after[part]
}

// Int returns a part of the key that is a number, 0 on the first page.
func (p *page) Int(part int) int64 {
	if p.First() {
		return 0
	}
	n, err := strconv.ParseInt(p.after[part], 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != p.after[part] {
		p.query.cursor = true
	}
	return n
}

// Time returns a part of the key that is a moment, the zero time on the first page.
func (p *page) Time(part int) time.Time {
	if p.First() {
		return time.Time{}
	}
	t := time.UnixMicro(p.Int(part)).UTC()
	if !tellable(t) {
		p.query.cursor = true
	}
	return t
}

// longestCursor is more than any cursor has.
const longestCursor = 1024

// sealCursor writes a key so that a client need not know what it is.
func sealCursor(list string, key []any) string {
	parts := []string{cursorVersion, list}
	for _, part := range key {
		switch part := part.(type) {
		case string:
			parts = append(parts, part)
		case int64:
			parts = append(parts, strconv.FormatInt(part, 10))
		case time.Time:
			parts = append(parts, strconv.FormatInt(part.UnixMicro(), 10))
		default:
			panic("api: a cursor of what is no text, number or time")
		}
	}
	text, _ := json.Marshal(parts) // texts can always be written
	return base64.RawURLEncoding.EncodeToString(text)
}

// openCursor returns the key, or nil if the cursor is not one of the list's.
func openCursor(cursor, list string, parts int) []string {
	if len(cursor) > longestCursor {
		return nil
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || !utf8.Valid(text) {
		return nil
	}
	var all []string
	if json.Unmarshal(text, &all) != nil || len(all) != parts+2 || all[0] != cursorVersion || all[1] != list {
		return nil
	}
	for _, part := range all {
		if strings.ContainsRune(part, 0) {
			return nil
		}
	}
	return all[2:]
}

// pageJSON is a page of a list.
type pageJSON[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor"`
}

// writePage sends a page of what the store returned, which was asked for one more
// than the page's limit, so that it is known whether there are more. key returns
// where an entry stands in the list: texts, int64 and times.
func writePage[E, T any](w http.ResponseWriter, p *page, entries []E, show func(E) T, key func(E) []any) {
	out := pageJSON[T]{Data: make([]T, 0, len(entries))}
	if len(entries) > p.Limit {
		entries = entries[:p.Limit]
		next := sealCursor(p.list, key(entries[p.Limit-1]))
		out.NextCursor = &next
	}
	for _, e := range entries {
		out.Data = append(out.Data, show(e))
	}
	write(w, http.StatusOK, out)
}
