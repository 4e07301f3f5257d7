package storetest

import (
	"fmt"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
)

// welcomes tells of those who are welcomed when they join.
func welcomes(b *book) {
	join := func(s *scene, want int, who ...economy.Person) {
		s.t.Helper()
		same(s.t, "new", did(s.store.Join(s.ctx, s.guild, who, s.now)).in(s), want)
	}
	// welcoming begins a story in a guild with a channel for welcomes.
	welcoming := func(s *scene) {
		s.t.Helper()
		s.rules(func(v *economy.Settings) {
			v.WelcomeChannel, v.StartingBalance, v.CurrencyName, v.CurrencySymbol = "503", 7, "gold", "🥇"
		})
		s.idle()
	}
	bot := economy.Person{User: "77", Name: "Bot", Bot: true}
	gold := economy.Currency{Name: "gold", Symbol: "🥇"}

	b.story("who joins is welcomed once, whoever tells of him again", func(s *scene) {
		welcoming(s)
		s.now = s.now.Add(1_999)
		join(s, 1, bot, ada, ada)
		list := s.outbox()
		if len(list) != 1 {
			s.t.Fatalf("deliveries: %+v", list)
		}
		at := s.now.Truncate(time.Microsecond)
		same(s.t, "delivery", list[0], outbox.Delivery{ID: list[0].ID, Kind: outbox.Channel, State: outbox.Waiting, Channel: "503",
			Notice: outbox.NoticeWelcome, Created: at, Due: list[0].Due})
		s.untouched(func() {
			join(s, 0, ada)
			join(s, 0, bot)
			join(s, 0)
		})
		l := s.one(time.Hour)
		same(s.t, "lease", []any{l.Kind, l.Guild, l.Channel, l.Created}, []any{outbox.Channel, s.guild, economy.ChannelID("503"), at})
		same(s.t, "welcome", notice[outbox.Welcome](s.t, l, outbox.NoticeWelcome),
			outbox.Welcome{Members: []economy.UserID{ada.User}, Balance: 7, Currency: gold})
		s.settle(l, done)
		s.untouched(func() { join(s, 0, ada) })
		same(s.t, "due", len(s.lease(0)), 0)
		s.has(ada, 7)
	})
	b.story("a welcome names the first, and counts the others", func(s *scene) {
		welcoming(s)
		s.wallet(bob)
		crowd := []economy.Person{dee, bob, ada}
		for i := range 98 {
			crowd = append(crowd, economy.Person{User: economy.UserID(fmt.Sprint("crowd-", i)), Name: "Crowd"}, dee)
		}
		join(s, 100, crowd...)
		same(s.t, "welcome", notice[outbox.Welcome](s.t, s.one(time.Hour), outbox.NoticeWelcome),
			outbox.Welcome{Members: []economy.UserID{dee.User, ada.User, "crowd-0"}, Others: 97, Balance: 7, Currency: gold})
	})
	b.story("nobody is welcomed while a welcome waits", func(s *scene) {
		welcoming(s)
		there := s.elsewhere()
		there.rules(func(v *economy.Settings) { v.WelcomeChannel, v.StartingBalance = "504", 0 })
		join(s, 1, ada)
		join(s, 1, bob)
		l := s.one(time.Hour)
		join(s, 1, cyd)
		same(s.t, "while it is leased", len(s.lease(0)), 0)
		join(there, 1, ada) // another guild's
		same(s.t, "elsewhere", notice[outbox.Welcome](s.t, s.one(time.Hour), outbox.NoticeWelcome),
			outbox.Welcome{Members: []economy.UserID{ada.User}, Currency: economy.DefaultSettings().Currency()})
		s.settle(l, failed)
		s.untouched(func() { join(s, 0, cyd) })
		join(s, 1, dee) // one that failed keeps nobody waiting
		same(s.t, "then", notice[outbox.Welcome](s.t, s.one(time.Hour), outbox.NoticeWelcome).Members, []economy.UserID{dee.User})
		same(s.t, "tried again", did(s.store.RetryDelivery(s.ctx, s.guild, l.ID)).in(s), true)
		same(s.t, "the first", notice[outbox.Welcome](s.t, s.one(time.Hour), outbox.NoticeWelcome).Members, []economy.UserID{ada.User})
	})
	b.story("nobody is welcomed who did not join just now, or where there is no channel for it", func(s *scene) {
		s.idle()
		join(s, 1, ada)
		s.rules(func(v *economy.Settings) { v.AdminChannel, v.TaskChannel, v.ReviewChannel = "501", "501", "501" })
		join(s, 1, bob)
		welcoming(s)
		same(s.t, "new", did(s.store.Meet(s.ctx, s.guild, []economy.Person{cyd}, s.now)).in(s), 1)
		s.wallet(dee)
		s.pay(dee, economy.Person{User: "78", Name: "Payee"}, 1)
		same(s.t, "deliveries", len(s.outbox()), 0)
		join(s, 0, cyd, dee)
		same(s.t, "deliveries", len(s.outbox()), 0)
	})
	b.story("many at once tell of the same people, of whom one welcome tells", func(s *scene) {
		welcoming(s)
		crowd := make([]economy.Person, 20)
		for i := range crowd {
			crowd[i] = economy.Person{User: economy.UserID(fmt.Sprint("crowd-", i)), Name: "Crowd"}
		}
		met := make([]int, 8)
		together(len(met), func(i int) {
			var err error
			turned := append(append([]economy.Person{}, crowd[i:]...), crowd[:i]...)
			if met[i], err = s.store.Join(s.ctx, s.guild, turned, s.now); err != nil {
				s.t.Error(err)
			}
		})
		total := 0
		for _, n := range met {
			total += n
		}
		same(s.t, "met", total, 20)
		same(s.t, "deliveries", len(s.outbox()), 1)
		clean(s.t, s.store)
	})
}
