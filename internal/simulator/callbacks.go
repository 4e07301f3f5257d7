package simulator

import (
	"encoding/json"
	"net/http"
)

// Callback types.
const (
	callbackPong         = 1
	callbackMessage      = 4
	callbackDeferred     = 5
	callbackDeferUpdate  = 6
	callbackUpdate       = 7
	callbackAutocomplete = 8
	callbackModal        = 9
)

// permittedCallbacks says which answers an interaction takes: an update only
// where there is a message to update, a modal not in reply to a modal.
func (it *interaction) permittedCallbacks() []int {
	switch it.Type {
	case TypeAutocomplete:
		return []int{callbackAutocomplete}
	case TypeModal:
		if it.target == nil {
			return []int{callbackMessage, callbackDeferred}
		}
		return []int{callbackMessage, callbackDeferred, callbackDeferUpdate, callbackUpdate}
	case TypeComponent:
		return []int{callbackMessage, callbackDeferred, callbackDeferUpdate, callbackUpdate, callbackModal}
	default:
		return []int{callbackMessage, callbackDeferred, callbackModal}
	}
}

// callback applies the app's first answer. Until it has succeeded once nothing
// is changed; afterwards every further one is refused with 40060.
func (s *Simulator) callback(it *interaction, body json.RawMessage, uploads []upload) *APIError {
	if it.acked {
		return errAcknowledged()
	}
	bad := &complaints{}
	root, ok := openForm(body, nil, bad)
	if !ok {
		return bad.err()
	}
	kind := root.kind("type", it.permittedCallbacks()...)
	if kind == 0 {
		return bad.err()
	}
	data, given := root.sub("data")
	if !given {
		data = form{at: (*path)(nil).to("data"), bad: bad} // as {}: the rules decide
	}
	switch kind {
	case callbackMessage:
		d := readDraft(data, uploads, 0, flagsOfAnswer)
		if err := bad.err(); err != nil {
			return err
		}
		m := s.newAnswer(it)
		s.apply(d, m)
		if m.empty() && !d.other {
			return errEmptyMessage()
		}
		s.answer(it, m, d)
	case callbackDeferred:
		flags, _ := data.whole("flags", 0, 1<<53)
		if flags&^flagEphemeral != 0 {
			bad.add(data.at.to("flags"), "MESSAGE_FLAGS_INVALID", "Only EPHEMERAL (64) can be set on a deferred response.")
			return bad.err()
		}
		m := s.newAnswer(it)
		m.Flags, m.Thinking = flags|flagLoading, true
		it.deferred, it.State = kind, Thinking
		s.answer(it, m, draft{})
	case callbackDeferUpdate:
		it.deferred, it.State, it.original = kind, Thinking, it.target
	case callbackUpdate:
		d := readDraft(data, uploads, it.target.Flags, flagsOfAnswer)
		if err := bad.err(); err != nil {
			return err
		}
		if err := s.edit(it.target, d); err != nil {
			return err
		}
		it.original = it.target
	case callbackAutocomplete:
		it.Choices = readChoices(data, it.focused)
	case callbackModal:
		it.Modal = readModal(data)
	}
	if err := bad.err(); err != nil {
		it.Choices, it.Modal = nil, nil
		return err
	}
	it.acked, it.Error, it.Reason = true, "", "" // the other of two deliveries may have failed
	if it.deferred == 0 {
		it.State = Answered
	}
	it.touch()
	return nil
}

// newAnswer is an empty message of the app in the interaction's channel.
func (s *Simulator) newAnswer(it *interaction) *Message {
	m := &Message{
		ID: s.ids.next(), ChannelID: it.channel.ID, GuildID: it.guildID, Author: s.world.bot, Timestamp: s.cfg.Now(),
		Interaction: it.ID, Command: it.Command, InvokedBy: it.by.Username,
	}
	if it.target != nil {
		m.ReplyTo = it.target.ID
	}
	return m
}

// answer posts the interaction's @original.
func (s *Simulator) answer(it *interaction, m *Message, d draft) {
	s.address(it, m)
	m.Pings = d.mentions.pings(m.Content)
	it.original = m
	s.post(m)
}

// address makes an ephemeral message its reader's.
func (s *Simulator) address(it *interaction, m *Message) {
	if m.Ephemeral = m.Flags&flagEphemeral != 0; m.Ephemeral {
		m.Reader = it.by.ID
	}
}

// edit changes a message, or refuses to and leaves it as it was.
func (s *Simulator) edit(m *Message, d draft) *APIError {
	changed := *m
	s.apply(d, &changed)
	if changed.empty() && !d.other {
		return errEmptyMessage()
	}
	changed.Flags = changed.Flags&^flagEphemeral | m.Flags&flagEphemeral // for good
	now := s.cfg.Now()
	if !m.Thinking { // filling in a deferred answer is not an edit to a reader
		changed.EditedAt = &now
	}
	if d.contentSent {
		changed.Pings = d.mentions.pings(changed.Content)
	}
	s.forgetAttachments(m.Attachments, changed.Attachments)
	*m = changed
	s.tell(m.ChannelID)
	return nil
}

// readChoices checks the choices of an autocompletion for an option of type
// kind. The list must be there, though it may be empty.
func readChoices(f form, kind int) []Choice {
	if !f.require("choices") {
		return nil
	}
	choices := []Choice{}
	for i, raw := range f.list("choices", upTo(maxChoices)) {
		at := f.at.to("choices").index(i)
		c, ok := openForm(raw, at, f.bad)
		if !ok {
			continue
		}
		name := c.needText("name", span{1, maxChoiceName})
		readLocalizations(c, "name_localizations", span{1, maxChoiceName}, nil)
		readChoiceValue(c, kind)
		choices = append(choices, Choice{Name: name, Value: c.fields["value"]})
	}
	return choices
}

// acceptableAnswer says whether the HTTP answer to an interaction is one that
// Discord reads: 200 with JSON. (202 without a body announces a callback by
// REST, and is dealt with before.)
func acceptableAnswer(status int) *APIError {
	if status != http.StatusOK {
		return refuse(status, 0, "the endpoint must answer 200, or 202 and use the callback endpoint; it answered "+http.StatusText(status))
	}
	return nil
}
