package simulator

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is more than anybody types: it bounds the work of a parse.
const maxLine = 16 << 10

// sentence is a command line taken apart, before its values are looked at.
type sentence struct {
	definition definition
	path       []option // the group and the subcommand, if any
	options    []option // those that can be given there
	args       []argument
}

// argument is the text given for an option.
type argument struct {
	option option
	text   string
	file   *File // what was chosen for an attachment option, if it was no name
}

// has says whether an option was given already.
func (s *sentence) has(name string) bool {
	for _, a := range s.args {
		if a.option.Name == name {
			return true
		}
	}
	return false
}

func (s *sentence) option(name string) (option, bool) {
	for _, o := range s.options {
		if o.Name == name {
			return o, true
		}
	}
	return option{}, false
}

// free lists the options that are not given yet, in the order of definition.
func (s *sentence) free() []option {
	var list []option
	for _, o := range s.options {
		if !s.has(o.Name) {
			list = append(list, o)
		}
	}
	return list
}

// parseLine takes a line apart as Discord's client reads what is typed:
//
//	/name group subcommand option:value option:"a value" value
//
// Options come in any order, by name or by position. Text runs on over spaces
// to the next option's name when it was given by name, or is the last option
// that is left; other values end at a space unless they are quoted. When
// somebody is still typing, the last argument is the one being typed, and it
// may be empty.
func parseLine(line string, find func(name string) (definition, bool), typing bool) (sentence, error) {
	if len(line) > maxLine {
		return sentence{}, clientErrorf("The line is too long.")
	}
	sc := scanner{rest: line, typing: typing}
	name, ok := strings.CutPrefix(sc.word(), "/")
	if !ok || name == "" {
		return sentence{}, clientErrorf("A command begins with a slash, as /help.")
	}
	var s sentence
	if s.definition, ok = find(name); !ok {
		return s, clientErrorf("There is no command /%s.", name)
	}
	s.options = s.definition.Options
	for len(s.options) > 0 && s.options[0].nests() {
		word := sc.word()
		sub, ok := s.option(word)
		if !ok {
			return s, clientErrorf("/%s needs one of: %s.", name, joinNames(s.options))
		}
		s.path, s.options = append(s.path, sub), sub.Options
		name += " " + sub.Name
	}
	for !sc.atEnd() {
		if err := s.argument(&sc); err != nil {
			return s, err
		}
	}
	if typing && len(s.args) == 0 && len(s.options) > 0 {
		s.args = []argument{{option: s.options[0]}}
	}
	return s, nil
}

// argument reads the next option and its value.
func (s *sentence) argument(sc *scanner) error {
	if key, ok := sc.key(); ok {
		o, known := s.option(key)
		switch {
		case known && s.has(key):
			return clientErrorf("The option %s is given twice.", key)
		case known:
			sc.take(len(key) + 1)
			text, err := sc.value(s.textual(o), s.isKey)
			s.args = append(s.args, argument{option: o, text: text})
			return err
		case validName(key) && !strings.HasPrefix(sc.rest[len(key)+1:], "//"):
			return clientErrorf("There is no option %s here. There is: %s.", key, joinNames(s.options))
		}
	}
	free := s.free()
	if len(free) == 0 {
		return clientErrorf("Nothing more can be given here.")
	}
	text, err := sc.value(len(free) == 1 && s.textual(free[0]), s.isKey)
	s.args = append(s.args, argument{option: free[0], text: text})
	return err
}

// textual: the value may have spaces in it.
func (s *sentence) textual(o option) bool {
	return o.Type == optionString || len(o.Choices) > 0 || o.Type == optionAttachment
}

// isKey says whether an option's name stands before a colon.
func (s *sentence) isKey(name string) bool {
	_, ok := s.option(name)
	return ok
}

func joinNames(list []option) string {
	names := make([]string, len(list))
	for i, o := range list {
		names[i] = o.Name
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// scanner walks over a line.
type scanner struct {
	rest   string
	typing bool // quotes may still be open
}

func (sc *scanner) take(n int) string {
	taken := sc.rest[:n]
	sc.rest = sc.rest[n:]
	return taken
}

func (sc *scanner) skipSpace() { sc.rest = strings.TrimLeftFunc(sc.rest, unicode.IsSpace) }

func (sc *scanner) atEnd() bool {
	sc.skipSpace()
	return sc.rest == ""
}

// word takes what comes before the next space.
func (sc *scanner) word() string {
	sc.skipSpace()
	end := strings.IndexFunc(sc.rest, unicode.IsSpace)
	if end < 0 {
		end = len(sc.rest)
	}
	return sc.take(end)
}

// key looks whether "name:" comes next, without taking it.
func (sc *scanner) key() (string, bool) {
	end := strings.IndexFunc(sc.rest, func(r rune) bool { return r == ':' || r == '"' || unicode.IsSpace(r) })
	if end <= 0 || sc.rest[end] != ':' {
		return "", false
	}
	return sc.rest[:end], true
}

// value takes a value: quoted, a word, or when it runs on all up to the next
// key.
func (sc *scanner) value(runsOn bool, isKey func(string) bool) (string, error) {
	sc.skipSpace()
	if key, ok := sc.key(); ok && isKey(key) {
		return "", nil // "note: amount:5" leaves note empty
	}
	if strings.HasPrefix(sc.rest, `"`) {
		return sc.quoted()
	}
	if !runsOn {
		return sc.word(), nil
	}
	whole, end := sc.rest, 0
	for !sc.atEnd() {
		if key, ok := sc.key(); ok && isKey(key) {
			break
		}
		sc.word()
		end = len(whole) - len(sc.rest)
	}
	return whole[:end], nil
}

// quoted takes a value in quotes; \" and \\ stand for themselves. Quotes that
// are not closed are an error, for they swallow the options after them.
func (sc *scanner) quoted() (string, error) {
	var b strings.Builder
	for i := 1; i < len(sc.rest); {
		r, size := utf8.DecodeRuneInString(sc.rest[i:])
		next := i + size
		switch {
		case r == '"':
			sc.take(next)
			return b.String(), nil
		case r == '\\' && next < len(sc.rest) && (sc.rest[next] == '"' || sc.rest[next] == '\\'):
			b.WriteByte(sc.rest[next])
			next++
		default:
			b.WriteString(sc.rest[i:next])
		}
		i = next
	}
	sc.take(len(sc.rest))
	if sc.typing {
		return b.String(), nil
	}
	return b.String(), clientErrorf("The quotes are not closed.")
}
