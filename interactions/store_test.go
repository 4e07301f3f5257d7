package interactions

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"coffer/internal/economy"
)

// memoryStore keeps small books in memory. Each method calls before, if it is
// set, to block or to fail.
type memoryStore struct {
	before func(ctx context.Context, method string) error

	mu       sync.Mutex
	settings economy.Settings
	version  int             // of the settings
	members  []*memoryMember // in the order of first contact
	booked   []memoryTransaction
	requests map[string]remembered
	memoryShop
	memoryTasks
	calls  []string // the methods that were called
	turned bool     // whether the last inventory was another page of one
}

type memoryMember struct {
	id      economy.UserID
	name    string
	balance economy.Amount
	streak  economy.Streak
}

type memoryTransaction struct {
	kind                 economy.Kind
	legs                 []economy.ReversalLeg
	note                 string
	at                   time.Time
	reverses, reversedBy economy.TransactionID
}

type remembered struct {
	fingerprint string
	result      any
}

var _ Store = (*memoryStore)(nil)

func newMemoryStore() *memoryStore {
	return &memoryStore{settings: economy.DefaultSettings(), version: 1, requests: map[string]remembered{}}
}

func (s *memoryStore) enter(ctx context.Context, method string) (func(), error) {
	if s.before != nil {
		if err := s.before(ctx, method); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.calls = append(s.calls, method)
	return s.mu.Unlock, nil
}

// once runs a write, or returns what it returned when its key was new.
func once[T any](s *memoryStore, op string, r economy.Request, fingerprint string, do func() (T, error)) (T, error) {
	key := strings.Join([]string{string(r.Guild), op, string(r.Source), r.Key}, "/")
	if known, ok := s.requests[key]; ok {
		if known.fingerprint != fingerprint {
			var none T
			return none, economy.ErrKeyReused
		}
		return known.result.(T), nil
	}
	result, err := do()
	if err == nil {
		s.requests[key] = remembered{fingerprint, result}
	}
	return result, err
}

func (s *memoryStore) knows(p economy.Person) bool {
	return slices.ContainsFunc(s.members, func(m *memoryMember) bool { return m.id == p.User })
}

func (s *memoryStore) member(p economy.Person, at time.Time) *memoryMember {
	for _, m := range s.members {
		if m.id == p.User {
			m.name = cmp.Or(p.Name, m.name)
			return m
		}
	}
	m := &memoryMember{id: p.User, name: p.Name}
	s.members = append(s.members, m)
	s.book(economy.KindOpening, "", at, move{m, s.settings.StartingBalance})
	return m
}

type move struct {
	member *memoryMember
	change economy.Amount
}

func (s *memoryStore) book(kind economy.Kind, note string, at time.Time, moves ...move) economy.TransactionID {
	t := memoryTransaction{kind: kind, note: note, at: at}
	for _, m := range moves {
		m.member.balance += m.change
		t.legs = append(t.legs, economy.ReversalLeg{Member: m.member.id, Change: m.change, Balance: m.member.balance})
	}
	s.booked = append(s.booked, t)
	return economy.TransactionID(len(s.booked))
}

func (s *memoryStore) ranked() []*memoryMember {
	all := slices.Clone(s.members)
	slices.SortStableFunc(all, func(a, b *memoryMember) int { return cmp.Compare(b.balance, a.balance) })
	return all
}

func (s *memoryStore) wallet(m *memoryMember, at time.Time) economy.Wallet {
	today := economy.DayOf(at, time.UTC)
	return economy.Wallet{
		Member:    m.id,
		Balance:   m.balance,
		Rank:      economy.Rank{Position: slices.Index(s.ranked(), m) + 1},
		Streak:    m.streak.Live(today, s.settings.Grace),
		NextDaily: m.streak.Next(today, time.UTC),
		Currency:  s.settings.Currency(),
	}
}

func (s *memoryStore) Wallet(ctx context.Context, q economy.WalletQuery) (economy.Wallet, error) {
	leave, err := s.enter(ctx, "Wallet")
	if err != nil {
		return economy.Wallet{}, err
	}
	defer leave()
	s.member(q.Viewer, q.At)
	return s.wallet(s.member(q.Member, q.At), q.At), nil
}

func (s *memoryStore) Leaderboard(ctx context.Context, q economy.LeaderboardQuery) (economy.LeaderboardPage, error) {
	leave, err := s.enter(ctx, "Leaderboard")
	if err != nil {
		return economy.LeaderboardPage{}, err
	}
	defer leave()
	page := economy.LeaderboardPage{Viewer: s.wallet(s.member(q.Viewer, q.At), q.At), Currency: s.settings.Currency()}
	all := s.ranked()
	for i := (q.Page - 1) * q.Size; i < min(len(all), q.Page*q.Size); i++ {
		page.Rows = append(page.Rows, economy.LeaderboardRow{Position: i + 1, Member: all[i].id, Balance: all[i].balance})
	}
	page.More = len(all) > q.Page*q.Size
	return page, nil
}

func (s *memoryStore) History(ctx context.Context, q economy.HistoryQuery) (economy.HistoryPage, error) {
	leave, err := s.enter(ctx, "History")
	if err != nil {
		return economy.HistoryPage{}, err
	}
	defer leave()
	if q.Turned && !s.knows(q.Member) {
		return economy.HistoryPage{Currency: s.settings.Currency()}, nil
	}
	m := s.member(q.Member, q.At)
	var all []economy.HistoryLine // newest first
	for i := len(s.booked) - 1; i >= 0; i-- {
		t := s.booked[i]
		at := slices.IndexFunc(t.legs, func(l economy.ReversalLeg) bool { return l.Member == m.id })
		if at < 0 {
			continue
		}
		line := economy.HistoryLine{Transaction: economy.TransactionID(i + 1), Kind: t.kind, Amount: t.legs[at].Change,
			Balance: t.legs[at].Balance, Note: t.note, At: t.at, Reverses: t.reverses, ReversedBy: t.reversedBy}
		if len(t.legs) == 2 {
			line.Counterparty = t.legs[1-at].Member
		}
		all = append(all, line)
	}
	from := 0
	for q.Before > 0 && from < len(all) && all[from].Transaction >= q.Before {
		from++
	}
	if q.After > 0 {
		for from < len(all) && all[from].Transaction > q.After {
			from++
		}
		from = max(0, from-q.Size)
	}
	to := min(len(all), from+q.Size)
	return economy.HistoryPage{Lines: all[from:to], Newer: from > 0, Older: to < len(all),
		Balance: m.balance, Currency: s.settings.Currency()}, nil
}

func (s *memoryStore) Reversible(ctx context.Context, _ economy.GuildID, limit int) ([]economy.ReversibleTransaction, error) {
	leave, err := s.enter(ctx, "Reversible")
	if err != nil {
		return nil, err
	}
	defer leave()
	var all []economy.ReversibleTransaction
	for i := len(s.booked) - 1; i >= 0 && len(all) < limit; i-- {
		b := s.booked[i]
		if b.reverses != 0 || b.reversedBy != 0 || b.kind == economy.KindPurchase {
			continue
		}
		t := economy.ReversibleTransaction{Transaction: economy.TransactionID(i + 1), Kind: b.kind, At: b.at}
		for _, l := range b.legs {
			name := &t.To
			if l.Change < 0 {
				name = &t.From
			}
			t.Amount = max(l.Change, -l.Change)
			*name = s.member(economy.Person{User: l.Member}, b.at).name
		}
		all = append(all, t)
	}
	return all, nil
}

func (s *memoryStore) Settings(ctx context.Context, _ economy.GuildID) (economy.Settings, error) {
	leave, err := s.enter(ctx, "Settings")
	if err != nil {
		return economy.Settings{}, err
	}
	defer leave()
	return s.settings, nil
}

func (s *memoryStore) Rules(ctx context.Context, _ economy.GuildID) (economy.Rules, error) {
	leave, err := s.enter(ctx, "Rules")
	if err != nil {
		return economy.Rules{}, err
	}
	defer leave()
	return economy.Rules{Settings: s.settings, Version: s.version}, nil
}

func (s *memoryStore) ChangeSettings(ctx context.Context, c economy.SettingsChange) (economy.Settings, error) {
	leave, err := s.enter(ctx, "ChangeSettings")
	if err != nil {
		return economy.Settings{}, err
	}
	defer leave()
	return once(s, "settings", c.Request, c.Fingerprint(), func() (economy.Settings, error) {
		if c.Settings == s.settings {
			return s.settings, nil
		}
		if err := c.Of(s.version); err != nil {
			return economy.Settings{}, err
		}
		s.settings, s.version = c.Settings, s.version+1
		return s.settings, nil
	})
}

func (s *memoryStore) ClaimDaily(ctx context.Context, c economy.DailyClaim) (economy.DailyReceipt, error) {
	leave, err := s.enter(ctx, "ClaimDaily")
	if err != nil {
		return economy.DailyReceipt{}, err
	}
	defer leave()
	return once(s, "daily", c.Request, c.Fingerprint(), func() (economy.DailyReceipt, error) {
		m, today := s.member(c.Member, c.Request.At), economy.DayOf(c.Request.At, time.UTC)
		streak, ok := m.streak.Claim(today, s.settings.Grace)
		if !ok {
			return economy.DailyReceipt{}, economy.ErrAlreadyClaimed.With("next", m.streak.Next(today, time.UTC))
		}
		reward := min(s.settings.Reward(streak.Length), s.settings.Room(m.balance))
		if reward == 0 {
			return economy.DailyReceipt{}, s.settings.InCurrency(economy.ErrWalletFull.With("max", s.settings.MaxBalance).With("balance", m.balance))
		}
		m.streak = streak
		id := s.book(economy.KindDaily, "", c.Request.At, move{m, reward})
		return economy.DailyReceipt{Transaction: id, Reward: reward, Bonus: reward - min(reward, s.settings.DailyAmount),
			Streak: streak.Length, Balance: m.balance, NextDaily: streak.Next(today, time.UTC), Currency: s.settings.Currency()}, nil
	})
}

func (s *memoryStore) Transfer(ctx context.Context, t economy.Transfer) (economy.TransferReceipt, error) {
	leave, err := s.enter(ctx, "Transfer")
	if err != nil {
		return economy.TransferReceipt{}, s.settings.InCurrency(err)
	}
	defer leave()
	return once(s, "transfer", t.Request, t.Fingerprint(), func() (economy.TransferReceipt, error) {
		from, to := s.member(t.From, t.Request.At), s.member(t.To, t.Request.At)
		n, err := t.Quantity.Of(from.balance)
		if err != nil {
			return economy.TransferReceipt{}, err
		}
		if n > s.settings.Room(to.balance) {
			return economy.TransferReceipt{}, s.settings.InCurrency(economy.ErrWalletFull.With("max", s.settings.MaxBalance))
		}
		id := s.book(economy.KindTransfer, t.Note, t.Request.At, move{from, -n}, move{to, n})
		return economy.TransferReceipt{Transaction: id, Amount: n, Balance: from.balance, Currency: s.settings.Currency()}, nil
	})
}

func (s *memoryStore) Adjust(ctx context.Context, a economy.Adjustment) (economy.AdjustmentReceipt, error) {
	leave, err := s.enter(ctx, "Adjust")
	if err != nil {
		return economy.AdjustmentReceipt{}, s.settings.InCurrency(err)
	}
	defer leave()
	return once(s, "adjust", a.Request, a.Fingerprint(), func() (economy.AdjustmentReceipt, error) {
		m := s.member(a.Member, a.Request.At)
		change, err := a.Change(m.balance, s.settings)
		if err != nil {
			return economy.AdjustmentReceipt{}, err
		}
		got := economy.AdjustmentReceipt{Before: m.balance, After: m.balance + change, Currency: s.settings.Currency()}
		if change != 0 {
			got.Transaction = s.book(a.Kind, a.Reason, a.Request.At, move{m, change})
		}
		return got, nil
	})
}

func (s *memoryStore) Reverse(ctx context.Context, r economy.Reversal) (economy.ReversalReceipt, error) {
	leave, err := s.enter(ctx, "Reverse")
	if err != nil {
		return economy.ReversalReceipt{}, err
	}
	defer leave()
	return once(s, "reverse", r.Request, r.Fingerprint(), func() (economy.ReversalReceipt, error) {
		if int(r.Transaction) > len(s.booked) {
			return economy.ReversalReceipt{}, economy.ErrUnknownTransaction
		}
		original := s.booked[r.Transaction-1]
		switch {
		case original.kind == economy.KindPurchase:
			return economy.ReversalReceipt{}, economy.ErrRefundInstead
		case original.reverses != 0:
			return economy.ReversalReceipt{}, economy.ErrIrreversible
		case original.reversedBy != 0:
			return economy.ReversalReceipt{}, economy.ErrAlreadyReversed.With("by", original.reversedBy)
		}
		var moves []move
		for _, l := range original.legs {
			m := s.member(economy.Person{User: l.Member}, r.Request.At)
			if m.balance-l.Change < 0 {
				return economy.ReversalReceipt{}, s.settings.InCurrency(economy.ErrInsufficientFunds.With("balance", m.balance).With("member", m.id))
			}
			moves = append(moves, move{m, -l.Change})
		}
		id := s.book(economy.KindReversal, r.Reason, r.Request.At, moves...)
		s.booked[id-1].reverses, s.booked[r.Transaction-1].reversedBy = r.Transaction, id
		return economy.ReversalReceipt{Transaction: id, Original: r.Transaction, Kind: original.kind,
			Legs: s.booked[id-1].legs, Currency: s.settings.Currency()}, nil
	})
}
