package storetest

import (
	"errors"
	"fmt"

	"coffer/internal/economy"
)

// races tells of many who want the same.
func races(b *book) {
	b.story("of 64 payers of one wallet one moves all of it", func(s *scene) {
		s.wallet(ada)
		errs := make([]error, 64)
		together(len(errs), func(i int) {
			payee := economy.Person{User: economy.UserID(fmt.Sprint("payee-", i%8)), Name: "Payee"}
			_, errs[i] = s.store.Transfer(s.ctx, economy.Transfer{
				Request: s.keyed(fmt.Sprint("race-", i)), From: ada, To: payee, Quantity: economy.Quantity{Share: economy.All}})
		})
		s.winners(errs, 1, economy.ErrInsufficientFunds)
		s.has(ada, 0)
	})
	b.story("64 payers share what there is", func(s *scene) {
		s.wallet(ada)
		errs := make([]error, 64)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.Transfer(s.ctx, economy.Transfer{
				Request: s.keyed(fmt.Sprint("race-", i)), From: ada, To: bob, Quantity: economy.Coins(30)})
		})
		s.winners(errs, 3, economy.ErrInsufficientFunds)
		s.has(ada, 10)
		s.has(bob, 190)
	})
	b.story("64 payers fill a wallet to its limit", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.MaxBalance = 125 })
		errs := make([]error, 64)
		together(len(errs), func(i int) {
			payer := economy.Person{User: economy.UserID(fmt.Sprint("payer-", i%16)), Name: "Payer"}
			_, errs[i] = s.store.Transfer(s.ctx, economy.Transfer{
				Request: s.keyed(fmt.Sprint("race-", i)), From: payer, To: ada, Quantity: economy.Coins(5)})
		})
		s.winners(errs, 5, economy.ErrWalletFull)
		s.has(ada, 125)
	})
	b.story("transfers around a ring keep the sum", func(s *scene) {
		ring := make([]economy.Person, 8)
		for i := range ring {
			ring[i] = economy.Person{User: economy.UserID(fmt.Sprint("ring-", i)), Name: "Ring"}
		}
		together(32, func(worker int) {
			for i := range size(12, 3) {
				from, to := ring[(worker+i)%8], ring[(worker+i+1)%8]
				if worker%2 == 1 {
					from, to = to, from
				}
				_, err := s.store.Transfer(s.ctx, economy.Transfer{
					Request: s.keyed(fmt.Sprintf("ring-%d-%d", worker, i)), From: from, To: to, Quantity: economy.Coins(economy.Amount(1 + worker))})
				if err != nil && !errors.Is(err, economy.ErrInsufficientFunds) {
					s.t.Error(err)
				}
			}
		})
		sum := economy.Amount(0)
		for _, p := range ring {
			sum += s.wallet(p).Balance
		}
		same(s.t, "sum", sum, economy.Amount(800))
	})
	b.story("of many undos at once one happens", func(s *scene) {
		s.wallet(root)
		id := s.pay(ada, bob, 40).Transaction
		errs := make([]error, 16)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.Reverse(s.ctx, economy.Reversal{Request: s.keyed(fmt.Sprint("race-", i)), Admin: root, Transaction: id})
		})
		s.winners(errs, 1, economy.ErrAlreadyReversed)
		s.has(ada, 100)
	})
	b.story("of many claims at once one is paid", func(s *scene) {
		errs := make([]error, 32)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.ClaimDaily(s.ctx, economy.DailyClaim{Request: s.keyed(fmt.Sprint("race-", i)), Member: ada})
		})
		s.winners(errs, 1, economy.ErrAlreadyClaimed)
		s.has(ada, 200)
		same(s.t, "streak", s.wallet(ada).Streak, 1)
	})
	b.story("of two different requests with one key one happens", func(s *scene) {
		errs := make([]error, 32)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.Transfer(s.ctx, economy.Transfer{
				Request: s.keyed("one"), From: ada, To: bob, Quantity: economy.Coins(economy.Amount(i + 1))})
		})
		s.winners(errs, 1, economy.ErrKeyReused)
		same(s.t, "sum", s.wallet(ada).Balance+s.wallet(bob).Balance, economy.Amount(200))
	})
	b.story("an undo and the spending of its coins do not both happen", func(s *scene) {
		for round := range size(20, 5) {
			payer := economy.Person{User: economy.UserID(fmt.Sprint("payer-", round)), Name: "Payer"}
			payee := economy.Person{User: economy.UserID(fmt.Sprint("payee-", round)), Name: "Payee"}
			id := s.pay(payer, payee, 100).Transaction
			s.adjust(payee, economy.KindSet, 100)
			errs := make([]error, 2)
			undo, spend := s.reversal(id), s.payment(payee, bob, economy.Quantity{Share: economy.All}, "")
			together(2, func(i int) {
				if i == 0 {
					_, errs[0] = s.store.Reverse(s.ctx, undo)
				} else {
					_, errs[1] = s.store.Transfer(s.ctx, spend)
				}
			})
			s.winners(errs, 1, economy.ErrInsufficientFunds)
			s.has(payee, 0)
		}
	})
}

// winners checks that so many succeeded and all others were refused alike.
func (s *scene) winners(errs []error, want int, refusal error) {
	s.t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, refusal) {
			s.t.Errorf("got error %v, want %v", err, refusal)
		}
	}
	if won != want {
		s.t.Errorf("%d succeeded, want %d", won, want)
	}
}
