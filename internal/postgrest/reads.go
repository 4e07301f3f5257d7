package postgrest

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// mostMet is how many people one call of the database meets.
const mostMet = 1000

// Meet implements economy.Store, one request for up to a thousand people. Of people
// whose answer is lost nobody is counted.
func (s *Store) Meet(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	return s.create(ctx, "coffer_meet", guild, people, at)
}

// Join implements economy.Store, as Meet does. Of more than a thousand the first
// thousand are welcomed.
func (s *Store) Join(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	return s.create(ctx, "coffer_join", guild, people, at)
}

// Restore implements economy.Store, one request for up to a thousand people.
func (s *Store) Restore(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	back := slices.DeleteFunc(slices.Clone(people), func(p economy.Person) bool { return p.Joined.IsZero() })
	if len(back) == 0 {
		return 0, ctx.Err()
	}
	return s.create(ctx, "coffer_restore", guild, back, at)
}

func (s *Store) create(ctx context.Context, function string, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	met := []person{}
	for _, p := range people {
		if !p.Bot {
			met = append(met, personOf(p))
		}
	}
	total := 0
	for first := true; first || len(met) > 0; first = false {
		some := met[:min(len(met), mostMet)]
		met = met[len(some):]
		n, err := read[int](ctx, s, function, struct {
			Guild  economy.GuildID `json:"guild"`
			At     time.Time       `json:"at"`
			People []person        `json:"people"`
		}{guild, instant(at), some})
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

// Wallet implements economy.Store.
func (s *Store) Wallet(ctx context.Context, q economy.WalletQuery) (economy.Wallet, error) {
	found, err := read[standing](ctx, s, "coffer_wallet", struct {
		Guild  economy.GuildID `json:"guild"`
		At     time.Time       `json:"at"`
		Viewer person          `json:"viewer"`
		Member person          `json:"member"`
	}{q.Guild, instant(q.At), personOf(q.Viewer), personOf(q.Member)})
	if err != nil {
		return economy.Wallet{}, err
	}
	return s.wallet(found, q.Member.User, q.At)
}

// Leaderboard implements economy.Store.
func (s *Store) Leaderboard(ctx context.Context, q economy.LeaderboardQuery) (economy.LeaderboardPage, error) {
	size := min(max(q.Size, 1), economy.MaxPage)
	skip := min(min(max(q.Page-1, 0), economy.ExactRanks)*size, economy.ExactRanks)
	shown := min(size, economy.ExactRanks-skip)
	more := min(1, economy.ExactRanks-skip-shown) // one row beyond the page tells whether another follows
	found, err := read[struct {
		Viewer standing `json:"viewer"`
		Places []struct {
			Member  economy.UserID `json:"member"`
			Balance economy.Amount `json:"balance"`
		} `json:"places"`
	}](ctx, s, "coffer_leaderboard", struct {
		Guild  economy.GuildID `json:"guild"`
		At     time.Time       `json:"at"`
		Viewer person          `json:"viewer"`
		Skip   int             `json:"skip"`
		Size   int             `json:"size"`
	}{q.Guild, instant(q.At), personOf(q.Viewer), skip, shown + more})
	if err != nil {
		return economy.LeaderboardPage{}, err
	}
	page := economy.LeaderboardPage{More: len(found.Places) > shown, Currency: found.Viewer.Currency}
	for i, p := range found.Places[:min(len(found.Places), shown)] {
		page.Rows = append(page.Rows, economy.LeaderboardRow{Position: skip + i + 1, Member: p.Member, Balance: p.Balance})
	}
	page.Viewer, err = s.wallet(found.Viewer, q.Viewer.User, q.At)
	return page, err
}

// History implements economy.Store.
func (s *Store) History(ctx context.Context, q economy.HistoryQuery) (economy.HistoryPage, error) {
	found, err := read[struct {
		Lines []struct {
			Transaction  economy.TransactionID `json:"transaction"`
			Kind         economy.Kind          `json:"kind"`
			Amount       economy.Amount        `json:"amount"`
			Balance      economy.Amount        `json:"balance"`
			Counterparty economy.UserID        `json:"counterparty"`
			Note         string                `json:"note"`
			At           time.Time             `json:"at"`
			Reverses     economy.TransactionID `json:"reverses"`
			ReversedBy   economy.TransactionID `json:"reversed_by"`
		} `json:"lines"`
		Newer    bool             `json:"newer"`
		Older    bool             `json:"older"`
		Balance  economy.Amount   `json:"balance"`
		Currency economy.Currency `json:"currency"`
	}](ctx, s, "coffer_history", struct {
		Guild  economy.GuildID `json:"guild"`
		At     time.Time       `json:"at"`
		Viewer person          `json:"viewer"`
		Member person          `json:"member"`
		Turned bool            `json:"turned"`
		Before any             `json:"older"`
		After  any             `json:"newer"`
		Size   int             `json:"size"`
	}{
		q.Guild, instant(q.At), personOf(q.Viewer), personOf(q.Member), q.Turned, bound(q.Before), bound(max(q.After, 0)),
		min(max(q.Size, 1), economy.MaxPage),
	})
	page := economy.HistoryPage{Newer: found.Newer, Older: found.Older, Balance: found.Balance, Currency: found.Currency}
	for _, l := range found.Lines {
		l.At = l.At.UTC()
		page.Lines = append(page.Lines, economy.HistoryLine(l))
	}
	return page, err
}

// bound returns an id for an argument, or null for 0. No id is below 1 or so large
// that the next one could not be counted.
func bound(id economy.TransactionID) any {
	if id == 0 {
		return nil
	}
	return min(max(id, 1), 1<<62)
}

// Reversible implements economy.Store.
func (s *Store) Reversible(ctx context.Context, guild economy.GuildID, limit int) ([]economy.ReversibleTransaction, error) {
	found, err := read[[]struct {
		Transaction economy.TransactionID `json:"transaction"`
		Kind        economy.Kind          `json:"kind"`
		Amount      economy.Amount        `json:"amount"`
		From        string                `json:"from"`
		To          string                `json:"to"`
		At          time.Time             `json:"at"`
	}](ctx, s, "coffer_reversible", struct {
		Guild economy.GuildID `json:"guild"`
		Size  int             `json:"size"`
	}{guild, min(max(limit, 0), economy.MaxPage)})
	var list []economy.ReversibleTransaction
	for _, t := range found {
		t.At = t.At.UTC()
		list = append(list, economy.ReversibleTransaction(t))
	}
	return list, err
}

// Settings implements economy.Store.
func (s *Store) Settings(ctx context.Context, guild economy.GuildID) (economy.Settings, error) {
	found, err := read[*economy.Settings](ctx, s, "coffer_settings", struct {
		Guild economy.GuildID `json:"guild"`
	}{guild})
	switch {
	case err != nil:
		return economy.Settings{}, err
	case found == nil:
		return economy.DefaultSettings(), nil
	}
	return *found, nil
}

// maxEvents is the most events that one read returns.
const maxEvents = 1000

// Events implements events.Reader.
func (s *Store) Events(ctx context.Context, guild string, after int64, limit int) ([]events.Event, error) {
	found, err := read[[]struct {
		ID      int64           `json:"id"`
		Actor   int64           `json:"actor"`
		Kind    string          `json:"kind"`
		Subject string          `json:"subject"`
		Before  json.RawMessage `json:"before"`
		After   json.RawMessage `json:"after"`
		At      time.Time       `json:"at"`
	}](ctx, s, "coffer_events", struct {
		Guild string `json:"guild"`
		After int64  `json:"after"`
		Size  int    `json:"size"`
	}{guild, after, min(max(limit, 0), maxEvents)})
	var list []events.Event
	for _, e := range found {
		list = append(list, events.Event{
			ID: e.ID, Guild: guild, Actor: e.Actor, Kind: e.Kind, Subject: e.Subject,
			Before: document(e.Before), After: document(e.After), At: e.At.UTC(),
		})
	}
	return list, err
}

// document returns what a JSON column holds, nil for null.
func document(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}
