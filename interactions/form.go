package interactions

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"
)

// A form is a modal that asks for some of a command's options, filled in with what is
// so. What is sent back is read as the options are, so that nothing is decided twice.

// question is an option in a form.
type question struct {
	name     string
	label    string
	present  string
	long     bool // of several lines
	optional bool // can be emptied
}

// form asks the questions, which are among the options.
func form(id, title string, options []parameter, questions []question) modal {
	m := modal{id: id, title: title}
	for _, q := range questions {
		in := discordgo.TextInput{CustomID: q.name, Label: clip(q.label, 45), Style: discordgo.TextInputShort, Value: q.present, Required: !q.optional}
		if q.long {
			in.Style = discordgo.TextInputParagraph
		}
		if p := options[slices.IndexFunc(options, func(p parameter) bool { return p.name == q.name })]; p.most > 0 {
			in.MaxLength = max(p.most, width(q.present)) // whichever way Discord counts
		}
		m.rows = append(m.rows, row(in)...)
	}
	return m
}

// answer has a request that sends a form off read as if its inputs were options.
// Errors: errWhole, where an option is a number and its input is none.
func (r *Request) answer(options []parameter) error {
	r.options = nil
	for name, text := range inputs(r.payload.Data.Components) {
		i := slices.IndexFunc(options, func(p parameter) bool { return p.name == name })
		if i < 0 {
			continue
		}
		value, err := json.Marshal(text)
		if options[i].kind == optionInteger {
			n, wrong := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
			if wrong != nil {
				return errWhole
			}
			value = strconv.AppendInt(nil, n, 10)
		}
		if err != nil {
			return errMalformed
		}
		r.options = append(r.options, option{Name: name, Type: int(options[i].kind), Value: value})
	}
	return nil
}

// inputs returns what a modal's inputs hold, by their custom ids.
func inputs(list []input) map[string]string {
	found := map[string]string{}
	for _, in := range list {
		if s, ok := jsonString(in.Value); ok && in.CustomID != "" {
			found[in.CustomID] = s
		}
		inside := in.Components
		if in.Component != nil {
			inside = append(slices.Clone(inside), *in.Component)
		}
		for name, text := range inputs(inside) {
			found[name] = text
		}
	}
	return found
}

// formButton opens a form: name:owner:what.
func (r *Request) formButton(name, what, label string) discordgo.Button {
	return discordgo.Button{Style: discordgo.SecondaryButton, Label: label, CustomID: customID(name, string(r.Member.User), what)}
}

// sent returns the interaction that opened a form, whose id is the key of its write.
// Errors: errUnknownComponent.
func (r *Request) sent(i int) (key string, err error) {
	if !snowflake(r.arg(i)) {
		return "", errUnknownComponent
	}
	return r.arg(i) + ":form", nil
}
