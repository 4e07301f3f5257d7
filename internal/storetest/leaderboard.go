package storetest

import (
	"fmt"
	"strconv"
	"testing"

	"coffer/internal/economy"
)

// leaderboard tells of ranks and pages.
func leaderboard(b *book) {
	b.story("the richest come first, among equals the earlier member", func(s *scene) {
		for _, p := range []economy.Person{dee, ada, bob, cyd} {
			s.wallet(p)
		}
		s.adjust(bob, economy.KindSet, 300)
		got := s.board(ada, 1, 10)
		same(s.t, "page", got, economy.LeaderboardPage{
			Rows: []economy.LeaderboardRow{
				{Position: 1, Member: bob.User, Balance: 300},
				{Position: 2, Member: dee.User, Balance: 100},
				{Position: 3, Member: ada.User, Balance: 100},
				{Position: 4, Member: cyd.User, Balance: 100},
				{Position: 5, Member: root.User, Balance: 100},
			},
			Viewer:   s.wallet(ada),
			Currency: economy.Currency{Name: "coins", Symbol: "🪙"},
		})
		s.pay(dee, cyd, 1)
		for i, p := range []economy.Person{bob, cyd, ada, root, dee} {
			same(s.t, "rank of "+p.Name, s.wallet(p).Rank, economy.Rank{Position: i + 1})
		}
	})
	b.story("a stranger who looks is on the board that he sees", func(s *scene) {
		s.adjust(ada, economy.KindSet, 1)
		got := s.board(bob, 1, 2)
		same(s.t, "rows", got.Rows, []economy.LeaderboardRow{
			{Position: 1, Member: root.User, Balance: 100}, {Position: 2, Member: bob.User, Balance: 100}})
		same(s.t, "more", got.More, true)
		same(s.t, "viewer", got.Viewer, s.wallet(bob))
	})
	b.story("pages follow each other, and beyond the end they are empty", func(s *scene) {
		for i := range 7 {
			p := economy.Person{User: economy.UserID(fmt.Sprint("member-", i)), Name: "M"}
			s.adjust(p, economy.KindSet, economy.Amount(i*10))
		}
		whole := s.board(root, 1, 50)
		same(s.t, "members", len(whole.Rows), 8)
		for _, size := range []int{1, 2, 3, 4, 7, 8, 9} {
			s.pages(whole.Rows, size)
		}
		for _, row := range whole.Rows {
			w := s.wallet(economy.Person{User: row.Member, Name: "M"})
			same(s.t, "wallet of a row", []any{w.Rank.Position, w.Balance}, []any{row.Position, row.Balance})
		}
		for _, page := range []int{-1, 0} {
			same(s.t, "page below 1", s.board(root, page, 3).Rows, whole.Rows[:3])
		}
		same(s.t, "size below 1", s.board(root, 1, 0).Rows, whole.Rows[:1])
		same(s.t, "size above 100", s.board(root, 1, 1000).Rows, whole.Rows)
	})
	b.story("refreshed ranks change nothing for the first thousand", func(s *scene) {
		s.wallet(ada)
		if err := s.store.RefreshRanks(s.ctx, s.now); err != nil {
			s.t.Fatal(err)
		}
		s.pay(bob, ada, 1)
		same(s.t, "rank", s.wallet(ada).Rank, economy.Rank{Position: 1})
		same(s.t, "rank", s.wallet(bob).Rank, economy.Rank{Position: 2})
	})
}

// pages checks that the pages of a leaderboard add up to want.
func (s *scene) pages(want []economy.LeaderboardRow, size int) {
	s.t.Helper()
	var rows []economy.LeaderboardRow
	for page := 1; ; page++ {
		got := s.board(root, page, size)
		rows = append(rows, got.Rows...)
		if more := len(rows) < len(want); got.More != more {
			s.t.Fatalf("page %d by %d: more is %t after %d of %d rows", page, size, got.More, len(rows), len(want))
		}
		if !got.More {
			same(s.t, fmt.Sprintf("pages by %d", size), rows, want)
			beyond := s.board(root, page+1, size)
			same(s.t, "beyond the end", []any{len(beyond.Rows), beyond.More}, []any{0, false})
			return
		}
	}
}

// crowd tells of a guild with more members than places.
func crowd(b *book) {
	if testing.Short() {
		b.t.Skip("a thousand members take too long with -short")
	}
	b.story("beyond a thousand there are percentages", func(s *scene) {
		const members = economy.ExactRanks + 100
		person := func(i int) economy.Person { return economy.Person{User: economy.UserID(strconv.Itoa(i)), Name: "M"} }
		meet := func(i, j int) {
			_, err := s.store.Wallet(s.ctx, economy.WalletQuery{Guild: s.guild, Viewer: person(i), Member: person(j), At: s.now})
			if err != nil {
				s.t.Error(err)
			}
		}
		together(50, func(worker int) {
			for i := worker * 20; i < worker*20+20; i += 2 {
				meet(i, i+1)
			}
		})
		for i := economy.ExactRanks; i < members; i += 2 { // in order
			meet(i, i+1)
		}
		rank := func(i int) economy.Rank { return s.wallet(person(i)).Rank }
		same(s.t, "last place", rank(economy.ExactRanks-1).Position > 0, true)
		same(s.t, "beyond, before the snapshot", rank(members-1), economy.Rank{})
		if err := s.store.RefreshRanks(s.ctx, s.now); err != nil {
			s.t.Fatal(err)
		}
		for i := economy.ExactRanks; i < members; i += 9 {
			same(s.t, fmt.Sprintf("rank %d", i+1), rank(i), economy.Rank{TopPercent: (100*(i+1) + members - 1) / members})
		}
		same(s.t, "last rank", rank(members-1), economy.Rank{TopPercent: 100})
		same(s.t, "first thousand", rank(0).TopPercent, 0)

		page := s.board(person(members-1), 10, 100)
		same(s.t, "tenth page", []any{len(page.Rows), page.Rows[99].Position, page.More}, []any{100, economy.ExactRanks, false})
		same(s.t, "viewer", page.Viewer.Rank, economy.Rank{TopPercent: 100})
		page = s.board(person(0), 34, 30)
		same(s.t, "the page that crosses the end", []any{len(page.Rows), page.Rows[9].Position, page.More}, []any{10, economy.ExactRanks, false})
		page = s.board(person(0), 11, 100)
		same(s.t, "beyond the end", []any{len(page.Rows), page.More}, []any{0, false})

		climber := person(members - 1)
		s.adjust(climber, economy.KindGive, 1)
		same(s.t, "a climber's rank", s.wallet(climber).Rank, economy.Rank{Position: 1})

		const gone, present = 50, members + 1 - 50 // with root; who was erased has no place, and is not counted
		for i := range gone {
			did(s.store.Erase(s.ctx, s.erasing(s.id(person(i))))).in(s)
		}
		if err := s.store.RefreshRanks(s.ctx, s.now); err != nil {
			s.t.Fatal(err)
		}
		for i := economy.ExactRanks + gone; i < members-1; i += 9 {
			place := i + 1 - gone + 1 // behind the climber
			same(s.t, fmt.Sprintf("rank %d", place), rank(i), economy.Rank{TopPercent: (100*place + present - 1) / present})
		}
	})
}
