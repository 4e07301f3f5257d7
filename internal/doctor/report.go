package doctor

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Report is the outcome of an examination.
type Report struct {
	Version  string
	At       time.Time
	Findings []Finding
}

// Count returns how many checks ended so.
func (r Report) Count(s Status) (n int) {
	for _, f := range r.Findings {
		if f.Status == s {
			n++
		}
	}
	return n
}

// WriteJSON writes the report for programs.
func (r Report) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Version string    `json:"version"`
		At      time.Time `json:"at"`
		OK      bool      `json:"ok"`
		Passed  int       `json:"passed"`
		Warned  int       `json:"warned"`
		Failed  int       `json:"failed"`
		Skipped int       `json:"skipped"`
		Checks  []Finding `json:"checks"`
	}{r.Version, r.At, r.Count(Fail) == 0, r.Count(Pass), r.Count(Warn), r.Count(Fail), r.Count(Skip), r.Findings})
}

const (
	lineWidth   = 80
	statusWidth = 6
	titleWidth  = 22
)

// WriteText writes the report for people, in lines of 80 columns.
func (r Report) WriteText(w io.Writer) error {
	var out strings.Builder
	indent := strings.Repeat(" ", statusWidth+titleWidth)
	for _, f := range r.Findings {
		status := string(f.Status)
		if f.Status == Fail {
			status = "FAIL"
		}
		head := fmt.Sprintf("%-*s%-*s", statusWidth, status, titleWidth, f.Title)
		wrap(&out, head, indent, f.Detail)
		for _, a := range f.Advice {
			wrap(&out, indent+"> ", indent+"  ", a)
		}
	}
	verdict := "ready"
	if r.Count(Fail) > 0 {
		verdict = "NOT ready"
	}
	fmt.Fprintf(&out, "\n%d passed, %d warned, %d failed, %d skipped: %s for production\n",
		r.Count(Pass), r.Count(Warn), r.Count(Fail), r.Count(Skip), verdict)
	_, err := io.WriteString(w, out.String())
	return err
}

// wrap writes words in lines that are not too long: the first behind head, the others
// behind indent. A word that is longer than a line stays whole.
func wrap(out *strings.Builder, head, indent, text string) {
	line, empty := head, true
	for word := range strings.FieldsSeq(cmp.Or(text, "-")) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > lineWidth {
			out.WriteString(line + "\n")
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	out.WriteString(line + "\n")
}
