package moving

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"
	"unicode/utf8"
)

// A file is lines of JSON: a header, the rows in the order of Kinds, and an end with
// the SHA-256 of all lines before it.

const (
	format  = "coffer"
	version = 1
	// longest is how long a line may be, in bytes. The longest are results of long lists.
	longest = 64 << 20
	// tick is after how many rows progress is told.
	tick = 256
)

// Header is the first line of a file.
type Header struct {
	Format  string           `json:"format"`
	Version int              `json:"version"`
	Made    time.Time        `json:"made_at"`
	Store   string           `json:"store"` // that it came from
	Rows    map[string]int64 `json:"rows"`  // by kind
}

// Total is the number of all rows.
func (h Header) Total() (n int64) {
	for _, rows := range h.Rows {
		n += rows
	}
	return n
}

// end is the last line.
type end struct {
	Row  string `json:"row"` // endRow
	Rows int64  `json:"rows"`
	Hash string `json:"sha256"`
}

const endRow = "end"

// ErrFile means that a file is no whole and unchanged export that this program can read.
var ErrFile = errors.New("the file cannot be imported")

func unfit(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrFile}, args...)...)
}

// Write writes all rows of a snapshot and returns the header. It holds one row at a time.
func Write(w io.Writer, store string, at time.Time, from Source, progress func(done, total int64)) (Header, error) {
	h := Header{Format: format, Version: version, Made: at.UTC().Truncate(time.Second), Store: store, Rows: map[string]int64{}}
	for _, k := range Kinds {
		n, err := from.Count(k)
		if err != nil {
			return h, fmt.Errorf("count %s: %w", k.Name, err)
		}
		h.Rows[k.Name] = n
	}
	out := bufio.NewWriterSize(w, 1<<18)
	sum := sha256.New()
	line, err := json.Marshal(h)
	if err != nil {
		return h, err
	}
	put := func(line []byte) error {
		sum.Write(line)
		_, err := out.Write(line)
		return err
	}
	if err := put(append(line, '\n')); err != nil {
		return h, err
	}
	var done int64
	total := h.Total()
	for _, k := range Kinds {
		first := done
		if err := from.Each(k, func(row Row) error {
			var err error
			if line, err = k.append(line[:0], row); err != nil {
				return err
			}
			if done++; done%tick == 0 {
				progress(done, total)
			}
			return put(line)
		}); err != nil {
			return h, fmt.Errorf("export %s: %w", k.Name, err)
		}
		if n := done - first; n != h.Rows[k.Name] {
			return h, fmt.Errorf("export %s: %d rows were counted and %d read", k.Name, h.Rows[k.Name], n)
		}
	}
	progress(done, total)
	last, err := json.Marshal(end{endRow, done, hex.EncodeToString(sum.Sum(nil))})
	if err != nil {
		return h, err
	}
	if _, err := out.Write(append(last, '\n')); err != nil {
		return h, err
	}
	return h, out.Flush()
}

// append adds a row's line.
func (k Kind) append(line []byte, row Row) ([]byte, error) {
	line = append(append(append(line, `{"row":"`...), k.Name...), '"')
	for i, f := range k.Fields {
		line = append(append(append(line, `,"`...), f.Name...), `":`...)
		var err error
		switch v := row[i].(type) {
		case nil:
			if !f.Null {
				return line, fmt.Errorf("the row of %v has no %s", row[0], f.Name)
			}
			line = append(line, "null"...)
		case string:
			if !utf8.ValidString(v) {
				return line, fmt.Errorf("the %s of a row is no valid UTF-8", f.Name)
			}
			var b []byte
			if b, err = json.Marshal(v); err == nil {
				line = append(line, b...)
			}
		case int64:
			line = strconv.AppendInt(line, v, 10)
		case bool:
			line = strconv.AppendBool(line, v)
		case time.Time:
			line = append(v.UTC().AppendFormat(append(line, '"'), time.RFC3339Nano), '"')
		case json.RawMessage:
			var b []byte
			if b, err = Canonical(v); err == nil {
				line = append(line, b...)
			}
		default:
			err = fmt.Errorf("no field holds a %T", v)
		}
		if err != nil {
			return line, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return append(line, '}', '\n'), nil
}

// Canonical returns the one form of a JSON document: compact, keys in their order,
// numbers as they are.
func Canonical(document []byte) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the document")
	}
	return json.Marshal(v)
}

