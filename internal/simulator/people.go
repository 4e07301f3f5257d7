package simulator

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
)

// Command is somebody typing a slash command and pressing return.
type Command struct {
	As      string // username or id
	Channel string // id or name; the first text channel if empty
	Line    string // as "/pay member:bob amount:100"
	Filled  Filled // in place of Line: option by option
	Locale  string // of the person's client; en-US if empty
	Force   bool   // send it even without the permissions: a hostile client
}

// Click is somebody pressing a button or choosing in a select.
type Click struct {
	As        string
	MessageID string
	CustomID  string
	Values    []string // of a select; users and the like may be named
	Locale    string
}

// ModalSubmit is somebody sending a modal off.
type ModalSubmit struct {
	As            string            // the one who opened it, if empty
	InteractionID string            // the one that opened it
	Fields        map[string]string // by custom id; the values of a select with commas between
	Locale        string
}

// Typing is somebody in the middle of a command: the last option in the line
// is the one being typed, or that which Filled names.
type Typing struct {
	As      string
	Channel string
	Line    string
	Filled  Filled // in place of Line; Focused names the option being typed
	Locale  string
}

// Say sends a slash command and returns what its sender sees after the app's
// first answer. What Discord's client would not send is a ClientError.
func (s *Simulator) Say(ctx context.Context, c Command) (Interaction, error) {
	return s.act(ctx, c.Locale, func() (action, error) {
		a, err := s.begun(TypeCommand, c.As, c.Channel)
		if err != nil {
			return a, err
		}
		line, err := s.read(a, c.Line, c.Filled, c.Force, false)
		if err != nil {
			return a, err
		}
		data := line.data()
		a.it.Command, a.data = data.fullName(), data
		return a, nil
	})
}

// Autocomplete asks for suggestions. The answer is in Choices.
func (s *Simulator) Autocomplete(ctx context.Context, c Typing) (Interaction, error) {
	return s.act(ctx, c.Locale, func() (action, error) {
		a, err := s.begun(TypeAutocomplete, c.As, c.Channel)
		if err != nil {
			return a, err
		}
		line, err := s.read(a, c.Line, c.Filled, false, true)
		if err != nil {
			return a, err
		}
		data := line.data()
		a.it.Command, a.it.focused, a.data = data.fullName(), line.focused, data
		return a, nil
	})
}

// read reads what was typed: a line, or a command that was filled in.
func (s *Simulator) read(by action, line string, f Filled, force, typing bool) (typed, error) {
	if f.Command == "" {
		return s.readLine(by, line, force, typing)
	}
	if line != "" {
		return typed{}, clientErrorf("Say a line, or a command with options, but not both.")
	}
	return s.readFilled(by, f, force, typing)
}

// Click uses a component of a message that the person sees.
func (s *Simulator) Click(ctx context.Context, c Click) (Interaction, error) {
	return s.act(ctx, c.Locale, func() (action, error) {
		message := s.messages[c.MessageID]
		if message == nil {
			return action{}, clientErrorf("There is no such message.")
		}
		a, err := s.begun(TypeComponent, c.As, message.ChannelID)
		if err != nil {
			return a, err
		}
		if !message.seenBy(a.member.User.ID) { // an ephemeral one of somebody else
			return a, clientErrorf("There is no such message.")
		}
		a.it.CustomID, a.it.target = c.CustomID, message
		a.data, err = s.press(message, a.member, c)
		return a, err
	})
}

// SubmitModal sends the modal that an interaction opened. It can be sent more
// than once, as by somebody whose first try failed.
func (s *Simulator) SubmitModal(ctx context.Context, c ModalSubmit) (Interaction, error) {
	return s.act(ctx, c.Locale, func() (action, error) {
		opener := s.interactions[c.InteractionID]
		if opener == nil || opener.Modal == nil {
			return action{}, clientErrorf("No modal is open.")
		}
		a, err := s.begun(TypeModal, cmp.Or(c.As, opener.by.ID), opener.channel.ID)
		if err != nil {
			return a, err
		}
		if a.member.User.ID != opener.by.ID {
			return a, clientErrorf("The modal is open in somebody else's client.")
		}
		a.it.CustomID, a.it.Command, a.it.target = opener.Modal.CustomID, opener.Command, opener.target
		a.data, err = s.fill(opener.Modal, a.member, c.Fields)
		return a, err
	})
}

// action is something a person does, before it is sent.
type action struct {
	it     *interaction
	member *Member
	data   any // of the payload
}

// act composes an action under the lock and sends it without.
func (s *Simulator) act(ctx context.Context, locale string, compose func() (action, error)) (Interaction, error) {
	it, p, err := s.compose(locale, compose)
	if err != nil {
		return Interaction{}, err
	}
	body, err := json.Marshal(p)
	if err != nil {
		return Interaction{}, fmt.Errorf("simulator: payload: %w", err)
	}
	return s.run(ctx, it, body)
}

func (s *Simulator) compose(locale string, do func() (action, error)) (*interaction, payload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := do()
	if err != nil {
		return nil, payload{}, err
	}
	return a.it, s.payload(a, cmp.Or(locale, "en-US")), nil
}

// begun makes the record of an interaction and finds its person and place.
func (s *Simulator) begun(kind, as, channel string) (action, error) {
	c, ok := s.world.channel(channel)
	if !ok {
		return action{}, clientErrorf("There is no channel %q.", channel)
	}
	m := s.world.member(c.GuildID, as)
	if m == nil {
		return action{}, clientErrorf("There is no member %q.", as)
	}
	if m.User.Bot {
		return action{}, clientErrorf("%s is a bot: bots have no client.", m.User.Username)
	}
	id := s.ids.next()
	return action{member: m, it: &interaction{
		Interaction: Interaction{ID: id, Type: kind, As: m.User.Username, Channel: c.ID, State: Sent, At: s.cfg.Now()},
		token:       interactionToken(id), by: m.User, guildID: c.GuildID, channel: c, changed: make(chan struct{}),
	}}, nil
}
