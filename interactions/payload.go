package interactions

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"coffer/internal/economy"
)

// The types of interactions.
const (
	typePing         = 1
	typeCommand      = 2
	typeComponent    = 3
	typeAutocomplete = 4
	typeModal        = 5
)

// The types of options.
const (
	optionSub     = 1
	optionGroup   = 2
	optionString  = 3
	optionInteger = 4
	optionBoolean = 5
	optionUser    = 6
	optionChannel = 7
	optionRole    = 8
	optionFile    = 11
)

// payload is the part of an interaction that is used. Everything else is skipped
// undecoded; of the message of a component, only that there is one is kept.
type payload struct {
	ID            string  `json:"id"`
	Type          int     `json:"type"`
	Token         string  `json:"token"`
	ApplicationID string  `json:"application_id"`
	GuildID       string  `json:"guild_id"`
	Locale        string  `json:"locale"`
	Member        *member `json:"member"`
	Message       present `json:"message"` // that carries the component, or the one that opened the modal
	Data          struct {
		Name       string   `json:"name"`
		Type       int      `json:"type"`
		Options    []option `json:"options"`
		CustomID   string   `json:"custom_id"`
		Values     []string `json:"values"`     // chosen in a menu
		Components []input  `json:"components"` // of a modal
		Resolved   struct {
			Users       map[string]user       `json:"users"`
			Members     map[string]member     `json:"members"`
			Roles       map[string]role       `json:"roles"`
			Channels    map[string]channel    `json:"channels"`
			Attachments map[string]attachment `json:"attachments"`
		} `json:"resolved"`
	} `json:"data"`
}

type member struct {
	Nick        string           `json:"nick"`
	Joined      string           `json:"joined_at"`
	Permissions string           `json:"permissions"`
	Roles       []economy.RoleID `json:"roles"`
	User        user             `json:"user"`
}

type role struct {
	Managed bool `json:"managed"` // by an app or by Discord, and so given by nobody else
}

type channel struct {
	Type int `json:"type"`
}

type attachment struct {
	URL         string `json:"url"`
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
}

// present reads no more of a value than whether it is an object.
type present bool

func (p *present) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*p = d.PeekKind() == '{'
	return d.SkipValue()
}

// UnmarshalJSON is for the lenient decoder.
func (p *present) UnmarshalJSON(raw []byte) error {
	*p = len(raw) > 0 && raw[0] == '{'
	return nil
}

type user struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name"`
	Bot        bool   `json:"bot"`
}

type option struct {
	Name    string         `json:"name"`
	Type    int            `json:"type"`
	Value   jsontext.Value `json:"value"`
	Focused bool           `json:"focused"`
	Options []option       `json:"options"`
}

// input is a field of a modal, or a row or label around one.
type input struct {
	CustomID   string         `json:"custom_id"`
	Value      jsontext.Value `json:"value"`
	Components []input        `json:"components"`
	Component  *input         `json:"component"`
}

var errNotAnObject = errors.New("not a JSON object")

// decode reads an interaction. It fails only if the body is no JSON object: a
// field of another type than documented leaves the rest readable, so that there
// is always someone to answer to.
func decode(body []byte) (*Request, error) {
	if body = bytes.TrimLeft(body, " \t\r\n"); len(body) == 0 || body[0] != '{' {
		return nil, errNotAnObject
	}
	r := &Request{whole: true}
	if jsonv2.Unmarshal(body, &r.payload, asIs) == nil {
		return r, nil
	}
	return decodeLeniently(body)
}

// asIs are the options under which version 2 refuses no more than encoding/json:
// looking for names that come twice would cost as much as the rest.
var asIs = jsonv2.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// decodeLeniently reads on behind a field of the wrong type, which version 2
// does not, at three times its cost.
func decodeLeniently(body []byte) (*Request, error) {
	r := new(Request)
	err := json.Unmarshal(body, &r.payload)
	if wrongType := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrongType) {
		return r, nil
	}
	r.whole = true
	return r, err
}

// person is a user as the guild shows him: by nickname, else by the name he
// chose for himself, else by his username.
func person(nick string, u user) economy.Person {
	name := u.Username
	if u.GlobalName != "" {
		name = u.GlobalName
	}
	if nick != "" {
		name = nick
	}
	return economy.Person{User: economy.UserID(u.ID), Name: name, Bot: u.Bot}
}

// manages reports whether a member's permissions include Manage Guild or
// Administrator. What cannot be read permits nothing.
func manages(permissions string) bool {
	const administrator, manageGuild = 1 << 3, 1 << 5
	bits, err := strconv.ParseUint(permissions, 10, 64)
	return err == nil && bits&(administrator|manageGuild) != 0
}

// jsonString reads a value that should be a JSON string.
func jsonString(raw jsontext.Value) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// written returns what was typed into a modal's inputs, one below the other.
func written(inputs []input) string {
	var all []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	for _, in := range inputs {
		s, _ := jsonString(in.Value)
		add(s)
		add(written(in.Components))
		if in.Component != nil {
			add(written([]input{*in.Component}))
		}
	}
	return strings.Join(all, "\n")
}

// findInput returns the text of an input, wherever it stands.
func findInput(inputs []input, id string) string {
	for _, in := range inputs {
		if in.CustomID == id {
			s, _ := jsonString(in.Value)
			return s
		}
		if s := findInput(in.Components, id); s != "" {
			return s
		}
		if in.Component == nil {
			continue
		}
		if s := findInput([]input{*in.Component}, id); s != "" {
			return s
		}
	}
	return ""
}
