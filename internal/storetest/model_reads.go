package storetest

import (
	"context"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// Meet implements economy.Store.
func (m *Model) Meet(ctx context.Context, id economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	return m.create(ctx, id, people, at, false)
}

// Join implements economy.Store.
func (m *Model) Join(ctx context.Context, id economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	return m.create(ctx, id, people, at, true)
}

// Restore implements economy.Store.
func (m *Model) Restore(ctx context.Context, id economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.guilds[id]
	if g == nil {
		return 0, nil
	}
	return g.restore(id, people, cut(at)), nil
}

func (m *Model) create(ctx context.Context, id economy.GuildID, people []economy.Person, at time.Time, joining bool) (int, error) {
	people = slices.DeleteFunc(slices.Clone(people), func(p economy.Person) bool { return p.Bot })
	return read(ctx, m, id, at, func(g *guild, at time.Time) int {
		before := len(g.members)
		for _, p := range people {
			g.meet(id, p, at)
		}
		if created := g.members[before:]; joining && len(created) > 0 {
			g.welcome(created, at)
		}
		if joining {
			g.restore(id, people, at)
		}
		return len(g.members) - before
	})
}

// Wallet implements economy.Store.
func (m *Model) Wallet(ctx context.Context, q economy.WalletQuery) (economy.Wallet, error) {
	return read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) economy.Wallet {
		g.meet(q.Guild, q.Viewer, at)
		return g.wallet(g.meet(q.Guild, q.Member, at), at)
	})
}

// Leaderboard implements economy.Store.
func (m *Model) Leaderboard(ctx context.Context, q economy.LeaderboardQuery) (economy.LeaderboardPage, error) {
	return read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) economy.LeaderboardPage {
		viewer := g.meet(q.Guild, q.Viewer, at)
		places := g.ranked()
		places = places[:min(len(places), economy.ExactRanks)]
		size := clamp(q.Size)
		first := min(min(max(1, q.Page)-1, len(places))*size, len(places))
		last := min(first+size, len(places))
		page := economy.LeaderboardPage{
			More: last < len(places), Viewer: g.wallet(viewer, at), Currency: g.settings.Currency(),
		}
		for i, n := range places[first:last] {
			page.Rows = append(page.Rows, economy.LeaderboardRow{
				Position: first + i + 1, Member: g.member(n).user, Balance: g.member(n).balance,
			})
		}
		return page
	})
}

// History implements economy.Store.
func (m *Model) History(ctx context.Context, q economy.HistoryQuery) (economy.HistoryPage, error) {
	return read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) economy.HistoryPage {
		g.meet(q.Guild, q.Viewer, at)
		page := economy.HistoryPage{Currency: g.settings.Currency()}
		n := g.find(q.Member.User)
		if n == 0 && q.Turned {
			return page
		}
		n = g.meet(q.Guild, q.Member, at)
		page.Balance = g.member(n).balance
		for _, line := range g.lines(n) {
			switch {
			case q.Before != 0 && line.Transaction >= q.Before:
				page.Newer = true
			case q.After != 0 && line.Transaction <= q.After:
				page.Older = true
			default:
				page.Lines = append(page.Lines, line)
			}
		}
		if more := len(page.Lines) - clamp(q.Size); more > 0 && q.After != 0 {
			page.Lines, page.Newer = page.Lines[more:], true
		} else if more > 0 {
			page.Lines, page.Older = page.Lines[:clamp(q.Size)], true
		}
		return page
	})
}

// lines returns a member's whole history, newest first.
func (g *guild) lines(n int64) []economy.HistoryLine {
	var lines []economy.HistoryLine
	for i, t := range slices.Backward(g.transactions) {
		line := economy.HistoryLine{
			Transaction: economy.TransactionID(i + 1), Kind: t.kind, Note: t.note, At: t.at,
			Reverses: t.reverses, ReversedBy: t.reversedBy,
		}
		touched := false
		for _, e := range t.entries {
			switch e.member {
			case 0:
			case n:
				touched, line.Amount, line.Balance = true, e.amount, e.balance
			default:
				line.Counterparty = g.member(e.member).user
			}
		}
		if touched {
			lines = append(lines, line)
		}
	}
	return lines
}

// Reversible implements economy.Store.
func (m *Model) Reversible(ctx context.Context, id economy.GuildID, limit int) ([]economy.ReversibleTransaction, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	g, known := m.guilds[id]
	if !known {
		return nil, nil
	}
	var list []economy.ReversibleTransaction
	for i, t := range slices.Backward(g.transactions) {
		if t.reverses != 0 || t.reversedBy != 0 || t.kind == economy.KindPurchase || len(list) == clamp(limit) {
			continue
		}
		row := economy.ReversibleTransaction{Transaction: economy.TransactionID(i + 1), Kind: t.kind, At: t.at}
		for _, e := range t.entries {
			name := ""
			if e.member != 0 {
				name = g.member(e.member).name
			}
			if e.amount > 0 {
				row.Amount += e.amount
				row.To = name
			} else {
				row.From = name
			}
		}
		list = append(list, row)
	}
	return list, nil
}

// Settings implements economy.Store.
func (m *Model) Settings(ctx context.Context, id economy.GuildID) (economy.Settings, error) {
	if err := ctx.Err(); err != nil {
		return economy.Settings{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if g, known := m.guilds[id]; known {
		return g.settings, nil
	}
	return economy.DefaultSettings(), nil
}

// Events implements events.Reader.
func (m *Model) Events(ctx context.Context, id string, after int64, limit int) ([]events.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []events.Event
	if g, known := m.guilds[economy.GuildID(id)]; known {
		for _, e := range g.events {
			if e.ID > after && len(list) < clamp(limit) {
				list = append(list, e)
			}
		}
	}
	return list, nil
}

func clamp(size int) int { return min(max(1, size), economy.MaxPage) }
