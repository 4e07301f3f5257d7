package moving

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// shelf keeps rows in memory, as Source and Target.
type shelf map[string][]Row

func (s shelf) Count(k Kind) (int64, error) { return int64(len(s[k.Name])), nil }

func (s shelf) Each(k Kind, yield func(Row) error) error {
	for _, row := range s[k.Name] {
		if err := yield(row); err != nil {
			return err
		}
	}
	return nil
}

func (s shelf) Put(k Kind, row Row) error {
	s[k.Name] = append(s[k.Name], row)
	return nil
}

func quiet(int64, int64) {}

// one returns a row of a kind with something in each field, or with nothing where it may be null.
func one(k Kind, text string, nulls bool) Row {
	row := make(Row, len(k.Fields))
	for i, f := range k.Fields {
		switch {
		case nulls && f.Null:
		case f.Type == Text:
			row[i] = text
		case f.Type == Int:
			row[i] = int64(-1<<63) + int64(i)
		case f.Type == Bool:
			row[i] = i%2 == 0
		case f.Type == Time:
			row[i] = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
		case f.Type == JSON:
			b, _ := json.Marshal(map[string]any{"z": 1, "a": text, "n": json.Number("9223372036854775807")})
			row[i] = json.RawMessage(b)
		}
	}
	return row
}

// TestEveryValueSurvives writes and reads each kind with what is hard to write.
func TestEveryValueSurvives(t *testing.T) {
	from := shelf{}
	for _, k := range Kinds {
		for _, text := range []string{"", "plain", "a\tb\n\"c\"\\d\\N", "<&>\u2028 🪙 é \u0000"} {
			from[k.Name] = append(from[k.Name], one(k, text, false), one(k, text, true))
		}
	}
	var file, again bytes.Buffer
	made, err := Write(&file, "sqlite", time.Now(), from, quiet)
	if err != nil {
		t.Fatal(err)
	}
	into := shelf{}
	read, err := Read(bytes.NewReader(file.Bytes()), into, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if read.Total() != made.Total() || read.Total() != int64(8*len(Kinds)) || read.Store != "sqlite" || !read.Made.Equal(made.Made) {
		t.Errorf("read %+v, want %+v", read, made)
	}
	if _, err := Write(&again, "sqlite", made.Made, into, quiet); err != nil || again.String() != file.String() {
		t.Errorf("written again it is another file (%v)", err)
	}
	for _, k := range Kinds {
		for n, row := range into[k.Name] {
			for i, f := range k.Fields {
				switch want := from[k.Name][n][i].(type) {
				case json.RawMessage:
					if b, _ := Canonical(want); string(row[i].(json.RawMessage)) != string(b) {
						t.Errorf("%s.%s: %s, want %s", k.Name, f.Name, row[i], b)
					}
				default:
					if row[i] != want {
						t.Errorf("%s.%s: %v, want %v", k.Name, f.Name, row[i], want)
					}
				}
			}
		}
	}
}

// TestWhatNoFileCanHoldIsNotWritten rather than written as something else.
func TestWhatNoFileCanHoldIsNotWritten(t *testing.T) {
	guild := func(change func(Row)) shelf {
		row := one(Kinds[0], "x", false)
		change(row)
		return shelf{"guilds": {row}}
	}
	event := one(Kinds[5], "x", false)
	event[6] = json.RawMessage(`{"a":1} {}`)
	for says, from := range map[string]shelf{
		"no valid UTF-8": guild(func(r Row) { r[1] = "\xff" }),
		"has no":         guild(func(r Row) { r[1] = nil }),
		"float64":        guild(func(r Row) { r[3] = 1.5 }),
		"behind the doc": {"events": {event}},
	} {
		if _, err := Write(io.Discard, "sqlite", time.Now(), from, quiet); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// TestCutsAndChangesAreNoticed cuts a file all over, and changes it there.
func TestCutsAndChangesAreNoticed(t *testing.T) {
	from := shelf{}
	for _, k := range Kinds {
		from[k.Name] = []Row{one(k, "text", false)}
	}
	var file bytes.Buffer
	if _, err := Write(&file, "sqlite", time.Now(), from, quiet); err != nil {
		t.Fatal(err)
	}
	good := file.Bytes()
	refuses := func(what string, at int, bad []byte) {
		t.Helper()
		if _, err := Read(bytes.NewReader(bad), shelf{}, quiet); !errors.Is(err, ErrFile) {
			t.Fatalf("%s at %d: %v, want that it is refused", what, at, err)
		}
	}
	for i := 0; i < len(good); i += 17 {
		refuses("cut", i, good[:i])
		bad := bytes.Clone(good)
		bad[i] ^= 1
		refuses("changed", i, bad)
	}
}
