package interactions

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
)

// Request is one interaction as a handler sees it.
type Request struct {
	ID       string // the interaction's snowflake, and the key of a command's write
	Name     string // of the command, component or modal
	Guild    economy.GuildID
	Member   economy.Person // who asks
	At       time.Time
	payload  payload
	whole    bool // every field of the payload had the type it should have
	options  []option
	args     []string // of a component's or modal's custom id
	texts    *locale
	managing bool
	defers   bool // the reply may come later, and so can be no modal
	arrived  time.Time
	row      string // of the table; "" until it is found
}

// complete checks what every handler relies on and derives it from the payload.
// Errors: errMalformed, errGuildOnly.
func (r *Request) complete() error {
	p := &r.payload
	if !r.whole || !snowflake(p.ID) || !snowflake(p.ApplicationID) || !tokenSafe(p.Token) {
		return errMalformed
	}
	if p.GuildID == "" || p.Member == nil {
		return errGuildOnly
	}
	if !snowflake(p.GuildID) || !snowflake(p.Member.User.ID) {
		return errMalformed
	}
	r.ID = p.ID
	r.Guild = economy.GuildID(p.GuildID)
	r.Member = person(p.Member.Nick, p.Member.User)
	r.managing = manages(p.Member.Permissions)
	return nil
}

// descend follows subcommands to the options of the innermost one and returns
// the command's full name, such as "admin coins give".
func (r *Request) descend() string {
	name, options := r.payload.Data.Name, r.payload.Data.Options
	for depth := 0; depth < 2 && len(options) == 1 && (options[0].Type == optionSub || options[0].Type == optionGroup); depth++ {
		name, options = name+" "+options[0].Name, options[0].Options
	}
	r.options = options
	return name
}

// option returns an option, and false if it was not given. Errors: errMalformed
// if it is of another kind.
func (r *Request) option(name string, kind int) (option, bool, error) {
	for _, o := range r.options {
		if o.Name == name {
			if o.Type != kind {
				return option{}, false, errMalformed
			}
			return o, true, nil
		}
	}
	return option{}, false, nil
}

// optional returns a string option, empty if it was not given. Errors: errMalformed.
func (r *Request) optional(name string) (string, error) {
	o, ok, err := r.option(name, optionString)
	if err != nil || !ok {
		return "", err
	}
	s, ok := jsonString(o.Value)
	if !ok {
		return "", errMalformed
	}
	return strings.TrimSpace(s), nil
}

// required returns a string option that Discord has asked for.
// Errors: errMalformed, also where it is missing.
func (r *Request) required(name string) (string, error) {
	if _, given, err := r.option(name, optionString); err != nil || !given {
		return "", errMalformed
	}
	return r.optional(name)
}

// integer returns an option that is a whole number, and false if it was not given.
// Errors: errMalformed.
func (r *Request) integer(name string) (int64, bool, error) {
	o, given, err := r.option(name, optionInteger)
	if err != nil || !given {
		return 0, false, err
	}
	n, err := strconv.ParseInt(string(o.Value), 10, 64)
	if err != nil {
		return 0, false, errMalformed
	}
	return n, true, nil
}

// amount returns the option "amount" as economy.ParseQuantity reads it.
// Errors: as required.
func (r *Request) amount() (string, error) {
	text, err := r.required("amount")
	return r.texts.amount(text), err
}

// someone returns the member that an option names, and false if it was not
// given. Errors: errMalformed, errNotHere.
func (r *Request) someone(name string) (economy.Person, bool, error) {
	o, given, err := r.option(name, optionUser)
	if err != nil || !given {
		return economy.Person{}, false, err
	}
	id, ok := jsonString(o.Value)
	u, known := r.payload.Data.Resolved.Users[id]
	if !ok || !known || !snowflake(id) {
		return economy.Person{}, false, errMalformed
	}
	m, here := r.payload.Data.Resolved.Members[id]
	if !here {
		return economy.Person{}, false, errNotHere
	}
	u.ID = id
	return person(m.Nick, u), true, nil
}

// another returns the member that an option names, which Discord has asked for.
// Errors: as someone.
func (r *Request) another(name string) (economy.Person, error) {
	p, given, err := r.someone(name)
	if err == nil && !given {
		return p, errMalformed
	}
	return p, err
}

// wallet returns the member that an option names, or else who asks.
// Errors: as someone; economy.ErrBotMember.
func (r *Request) wallet(name string) (economy.Person, error) {
	p, given, err := r.someone(name)
	switch {
	case err != nil:
		return economy.Person{}, err
	case !given:
		return r.Member, nil
	case p.Bot:
		return economy.Person{}, economy.ErrBotMember
	}
	return p, nil
}

// chosen returns what was picked in a menu of one. Errors: errUnknownComponent.
func (r *Request) chosen() (string, error) {
	if len(r.payload.Data.Values) != 1 {
		return "", errUnknownComponent
	}
	return r.payload.Data.Values[0], nil
}

// joined returns since when who asks is in the guild; zero if Discord does not tell.
func (r *Request) joined() time.Time {
	at, _ := time.Parse(time.RFC3339, r.payload.Member.Joined)
	return at.UTC()
}

// roles returns the roles of who asks, as Discord signed them.
func (r *Request) roles() []economy.RoleID {
	return slices.DeleteFunc(slices.Clone(r.payload.Member.Roles), func(id economy.RoleID) bool { return id == "" || !id.Valid() })
}

// typed returns what has been typed so far into the option that autocompletes.
func (r *Request) typed() string {
	for _, o := range r.options {
		if o.Focused {
			s, _ := jsonString(o.Value)
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// focused returns the name of the option that autocompletes.
func (r *Request) focused() string {
	for _, o := range r.options {
		if o.Focused {
			return o.Name
		}
	}
	return ""
}

// onMessage reports whether the interaction came from a message that a reply can
// update: of a component, or of one that opened the modal.
func (r *Request) onMessage() bool {
	return r.payload.Type == typeComponent || r.payload.Type == typeModal && bool(r.payload.Message)
}

// words are those of the request that its sender may have nowhere else: what he typed
// into a modal, or as the text of a command that takes a long one.
func (r *Request) words() string {
	if r.payload.Type == typeModal {
		return written(r.payload.Data.Components)
	}
	if r.payload.Type != typeCommand {
		return ""
	}
	text, _ := r.optional("text")
	return text
}

// field returns the text of a modal's input, empty if there is none.
func (r *Request) field(id string) string { return findInput(r.payload.Data.Components, id) }

// write identifies the write that the request is. The key of a command is its
// interaction; that of a button is on the button.
func (r *Request) write(key string) economy.Request {
	return economy.Request{Guild: r.Guild, Source: economy.FromDiscord, Key: key, At: r.At}
}
