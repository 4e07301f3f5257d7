package storetest

import (
	"fmt"
	"slices"

	"coffer/internal/economy"
)

// history tells of paging through entries.
func history(b *book) {
	b.story("a history shows what happened, newest first", func(s *scene) {
		paid := must(economy.NewTransfer(s.request(), ada, bob, economy.Coins(30), "for the cake"))
		id := did(s.store.Transfer(s.ctx, paid)).in(s).Transaction
		got := s.history(economy.HistoryQuery{Viewer: bob, Member: ada, Size: 10})
		same(s.t, "page", got, economy.HistoryPage{
			Lines: []economy.HistoryLine{
				{Transaction: id, Kind: economy.KindTransfer, Amount: -30, Balance: 70, Counterparty: bob.User, Note: "for the cake", At: s.now},
				{Transaction: s.opening(ada), Kind: economy.KindOpening, Amount: 100, Balance: 100, At: s.now},
			},
			Balance: 70, Currency: economy.Currency{Name: "coins", Symbol: "🪙"},
		})
		line := s.history(economy.HistoryQuery{Member: bob, Size: 1}).Lines[0]
		same(s.t, "payee's line", line, economy.HistoryLine{Transaction: id, Kind: economy.KindTransfer, Amount: 30, Balance: 130,
			Counterparty: ada.User, Note: "for the cake", At: s.now})
	})
	b.story("times are cut to microseconds", func(s *scene) {
		at := s.now
		s.now = at.Add(1_999)
		s.daily(ada)
		same(s.t, "time", s.history(economy.HistoryQuery{Member: ada, Size: 1}).Lines[0].At, at.Add(1_000))
	})
	b.story("pages both ways visit each entry once, in order", func(s *scene) {
		s.wallet(ada)
		for i := range 11 {
			if i%3 == 0 {
				s.pay(bob, cyd, 1) // not in ada's history
			}
			s.pay(ada, bob, economy.Amount(i+1))
		}
		whole := s.history(economy.HistoryQuery{Member: ada, Size: 50})
		same(s.t, "entries", len(whole.Lines), 12)
		for i := 1; i < len(whole.Lines); i++ {
			newer, older := whole.Lines[i-1], whole.Lines[i]
			if newer.Transaction <= older.Transaction || newer.Balance-newer.Amount != older.Balance {
				s.t.Errorf("line %+v follows %+v", newer, older)
			}
		}
		for _, n := range []int{1, 2, 3, 4, 5, 11, 12, 13} {
			down, up := s.down(ada, n), s.up(ada, n)
			same(s.t, fmt.Sprintf("downwards by %d", n), down, whole.Lines)
			same(s.t, fmt.Sprintf("upwards by %d", n), up, whole.Lines)
		}
	})
	b.story("entries between pages do not shift them", func(s *scene) {
		for i := range 5 {
			s.pay(ada, bob, economy.Amount(i+1))
		}
		first := s.history(economy.HistoryQuery{Member: ada, Size: 3})
		s.pay(ada, bob, 40)
		second := s.history(economy.HistoryQuery{Member: ada, Size: 3, Before: first.Lines[2].Transaction})
		same(s.t, "amounts", []economy.Amount{first.Lines[2].Amount, second.Lines[0].Amount, second.Lines[2].Amount}, []economy.Amount{-3, -2, 100})
		same(s.t, "newer, older", []bool{second.Newer, second.Older}, []bool{true, false})
		back := s.history(economy.HistoryQuery{Member: ada, Size: 3, After: second.Lines[0].Transaction})
		same(s.t, "back again", back.Lines[0].Transaction, first.Lines[0].Transaction)
		same(s.t, "newer, older", []bool{back.Newer, back.Older}, []bool{true, true})
		same(s.t, "balance is of now", back.Balance, economy.Amount(100-15-40))
	})
	b.story("beyond either end there is nothing but the other side", func(s *scene) {
		last := s.pay(ada, bob, 1).Transaction
		first := s.opening(ada)
		empty := s.history(economy.HistoryQuery{Member: ada, Size: 3, Before: first})
		same(s.t, "before the first", []any{len(empty.Lines), empty.Newer, empty.Older}, []any{0, true, false})
		empty = s.history(economy.HistoryQuery{Member: ada, Size: 3, After: last})
		same(s.t, "after the last", []any{len(empty.Lines), empty.Newer, empty.Older}, []any{0, false, true})
		page := s.history(economy.HistoryQuery{Member: ada, Size: 3, Before: last + 1_000_000})
		same(s.t, "before the future", []any{len(page.Lines), page.Newer, page.Older}, []any{2, false, false})
		page = s.history(economy.HistoryQuery{Member: ada, Size: 1, Before: last + 1_000_000})
		same(s.t, "one before the future", []any{len(page.Lines), page.Newer, page.Older}, []any{1, false, true})
	})
	b.story("a member without entries has an empty history", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.StartingBalance = 0 })
		page := s.history(economy.HistoryQuery{Member: ada, Size: 3})
		same(s.t, "page", []any{len(page.Lines), page.Newer, page.Older, page.Balance}, []any{0, false, false, economy.Amount(0)})
	})
	b.story("a page has at least one row and at most a hundred", func(s *scene) {
		together(economy.MaxPage+5, func(i int) {
			Write{Operation: must(economy.NewAdjustment(s.keyed(fmt.Sprint("bulk-", i)), root, ada, economy.KindGive, 1, ""))}.Do(s.ctx, s.store)
		})
		for _, v := range []struct{ size, want int }{{-1, 1}, {0, 1}, {1, 1}, {99, 99}, {100, 100}, {101, 100}, {1 << 40, 100}} {
			page := s.history(economy.HistoryQuery{Member: ada, Size: v.size})
			same(s.t, fmt.Sprintf("size %d", v.size), []any{len(page.Lines), page.Older}, []any{v.want, true})
		}
		same(s.t, "downwards", len(s.down(ada, 100)), economy.MaxPage+6)
		same(s.t, "list", len(did(s.store.Reversible(s.ctx, s.guild, 1000)).in(s)), economy.MaxPage)
	})
}

// down pages from the newest entry to the oldest.
func (s *scene) down(who economy.Person, size int) []economy.HistoryLine {
	s.t.Helper()
	var lines []economy.HistoryLine
	q := economy.HistoryQuery{Member: who, Size: size}
	for {
		page := s.history(q)
		if page.Newer != (len(lines) > 0) || len(page.Lines) > size || len(page.Lines) == 0 {
			s.t.Fatalf("downwards by %d after %d lines: %+v", size, len(lines), page)
		}
		lines = append(lines, page.Lines...)
		if !page.Older {
			return lines
		}
		q.Before = lines[len(lines)-1].Transaction
	}
}

// up pages from the oldest entry to the newest and returns them newest first.
func (s *scene) up(who economy.Person, size int) []economy.HistoryLine {
	s.t.Helper()
	lines := []economy.HistoryLine{s.history(economy.HistoryQuery{Member: who, Size: 1, Before: s.opening(who) + 1}).Lines[0]}
	for {
		page := s.history(economy.HistoryQuery{Member: who, Size: size, After: lines[0].Transaction})
		if !page.Older || len(page.Lines) > size {
			s.t.Fatalf("upwards by %d after %d lines: %+v", size, len(lines), page)
		}
		lines = slices.Concat(page.Lines, lines)
		if !page.Newer {
			return lines
		}
	}
}
