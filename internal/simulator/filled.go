package simulator

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Filled is a command that was filled in option by option, as a graphical
// client does it: no quoting, and files are possible.
type Filled struct {
	// Command is its full name, with group and subcommand: "admin coins give".
	Command string `json:"command"`
	// Options are the values by name: text, a number or a truth. People, roles
	// and channels are ids or names; a file is a File.
	Options map[string]json.RawMessage `json:"options"`
	// Focused is the option being typed, for an autocompletion.
	Focused string `json:"focused"`
}

// File is what a client tells of a file to attach.
type File struct {
	Name        string `json:"name"`
	Data        []byte `json:"data"`         // its content, in JSON by base64; optional
	Size        int64  `json:"size"`         // that of Data, if there is any
	ContentType string `json:"content_type"` // by the name's extension if empty
	Width       int    `json:"width"`        // of a picture
	Height      int    `json:"height"`
}

// sentence finds the command and its options. Options come in the order of
// their definition.
func (f Filled) sentence(find func(name string) (definition, bool)) (sentence, error) {
	words := strings.Fields(strings.TrimPrefix(f.Command, "/"))
	if len(words) == 0 {
		return sentence{}, clientErrorf("A command has a name.")
	}
	var s sentence
	var ok bool
	if s.definition, ok = find(words[0]); !ok {
		return s, clientErrorf("There is no command /%s.", words[0])
	}
	s.options = s.definition.Options
	name, words := words[0], words[1:]
	for len(s.options) > 0 && s.options[0].nests() {
		if len(words) == 0 {
			return s, clientErrorf("/%s needs one of: %s.", name, joinNames(s.options))
		}
		sub, ok := s.option(words[0])
		if !ok {
			return s, clientErrorf("/%s needs one of: %s.", name, joinNames(s.options))
		}
		s.path, s.options = append(s.path, sub), sub.Options
		name, words = name+" "+sub.Name, words[1:]
	}
	if len(words) > 0 {
		return s, clientErrorf("/%s has no subcommand %s.", name, words[0])
	}
	for given := range f.Options {
		if _, ok := s.option(given); !ok {
			return s, clientErrorf("There is no option %s here. There is: %s.", given, joinNames(s.options))
		}
	}
	for _, o := range s.options {
		if raw, ok := f.Options[o.Name]; ok {
			a, err := filledArgument(o, raw)
			if err != nil {
				return s, err
			}
			s.args = append(s.args, a)
		}
	}
	return s, nil
}

func filledArgument(o option, raw json.RawMessage) (argument, error) {
	a := argument{option: o}
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) > 0 && raw[0] == '{':
		if err := json.Unmarshal(raw, &a.file); err != nil {
			return a, clientErrorf("%s: this is no file.", o.Name)
		}
	case len(raw) > 0 && raw[0] == '"':
		if err := json.Unmarshal(raw, &a.text); err != nil {
			return a, clientErrorf("%s: this is no text.", o.Name)
		}
	case len(raw) == 0, raw[0] == '[', string(raw) == "null":
		return a, clientErrorf("%s: this is no value.", o.Name)
	default:
		a.text = string(raw) // a number, true or false
	}
	return a, nil
}
