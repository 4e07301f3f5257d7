package storetest

import (
	"coffer/internal/economy"
)

// reverse tells of undoing.
func reverse(b *book) {
	b.story("each kind can be undone", func(s *scene) {
		for _, c := range []struct {
			kind economy.Kind
			do   func() economy.TransactionID
			legs map[economy.UserID]economy.Amount
		}{
			{economy.KindDaily, func() economy.TransactionID { return s.daily(ada).Transaction },
				map[economy.UserID]economy.Amount{ada.User: -100}},
			{economy.KindTransfer, func() economy.TransactionID { return s.pay(ada, bob, 30).Transaction },
				map[economy.UserID]economy.Amount{ada.User: 30, bob.User: -30}},
			{economy.KindGive, func() economy.TransactionID { return s.adjust(ada, economy.KindGive, 9).Transaction },
				map[economy.UserID]economy.Amount{ada.User: -9}},
			{economy.KindTake, func() economy.TransactionID { return s.adjust(ada, economy.KindTake, 8).Transaction },
				map[economy.UserID]economy.Amount{ada.User: 8}},
			{economy.KindSet, func() economy.TransactionID { return s.adjust(ada, economy.KindSet, 1).Transaction },
				map[economy.UserID]economy.Amount{ada.User: 99}},
			{economy.KindOpening, func() economy.TransactionID {
				return s.history(economy.HistoryQuery{Member: cyd, Size: 1}).Lines[0].Transaction
			}, map[economy.UserID]economy.Amount{cyd.User: -100}},
		} {
			id := c.do()
			before := make(map[economy.UserID]economy.Amount)
			for _, p := range []economy.Person{ada, bob, cyd} {
				before[p.User] = s.wallet(p).Balance
			}
			got := s.undo(id)
			if got.Original != id || got.Kind != c.kind || got.Transaction <= id || got.Currency.Name != "coins" {
				s.t.Errorf("undoing %s %d: got %+v", c.kind, id, got)
			}
			legs := make(map[economy.UserID]economy.Amount)
			for _, leg := range got.Legs {
				legs[leg.Member] = leg.Change
				if want := before[leg.Member] + leg.Change; leg.Balance != want {
					s.t.Errorf("undoing %s: balance of %s is %d, want %d", c.kind, leg.Member, leg.Balance, want)
				}
			}
			same(s.t, "legs of undoing "+string(c.kind), legs, c.legs)
		}
		s.has(ada, 100)
		s.has(bob, 100)
		s.has(cyd, 0)
	})
	b.story("an opening that was undone is not paid again", func(s *scene) {
		s.wallet(ada)
		s.undo(s.history(economy.HistoryQuery{Member: ada, Size: 1}).Lines[0].Transaction)
		s.has(ada, 0)
		s.pay(bob, ada, 1)
		s.has(ada, 1)
	})
	b.story("the legs are ordered by change", func(s *scene) {
		s.wallet(ada)
		s.wallet(bob)
		for _, pair := range [][2]economy.Person{{ada, bob}, {bob, ada}} {
			got := s.undo(s.pay(pair[0], pair[1], 10).Transaction).Legs
			same(s.t, "legs", got, []economy.ReversalLeg{
				{Member: pair[1].User, Change: -10, Balance: 100}, {Member: pair[0].User, Change: 10, Balance: 100}})
		}
	})
	b.story("twice is refused and tells by which", func(s *scene) {
		id := s.pay(ada, bob, 10).Transaction
		by := s.undo(id).Transaction
		s.untouched(func() {
			_, err := s.store.Reverse(s.ctx, s.reversal(id))
			refused(s.t, err, economy.ErrAlreadyReversed.With("by", by))
		})
		s.has(ada, 100)
	})
	b.story("an undo cannot be undone", func(s *scene) {
		id := s.undo(s.pay(ada, bob, 10).Transaction).Transaction
		_, err := s.store.Reverse(s.ctx, s.reversal(id))
		refused(s.t, err, economy.ErrIrreversible)
		s.has(ada, 100)
	})
	b.story("there are no such transactions", func(s *scene) {
		last := s.pay(ada, bob, 10).Transaction
		for _, id := range []economy.TransactionID{0, -1, last + 1_000_000, 1<<63 - 1, -1 << 63} {
			_, err := s.store.Reverse(s.ctx, s.reversal(id))
			refused(s.t, err, economy.ErrUnknownTransaction)
		}
	})
	b.story("another guild's transaction is unknown", func(s *scene) {
		var id economy.TransactionID
		for range 9 {
			id = s.pay(ada, bob, 1).Transaction
		}
		there := s.elsewhere()
		there.wallet(ada)
		_, err := there.store.Reverse(there.ctx, there.reversal(id))
		refused(s.t, err, economy.ErrUnknownTransaction)
		s.has(ada, 91)
	})
	b.story("coins that the payee has spent cannot be taken back", func(s *scene) {
		id := s.pay(ada, bob, 60).Transaction
		s.pay(bob, cyd, 150)
		s.wallet(root)
		s.untouched(func() {
			_, err := s.store.Reverse(s.ctx, s.reversal(id))
			refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(10)).With("member", bob.User))
		})
		s.pay(cyd, bob, 50)
		s.undo(id)
		s.has(bob, 0)
	})
	b.story("an undo may exceed the highest balance", func(s *scene) {
		id := s.pay(ada, bob, 100).Transaction
		s.adjust(ada, economy.KindSet, 120)
		s.rules(func(v *economy.Settings) { v.MaxBalance = 120 })
		s.undo(id)
		s.has(ada, 220)
	})
	b.story("an undone claim leaves the streak and the day as they are", func(s *scene) {
		got := s.daily(ada)
		s.undo(got.Transaction)
		w := s.wallet(ada)
		if w.Streak != 1 || !w.NextDaily.Equal(got.NextDaily) || w.Balance != 100 {
			s.t.Errorf("got %+v, want a streak of 1, 100 coins, next daily %v", w, got.NextDaily)
		}
		s.claimed(ada, got.NextDaily)
	})
	b.story("both histories show both sides of an undo", func(s *scene) {
		id := s.pay(ada, bob, 10).Transaction
		by := s.undo(id).Transaction
		for _, v := range []struct {
			who, other economy.Person
			change     economy.Amount
		}{{ada, bob, 10}, {bob, ada, -10}} {
			lines := s.history(economy.HistoryQuery{Member: v.who, Size: 2}).Lines
			same(s.t, "history of "+v.who.Name, lines, []economy.HistoryLine{
				{Transaction: by, Kind: economy.KindReversal, Amount: v.change, Balance: 100, Counterparty: v.other.User,
					Note: "a mistake", At: s.now, Reverses: id},
				{Transaction: id, Kind: economy.KindTransfer, Amount: -v.change, Balance: 100 - v.change, Counterparty: v.other.User,
					At: s.now, ReversedBy: by},
			})
		}
	})
	b.story("the list of what can be undone is the newest first", func(s *scene) {
		pay := s.pay(ada, bob, 10).Transaction
		s.now = s.now.Add(-day) // numbers decide, not times
		take := s.adjust(bob, economy.KindTake, 5).Transaction
		claim := s.daily(ada).Transaction
		s.undo(claim)
		list := s.reversible()
		same(s.t, "newest", list[:2], []economy.ReversibleTransaction{
			{Transaction: take, Kind: economy.KindTake, Amount: 5, From: "Bob", At: s.now},
			{Transaction: s.opening(root), Kind: economy.KindOpening, Amount: 100, To: "Root", At: s.now},
		})
		same(s.t, "third", list[2], economy.ReversibleTransaction{
			Transaction: pay, Kind: economy.KindTransfer, Amount: 10, From: "Ada", To: "Bob", At: s.now.Add(day)})
		same(s.t, "how many", len(list), 5) // and the openings of ada and bob
		same(s.t, "with a limit", did(s.store.Reversible(s.ctx, s.guild, 2)).in(s), list[:2])
	})
}

// opening returns the number of a member's opening.
func (s *scene) opening(who economy.Person) economy.TransactionID {
	s.t.Helper()
	lines := s.history(economy.HistoryQuery{Member: who, Size: economy.MaxPage}).Lines
	return lines[len(lines)-1].Transaction
}
