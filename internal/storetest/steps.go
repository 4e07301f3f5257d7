package storetest

import (
	"strings"
	"time"

	"pgregory.net/rapid"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// The small worlds that random sequences live in: few enough of everything
// that keys repeat, conflicts occur and limits are met.
var (
	people = []economy.Person{ada, bob, cyd, dee, root}

	moments = []time.Time{ // around a DST gap at midnight, a skipped day, a leap day, the epoch
		time.Date(2018, 11, 3, 20, 0, 0, 0, time.UTC),
		time.Date(2011, 12, 29, 6, 0, 0, 0, time.UTC),
		time.Date(2024, 2, 28, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(1969, 12, 31, 23, 0, 0, 1, time.UTC),
	}

	ticks = []time.Duration{0, 0, 1, time.Microsecond, time.Minute, time.Hour, 11 * time.Hour, 12 * time.Hour,
		day, day, day, 25 * time.Hour, 2 * day, 2 * day, 3 * day, 4 * day, -time.Hour, -30 * time.Hour}

	amounts = []economy.Amount{1, 2, 3, 49, 50, 99, 100, 101, 150, 250,
		economy.MaxMovement - 1, economy.MaxMovement, economy.MaxMovement, economy.MaxBalance}

	keys = append(strings.Split("abcdefghijkl", ""), make([]string, 24)...) // "" stands for a key of its own

	names = []string{"Ada", "Bob", "O'Neil", "🪙", `"; DROP TABLE members; --`}
	notes = []string{"", "thanks", "for the 'cake'; -- 🎂"}
	rules = ruleBook()
)

func ruleBook() []economy.Settings {
	edit := func(change func(*economy.Settings)) economy.Settings {
		s := economy.DefaultSettings()
		change(&s)
		return s
	}
	return []economy.Settings{
		economy.DefaultSettings(),
		edit(func(s *economy.Settings) { s.StartingBalance, s.Grace, s.TimeZone = 0, 0, "America/Sao_Paulo" }),
		edit(func(s *economy.Settings) {
			s.StartingBalance, s.MaxBalance, s.Grace, s.TimeZone = 150, 660, 0, "Pacific/Apia"
		}),
		edit(func(s *economy.Settings) { s.MaxBalance, s.StartingBalance, s.Grace = 1, 1, 6 }),
		edit(func(s *economy.Settings) {
			s.StreakCap, s.Grace, s.CurrencyName, s.CurrencySymbol, s.AdminChannel = 0, 2, "gold", "🥇", "555"
			s.TaskChannel, s.ReviewChannel, s.WelcomeChannel, s.ReviewerRole, s.AdminRole = "601", "602", "603", "7002", "7004"
		}),
		edit(func(s *economy.Settings) {
			s.StreakCap, s.Grace, s.DailyAmount, s.TimeZone = 2, 3, economy.MaxMovement/2, "Asia/Tokyo"
		}),
	}
}

// step is one random operation; what it does not need of its fields it ignores.
type step struct {
	Verb     string
	Guild    int
	Who, Too economy.Person
	Admin    economy.AdminID // who acts where members do not have to; 0: Who
	Key      string
	Source   economy.Source
	Quantity economy.Quantity
	Kind     economy.Kind
	Note     string
	Rules    economy.Settings
	Nth      int
	Size     int
	Tick     time.Duration
	Terms    shop.Terms
	Stock    *shop.Stock
	Odd      bool // another than the right one
	State    outbox.State
	Long     bool // an hour, and else no time
	Task     tasks.Terms
	To       tasks.State
	Message  string
	Gone     bool
}

// admin is who does what admins do.
func (v step) admin() economy.Person {
	if v.Admin != 0 {
		return economy.Person{Admin: v.Admin, Name: v.Who.Name}
	}
	return v.Who
}

// wares draws an item's terms, of few names, prices and roles.
var wares = rapid.Custom(func(t *rapid.T) shop.Terms {
	text := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
	v := shop.Terms{
		Name:           text("name", "Cake", "role", "Été", "cAKE", "ÉTÉ", "Σας", "\\%_'; --", "🪙 cake"),
		Description:    text("description", "", "two\nlines"),
		Category:       text("category", "", "", "b", "B", "é"),
		Picture:        text("picture", "", "https://example.org/a.png?b=1&c=%20"),
		Price:          rapid.SampledFrom([]economy.Amount{1, 1, 1, 2, 2, 3, 5, 20, 40, economy.MaxMovement}).Draw(t, "price"),
		MemberLimit:    rapid.SampledFrom([]int64{0, 0, 0, 0, 0, 1, 4}).Draw(t, "limit"),
		RequiredRole:   economy.RoleID(text("required", "", "", "", "", "", "7002")),
		MinimumBalance: rapid.SampledFrom([]economy.Amount{0, 0, 0, 0, 0, 90}).Draw(t, "minimum"),
		From:           rapid.SampledFrom([]time.Time{20: moments[0].Add(day), 21: moments[2]}).Draw(t, "from"),
		Until:          rapid.SampledFrom([]time.Time{20: moments[1].Add(2 * day), 21: moments[2].Add(day)}).Draw(t, "until"),
	}
	switch text("sort", "rent", "used", "role", "rent", "used", "role", "kept") {
	case "used":
		v.Usable, v.UseMessage = true, text("message", "", "Yum!\n🪙")
	case "role":
		v.Role = economy.RoleID(text("role", "7001", "7002"))
	case "rent":
		v.Role, v.RoleHours = economy.RoleID(text("role", "7001", "7001", "7002")), rapid.SampledFrom([]int{1, 24, shop.MaxRoleHours}).Draw(t, "hours")
	}
	return v
})

// stocks draws a stock, or none.
var stocks = rapid.SampledFrom([]*shop.Stock{nil, nil, {}, {}, {Limited: true, Left: 2}, {Limited: true, Left: 5}, {Limited: true}})

// The kinds of worlds: some are about coins, some about goods and some about work,
// since a sequence is too short for all operations to meet.
var worlds = [][]string{
	{"transfer", "transfer", "transfer", "adjust", "adjust", "adjust", "daily", "daily", "daily", "daily", "reverse", "reverse", "rules",
		"again", "again", "again", "wallet", "history", "leaderboard", "reversible", "forget", "ranks", "buy", "create", "many", "many", "import", "erase",
		"members", "member", "transactions", "tally", "stats", "trail"},
	{"buy", "settle", "lease", "refund", "use", "buy", "settle", "lease", "refund", "use", "buy", "settle", "lease", "buy", "settle", "lease", "buy",
		"expire", "edit", "inventory", "deliveries", "retry", "again", "buy", "settle", "lease", "refund", "use", "expire", "again", "edit", "create",
		"catalogue", "offer", "names", "refundable", "discard", "archive", "adjust", "reverse", "erase", "record", "tally", "stats", "trail"}, // the first are drawn most often
	{"claim", "submit", "review", "claim", "submit", "review", "claim", "submit", "review", "lease", "settle", "claim", "submit", "lease", "settle",
		"drop", "tidy", "retask", "move", "again", "claim", "submit", "review", "task", "open tasks", "task offer", "claims", "queue", "task names",
		"deliveries", "retry", "again", "rules", "meet", "tidy", "reverse", "discard", "adjust", "erase", "record", "tally", "stats", "trail"},
}

// steps draws operations of a kind of world, what it is about and repetitions most
// often.
func steps(world int) *rapid.Generator[step] {
	return rapid.Custom(func(t *rapid.T) step { return drawStep(t, world) })
}

func drawStep(t *rapid.T, world int) step {
	pick := func(name string, from []string) string { return rapid.SampledFrom(from).Draw(t, name) }
	s := step{
		Verb:   pick("verb", worlds[world]),
		Guild:  rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "guild"),
		Who:    rapid.SampledFrom(people).Draw(t, "who"),
		Too:    rapid.SampledFrom(people).Draw(t, "too"),
		Key:    pick("key", keys),
		Source: economy.FromDiscord,
		Kind:   rapid.SampledFrom([]economy.Kind{economy.KindGive, economy.KindTake, economy.KindSet}).Draw(t, "kind"),
		Note:   pick("note", notes),
		Rules:  rapid.SampledFrom(rules).Draw(t, "rules"),
		Nth:    rapid.IntRange(0, 20).Draw(t, "nth"),
		Size:   rapid.IntRange(1, 4).Draw(t, "size"),
		Tick:   rapid.SampledFrom(ticks).Draw(t, "tick"),
		Admin:  rapid.SampledFrom([]economy.AdminID{0, 0, 0, 1, 2}).Draw(t, "account"),
	}
	switch s.Verb {
	case "create", "edit":
		s.Terms, s.Stock = wares.Draw(t, "terms"), stocks.Draw(t, "stock")
	case "task", "retask":
		s.Task = chores.Draw(t, "terms")
	case "move":
		s.To = rapid.SampledFrom([]tasks.State{tasks.Open, tasks.Open, tasks.Open, tasks.Closed, tasks.Archived}).Draw(t, "to")
	case "lease":
		s.Long = rapid.IntRange(0, 9).Draw(t, "long") == 0
	case "settle":
		s.State = rapid.SampledFrom([]outbox.State{outbox.Done, outbox.Done, outbox.Failed, outbox.Failed, outbox.Waiting}).Draw(t, "state")
		s.Long = rapid.IntRange(0, 3).Draw(t, "long") == 0
		s.Message = pick("message", []string{"9001", "9002", ""})
		s.Gone = rapid.IntRange(0, 4).Draw(t, "gone") == 0
	}
	s.Odd = rapid.IntRange(0, 9).Draw(t, "odd") == 0
	s.Quantity = economy.Coins(rapid.SampledFrom(amounts).Draw(t, "amount"))
	if share := rapid.SampledFrom([]economy.Share{economy.Exact, economy.Exact, economy.All, economy.Half}).Draw(t, "share"); share != economy.Exact {
		s.Quantity = economy.Quantity{Share: share}
	}
	if rapid.IntRange(0, 9).Draw(t, "system") == 0 {
		s.Source = economy.FromSystem
	}
	s.Who.Name = pick("name", names)
	if s.Too.User == s.Who.User { // one person has one name at a time
		s.Too = s.Who
	}
	return s
}
