package api

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// The limits of imports.
const (
	maxImport        = 10 << 20         // bytes
	importsAtOnce    = 8                // that are sent or wait, each 20 MiB at most
	importsWorkedOn  = 2                // of these
	importTime       = 90 * time.Second // to be sent and answered
	importTurn       = 30 * time.Second // to wait until it is worked on
	importPatience   = 5 * time.Second  // before somebody else may try
	longestRow       = 64 << 10         // bytes; about: while a row is read, each of its cells takes forty more
	longestCell      = 1000             // bytes; more is no id, no amount and no name
	mostImportFaults = economy.MaxRefused
)

var (
	errCSVType = problem.New(problem.Invalid, "content_type",
		"Send the file as text/csv in UTF-8, without Content-Encoding.")
	errColumns = problem.New(problem.Invalid, "columns",
		"The first line must name the columns user_id and balance, and may name name, set off by commas, semicolons or tabs.")
	errRows    = problem.New(problem.Invalid, "rows", "A file has 1 to 50000 rows below its first line.")
	errLongRow = problem.New(problem.Invalid, "long_row", "The file has a row of more than 65536 bytes. Send the columns user_id, balance and name alone.")
)

// importBalances sets the balances that a file tells. The file is read as it comes, and
// nothing of it is kept but what it says.
func (h adjustments) importBalances(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	dry, reason := q.Bool("dry_run"), q.Text("reason", economy.MaxNote)
	if err := q.Err(); err != nil {
		return err
	}
	request, err := requestOf(r, h.now())
	if err != nil {
		return err
	}
	if err := economy.CheckNote(reason); err != nil {
		return inField("reason", err)
	}
	leave, ok := h.imports.enter("guild "+string(guildOf(r)), fmt.Sprint("account ", callerOf(r).ID))
	if !ok {
		return tooMany(importPatience)
	}
	defer leave()
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(importTime))
	_ = control.SetWriteDeadline(time.Now().Add(importTime))
	sheet, err := readSheet(w, r)
	if err != nil {
		return err
	}
	var done economy.BulkReceipt
	if len(sheet.rows) > 0 {
		c, err := economy.NewImport(request, callerOf(r).Person(), sheet.rows, reason, dry || len(sheet.faults) > 0)
		if err != nil {
			return err
		}
		if done, err = h.inTurn(r.Context(), c); err != nil {
			return err
		}
	}
	return sheet.show(done, dry).send(w)
}

// inTurn has the store work on a few imports at a time. They are whole by then, so none
// waits for anybody who sends.
func (h adjustments) inTurn(ctx context.Context, c economy.BulkAdjustment) (economy.BulkReceipt, error) {
	select {
	case h.imports.working <- struct{}{}:
		defer func() { <-h.imports.working }()
		return h.store.AdjustMany(ctx, c)
	case <-ctx.Done():
	case <-time.After(importTurn):
	}
	return economy.BulkReceipt{}, tooMany(importPatience)
}

// imports bounds those that are under way. A file may be sent as slowly as its time
// allows, so an account, and a guild, has one place among them and not all.
type imports struct {
	working chan struct{} // holds a value for each that the store works on

	mu      sync.Mutex
	present map[string]bool // the guild and the account of each
}

func newImports() *imports {
	return &imports{working: make(chan struct{}, importsWorkedOn), present: map[string]bool{}}
}

// enter takes a place, until leave is called.
func (i *imports) enter(guild, account string) (leave func(), ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.present[guild] || i.present[account] || len(i.present) >= 2*importsAtOnce {
		return nil, false
	}
	i.present[guild], i.present[account] = true, true
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.present, guild)
		delete(i.present, account)
	}, true
}

// sheet is what a file says.
type sheet struct {
	rows   []economy.BulkRow // that are fit
	lines  []int             // where each of them stands
	faults []rowErrorJSON    // of the others, the first mostImportFaults
}

// show tells of lines where the store tells of rows.
func (s *sheet) show(done economy.BulkReceipt, dry bool) bulkJSON {
	out := showList(done, dry)
	for i, c := range out.Changes {
		out.Changes[i].Index = s.lines[c.Index]
	}
	out.Errors = append(out.Errors, s.faults...)
	for _, x := range done.Refused {
		p := x.Problem()
		out.Errors = append(out.Errors, rowErrorJSON{Index: s.lines[x.Row], Member: idOrNull(x.Member), Code: p.Code, Detail: p.Detail})
	}
	slices.SortStableFunc(out.Errors, func(a, b rowErrorJSON) int { return a.Index - b.Index })
	out.Errors = out.Errors[:min(len(out.Errors), mostImportFaults)]
	return out
}

// readSheet reads a request's file.
// Errors: content_type, too_large, cut_off, columns, rows, long_row.
func readSheet(w http.ResponseWriter, r *http.Request) (*sheet, error) {
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := parameters["charset"]
	if err != nil || media != "text/csv" || r.Header.Get("Content-Encoding") != "" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, errCSVType
	}
	s, err := parseSheet(http.MaxBytesReader(w, r.Body, maxImport))
	if known := problem.Of(err); err != nil && known.Kind == problem.Internal {
		return nil, bodyTrouble(err)
	}
	return s, err
}

