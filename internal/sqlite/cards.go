package sqlite

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// joinCards adds the card k of a delivery d, where it is of one.
const joinCards = "LEFT JOIN cards k ON k.guild_id = d.guild_id AND k.subject = d.subject"

// about returns the subject of events and cards.
func about[ID ~int64](kind string, id ID) string {
	return kind + ":" + strconv.FormatInt(int64(id), 10)
}

// wantCard has a subject shown in a channel, if there is one. A card that has a
// message stays where that is.
func (t *tx) wantCard(guild economy.GuildID, subject string, in economy.ChannelID) error {
	if in == "" {
		return nil
	}
	_, err := t.exec(`INSERT INTO cards (guild_id, subject, channel_id) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET channel_id = excluded.channel_id WHERE message IS NULL`, string(guild), subject, string(in))
	return err
}

// deliverCard has a subject's card, if there is one, show what is so now.
func (s *Store) deliverCard(t *tx, guild economy.GuildID, subject string, at time.Time) error {
	notice, _, _ := strings.Cut(subject, ":")
	_, err := t.exec(`INSERT INTO deliveries (guild_id, kind, subject, notice, due, created_at)
		SELECT guild_id, 'card', subject, ?3, ?4, ?5 FROM cards WHERE guild_id = ?1 AND subject = ?2
		ON CONFLICT (guild_id, subject) WHERE kind = 'card' AND state <> 'done' DO UPDATE SET state = 'waiting', attempts = 0,
			joined = 1, settled_at = NULL, due = CASE WHEN leased THEN due ELSE excluded.due END`,
		string(guild), subject, notice, s.clock().UnixMicro(), at.UnixMicro())
	return err
}

// posted gives a card that has no message the one that was posted under a lease, and
// the channel where that was.
func (t *tx) posted(l outbox.Lease, message string) error {
	if l.Kind != outbox.Card || message == "" {
		return nil
	}
	_, err := t.exec("UPDATE cards SET message = ?, channel_id = ? WHERE guild_id = ? AND subject = ? AND message IS NULL",
		message, string(l.Channel), string(l.Guild), l.Subject)
	return err
}

// compose returns what a card is to show now.
func (t *tx) compose(guild economy.GuildID, subject string) (outbox.Notice, error) {
	settings, err := t.settings(guild)
	if err != nil {
		return outbox.Notice{}, err
	}
	kind, number, _ := strings.Cut(subject, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return outbox.Notice{}, fmt.Errorf("a card of %q: %w", subject, err)
	}
	var args any
	switch kind {
	case outbox.NoticeTask:
		var task taskRow
		task, err = t.task(guild, tasks.TaskID(id))
		args = tasks.TaskCard{Task: task.Task, Left: task.places(), Currency: settings.Currency()}
	case outbox.NoticeSubmission:
		var s submissionRow
		s, err = t.submission(guild, tasks.SubmissionID(id))
		args = tasks.ReviewCard{Submission: s.Submission, Currency: settings.Currency()}
	default:
		err = fmt.Errorf("a card of %q", subject)
	}
	if err != nil {
		return outbox.Notice{}, err
	}
	b, err := json.Marshal(args)
	return outbox.Notice{Name: kind, Args: b}, err
}
