package postgrest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// entry is an event as functions return it.
type entry struct {
	ID      int64           `json:"id"`
	Guild   string          `json:"guild"`
	Round   uint64          `json:"round,string"`
	Actor   int64           `json:"actor"`
	By      *economy.Actor  `json:"by"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"`
	Before  json.RawMessage `json:"before"`
	After   json.RawMessage `json:"after"`
	At      time.Time       `json:"at"`
}

func (e entry) entry() events.Entry {
	by := economy.Actor{Kind: economy.ActorSystem}
	if e.By != nil {
		by = *e.By
	}
	return events.Entry{
		Event: events.Event{
			ID: e.ID, Guild: e.Guild, Actor: e.Actor, Kind: e.Kind, Subject: e.Subject,
			Before: document(e.Before), After: document(e.After), At: e.At.UTC(),
		},
		By: by, Position: events.Position{Round: e.Round, ID: e.ID},
	}
}

// Head implements events.Follower.
func (s *Store) Head(ctx context.Context) (events.Position, error) {
	text, err := read[string](ctx, s, "coffer_events_head", nil)
	if err != nil {
		return events.Position{}, err
	}
	return horizon(text)
}

// horizon is the position before a round that is not complete.
func horizon(text string) (events.Position, error) {
	round, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return events.Position{}, fmt.Errorf("%w: a round is no number", errUnfit)
	}
	return events.Position{Round: round}, nil
}

// After implements events.Follower.
func (s *Store) After(ctx context.Context, from events.Position, guilds []string, limit int) (events.Batch, error) {
	limit = min(max(limit, 1), events.MaxBatch)
	if guilds == nil {
		guilds = []string{}
	}
	found, err := read[struct {
		Horizon string  `json:"horizon"`
		Entries []entry `json:"entries"`
	}](ctx, s, "coffer_follow", struct {
		Round  string   `json:"round"`
		Event  int64    `json:"event"`
		Guilds []string `json:"guilds"`
		Size   int      `json:"size"`
	}{strconv.FormatUint(from.Round, 10), from.ID, guilds, limit})
	if err != nil {
		return events.Batch{}, s.problem(err)
	}
	var b events.Batch
	for _, e := range found.Entries {
		b.Entries = append(b.Entries, e.entry())
	}
	if b.More = len(b.Entries) == limit; b.More {
		b.Until = b.Entries[limit-1].Position
		return b, nil
	}
	b.Until, err = horizon(found.Horizon)
	return b, err
}

// Trail implements events.Trail.
func (s *Store) Trail(ctx context.Context, q events.TrailQuery) (events.TrailPage, error) {
	var since, before any
	if !q.From.IsZero() {
		since = ceiling(q.From)
	}
	mark := q.Before
	if until := ceiling(q.Until); !q.Until.IsZero() && (mark == events.Mark{} || until.Before(instant(mark.At)) || until.Equal(instant(mark.At))) {
		mark = events.Mark{At: until}
	}
	if mark != (events.Mark{}) {
		before = instant(mark.At)
	}
	size := min(max(q.Limit, 1), events.MaxPage)
	found, err := read[struct {
		Entries []entry `json:"entries"`
		Last    *struct {
			At time.Time `json:"at"`
			ID int64     `json:"id"`
		} `json:"last"`
	}](ctx, s, "coffer_trail", struct {
		Guild    string `json:"guild"`
		Actor    int64  `json:"actor"`
		Kind     string `json:"kind"`
		Subject  string `json:"subject"`
		Since    any    `json:"since"`
		BeforeAt any    `json:"before_at"`
		BeforeID int64  `json:"before_id"`
		Size     int    `json:"size"`
		Most     int    `json:"most"`
	}{q.Guild, max(q.Actor, events.BySystem), q.Kind, q.Subject, since, before, mark.ID, size, events.MaxLooked})
	if err != nil {
		return events.TrailPage{}, err
	}
	var page events.TrailPage
	for _, e := range found.Entries[:min(len(found.Entries), size)] {
		page.Entries = append(page.Entries, e.entry())
	}
	switch {
	case len(found.Entries) > size:
		last := page.Entries[size-1]
		page.Next = &events.Mark{At: last.At, ID: last.ID}
	case found.Last != nil:
		page.Next = &events.Mark{At: found.Last.At.UTC(), ID: found.Last.ID}
	}
	return page, nil
}

// ceiling is the first microsecond that is not before a time.
func ceiling(t time.Time) time.Time { return instant(t.Add(time.Microsecond - 1)) }