// rowByRow reads a file of which each row is bounded.
type rowByRow struct {
	in   io.Reader
	left int // bytes that may be read until the row has ended
}

func (r *rowByRow) begin() { r.left = longestRow }

// Read implements io.Reader. Errors: long_row.
func (r *rowByRow) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errLongRow
	}
	n, err := r.in.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

// parseSheet reads a table of balances. Its errors are problems, or those of in.
func parseSheet(in io.Reader) (*sheet, error) {
	rows := &rowByRow{in: in}
	rows.begin()
	source := bufio.NewReader(rows)
	if mark, _ := source.Peek(3); string(mark) == "\ufeff" {
		_, _ = source.Discard(3)
	}
	reader := csv.NewReader(source)
	reader.Comma = separator(source)
	reader.FieldsPerRecord, reader.ReuseRecord = -1, true
	columns, err := columnsOf(reader)
	if err != nil {
		return nil, err
	}
	s := &sheet{}
	seen := make(map[economy.UserID]int)
	for count := 0; ; {
		rows.begin()
		cells, err := reader.Read()
		var malformed *csv.ParseError
		switch {
		case errors.Is(err, io.EOF) && count == 0:
			return nil, errRows
		case errors.Is(err, io.EOF):
			return s, nil
		case errors.As(err, &malformed):
			s.fault(malformed.Line, "quotes", "The quotation marks of this line do not match.")
			count++
			continue
		case err != nil:
			return nil, err
		}
		line, _ := reader.FieldPos(0)
		if len(cells) == 1 && strings.TrimSpace(cells[0]) == "" {
			continue
		}
		if count++; count > economy.MaxImport {
			return nil, errRows
		}
		s.read(line, cells, columns, seen)
	}
}

// separator returns what the first line sets its cells off by.
func separator(source *bufio.Reader) rune {
	head, _ := source.Peek(512)
	line, _, _ := strings.Cut(string(head), "\n")
	for _, mark := range []rune{';', '\t'} {
		if strings.ContainsRune(line, mark) {
			return mark
		}
	}
	return ','
}

// columns are where in a line the cells stand; name is -1 where there is none.
type columns struct{ user, balance, name, all int }

func columnsOf(reader *csv.Reader) (columns, error) {
	cells, err := reader.Read()
	var malformed *csv.ParseError
	if errors.Is(err, io.EOF) || errors.As(err, &malformed) {
		return columns{}, errColumns
	}
	if err != nil {
		return columns{}, err
	}
	c := columns{-1, -1, -1, len(cells)}
	for i, cell := range cells {
		at := map[string]*int{"user_id": &c.user, "balance": &c.balance, "name": &c.name}[strings.ToLower(strings.TrimSpace(cell))]
		switch {
		case at == nil: // as exports have more of them
		case *at >= 0:
			return c, errColumns
		default:
			*at = i
		}
	}
	if c.user < 0 || c.balance < 0 {
		return c, errColumns
	}
	return c, nil
}

func (s *sheet) fault(line int, code, detail string) {
	if len(s.faults) < mostImportFaults {
		s.faults = append(s.faults, rowErrorJSON{Index: line, Code: code, Detail: detail})
	}
}

// read adds a line, or says what is wrong with it.
func (s *sheet) read(line int, cells []string, c columns, seen map[economy.UserID]int) {
	if len(cells) != c.all {
		s.fault(line, "cells", "This line has "+strconv.Itoa(len(cells))+" cells, the first one "+strconv.Itoa(c.all)+".")
		return
	}
	for _, cell := range cells {
		if !utf8.ValidString(cell) || len(cell) > longestCell {
			s.fault(line, "text", "This line has a cell that is no UTF-8, or too long.")
			return
		}
	}
	row := economy.BulkRow{User: economy.UserID(strings.Clone(strings.TrimSpace(cells[c.user])))}
	if c.name >= 0 {
		row.Name = eachPiece(strings.TrimSpace(cells[c.name]), unguarded) // as exports guard them
	}
	balance := strings.TrimSpace(cells[c.balance])
	n, err := strconv.ParseInt(balance, 10, 64)
	if row.Amount = economy.Amount(n); err != nil || strings.HasPrefix(balance, "+") {
		row.Amount = -1 // not what the file says, but as wrong
	}
	if err := economy.CheckRow(row); err != nil {
		p := problem.Of(err)
		s.fault(line, p.Code, p.Detail)
		return
	}
	if first, twice := seen[row.User]; twice {
		s.fault(line, economy.ErrDuplicate.Code, "This member is in line "+strconv.Itoa(first)+" already.")
		return
	}
	seen[row.User] = line
	s.rows, s.lines = append(s.rows, row), append(s.lines, line)
}
