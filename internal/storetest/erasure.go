package storetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

func (s *scene) erasing(id economy.MemberID) economy.Erasure {
	return economy.Erasure{Request: s.request(), Admin: desk, Member: id}
}

// erasure tells of members who are forgotten.
func erasure(b *book) {
	secret := economy.Person{User: "424242424242424242", Name: "Rumpelstiltskin"}
	private := []string{"424242424242424242", "umpelstiltskin", "straw"}
	// told reports all that says who somebody was.
	told := func(s *scene, what string, v any) {
		s.t.Helper()
		raw := must(json.Marshal(v))
		for _, p := range private {
			if strings.Contains(string(raw), p) {
				s.t.Errorf("%s still tells %q: %s", what, p, raw)
			}
		}
	}

	b.story("what is left of an erased member is numbers, and the books balance", func(s *scene) {
		s.channels()
		s.rules(func(v *economy.Settings) { v.AdminChannel = "503" })
		badge := s.sell(shop.Terms{Name: "Badge", Price: 2, Role: "7001"}, shop.Stock{})
		crown := s.sell(shop.Terms{Name: "Crown", Price: 3, Role: "7002"}, shop.Stock{})
		cake := s.cake(5)
		paid := did(s.store.Transfer(s.ctx, s.payment(secret, bob, economy.Coins(5), "straw to gold"))).in(s).Transaction
		given := must(economy.NewAdjustment(s.request(), root, secret, economy.KindGive, 50, "for the straw"))
		did(s.store.Adjust(s.ctx, given)).in(s)
		back := s.reversal(did(s.store.Transfer(s.ctx, s.payment(secret, bob, economy.Coins(1), ""))).in(s).Transaction)
		did(s.store.Reverse(s.ctx, back)).in(s)
		bought, refundable := s.buy(secret, badge, 1), s.buy(secret, cake, 1)
		s.buy(secret, cake, 1)
		refund := s.refund(s.buy(secret, cake, 1).Purchase)
		did(s.store.Refund(s.ctx, refund)).in(s)
		s.finish() // the role is granted
		s.buy(secret, crown, 1)
		lease := s.lease(10)
		for _, l := range lease {
			s.settle(l, outbox.Outcome{State: outbox.Failed, Error: "no such role"}) // and its refund is told
		}
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Places, t.Tries, t.Repeat = 5, 3, tasks.Daily }))
		write := s.open(of(essay(), func(t *tasks.Terms) { t.Title, t.Tries = "Another", 3 }))
		s.take(secret, write)
		rejection := s.rejection(s.handIn(secret, write, "straw, spun").Submission, "too much straw")
		did(s.store.ReviewSubmission(s.ctx, rejection)).in(s)
		s.take(secret, t)
		waits := s.handIn(secret, t, "gold from straw").Submission
		s.take(ada, t)
		review := must(tasks.NewApproval(s.request(), manager(secret), s.handIn(ada, t, "mine").Submission, 100))
		did(s.store.ReviewSubmission(s.ctx, review)).in(s)
		s.adjust(secret, economy.KindSet, 77)
		record := did(s.store.Record(s.ctx, economy.MemberQuery{Guild: s.guild, Member: s.id(secret), At: s.now})).in(s)
		same(s.t, "record", []int{len(record.Goods), len(record.Purchases), len(record.Entitlements), len(record.Claims), len(record.Submissions), len(record.Reviews)},
			[]int{3, 5, 2, 2, 2, 1})
		same(s.t, "words", []string{record.Submissions[0].Text, record.Submissions[0].Reason, record.Member.Name}, []string{"straw, spun", "too much straw", secret.Name})

		id, members := s.id(secret), len(s.board(ada, 1, 100).Rows)
		seen := s.events()
		op := s.erasing(id)
		got := did(s.store.Erase(s.ctx, op)).in(s)
		same(s.t, "receipt", got, economy.ErasureReceipt{Transaction: got.Transaction, Burned: 77})
		list := s.events()[len(seen):]
		kinds(s.t, list, "take", "claim.dropped", "claim.rejected", "claim.dropped", "member.erased")
		for _, e := range list {
			same(s.t, "actor of "+e.Kind, e.Actor, list[0].Actor)
		}
		same(s.t, "subject", list[4].Subject, fmt.Sprint("member:", id))
		s.untouched(func() { same(s.t, "repeated", did(s.store.Erase(s.ctx, later(op).(economy.Erasure))).in(s), got) })
		clean(s.t, s.store)

		q := economy.MemberQuery{Guild: s.guild, Member: id, At: s.now}
		_, err := s.store.Member(s.ctx, q)
		refused(s.t, err, economy.ErrUnknownMember)
		_, err = s.store.Record(s.ctx, q)
		refused(s.t, err, economy.ErrUnknownMember)
		_, err = s.store.Erase(s.ctx, s.erasing(id))
		refused(s.t, err, economy.ErrUnknownMember)
		same(s.t, "in a list", did(s.store.AdjustMany(s.ctx, s.many(economy.KindGive, 1, id))).in(s).Refused[0].Code, "unknown_member")
		same(s.t, "leaderboard", len(s.board(ada, 1, 100).Rows), members-1)
		told(s, "the leaderboard", s.board(ada, 1, 100))
		told(s, "members", did(allMembers(s.ctx, s.store, economy.MembersQuery{Guild: s.guild, Limit: 100, At: s.now})).in(s))
		all := did(allTransactions(s.ctx, s.store, economy.TransactionsQuery{Guild: s.guild, Limit: 100})).in(s)
		told(s, "transactions", all)
		of := did(s.store.Transactions(s.ctx, economy.TransactionsQuery{Guild: s.guild, Member: id, Limit: 100})).in(s)
		same(s.t, "his last transaction", []any{of.Transactions[0].ID, of.Transactions[0].Kind, of.Transactions[0].Entries[0].Account},
			[]any{got.Transaction, economy.KindTake, economy.Actor{Kind: economy.ActorErased, ID: int64(id)}})
		told(s, "history", s.history(economy.HistoryQuery{Member: bob, Size: 100}))
		told(s, "reversible", s.reversible())
		told(s, "refundable", did(s.store.Refundable(s.ctx, s.guild, 100)).in(s))
		for _, done := range []any{given, back, refund, rejection, review} {
			told(s, fmt.Sprintf("the repeated %T", done), Write{Operation: done}.Do(s.ctx, s.store).Receipt)
		}
		_, err = s.store.ReviewSubmission(s.ctx, s.approval(waits, 100))
		refused(s.t, err, tasks.ErrReviewed.With("by", economy.Actor{}).With("state", tasks.Refused).With("at", s.now))
		_, err = s.store.ReviewSubmission(s.ctx, s.approval(review.Submission, 100))
		refused(s.t, err, tasks.ErrReviewed.With("by", economy.Actor{Kind: economy.ActorErased, ID: int64(id)}).With("state", tasks.Accepted).With("at", s.now))
		same(s.t, "places", s.taskOffer(bob, t).Left, 4)
		for _, what := range []economy.TransactionID{paid, got.Transaction} {
			_, err = s.store.Reverse(s.ctx, s.reversal(what))
			refused(s.t, err, economy.ErrErasedMember)
		}
		for _, what := range []shop.PurchaseID{bought.Purchase, refundable.Purchase} {
			_, err = s.store.Refund(s.ctx, s.refund(what))
			refused(s.t, err, economy.ErrErasedMember)
		}

		var roles []economy.RoleID
		leases := s.lease(100)
		for _, l := range leases {
			if l.Kind == outbox.Role {
				roles = append(roles, l.Role)
				same(s.t, "a role is taken", []any{l.User, l.Entitled}, []any{secret.User, false})
			} else {
				told(s, "a message", l)
			}
			s.settle(l, outbox.Outcome{State: outbox.Done})
		}
		same(s.t, "roles", roles, []economy.RoleID{"7002", "7001"})
		for range 3 { // what a refund of a role that failed has made wait
			for _, l := range s.lease(100) {
				s.settle(l, outbox.Outcome{State: outbox.Done})
			}
		}
		told(s, "deliveries", did(s.store.Deliveries(s.ctx, s.guild, 0, 100)).in(s))
	})
	b.story("who was erased may join again, as somebody new", func(s *scene) {
		badge := s.sell(shop.Terms{Name: "Badge", Price: 2, Role: "7001"}, shop.Stock{})
		s.daily(secret)
		s.buy(secret, badge, 1)
		s.finish()
		first := s.id(secret)
		s.now = s.now.Add(time.Minute)
		did(s.store.Erase(s.ctx, s.erasing(first))).in(s)
		s.has(secret, 100)
		second := s.id(secret)
		if first == second {
			s.t.Errorf("he is %d again", first)
		}
		file := s.file(secret)
		same(s.t, "file", []any{file.Streak, file.Claimed, len(file.Goods), len(file.History.Transactions)}, []any{0, false, 0, 1})
		s.daily(secret) // the day's coins are for him, too
		s.buy(secret, badge, 1)
		for _, l := range s.lease(10) { // what was to be taken, he has bought again
			same(s.t, "lease", []any{l.Kind, l.User, l.Entitled}, []any{outbox.Role, secret.User, true})
			s.settle(l, outbox.Outcome{State: outbox.Done})
		}
		did(s.store.Erase(s.ctx, s.erasing(second))).in(s)
		same(s.t, "members", did(s.store.Guilds(s.ctx, economy.GuildsQuery{Of: []economy.GuildID{s.guild}, Limit: 1})).in(s).Guilds[0].Members, 1)
	})
	b.story("who turns a page of somebody erased does not meet him again", func(s *scene) {
		s.wallet(ada)
		history := economy.HistoryQuery{Guild: s.guild, Viewer: ada, Member: secret, Turned: true, Size: 5, At: s.now}
		goods := shop.InventoryQuery{Guild: s.guild, Viewer: ada, Member: secret, Turned: true, Page: 1, Size: 5, At: s.now}
		s.daily(secret)
		s.buy(secret, s.cake(5), 1)
		same(s.t, "before", []int{len(s.history(history).Lines), len(did(s.store.Inventory(s.ctx, goods)).in(s).Lines)}, []int{3, 1})
		did(s.store.Erase(s.ctx, s.erasing(s.id(secret)))).in(s)
		s.untouched(func() {
			nothing := economy.HistoryPage{Currency: s.wallet(ada).Currency}
			same(s.t, "history", s.history(history), nothing)
			history.Before = 1 << 40
			same(s.t, "older", s.history(history), nothing)
			history.Before, history.After = 0, 1
			same(s.t, "newer", s.history(history), nothing)
			for goods.Page = range 3 {
				same(s.t, "goods", did(s.store.Inventory(s.ctx, goods)).in(s), shop.InventoryPage{})
			}
		})
		history.Viewer, goods.Viewer, goods.Page = bob, cyd, 1
		s.history(history)
		did(s.store.Inventory(s.ctx, goods)).in(s)
		same(s.t, "members: ada, who sells, and who turned it", len(s.board(ada, 1, 100).Rows), 4)
		history.Viewer = secret // his own page: he asks himself
		same(s.t, "himself", s.history(history).Balance, economy.Amount(100))
		clean(s.t, s.store)
	})
	b.story("who was erased is not in the keys of his reviews", func(s *scene) {
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Places = 5 }))
		review := func(of economy.Person, key string) tasks.Reviewing {
			s.take(of, t)
			v := must(tasks.NewApproval(s.request(), manager(secret), s.handIn(of, t, "mine").Submission, 100))
			v.Request.Key = key
			did(s.store.ReviewSubmission(s.ctx, v)).in(s)
			return v
		}
		his := review(ada, "approve:1:"+string(secret.User))
		other := review(bob, "approve:2:1"+string(secret.User))
		first := s.id(secret)
		did(s.store.Erase(s.ctx, s.erasing(first))).in(s)
		by := economy.Actor{Kind: economy.ActorErased, ID: int64(first)}
		_, err := s.store.ReviewSubmission(s.ctx, his) // nobody knows the key any more
		refused(s.t, err, tasks.ErrReviewed.With("by", by).With("state", tasks.Accepted).With("at", s.now))
		same(s.t, "under another key", did(s.store.ReviewSubmission(s.ctx, other)).in(s).Submission.Reviewer, by)
		clean(s.t, s.store)
	})
	b.story("a removal under way from before an erasure does not undo a grant since", func(s *scene) {
		s.idle()
		badge := s.sell(shop.Terms{Name: "Badge", Price: 2, Role: "7001"}, shop.Stock{})
		s.daily(secret)
		s.buy(secret, badge, 1)
		s.finish()
		did(s.store.Erase(s.ctx, s.erasing(s.id(secret)))).in(s)
		take := s.one(time.Hour)
		same(s.t, "taken", take.Entitled, false)
		s.daily(secret)
		s.buy(secret, badge, 1)
		grant := s.one(time.Hour)
		same(s.t, "granted", grant.Entitled, true)
		s.settle(grant, done)
		s.settle(take, done) // Discord was told of it after the grant
		last := s.one(time.Hour)
		same(s.t, "told again", []any{last.User, last.Role, last.Entitled}, []any{secret.User, economy.RoleID("7001"), true})
		s.settle(last, done)
		same(s.t, "list", len(s.outbox()), 0)
	})
	for name, refund := range map[string]func(*scene, outbox.Lease, shop.PurchaseReceipt){
		"a refund": func(s *scene, l outbox.Lease, got shop.PurchaseReceipt) {
			s.settle(l, done)
			s.takeBack(got.Purchase)
		},
		"a failure": func(s *scene, l outbox.Lease, _ shop.PurchaseReceipt) { s.settle(l, failed) },
	} {
		b.story("a grant under way for who was erased does not outlive "+name, func(s *scene) {
			s.idle()
			badge := s.sell(shop.Terms{Name: "Badge", Price: 2, Role: "7001"}, shop.Stock{})
			s.daily(secret)
			s.buy(secret, badge, 1)
			s.finish()
			did(s.store.Erase(s.ctx, s.erasing(s.id(secret)))).in(s)
			s.daily(secret)
			got := s.buy(secret, badge, 1)
			both := s.lease(time.Hour)
			if len(both) != 2 || !both[0].Entitled || !both[1].Entitled {
				s.t.Fatalf("leases %+v, want two that grant the role", both)
			}
			refund(s, both[1], got)
			for _, l := range s.lease(time.Hour) { // his own, and the notice of a failure
				same(s.t, "entitled", l.Entitled, false)
				s.settle(l, done)
			}
			s.settle(both[0], done) // Discord was told of it after the removal
			last := s.one(time.Hour)
			same(s.t, "told again", []any{last.User, last.Role, last.Entitled}, []any{secret.User, economy.RoleID("7001"), false})
			s.settle(last, done)
			same(s.t, "list", len(s.outbox()), 0)
		})
	}
	b.story("a welcome does not tell who was erased", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.WelcomeChannel = "503" })
		s.idle()
		for _, together := range [][]economy.Person{{ada, secret, bob}, {secret}} {
			same(s.t, "new", did(s.store.Join(s.ctx, s.guild, together, s.now)).in(s), len(together))
			s.now = s.now.Add(time.Minute)
			did(s.store.Erase(s.ctx, s.erasing(s.id(secret)))).in(s)
			clean(s.t, s.store)
			l := s.one(time.Hour)
			told(s, "the welcome", l)
			want := make([]economy.UserID, len(together))
			for i, p := range together {
				if p.User != secret.User {
					want[i] = p.User
				}
			}
			same(s.t, "named", notice[outbox.Welcome](s.t, l, outbox.NoticeWelcome).Members, want)
			s.settle(l, outbox.Outcome{State: outbox.Done})
		}
		same(s.t, "members", len(s.board(ada, 1, 100).Rows), 3)
	})
	b.story("a rich member's coins are burned at once, and nobody's are none", func(s *scene) {
		s.wallet(ada)
		for range 3 {
			s.adjust(ada, economy.KindGive, economy.MaxMovement)
		}
		got := did(s.store.Erase(s.ctx, s.erasing(s.id(ada)))).in(s)
		same(s.t, "burned", got.Burned, 3*economy.MaxMovement+100)
		s.rules(func(v *economy.Settings) { v.StartingBalance = 0 })
		s.wallet(bob)
		same(s.t, "nothing", did(s.store.Erase(s.ctx, s.erasing(s.id(bob)))).in(s), economy.ErasureReceipt{})
		own := economy.Erasure{Request: s.request(), Admin: root, Member: s.id(root)}
		same(s.t, "oneself", did(s.store.Erase(s.ctx, own)).in(s).Burned, economy.Amount(100))
		for _, unknown := range []economy.MemberID{0, -1, 1 << 40} {
			_, err := s.store.Erase(s.ctx, s.erasing(unknown))
			refused(s.t, err, economy.ErrUnknownMember)
		}
		s.wallet(cyd)
		there := s.elsewhere()
		_, err := s.store.Erase(s.ctx, economy.Erasure{Request: there.request(), Admin: desk, Member: s.id(cyd)})
		refused(s.t, err, economy.ErrUnknownMember)
		same(s.t, "events elsewhere", len(there.events()), 0)
	})
	b.story("one of many erasures erases, whatever else happens", func(s *scene) {
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Repeat, t.Tries = tasks.Daily, 5 }))
		badge := s.sell(shop.Terms{Name: "Badge", Price: 1, Role: "7001"}, shop.Stock{})
		for round := range size(12, 4) {
			s.now = s.now.Add(day)
			s.wallet(bob)
			s.take(ada, t)
			id := s.id(ada)
			work := s.handIn(ada, t, "a").Submission
			ops := []any{s.erasing(id), s.erasing(id), s.erasing(id), s.payment(bob, ada, economy.Coins(1), ""), s.payment(ada, bob, economy.Coins(1), ""),
				s.approval(work, 100), s.purchase(ada, badge, 1), s.many(economy.KindGive, 1, id)}
			writes := make([]Write, len(ops))
			together(len(ops), func(i int) { writes[(i+round)%len(ops)] = Write{Operation: ops[(i+round)%len(ops)]}.Do(s.ctx, s.store) })
			erased := 0
			for _, w := range writes[:3] {
				if w.Err == nil {
					erased++
				} else {
					refused(s.t, w.Err, economy.ErrUnknownMember)
				}
			}
			same(s.t, "erased", erased, 1)
			for _, w := range writes[3:] {
				if w.Unknown() {
					s.t.Error(w.Err)
				}
			}
			s.wallet(ada) // somebody new, if he was not met again yet
			clean(s.t, s.store)
		}
	})
}
