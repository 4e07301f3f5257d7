package storetest

import "coffer/internal/economy"

var (
	all  = economy.Quantity{Share: economy.All}
	half = economy.Quantity{Share: economy.Half}
)

// transfer tells of payments.
func transfer(b *book) {
	b.story("an exact amount moves", func(s *scene) {
		got := s.pay(ada, bob, 30)
		same(s.t, "receipt", got, economy.TransferReceipt{
			Transaction: got.Transaction, Amount: 30, Balance: 70, Currency: economy.Currency{Name: "coins", Symbol: "🪙"}})
		s.has(ada, 70)
		s.has(bob, 130)
	})
	b.story("all moves all, half moves half rounded down", func(s *scene) {
		s.adjust(ada, economy.KindSet, 7)
		got := did(s.store.Transfer(s.ctx, s.payment(ada, bob, half, ""))).in(s)
		same(s.t, "half of 7", []economy.Amount{got.Amount, got.Balance}, []economy.Amount{3, 4})
		got = did(s.store.Transfer(s.ctx, s.payment(ada, bob, all, ""))).in(s)
		same(s.t, "all of 4", []economy.Amount{got.Amount, got.Balance}, []economy.Amount{4, 0})
		s.has(bob, 107)
	})
	b.story("the last coin can be paid, one more cannot", func(s *scene) {
		_, err := s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(101), ""))
		refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(100)))
		s.pay(ada, bob, 100)
		for _, q := range []economy.Quantity{all, half, economy.Coins(1)} {
			_, err = s.store.Transfer(s.ctx, s.payment(ada, bob, q, ""))
			refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(0)))
		}
		s.adjust(ada, economy.KindSet, 1)
		_, err = s.store.Transfer(s.ctx, s.payment(ada, bob, half, ""))
		refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(1)))
		s.has(bob, 200)
	})
	b.story("an unknown payer has his starting balance", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.StartingBalance = 40 })
		s.untouched(func() {
			_, err := s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(41), ""))
			refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(40)))
		})
		same(s.t, "balance", s.pay(ada, bob, 40).Balance, economy.Amount(0))
		s.has(bob, 80)
	})
	b.story("a payee is paid up to the highest balance, which is all that the refusal tells", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.MaxBalance = 150 })
		s.pay(ada, bob, 50)
		_, err := s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(1), ""))
		refused(s.t, err, economy.ErrWalletFull.With("max", economy.Amount(150)))
		_, err = s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(51), ""))
		refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(50)))
		s.has(ada, 50)
		s.has(bob, 150)
	})
	b.story("a payee above a lowered limit gets nothing, but can pay", func(s *scene) {
		s.adjust(bob, economy.KindSet, 500)
		s.rules(func(v *economy.Settings) { v.MaxBalance = 200 })
		_, err := s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(1), ""))
		refused(s.t, err, economy.ErrWalletFull.With("max", economy.Amount(200)))
		s.pay(bob, ada, 100)
		s.has(bob, 400)
	})
	b.story("guilds do not know of each other", func(s *scene) {
		there := s.elsewhere()
		s.pay(ada, bob, 60)
		there.has(ada, 100)
		there.pay(bob, ada, 10)
		s.has(ada, 40)
		there.has(ada, 110)
		there.rules(func(v *economy.Settings) { v.MaxBalance = 120 })
		s.pay(bob, ada, 160)
	})
	b.story("one payment moves at most the highest movement", func(s *scene) {
		s.adjust(ada, economy.KindGive, economy.MaxMovement)
		_, err := s.store.Transfer(s.ctx, s.payment(ada, bob, all, ""))
		refused(s.t, err, economy.ErrAmountRange)
		s.pay(ada, bob, economy.MaxMovement)
		s.has(ada, 100)
		s.adjust(ada, economy.KindGive, economy.MaxMovement)
		s.adjust(ada, economy.KindGive, economy.MaxMovement)
		_, err = s.store.Transfer(s.ctx, s.payment(ada, bob, half, ""))
		refused(s.t, err, economy.ErrAmountRange)
		s.has(bob, 100+economy.MaxMovement)
	})
}
