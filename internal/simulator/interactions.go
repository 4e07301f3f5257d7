package simulator

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// The types of interactions, as Interaction.Type names them.
const (
	TypeCommand      = "command"
	TypeComponent    = "component"
	TypeAutocomplete = "autocomplete"
	TypeModal        = "modal"
)

// State is how far an interaction has come.
type State string

// The states of an interaction. A deferred update (callback 6) is thinking
// too, until its edit or a follow-up comes, though a client shows no spinner.
const (
	Sent     State = "sent" // the app has not answered yet
	Thinking State = "thinking"
	Answered State = "answered"
	Failed   State = "failed"
)

// What Discord's client says of an interaction that failed.
const (
	sayNoResponse = "The application did not respond"
	sayFailed     = "This interaction failed"
	sayModal      = "Something went wrong. Try again."
	sayOptions    = "Loading options failed"
)

// Interaction is what became of something a person did.
type Interaction struct {
	ID        string          `json:"id"`
	Type      string          `json:"type"`
	Command   string          `json:"command,omitempty"`   // in full, as "admin coins give"
	CustomID  string          `json:"custom_id,omitempty"` // of a component or a modal
	As        string          `json:"as"`                  // username
	Channel   string          `json:"channel"`
	State     State           `json:"state"`
	Error     string          `json:"error,omitempty"`  // as Discord's client says it
	Reason    string          `json:"reason,omitempty"` // why, for the developer, in Discord's API's words
	Message   *Message        `json:"message"`          // what it drew or changed, as it is now
	Followups []Message       `json:"followups"`
	Modal     *Modal          `json:"modal"`
	Choices   []Choice        `json:"choices"`
	Request   json.RawMessage `json:"request"`  // the body sent
	Response  json.RawMessage `json:"response"` // the body answered; a string if it was no JSON
	Status    int             `json:"status"`   // HTTP; 0 when there was no answer
	Duration  int64           `json:"duration_ms"`
	At        time.Time       `json:"at"`
}

// Choice is a suggestion of an autocompletion.
type Choice struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// interaction is the simulator's record. Its lock guards it.
type interaction struct {
	Interaction
	token     string
	by        User
	guildID   string
	channel   Channel
	target    *Message // a component's message, or that of the component that opened the modal
	original  *Message // @original: the answer, or the target once it is updated
	followups []*Message
	focused   int // type of the option being typed
	acked     bool
	deferred  int           // callback type 5 or 6 while it is open
	changed   chan struct{} // closed and replaced when something changes
}

// touch wakes those who wait.
func (it *interaction) touch() {
	close(it.changed)
	it.changed = make(chan struct{})
}

func (it *interaction) settled() bool { return it.State == Answered || it.State == Failed }

// fail ends an interaction without an answer.
func (it *interaction) fail(reason string) {
	it.State, it.Reason = Failed, reason
	switch it.Type {
	case TypeComponent:
		it.Error = sayFailed
	case TypeModal:
		it.Error = sayModal
	case TypeAutocomplete:
		it.Error = sayOptions
	default:
		it.Error = sayNoResponse
	}
	it.touch()
}

// expire notices that an open deferral has outlived its token. There is no
// timer: whoever looks finds out.
func (s *Simulator) expire(it *interaction) {
	if it.State == Thinking && s.cfg.Now().Sub(it.At) > tokenLife {
		it.fail("the token expired before the deferred answer came")
		if it.original != nil && it.original.Thinking {
			s.remove(it.original)
			it.original = nil
		}
	}
}

// view is a copy for the outside.
func (s *Simulator) view(it *interaction) Interaction {
	s.expire(it)
	v := it.Interaction
	v.Followups = []Message{}
	if it.original != nil && s.messages[it.original.ID] != nil { // it may be deleted by now
		m := snapshot(it.original)
		v.Message = &m
	}
	for _, m := range it.followups {
		if s.messages[m.ID] != nil {
			v.Followups = append(v.Followups, snapshot(m))
		}
	}
	return v
}

// snapshot copies a message. Its lists are replaced on change, never written
// to, so that they can be shared.
func snapshot(m *Message) Message {
	m.blank()
	return *m
}

// Interaction tells what became of an interaction.
func (s *Simulator) Interaction(id string) (Interaction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, ok := s.interactions[id]
	if !ok {
		return Interaction{}, false
	}
	return s.view(it), true
}

// Wait returns an interaction once it is answered or failed. When ctx ends
// first it returns the interaction as it is, with the context's error.
func (s *Simulator) Wait(ctx context.Context, id string) (Interaction, error) {
	for {
		s.mu.Lock()
		it, ok := s.interactions[id]
		if !ok {
			s.mu.Unlock()
			return Interaction{}, ErrUnknownInteraction
		}
		v, settled, changed := s.view(it), it.settled(), it.changed
		s.mu.Unlock()
		if settled {
			return v, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return v, ctx.Err()
		}
	}
}

// Message tells of a message, whoever may see it.
func (s *Simulator) Message(id string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.messages[id]
	if !ok {
		return Message{}, false
	}
	return snapshot(m), true
}

// DeleteMessage deletes a message, as a moderator does, and reports whether there was
// such a one.
func (s *Simulator) DeleteMessage(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.messages[id]
	if ok {
		s.remove(m)
	}
	return ok
}

// Messages lists what a channel shows to somebody, oldest first. Ephemeral
// messages show only to their reader. The channel may be named, the person too.
func (s *Simulator) Messages(channel, as string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.world.channel(channel)
	if !ok {
		return nil
	}
	reader := ""
	if m := s.world.member(c.GuildID, as); m != nil {
		reader = m.User.ID
	}
	list := []Message{}
	for _, id := range s.channels[c.ID] {
		if m, ok := s.messages[id]; ok && m.seenBy(reader) {
			list = append(list, snapshot(m))
		}
	}
	return list
}

// keep records an interaction and forgets the oldest beyond the limit.
func (s *Simulator) keep(it *interaction) {
	s.interactions[it.ID], s.tokens[it.token] = it, it
	s.order = append(s.order, it.ID)
	for len(s.order) > keptInteractions {
		if old := s.interactions[s.order[0]]; old != nil {
			delete(s.tokens, old.token)
			delete(s.interactions, old.ID)
		}
		s.order = s.order[1:]
	}
}

// post puts a new message into its channel and forgets the oldest ones. Ids
// of deleted messages leave the lists the same way, in their turn.
func (s *Simulator) post(m *Message) {
	s.messages[m.ID] = m
	s.messageOrder = append(s.messageOrder, m.ID)
	s.channels[m.ChannelID] = append(s.channels[m.ChannelID], m.ID)
	s.tell(m.ChannelID)
	for len(s.messageOrder) > keptMessages {
		id := s.messageOrder[0]
		s.messageOrder = s.messageOrder[1:]
		if old := s.messages[id]; old != nil {
			delete(s.messages, id)
			s.forgetAttachments(old.Attachments, nil)
			if list := s.channels[old.ChannelID]; len(list) > 0 && list[0] == id {
				s.channels[old.ChannelID] = list[1:]
			}
		}
	}
}

// remove deletes a message. Its place in the channel's list goes too: the
// list's newest entries are the likely ones, so it looks from the end.
func (s *Simulator) remove(m *Message) {
	delete(s.messages, m.ID)
	s.forgetAttachments(m.Attachments, nil)
	s.tell(m.ChannelID)
	list := s.channels[m.ChannelID]
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == m.ID {
			s.channels[m.ChannelID] = slices.Delete(list, i, i+1)
			return
		}
	}
}
