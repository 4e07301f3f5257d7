package storetest

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"coffer/internal/economy"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// hostile tells of text and times that break naive stores.
func hostile(b *book) {
	b.story("notes are kept to the letter", func(s *scene) {
		for _, note := range []string{
			`'); DROP TABLE members; --`, `"double" 'single' \back\slash`, "100% $1 ?1 :name {} _", "🪙👩‍👩‍👧‍👦é\u0301",
			"\u202Eright to left\u202C", "\uFEFFmark", "\u00A0space ", strings.Repeat("🪙", economy.MaxNote), "null", "{\"json\":true}",
		} {
			op := s.payment(ada, bob, economy.Coins(1), note)
			first := did(s.store.Transfer(s.ctx, op)).in(s)
			same(s.t, "note", s.history(economy.HistoryQuery{Member: bob, Size: 1}).Lines[0].Note, note)
			same(s.t, "repeated", did(s.store.Transfer(s.ctx, op)).in(s), first)
			undo := must(economy.NewReversal(s.request(), root, first.Transaction, note))
			did(s.store.Reverse(s.ctx, undo)).in(s)
			same(s.t, "reason", s.history(economy.HistoryQuery{Member: bob, Size: 1}).Lines[0].Note, note)
		}
	})
	b.story("names are kept, but for what is no text", func(s *scene) {
		for _, v := range []struct{ name, shown string }{
			{`Robert'); DROP TABLE members; --`, ""},
			{`"double" 'single' \back\slash %_`, ""},
			{"👩‍👩‍👧‍👦 \u202Eesrever", ""},
			{"b\xffd", "b\uFFFDd"},
			{"\xc3", "\uFFFD"},
		} {
			p := bob
			p.Name = v.name
			s.pay(ada, p, 1)
			if v.shown == "" {
				v.shown = v.name
			}
			s.names("Ada", v.shown)
		}
		for _, name := range []string{"zero\x00byte", "line\nbreak", strings.Repeat("long🪙", 1250), strings.Repeat("\xf0\x9f", 5000)} {
			p := bob
			p.Name = name
			s.pay(ada, p, 1)
			if got := s.reversible()[0].To; got == "" || !utf8.ValidString(got) {
				s.t.Errorf("the name %.20q is shown as %.20q", name, got)
			}
		}
		p := cyd
		p.Name = "zero\x00 and \xff at first contact"
		s.wallet(p)
	})
	b.story("ids are taken byte by byte", func(s *scene) {
		ids := []economy.UserID{"1", "01", "1 ", " 1", "a", "A", "é", "e\u0301", "%", "_", "'", `"`, `\`, "18446744073709551616", "NULL", "1.0"}
		for i, id := range ids {
			s.adjust(economy.Person{User: id, Name: "X"}, economy.KindSet, economy.Amount(i+200))
		}
		for i, id := range ids {
			s.has(economy.Person{User: id, Name: "X"}, economy.Amount(i+200))
		}
		same(s.t, "members", len(s.board(root, 1, 100).Rows), len(ids)+1)
		here := s.guild
		s.guild = here + "'"
		s.has(root, 100)
		s.guild = " " + here
		s.has(root, 100)
	})
	for _, at := range []time.Time{
		{}, time.Date(1, 1, 1, 12, 0, 0, 0, time.UTC), time.Date(1, 6, 1, 0, 0, 0, 0, time.FixedZone("odd", 5000)),
		time.Date(1600, 2, 29, 23, 59, 59, 999_999_999, time.UTC), time.Date(9999, 6, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
	} {
		b.story(fmt.Sprint("the time ", at.Format(time.RFC3339Nano), " breaks nothing"), func(s *scene) {
			ops := s.oneOfEach()
			s.now = at
			for _, op := range ops {
				w := Write{Operation: as(op, at, "the Great")} // lawful or refused, but never half done
				w = w.Do(s.ctx, s.store)
				if again := w.Do(s.ctx, s.store); w.Err == nil {
					same(s.t, fmt.Sprintf("%T repeated", op), again, w)
				}
			}
			wallet, err := s.store.Wallet(s.ctx, economy.WalletQuery{Guild: s.guild, Viewer: ada, Member: dee, At: at})
			if err == nil && wallet.Balance != 100 {
				s.t.Errorf("wallet %+v, want 100 coins", wallet)
			}
			_, _ = s.store.Catalogue(s.ctx, shop.CatalogueQuery{Guild: s.guild, Viewer: ada, Page: 1, Size: 5, At: at})
			_, _ = s.store.Inventory(s.ctx, shop.InventoryQuery{Guild: s.guild, Viewer: ada, Member: ada, Page: 1, Size: 5, At: at})
			_, _ = s.store.ExpireRoles(s.ctx, at)
			_, _ = s.store.OpenTasks(s.ctx, tasks.BoardQuery{Guild: s.guild, Viewer: ada, Page: 1, Size: 5, At: at})
			_, _ = s.store.Claims(s.ctx, tasks.ClaimsQuery{Guild: s.guild, Viewer: bob, Page: 1, Size: 5, At: at})
			_, _ = s.store.TaskOffer(s.ctx, tasks.OfferQuery{Guild: s.guild, Viewer: ada, Task: tasks.Ref{Title: "sweep"}, At: at})
			_, _ = s.store.Meet(s.ctx, s.guild, []economy.Person{ada, cyd, dee}, at)
			_, _ = s.store.TidyTasks(s.ctx, at)
			_, _ = s.store.ForgetDeliveries(s.ctx, at)
			_, _ = s.store.Leaderboard(s.ctx, economy.LeaderboardQuery{Guild: s.guild, Viewer: ada, Page: 1, Size: 1, At: at})
			_, _ = s.store.History(s.ctx, economy.HistoryQuery{Guild: s.guild, Viewer: ada, Member: ada, Size: 5, At: at})
		})
	}
	b.story("sizes and pages far out of range break nothing", func(s *scene) {
		s.pay(ada, bob, 1)
		const most, least = 1<<63 - 1, -1 << 63
		for _, n := range []int{most, least, most / 100} {
			page := s.board(ada, n, 100)
			if n > 0 {
				same(s.t, fmt.Sprintf("page %d", n), []any{len(page.Rows), page.More}, []any{0, false})
			}
			s.board(ada, 1, n)
			s.history(economy.HistoryQuery{Member: ada, Size: n})
		}
		same(s.t, "before the least", len(s.history(economy.HistoryQuery{Member: ada, Size: 5, Before: least}).Lines), 0)
		same(s.t, "after the most", len(s.history(economy.HistoryQuery{Member: ada, Size: 5, After: most}).Lines), 0)
	})
}
