package interactions

import (
	"bytes"
	"encoding/json"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
)

// Reply is what a handler returns: a message, an update of the message that
// carries the component, choices, or a modal.
type Reply interface{ response(private bool) response }

// message is a new message. It is private where the command is, and always in
// reply to a component; an apology is private wherever it can still be.
type message struct {
	embed *discordgo.MessageEmbed
	more  []*discordgo.MessageEmbed // below it, nine at most
	rows  []discordgo.MessageComponent
}

// update replaces the message that carries the component, or that opened the modal.
type update message

// choices answer an autocompletion, 25 at most.
type choices []choice

type choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// modal opens a form. It can be the reply to a command or a component whose
// route says that it opens one, and not in reply to a modal.
type modal struct {
	id, title string
	rows      []discordgo.MessageComponent
}

// The types of responses.
const (
	respondMessage     = 4
	respondDeferral    = 5
	respondDeferUpdate = 6
	respondUpdate      = 7
	respondChoices     = 8
	respondModal       = 9
)

const ephemeral = 64

// response is the answer to a webhook. Discord reads a missing array in an
// update as "leave it", so none is ever left out.
type response struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

type messageData struct {
	Flags           int                          `json:"flags,omitempty"`
	Content         string                       `json:"content,omitempty"`
	Embeds          []*discordgo.MessageEmbed    `json:"embeds"`
	Components      []discordgo.MessageComponent `json:"components"`
	Attachments     []string                     `json:"attachments,omitzero"` // nil: they stay; empty: none does
	AllowedMentions allowedMentions              `json:"allowed_mentions"`
}

type allowedMentions struct {
	Parse [0]string        `json:"parse"`           // whoever a text mentions is not notified,
	Users []economy.UserID `json:"users,omitempty"` // but these are
}

type modalData struct {
	CustomID   string                       `json:"custom_id"`
	Title      string                       `json:"title"`
	Components []discordgo.MessageComponent `json:"components"`
}

type choicesData struct {
	Choices []choice `json:"choices"`
}

func (m message) response(private bool) response {
	return response{respondMessage, m.data(private)}
}

func (u update) response(bool) response {
	return response{respondUpdate, message(u).data(false)}
}

func (c choices) response(bool) response {
	if c == nil {
		c = choices{}
	}
	return response{respondChoices, choicesData{c[:min(len(c), 25)]}}
}

func (m modal) response(bool) response {
	return response{respondModal, modalData{m.id, clip(m.title, 45), m.rows}}
}

// allows reports whether a reply is one that Discord takes for the interaction. A
// modal is only for one that cannot have been deferred.
func (r *Request) allows(reply Reply) bool {
	kind := r.payload.Type
	switch reply.(type) {
	case message:
		return kind != typeAutocomplete
	case update:
		return r.onMessage()
	case choices:
		return kind == typeAutocomplete
	case modal:
		return !r.defers && (kind == typeCommand || kind == typeComponent)
	}
	return false
}

// data is the message as Discord takes it, within every limit.
func (m message) data(private bool) messageData {
	d := messageData{Embeds: []*discordgo.MessageEmbed{}, Components: m.rows}
	if m.embed != nil {
		d.Embeds = append(append(d.Embeds, m.embed), m.more[:min(len(m.more), 9)]...)
		fit(d.Embeds)
	}
	if d.Components == nil {
		d.Components = []discordgo.MessageComponent{}
	}
	if private {
		d.Flags = ephemeral
	}
	return d
}

// updated turns what draws a new message into the reply that replaces the
// message of the component.
func updated(m message, err error) (Reply, error) { return update(m), err }

// instead returns what takes the place of the message that the interaction came from,
// and is a new message where it came from none.
func (r *Request) instead(m message) Reply {
	if r.onMessage() {
		return update(m)
	}
	return m
}

// encode returns v as JSON, without the escapes that only HTML needs.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(1 << 10)
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
