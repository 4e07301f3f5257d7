package simulator

import (
	"encoding/json"
	"math"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// typed is a line whose values were found in order: what a client sends.
type typed struct {
	sentence sentence
	given    []givenOption
	resolved resolved
	focused  int // type of the option being typed
}

// data nests the options into their subcommand and group.
func (t typed) data() commandData {
	d := commandData{
		ID: t.sentence.definition.ID, Name: t.sentence.definition.Name, Type: t.sentence.definition.Type,
		GuildID: t.sentence.definition.GuildID, Options: t.given,
	}
	for _, o := range slices.Backward(t.sentence.path) {
		inner := append([]givenOption{}, d.Options...)
		d.Options = []givenOption{{Name: o.Name, Type: o.Type, Options: &inner}}
	}
	if t.focused == 0 { // autocompletions come without
		d.Resolved = t.resolved.orNil()
	}
	return d
}

// fullName is the command with its group and subcommand.
func (d commandData) fullName() string {
	name, options := d.Name, d.Options
	for len(options) == 1 && options[0].Options != nil {
		name += " " + options[0].Name
		options = *options[0].Options
	}
	return name
}

// readLine parses a line and checks it as Discord's client does. The lock is
// held.
func (s *Simulator) readLine(by action, line string, force, typing bool) (typed, error) {
	words, err := parseLine(line, s.offered(by, force), typing)
	if err != nil {
		return typed{}, err
	}
	focused := ""
	if typing && len(words.args) > 0 {
		focused = words.args[len(words.args)-1].option.Name
	}
	return s.check(by, words, focused, typing)
}

// readFilled takes what was filled in option by option, and checks it the same
// way.
func (s *Simulator) readFilled(by action, f Filled, force, typing bool) (typed, error) {
	words, err := f.sentence(s.offered(by, force))
	if err != nil {
		return typed{}, err
	}
	return s.check(by, words, f.Focused, typing)
}

// offered finds the commands that a person's client offers.
func (s *Simulator) offered(by action, force bool) func(name string) (definition, bool) {
	has := s.world.permissions(by.member)
	return func(name string) (definition, bool) {
		d, ok := s.command(by.member.GuildID, name)
		return d, ok && (force || d.offeredTo(has) || s.world.allowed(by.member, name)) // a client hides what it does not offer
	}
}

// check turns the texts of a sentence into values.
func (s *Simulator) check(by action, words sentence, focused string, typing bool) (typed, error) {
	t := typed{sentence: words}
	for _, a := range words.args {
		o := givenOption{Name: a.option.Name, Type: a.option.Type, Focused: typing && a.option.Name == focused}
		var err error
		if o.Focused {
			if !a.option.Autocomplete {
				return t, clientErrorf("The option %s has no suggestions.", a.option.Name)
			}
			o.Value, t.focused = a.text, a.option.Type // as typed, whatever the type
		} else if o.Value, err = s.value(by.member, a, &t.resolved); err != nil {
			if !typing {
				return t, err
			}
			o.Value = a.text // while typing nothing is checked
		}
		t.given = append(t.given, o)
	}
	if typing {
		if t.focused == 0 {
			return t, clientErrorf("No option is being typed.")
		}
		return t, nil
	}
	for _, o := range words.free() {
		if o.Required {
			return t, clientErrorf("This option is required. Specify a value: %s.", o.Name)
		}
	}
	return t, nil
}

// value makes the value of an argument: out of its file, or its text.
func (s *Simulator) value(m *Member, a argument, res *resolved) (any, error) {
	if a.file == nil {
		return s.convert(m, a.option, a.text, res)
	}
	if a.option.Type != optionAttachment {
		return nil, clientErrorf("%s: this option takes no file.", a.option.Name)
	}
	return s.attachFile(*a.file, res)
}

// convert makes the value of an option out of the text for it.
func (s *Simulator) convert(m *Member, o option, text string, res *resolved) (any, error) {
	if text == "" {
		return nil, clientErrorf("This option is required. Specify a value: %s.", o.Name)
	}
	if len(o.Choices) > 0 {
		for _, c := range o.Choices {
			if strings.EqualFold(c.Name, text) || c.text() == text {
				return c.Value, nil
			}
		}
		names := make([]string, len(o.Choices))
		for i, c := range o.Choices {
			names[i] = c.Name
		}
		return nil, clientErrorf("%s: choose one of: %s.", o.Name, strings.Join(names, ", "))
	}
	switch o.Type {
	case optionString:
		low, high := int64(0), int64(maxOptionLength)
		if o.MinLength != nil {
			low = *o.MinLength
		}
		if o.MaxLength != nil {
			high = *o.MaxLength
		}
		if n := int64(length(text)); n < low || n > high {
			return nil, clientErrorf("%s: must be between %d and %d in length.", o.Name, low, high)
		}
		return text, nil
	case optionInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n > maxSafeInteger || n < -maxSafeInteger {
			return nil, clientErrorf("%s: %q is not an integer.", o.Name, text)
		}
		return n, o.inRange(float64(n))
	case optionNumber:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.Abs(x) > maxSafeInteger {
			return nil, clientErrorf("%s: %q is not a number.", o.Name, text)
		}
		return x, o.inRange(x)
	case optionBoolean:
		b, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return nil, clientErrorf("%s: choose True or False.", o.Name)
		}
		return b, nil
	case optionAttachment:
		return s.attach(text, res), nil
	}
	id, err := s.resolve(m, o.Type, text, res)
	if err == nil && len(o.ChannelTypes) > 0 && !slices.Contains(o.ChannelTypes, res.Channels[id].Type) {
		err = clientErrorf("%s: choose a channel of another type.", o.Name)
	}
	return id, err
}