// Stats implements events.Statistics.
func (s *Store) Stats(ctx context.Context, q events.StatsQuery) (events.Stats, error) {
	days := min(max(q.Days, 1), events.MaxDays)
	first := events.Beginning(q.At, days)
	day := economy.DayOf(first, time.UTC)
	type sum struct {
		Member *economy.Actor `json:"member"`
		Amount economy.Amount `json:"amount"`
	}
	found, err := read[struct {
		At          time.Time      `json:"at"`
		Members     int64          `json:"members"`
		Circulation economy.Amount `json:"circulation"`
		Days        []struct {
			Day           economy.Day    `json:"day"`
			Minted        economy.Amount `json:"minted"`
			Burned        economy.Amount `json:"burned"`
			Spent         economy.Amount `json:"spent"`
			Refunded      economy.Amount `json:"refunded"`
			Transactions  int64          `json:"transactions"`
			ActiveMembers int64          `json:"active_members"`
			Joined        int64          `json:"joined"`
			Erased        int64          `json:"erased"`
			Dailies       int64          `json:"dailies"`
			Transfers     int64          `json:"transfers"`
			Sales         int64          `json:"sales"`
			Rewards       int64          `json:"rewards"`
		} `json:"days"`
		Earners     []sum     `json:"earners"`
		Spenders    []sum     `json:"spenders"`
		Since       time.Time `json:"since"`
		Uncounted   bool      `json:"uncounted"`
		Reviews     int       `json:"reviews"`
		Failed      int       `json:"failed"`
		Undelivered int       `json:"undelivered"`
	}](ctx, s, "coffer_stats", struct {
		Guild   economy.GuildID `json:"guild"`
		At      time.Time       `json:"at"`
		First   economy.Day     `json:"first_day"`
		Last    economy.Day     `json:"last_day"`
		Since   time.Time       `json:"since"`
		Most    int             `json:"most"`
		Waiting int             `json:"waiting"`
	}{q.Guild, instant(q.At), day, day + economy.Day(days) - 1, instant(q.At.Add(-events.TopWindow)), events.MaxLive, events.MaxWaiting})
	if err != nil {
		return events.Stats{}, err
	}
	stats := events.Stats{
		At: found.At.UTC(), Members: found.Members, Circulation: found.Circulation,
		TopsSince: found.Since.UTC(), TopsUncounted: found.Uncounted,
		Waiting: events.Waiting{Reviews: found.Reviews, DeliveriesFailed: found.Failed, DeliveriesWaiting: found.Undelivered},
	}
	var busy []events.Day
	for _, d := range found.Days {
		busy = append(busy, events.Day{Date: d.Day.Start(time.UTC), Counts: events.Counts{
			Minted: d.Minted, Burned: d.Burned, Spent: d.Spent, Refunded: d.Refunded, Transactions: d.Transactions,
			ActiveMembers: d.ActiveMembers, Joined: d.Joined, Erased: d.Erased, Dailies: d.Dailies, Transfers: d.Transfers,
			Sales: d.Sales, Rewards: d.Rewards,
		}})
	}
	stats.Days = events.Filled(first, days, busy)
	top := func(sums []sum) (list []events.Sum) {
		for _, x := range sums {
			if x.Member != nil {
				list = append(list, events.Sum{Member: *x.Member, Amount: x.Amount})
			}
		}
		return list
	}
	stats.TopEarners, stats.TopSpenders = top(found.Earners), top(found.Spenders)
	return stats, nil
}

// Totals implements events.Statistics.
func (s *Store) Totals(ctx context.Context) (events.Totals, error) {
	found, err := read[struct {
		Guilds            int64          `json:"guilds"`
		Members           int64          `json:"members"`
		Minted            economy.Amount `json:"minted"`
		Burned            economy.Amount `json:"burned"`
		Spent             economy.Amount `json:"spent"`
		Refunded          economy.Amount `json:"refunded"`
		Transactions      int64          `json:"transactions"`
		DeliveriesWaiting int64          `json:"waiting"`
		DeliveriesFailed  int64          `json:"failed"`
	}](ctx, s, "coffer_totals", nil)
	return events.Totals(found), err
}

// Tally implements events.Statistics, a portion at a time. Of a portion whose answer is
// lost nothing is counted twice.
func (s *Store) Tally(ctx context.Context) error {
	_, err := s.portions(ctx, events.Portion, "coffer_tally", struct {
		Portion int `json:"portion"`
	}{events.Portion})
	return err
}

// TakeTops implements events.Statistics.
func (s *Store) TakeTops(ctx context.Context, now time.Time) error {
	return s.client.survey(ctx, "coffer_take_tops", struct {
		Since time.Time `json:"since"`
		Most  int       `json:"most"`
	}{instant(now.Add(-events.TopWindow)), events.MaxLive}, nil)
}

// Books implements economy.Bookkeeper.
func (s *Store) Books(ctx context.Context, guild economy.GuildID) (economy.Books, error) {
	var found struct {
		At           time.Time      `json:"at"`
		Mint         economy.Amount `json:"mint"`
		Shop         economy.Amount `json:"shop"`
		Burn         economy.Amount `json:"burn"`
		Members      economy.Amount `json:"members"`
		Entries      int64          `json:"entries"`
		Transactions int64          `json:"transactions"`
		Findings     map[string]struct {
			Broken  int    `json:"broken"`
			Example string `json:"example"`
		} `json:"findings"`
	}
	if err := s.client.survey(ctx, "coffer_books", struct {
		Guild economy.GuildID `json:"guild"`
	}{guild}, &found); err != nil {
		return economy.Books{}, err
	}
	b := economy.Books{
		At: found.At.UTC(), Mint: found.Mint, Shop: found.Shop, Burn: found.Burn, Members: found.Members,
		Entries: found.Entries, Transactions: found.Transactions,
	}
	for _, invariant := range economy.BookInvariants() {
		f := found.Findings[invariant.Name]
		b.Findings = append(b.Findings, economy.Finding{Invariant: invariant, Broken: f.Broken, Example: f.Example})
	}
	return b, nil
}
