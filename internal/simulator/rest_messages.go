package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"
)

// channelOf finds the channel of a path, if the bot sees it. The lock is held.
func (s *Simulator) channelOf(r *http.Request) (Channel, error) {
	c, ok := s.world.channels[r.PathValue("channel")]
	switch {
	case !ok:
		return c, errUnknownChannel()
	case c.GuildID != "" && s.world.appPermissions(c.GuildID)&ViewChannel == 0:
		return c, errMissingAccess()
	}
	return c, nil
}

// messageOf finds a message that the bot may change: its own, and no
// ephemeral one, which exists only for its reader.
func (s *Simulator) messageOf(r *http.Request) (*Message, error) {
	c, err := s.channelOf(r)
	if err != nil {
		return nil, err
	}
	m := s.messages[r.PathValue("message")]
	if m == nil || m.ChannelID != c.ID || m.Ephemeral {
		return nil, errUnknownMessage()
	}
	return m, nil
}

func (s *Simulator) getChannel(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.channelOf(r)
	if err != nil {
		return nil, err
	}
	return c.wire(), nil
}

// createMessage posts as the bot. With enforce_nonce the same nonce again, whatever
// the channel, yields the message that is already there ("if another message was
// created by the same author with the same nonce", says Discord).
func (s *Simulator) createMessage(r *http.Request, b body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.channelOf(r)
	if err != nil {
		return nil, err
	}
	if refused := s.mayPost(c, len(b.uploads) > 0); refused != nil {
		return nil, refused
	}
	nonce, enforced, refused := readNonce(b.json)
	if refused != nil {
		return nil, refused
	}
	if first, again := s.nonces[nonce]; enforced && again && s.cfg.Now().Sub(first.at) < nonceLife && s.messages[first.message] != nil {
		return s.wireMessage(s.messages[first.message]), nil
	}
	d, refused := readWhole(b, 0, flagsOfAnswer&^flagEphemeral)
	if refused != nil {
		return nil, refused
	}
	m := &Message{ID: s.ids.next(), ChannelID: c.ID, GuildID: c.GuildID, Author: s.world.bot, Timestamp: s.cfg.Now()}
	s.apply(d, m)
	if m.empty() && !d.other {
		return nil, errEmptyMessage()
	}
	m.Pings = d.mentions.pings(m.Content)
	s.post(m)
	if enforced && nonce != "" {
		maps.DeleteFunc(s.nonces, func(_ string, u usedNonce) bool { return s.cfg.Now().Sub(u.at) >= nonceLife })
		s.nonces[nonce] = usedNonce{m.ID, s.cfg.Now()}
	}
	return s.wireMessage(m), nil
}

// usedNonce is a nonce that was enforced.
type usedNonce struct {
	message string
	at      time.Time
}

// mayPost says whether the bot can write there, and with files.
func (s *Simulator) mayPost(c Channel, files bool) *APIError {
	if c.Type == 1 {
		for user, id := range s.directs {
			if id != c.ID {
				continue
			}
			u, shared := s.world.user(user)
			switch {
			case !shared:
				return refuse(http.StatusForbidden, 50278, "Cannot send messages to this user due to having no mutual guilds")
			case u.NoDirectMessages:
				return refuse(http.StatusForbidden, 50007, "Cannot send messages to this user")
			}
		}
		return nil
	}
	has := s.world.appPermissions(c.GuildID)
	switch {
	case has&SendMessages == 0, files && has&AttachFiles == 0:
		return refuse(http.StatusForbidden, 50013, "Missing Permissions")
	}
	return nil
}

// readNonce reads the nonce of a message: a string or an integer of at most
// 25 letters.
func readNonce(raw json.RawMessage) (nonce string, enforced bool, refused *APIError) {
	if raw == nil {
		return "", false, nil
	}
	bad := &complaints{}
	f, ok := openForm(raw, nil, bad)
	if !ok {
		return "", false, bad.err()
	}
	enforced = f.boolean("enforce_nonce")
	if !f.given("nonce") {
		return "", false, bad.err()
	}
	nonce = strings.Trim(string(f.fields["nonce"]), `"`)
	if length(nonce) > maxNonce {
		bad.add(f.at.to("nonce"), "NONCE_TYPE_TOO_LONG", "Must be %d or fewer characters long.", maxNonce)
	}
	return nonce, enforced, bad.err()
}

func (s *Simulator) getMessage(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.messageOf(r)
	if err != nil {
		return nil, err
	}
	return s.wireMessage(m), nil
}

func (s *Simulator) editMessage(r *http.Request, b body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.messageOf(r)
	if err != nil {
		return nil, err
	}
	if m.Author.ID != s.world.bot.ID {
		return nil, refuse(http.StatusForbidden, 50005, "Cannot edit a message authored by another user")
	}
	d, refused := readWhole(b, m.Flags, flagsOfAnswer&^flagEphemeral)
	if refused == nil {
		refused = s.edit(m, d)
	}
	if refused != nil {
		return nil, refused
	}
	return s.wireMessage(m), nil
}

func (s *Simulator) deleteMessage(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.messageOf(r)
	if err != nil {
		return nil, err
	}
	s.remove(m)
	return nil, nil
}
