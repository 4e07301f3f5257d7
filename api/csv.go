package api

import (
	"cmp"
	"encoding/csv"
	"iter"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"coffer/internal/economy"
	"coffer/internal/requestlog"
)

// wantsCSV reports whether the client asks for a table rather than for JSON: what he
// names first of what he likes best.
func wantsCSV(r *http.Request) (wants bool) {
	best := 0.0
	for part := range strings.SplitSeq(strings.Join(r.Header["Accept"], ","), ",") {
		media, parameters, err := mime.ParseMediaType(part)
		if err != nil || media != "text/csv" && media != "application/json" && media != "*/*" {
			continue
		}
		if weight, err := strconv.ParseFloat(cmp.Or(parameters["q"], "1"), 64); err == nil && weight > best {
			wants, best = media == "text/csv", weight
		}
	}
	return wants
}

// writeTime is how long a client may take to read what was sent so far.
const writeTime = 30 * time.Second

// writeCSV sends a table as a file of that name, row by row as they come. Texts
// that a spreadsheet would take for a formula get an apostrophe; numbers stay
// numbers. An error before the first row is returned; after it the connection is
// cut, so that half a table does not look like one. Rows may take as long as they
// do: only a client that does not read is cut off.
func writeCSV(w http.ResponseWriter, r *http.Request, name string, header []string, rows iter.Seq2[[]any, error]) error {
	control := http.NewResponseController(w)
	out := csv.NewWriter(w)
	begun := false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		h := w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		h.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
		h.Set("Cache-Control", "no-store")
		return out.Write(header)
	}
	cut := func(err error) {
		requestlog.Add(r.Context(), slog.String("error", "export: "+err.Error()))
		panic(http.ErrAbortHandler)
	}
	for row, err := range rows {
		_ = control.SetWriteDeadline(time.Now().Add(writeTime))
		if err != nil && !begun {
			return err
		}
		if err == nil {
			err = begin()
		}
		if err == nil {
			err = out.Write(cells(row))
		}
		if err != nil {
			cut(err)
		}
	}
	_ = control.SetWriteDeadline(time.Now().Add(writeTime))
	_ = begin() // out keeps its error
	out.Flush()
	if err := out.Error(); err != nil {
		cut(err)
	}
	return nil
}

func cells(row []any) []string {
	texts := make([]string, len(row))
	for i, cell := range row {
		switch v := cell.(type) {
		case nil:
		case string:
			texts[i] = neutral(v)
		case int64:
			texts[i] = strconv.FormatInt(v, 10)
		case int:
			texts[i] = strconv.Itoa(v)
		case economy.Amount:
			texts[i] = strconv.FormatInt(int64(v), 10)
		case time.Time:
			if !v.IsZero() {
				texts[i] = v.UTC().Format(time.RFC3339)
			}
		default:
			panic("api: a cell of what is no text, number or time")
		}
	}
	return texts
}

// neutral keeps a text from being taken for a formula, whole or, where a spreadsheet
// sets cells off by another sign than ours, from one of its own signs on.
func neutral(s string) string { return eachPiece(s, guarded) }

// eachPiece changes the pieces of a text that could become cells, each with the sign
// that ends it. A comma makes none: with it the whole text is in quotes.
func eachPiece(s string, change func(string) string) string {
	var out strings.Builder
	for s != "" {
		end := strings.IndexAny(s, ";\t\r\n") + 1
		if end == 0 {
			end = len(s)
		}
		out.WriteString(change(s[:end]))
		s = s[end:]
	}
	return out.String()
}

// guarded puts an apostrophe before a cell that could be a formula. Spreadsheets look
// past blanks, quotes and what cannot be seen, and take the wide forms of the signs for
// the signs.
func guarded(cell string) string {
	seen := strings.TrimLeftFunc(cell, func(r rune) bool {
		return !strings.ContainsRune("\t\r\n", r) && (unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) || r == '\'' || r == '"')
	})
	if first, size := utf8.DecodeRuneInString(seen); size > 0 && strings.ContainsRune("=+-@\t\r\n＝＋－＠|%", first) {
		return "'" + cell
	}
	return cell
}

// unguarded undoes guarded.
func unguarded(cell string) string {
	if rest, marked := strings.CutPrefix(cell, "'"); marked && guarded(rest) == cell {
		return rest
	}
	return cell
}