// Read puts all rows of a file into a target and returns the header. Only when it
// returns without an error the file was whole and unchanged: until then nothing may be
// kept. It holds one row at a time. Errors: ErrFile, and those of the target and r.
func Read(r io.Reader, into Target, progress func(done, total int64)) (Header, error) {
	f := file{lines: bufio.NewReaderSize(r, 1<<18), sum: sha256.New()}
	var h Header
	line, err := f.next()
	if err != nil {
		return h, err
	}
	if json.Unmarshal(line, &h) != nil || h.Format != format {
		return h, unfit("its first line is not that of an export")
	}
	if h.Version != version {
		return h, unfit("it is of version %d, and this program knows version %d: use the program that it was made with, or a newer one", h.Version, version)
	}
	for name := range h.Rows {
		if place(name) < 0 {
			return h, unfit("it has rows of a kind %q, which this program does not know: use the program that it was made with, or a newer one", name)
		}
	}
	f.sum.Write(line)
	counts := map[string]int64{}
	total := h.Total()
	var done int64
	at := 0 // the kind of the row before
	for {
		if line, err = f.next(); err != nil {
			return h, err
		}
		fields, name, err := split(line)
		if err != nil {
			return h, unfit("line %d: %v", f.number, err)
		}
		if name == endRow {
			var e end
			switch {
			case json.Unmarshal(line, &e) != nil || e.Hash != hex.EncodeToString(f.sum.Sum(nil)):
				return h, unfit("it was changed after it was made (its hash is not that of its lines)")
			case e.Rows != done:
				return h, unfit("its end tells of %d rows, and it has %d", e.Rows, done)
			}
			break
		}
		f.sum.Write(line)
		p := place(name)
		switch {
		case p < 0:
			return h, unfit("line %d: a row of a kind %q, which this program does not know", f.number, name)
		case p < at:
			return h, unfit("line %d: %s stand behind %s", f.number, name, Kinds[at].Name)
		}
		at = p
		row, err := Kinds[p].row(fields)
		if err != nil {
			return h, unfit("line %d: %s: %v", f.number, name, err)
		}
		if err := into.Put(Kinds[p], row); err != nil {
			return h, fmt.Errorf("line %d: %s: %w", f.number, name, err)
		}
		counts[name]++
		if done++; done%tick == 0 {
			progress(done, total)
		}
	}
	for _, k := range Kinds {
		if counts[k.Name] != h.Rows[k.Name] {
			return h, unfit("its first line tells of %d %s, and it has %d", h.Rows[k.Name], k.Name, counts[k.Name])
		}
	}
	if _, err := f.lines.ReadByte(); !errors.Is(err, io.EOF) {
		return h, unfit("there is something behind its end")
	}
	progress(done, total)
	return h, nil
}

func place(kind string) int {
	for i, k := range Kinds {
		if k.Name == kind {
			return i
		}
	}
	return -1
}

// file reads lines.
type file struct {
	lines  *bufio.Reader
	line   []byte
	number int
	sum    hash.Hash // of all lines so far
}

// next returns the next line, which is valid until the next call.
func (f *file) next() ([]byte, error) {
	f.line = f.line[:0]
	f.number++
	for {
		part, err := f.lines.ReadSlice('\n')
		f.line = append(f.line, part...)
		switch {
		case err == nil:
			return f.line, nil
		case errors.Is(err, io.EOF):
			return nil, unfit("it is cut off at line %d: copy it again, or export again", f.number)
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(f.line) > longest:
			return nil, unfit("line %d is too long", f.number)
		}
	}
}

// split returns the fields of a line, and its kind.
func split(line []byte) (fields map[string]json.RawMessage, kind string, err error) {
	if json.Unmarshal(line, &fields) != nil || json.Unmarshal(fields["row"], &kind) != nil {
		return nil, "", errors.New("it is no row")
	}
	return fields, kind, nil
}

// row reads the fields of a line.
func (k Kind) row(fields map[string]json.RawMessage) (Row, error) {
	if len(fields) > len(k.Fields)+1 {
		return nil, errors.New("it has more fields than this program knows: use the program that it was made with, or a newer one")
	}
	row := make(Row, len(k.Fields))
	for i, f := range k.Fields {
		raw, ok := fields[f.Name]
		if !ok {
			return nil, fmt.Errorf("it has no %s, which this program needs: export again with this program", f.Name)
		}
		if string(raw) == "null" {
			if !f.Null {
				return nil, fmt.Errorf("%s must not be null", f.Name)
			}
			continue
		}
		var err error
		if row[i], err = f.value(raw); err != nil {
			return nil, fmt.Errorf("%s is no %s: %s", f.Name, f.Type, shortened(raw))
		}
	}
	return row, nil
}

func (f Field) value(raw json.RawMessage) (any, error) {
	switch f.Type {
	case Text:
		var v string
		err := json.Unmarshal(raw, &v)
		return v, err
	case Int:
		return strconv.ParseInt(string(raw), 10, 64)
	case Bool:
		return strconv.ParseBool(string(raw))
	case Time:
		var v time.Time
		err := json.Unmarshal(raw, &v)
		if err == nil && !v.Equal(v.Truncate(time.Microsecond)) {
			err = errors.New("it is too exact")
		}
		return v.UTC(), err
	default:
		return Canonical(raw)
	}
}

// shortened is a value as an error shows it: it may be long, or a secret.
func shortened(raw json.RawMessage) string {
	const most = 20
	if len(raw) > most {
		return string(bytes.ToValidUTF8(raw[:most], nil)) + "..."
	}
	return string(raw)
}