// inRange checks the bounds of a number.
func (o option) inRange(x float64) error {
	if low, err := o.Min.Float64(); err == nil && x < low {
		return clientErrorf("%s: must be at least %s.", o.Name, o.Min)
	}
	if high, err := o.Max.Float64(); err == nil && x > high {
		return clientErrorf("%s: must be at most %s.", o.Name, o.Max)
	}
	return nil
}

// resolve finds the user, role or channel that a text names, as one who is in
// the guild can, and puts it among the resolved.
func (s *Simulator) resolve(m *Member, kind int, text string, res *resolved) (string, error) {
	if kind == optionUser || kind == optionMentionable {
		if found := s.world.member(m.GuildID, text); found != nil {
			res.member(s.world, found)
			return found.User.ID, nil
		}
	}
	if kind == optionRole || kind == optionMentionable {
		if role, ok := s.world.role(m.GuildID, text); ok {
			res.role(role)
			return role.ID, nil
		}
	}
	if kind == optionChannel {
		if c, ok := s.world.channel(text); ok && c.GuildID == m.GuildID {
			res.channel(c, s.world.permissions(m))
			return c.ID, nil
		}
	}
	return "", clientErrorf("There is no %s %q.", map[int]string{
		optionUser: "member", optionRole: "role", optionMentionable: "member or role", optionChannel: "channel",
	}[kind], text)
}

// attach makes an attachment of a file name, or of an address on the web,
// which it then keeps, so that a client can show the picture.
func (s *Simulator) attach(text string, res *resolved) string {
	id, name, link := s.ids.next(), text, ""
	if u, err := url.Parse(text); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		name, link = filepath.Base(u.Path), text
	}
	a := s.newAttachment(s.optionFolder(), id, fileName(name), "", 241394)
	a.Ephemeral = true
	if link != "" {
		a.URL, a.ProxyURL = link, link
	}
	put(&res.Attachments, id, a)
	return id
}

// fileName is a name as Discord stores it.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("/\\ \t\r\n", r) {
			return '_'
		}
		return r
	}, name)
}

// optionFolder is where the file hosts have the files of commands.
func (s *Simulator) optionFolder() string { return "ephemeral-attachments/" + s.cfg.ApplicationID }

// attachFile makes an attachment of what a client tells of a file, and keeps the
// content if it tells that, too. Without, the file is not served.
func (s *Simulator) attachFile(f File, res *resolved) (string, error) {
	switch {
	case f.Name == "":
		return "", clientErrorf("The file has no name.")
	case f.Size < 0 || f.Size > maxFileSize || len(f.Data) > maxFileSize:
		return "", clientErrorf("Your files are too powerful. Max file size is 10 MB.")
	}
	id := s.ids.next()
	a := s.newAttachment(s.optionFolder(), id, fileName(f.Name), f.ContentType, f.Size)
	a.Ephemeral = true
	if len(f.Data) > 0 {
		s.store(s.optionFolder(), &a, f.Data)
	}
	if f.Width > 0 && f.Height > 0 {
		a.Width, a.Height = f.Width, f.Height
	}
	put(&res.Attachments, id, a)
	return id, nil
}

// MarshalJSON keeps a value that is false, 0 or empty: only a subcommand has
// none.
func (o givenOption) MarshalJSON() ([]byte, error) {
	m := map[string]any{"name": o.Name, "type": o.Type}
	if o.Options != nil {
		m["options"] = *o.Options
	} else {
		m["value"] = o.Value
	}
	if o.Focused {
		m["focused"] = true
	}
	return json.Marshal(m)
}
