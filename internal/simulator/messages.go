package simulator

import (
	"encoding/json"
	"strings"
	"time"
)

// Message is a message as a client draws it. Embeds, components and
// attachments are as the app sent them, with what Discord adds (the type of an
// embed, the ids of components), so that nothing legal gets lost.
type Message struct {
	ID          string            `json:"id"`
	ChannelID   string            `json:"channel_id"`
	GuildID     string            `json:"guild_id,omitempty"`
	Author      User              `json:"author"`
	Content     string            `json:"content"`
	Embeds      []json.RawMessage `json:"embeds"`
	Components  []json.RawMessage `json:"components"`
	Attachments []json.RawMessage `json:"attachments"`
	Flags       int64             `json:"flags"`
	Ephemeral   bool              `json:"ephemeral"`
	Thinking    bool              `json:"thinking"`           // a deferred answer that is still open
	Pings       []string          `json:"pings"`              // who would be notified: user and role ids, "everyone"
	Reader      string            `json:"reader,omitempty"`   // id of the one who sees an ephemeral message
	ReplyTo     string            `json:"reply_to,omitempty"` // message that a component or modal answered to
	Interaction string            `json:"interaction_id,omitempty"`
	Command     string            `json:"command,omitempty"` // of that interaction
	InvokedBy   string            `json:"invoked_by,omitempty"`
	Timestamp   time.Time         `json:"timestamp"`
	EditedAt    *time.Time        `json:"edited_timestamp"`
}

// draft is a message body that was read and found in order. The sent fields
// tell what an edit is to change.
type draft struct {
	content                     string
	embeds, components, kept    []json.RawMessage
	flags                       int64
	mentions                    mentions
	uploads                     []upload
	contentSent, embedsSent     bool
	componentsSent, attachsSent bool
	flagsSent, other            bool // other: a poll or a sticker, which is content too
}

// readDraft reads and checks the body of a message. An edit passes the flags
// that the message already has; settable are those that may be sent here.
func readDraft(f form, uploads []upload, had int64, settable int64) draft {
	d := draft{uploads: uploads, mentions: readMentions(f)}
	d.contentSent, d.content = f.sent("content"), f.text("content", upTo(maxContent))
	f.boolean("tts")
	if flags, ok := f.whole("flags", 0, 1<<53); ok {
		d.flags, d.flagsSent = flags, true
		if extra := flags &^ settable; extra != 0 {
			f.bad.add(f.at.to("flags"), "MESSAGE_FLAGS_INVALID", "Flags %d cannot be set here.", extra)
		}
	}
	layout := (had|d.flags)&flagComponentsV2 != 0
	d.embedsSent, d.embeds = f.sent("embeds"), readEmbeds(f)
	d.componentsSent, d.components = f.sent("components"), readComponents(f, layout)
	d.attachsSent = f.sent("attachments") || len(uploads) > 0
	d.kept = readAttachments(f, uploads)
	d.other = f.given("poll") || f.given("sticker_ids")
	if layout {
		for field, used := range map[string]bool{"content": strings.TrimSpace(d.content) != "", "embeds": len(d.embeds) > 0} {
			if used {
				f.bad.add(f.at.to(field), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
					"The '%s' field cannot be used when using MessageFlags.IS_COMPONENTS_V2", field)
			}
		}
	}
	return d
}

// apply puts a draft on a message: all of it on a new one, on an edit only
// what was sent, so that an absent field stays and null or [] clears.
func (s *Simulator) apply(d draft, m *Message) {
	if d.contentSent {
		m.Content = d.content
	}
	if d.embedsSent {
		m.Embeds = d.embeds
	}
	if d.componentsSent {
		m.Components = d.components
	}
	if d.attachsSent {
		m.Attachments = s.keepAttachments(m, d)
	}
	const lasting = flagEphemeral | flagComponentsV2 // once given, they stay
	if d.flagsSent {
		m.Flags = m.Flags&lasting | d.flags
	}
	m.Flags &^= flagLoading
	m.Thinking = false
}

// empty says whether m shows nothing at all.
func (m *Message) empty() bool {
	return strings.TrimSpace(m.Content) == "" && len(m.Embeds) == 0 && len(m.Components) == 0 && len(m.Attachments) == 0
}

// seenBy says whether a user's client shows m.
func (m *Message) seenBy(userID string) bool { return !m.Ephemeral || m.Reader == userID }

// blank makes the empty lists lists: JSON shows [] and not null.
func (m *Message) blank() {
	for _, list := range []*[]json.RawMessage{&m.Embeds, &m.Components, &m.Attachments} {
		if *list == nil {
			*list = []json.RawMessage{}
		}
	}
	if m.Pings == nil {
		m.Pings = []string{}
	}
}

// wireMessage is the message object of Discord's API.
type wireMessage struct {
	ID              string            `json:"id"`
	Type            int               `json:"type"` // 0, 19 reply, 20 answer to a slash command
	ChannelID       string            `json:"channel_id"`
	Author          wireUser          `json:"author"`
	Content         string            `json:"content"`
	Timestamp       string            `json:"timestamp"`
	EditedTimestamp *string           `json:"edited_timestamp"`
	TTS             bool              `json:"tts"`
	MentionEveryone bool              `json:"mention_everyone"`
	Mentions        []wireUser        `json:"mentions"`
	MentionRoles    []string          `json:"mention_roles"`
	Attachments     []json.RawMessage `json:"attachments"`
	Embeds          []json.RawMessage `json:"embeds"`
	Components      []json.RawMessage `json:"components"`
	Pinned          bool              `json:"pinned"`
	Flags           int64             `json:"flags"`
	ApplicationID   string            `json:"application_id,omitempty"`
	WebhookID       string            `json:"webhook_id,omitempty"`
	Nonce           json.RawMessage   `json:"nonce,omitempty"`
	Metadata        *wireMetadata     `json:"interaction_metadata,omitempty"`
	Reference       *wireReference    `json:"message_reference,omitempty"`
}

type wireMetadata struct {
	ID      string            `json:"id"`
	Type    int               `json:"type"`
	User    wireUser          `json:"user"`
	Owners  map[string]string `json:"authorizing_integration_owners"`
	Name    string            `json:"name,omitempty"`
	CmdType int               `json:"command_type,omitempty"`
}

type wireReference struct {
	Type      int    `json:"type"`
	ChannelID string `json:"channel_id"`
	MessageID string `json:"message_id"`
	GuildID   string `json:"guild_id,omitempty"`
}

// stamp is the form of all of Discord's times: microseconds and an offset.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }
