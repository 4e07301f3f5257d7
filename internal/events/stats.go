package events

import (
	"context"
	"time"

	"coffer/internal/economy"
)

// Counts are what happened in a guild on a day, in UTC, by the times of its events.
type Counts struct {
	Minted        economy.Amount // coins that came from the mint, or back from removal
	Burned        economy.Amount // coins that were removed, or went back to the mint
	Spent         economy.Amount // coins that went to the shop
	Refunded      economy.Amount // coins that came back from it
	Transactions  int64
	ActiveMembers int64 // members who did something
	Joined        int64
	Erased        int64
	Dailies       int64
	Transfers     int64
	Sales         int64
	Rewards       int64
}

// Day is a day's counts.
type Day struct {
	Date time.Time // its beginning, in UTC
	Counts
}

// Add adds what was counted elsewhere.
func (c *Counts) Add(d Counts) {
	c.Minted += d.Minted
	c.Burned += d.Burned
	c.Spent += d.Spent
	c.Refunded += d.Refunded
	c.Transactions += d.Transactions
	c.ActiveMembers += d.ActiveMembers
	c.Joined += d.Joined
	c.Erased += d.Erased
	c.Dailies += d.Dailies
	c.Transfers += d.Transfers
	c.Sales += d.Sales
	c.Rewards += d.Rewards
}

// Sum is what a member earned or spent.
type Sum struct {
	Member economy.Actor
	Amount economy.Amount
}

// Waiting is what waits for people or for Discord. It is counted up to MaxWaiting.
type Waiting struct {
	Reviews           int
	DeliveriesFailed  int
	DeliveriesWaiting int
}

// Stats are a guild's figures.
type Stats struct {
	At            time.Time
	Members       int64
	Circulation   economy.Amount // in members' wallets: minted - burned - spent + refunded, ever
	Days          []Day          // as many as were asked for, the oldest first, today's last
	TopEarners    []Sum          // in TopWindow, by daily rewards and tasks, less what was taken back
	TopSpenders   []Sum          // in TopWindow, in the shop, less refunds
	Waiting       Waiting
	TopsSince     time.Time // the beginning of the time that the tops are of
	TopsUncounted bool      // the guild has just become large, and they are taken soon
}

// Totals are the figures of all guilds together.
type Totals struct {
	Guilds            int64
	Members           int64
	Minted            economy.Amount
	Burned            economy.Amount
	Spent             economy.Amount
	Refunded          economy.Amount
	Transactions      int64
	DeliveriesWaiting int64
	DeliveriesFailed  int64
}

// Circulation is what members have in their wallets.
func (t Totals) Circulation() economy.Amount { return t.Minted - t.Burned - t.Spent + t.Refunded }

const (
	// MaxDays is the most days that can be asked for.
	MaxDays = 366
	// MaxWaiting is where counting what waits stops.
	MaxWaiting = 1000
	// TopWindow is the time of which earners and spenders are ranked.
	TopWindow = 7 * 24 * time.Hour
	// Tops is how many there are of each.
	Tops = 10
	// MaxLive is the most events that are counted while somebody waits: those that
	// have not been tallied, and those of TopWindow. Beyond it, figures are as old as
	// the last Tally, and tops as the last TakeTops.
	MaxLive = 1000
	// Portion is how many events one step of Tally counts.
	Portion = 1000
)

// StatsQuery asks for a guild's figures.
type StatsQuery struct {
	Guild economy.GuildID
	Days  int // 1 to MaxDays
	At    time.Time
}

// Statistics counts what happened. Each event is counted exactly once, whatever its
// time is and whenever it appears: what Tally has counted is kept by guild and day,
// and what came since is counted at each read, in the same snapshot.
type Statistics interface {
	// Stats returns a guild's figures. An unknown guild has none and is not created.
	Stats(context.Context, StatsQuery) (Stats, error)

	// Tally counts what has happened since the last time. It can run at several places
	// at once: they share the guilds.
	Tally(ctx context.Context) error

	// Totals returns the figures of all guilds together, as of the last Tally of each.
	Totals(context.Context) (Totals, error)

	// TakeTops ranks the members of guilds where too much happens to be counted at each
	// read.
	TakeTops(ctx context.Context, now time.Time) error
}

// Beginning returns the first of so many days of which the last has the given time.
func Beginning(at time.Time, days int) time.Time {
	return at.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-days)
}

// Filled returns days one after the other from the first, with those put in that had
// nothing to count.
func Filled(first time.Time, days int, found []Day) []Day {
	all := make([]Day, days)
	for i := range all {
		all[i].Date = first.AddDate(0, 0, i)
	}
	for _, d := range found {
		if i := int(d.Date.Sub(first) / (24 * time.Hour)); i >= 0 && i < days {
			all[i].Counts = d.Counts
		}
	}
	return all
}
