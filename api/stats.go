package api

import (
	"context"
	"net/http"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// Statistics is what the figures of a guild are read from.
type Statistics interface {
	Stats(context.Context, events.StatsQuery) (events.Stats, error)
}

// stats shows a guild's figures.
type stats struct {
	store Statistics
	now   func() time.Time
}

type statsJSON struct {
	At            time.Time      `json:"at"`
	Members       int64          `json:"members"`
	Circulation   economy.Amount `json:"circulation"`
	Days          []dayJSON      `json:"days"`
	TopEarners    []sumJSON      `json:"top_earners"`
	TopSpenders   []sumJSON      `json:"top_spenders"`
	TopSince      time.Time      `json:"top_since"`
	TopIncomplete bool           `json:"top_incomplete"`
	Waiting       waitingJSON    `json:"waiting"`
}

type dayJSON struct {
	Day           string         `json:"day"`
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
}

type sumJSON struct {
	Member actorJSON      `json:"member"`
	Amount economy.Amount `json:"amount"`
}

type waitingJSON struct {
	Reviews           int `json:"reviews"`
	DeliveriesFailed  int `json:"deliveries_failed"`
	DeliveriesWaiting int `json:"deliveries_waiting"`
}

func (s stats) get(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	days := q.Int("days", 1, 365, 30)
	if err := q.Err(); err != nil {
		return err
	}
	found, err := s.store.Stats(r.Context(), events.StatsQuery{Guild: guildOf(r), Days: days, At: s.now()})
	if err != nil {
		return err
	}
	out := statsJSON{
		At: found.At, Members: found.Members, Circulation: found.Circulation, Days: []dayJSON{},
		TopEarners: showSums(found.TopEarners), TopSpenders: showSums(found.TopSpenders),
		TopSince: found.TopsSince, TopIncomplete: found.TopsUncounted, Waiting: waitingJSON(found.Waiting),
	}
	for _, d := range found.Days {
		out.Days = append(out.Days, dayJSON{
			Day: d.Date.Format(time.DateOnly), Minted: d.Minted, Burned: d.Burned, Spent: d.Spent, Refunded: d.Refunded,
			Transactions: d.Transactions, ActiveMembers: d.ActiveMembers, Joined: d.Joined, Erased: d.Erased, Dailies: d.Dailies,
			Transfers: d.Transfers, Sales: d.Sales, Rewards: d.Rewards,
		})
	}
	write(w, http.StatusOK, out)
	return nil
}

func showSums(list []events.Sum) []sumJSON {
	out := []sumJSON{}
	for _, s := range list {
		out = append(out, sumJSON{showActor(s.Member), s.Amount})
	}
	return out
}
