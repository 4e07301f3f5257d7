package storetest

import "coffer/internal/economy"

// adjust tells of what admins do to balances.
func adjust(b *book) {
	b.story("give, take and set change a balance", func(s *scene) {
		for _, step := range []struct {
			kind          economy.Kind
			n             economy.Amount
			before, after economy.Amount
		}{
			{economy.KindGive, 50, 100, 150},
			{economy.KindTake, 30, 150, 120},
			{economy.KindSet, 500, 120, 500},
			{economy.KindSet, 20, 500, 20},
			{economy.KindSet, 0, 20, 0},
			{economy.KindGive, 1, 0, 1},
			{economy.KindTake, 1, 1, 0},
		} {
			got := s.adjust(ada, step.kind, step.n)
			want := economy.AdjustmentReceipt{Transaction: got.Transaction, Before: step.before, After: step.after,
				Currency: economy.Currency{Name: "coins", Symbol: "🪙"}}
			if got != want || got.Transaction == 0 {
				s.t.Errorf("%s %d: got %+v, want %+v and a transaction", step.kind, step.n, got, want)
			}
			line := s.history(economy.HistoryQuery{Member: ada, Size: 1}).Lines[0]
			if line.Kind != step.kind || line.Amount != step.after-step.before || line.Note != "because" {
				s.t.Errorf("%s %d: in the history %+v", step.kind, step.n, line)
			}
		}
		s.has(root, 100)
	})
	b.story("given coins come from the mint, taken coins are burned", func(s *scene) {
		s.adjust(ada, economy.KindGive, 50)
		s.adjust(ada, economy.KindTake, 20)
		for i, want := range []struct{ from, to string }{{"Ada", ""}, {"", "Ada"}} {
			if got := s.reversible()[i]; got.From != want.from || got.To != want.to {
				s.t.Errorf("from %q to %q, want %q to %q", got.From, got.To, want.from, want.to)
			}
		}
	})
	b.story("a balance set to what it is moves nothing, and the request is remembered", func(s *scene) {
		s.wallet(root)
		s.wallet(ada)
		op := s.adjustment(ada, economy.KindSet, 100)
		want := economy.AdjustmentReceipt{Before: 100, After: 100, Currency: economy.Currency{Name: "coins", Symbol: "🪙"}}
		s.untouched(func() {
			same(s.t, "receipt", did(s.store.Adjust(s.ctx, op)).in(s), want)
		})
		s.adjust(ada, economy.KindGive, 5)
		same(s.t, "repeated", did(s.store.Adjust(s.ctx, op)).in(s), want)
		s.has(ada, 105)
		op.Amount = 101
		_, err := s.store.Adjust(s.ctx, op)
		refused(s.t, err, economy.ErrKeyReused)
	})
	b.story("a balance set to what it is still introduces strangers", func(s *scene) {
		got := s.adjust(ada, economy.KindSet, 100)
		same(s.t, "transaction", got.Transaction, economy.TransactionID(0))
		kinds(s.t, s.events(), "guild.created", "member.created", "opening", "member.created", "opening")
	})
	b.story("the highest balance limits give and set", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.MaxBalance = 150 })
		full := economy.ErrWalletFull.With("max", economy.Amount(150)).With("balance", economy.Amount(100))
		_, err := s.store.Adjust(s.ctx, s.adjustment(ada, economy.KindGive, 51))
		refused(s.t, err, full)
		_, err = s.store.Adjust(s.ctx, s.adjustment(ada, economy.KindSet, 151))
		refused(s.t, err, full)
		s.adjust(ada, economy.KindGive, 50)
		s.has(ada, 150)
	})
	b.story("a balance above a lowered limit can only go down", func(s *scene) {
		s.adjust(ada, economy.KindSet, 500)
		s.rules(func(v *economy.Settings) { v.MaxBalance = 200 })
		_, err := s.store.Adjust(s.ctx, s.adjustment(ada, economy.KindGive, 1))
		refused(s.t, err, economy.ErrWalletFull.With("max", economy.Amount(200)).With("balance", economy.Amount(500)))
		same(s.t, "set to the same", s.adjust(ada, economy.KindSet, 500).Transaction, economy.TransactionID(0))
		s.adjust(ada, economy.KindSet, 400)
		s.adjust(ada, economy.KindTake, 100)
		s.has(ada, 300)
	})
	b.story("nobody goes below 0", func(s *scene) {
		s.wallet(root)
		s.wallet(ada)
		s.untouched(func() {
			_, err := s.store.Adjust(s.ctx, s.adjustment(ada, economy.KindTake, 101))
			refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(100)))
		})
		s.adjust(ada, economy.KindTake, 100)
		s.has(ada, 0)
	})
	b.story("one adjustment moves at most the highest movement", func(s *scene) {
		_, err := s.store.Adjust(s.ctx, s.adjustment(ada, economy.KindSet, economy.MaxMovement+101))
		refused(s.t, err, economy.ErrAmountRange)
		s.adjust(ada, economy.KindSet, economy.MaxMovement+100)
		s.adjust(ada, economy.KindGive, economy.MaxMovement)
		_, err = s.store.Adjust(s.ctx, s.adjustment(ada, economy.KindSet, 99))
		refused(s.t, err, economy.ErrAmountRange)
		s.adjust(ada, economy.KindSet, economy.MaxMovement+100)
		s.adjust(ada, economy.KindTake, economy.MaxMovement)
		s.has(ada, 100)
	})
	b.story("an admin can adjust his own balance", func(s *scene) {
		s.adjust(root, economy.KindGive, 5)
		s.has(root, 105)
	})
}
