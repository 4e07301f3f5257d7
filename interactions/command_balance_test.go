package interactions

import (
	"testing"

	"coffer/internal/economy"
)

func TestBalance(t *testing.T) {
	story(t, "balance", func(s *stage) {
		s.play("first contact", s.command("balance"))
		s.play("of another", s.command("balance", who("member", bob)))
		s.play("of a bot", s.command("balance", who("member", robot)))
		s.play("of somebody who has left", s.command("balance", who("member", ada+"9")))
		gone := s.command("balance", who("member", bob))
		delete(gone["data"].(object)["resolved"].(object)["members"].(object), bob)
		s.play("of a user who is not here", gone)
		s.play("claims", s.command("daily"))
		s.play("after the claim", s.command("balance"))
		s.store.settings.CurrencyName = "*stars*"
		s.play("of a currency with markdown in its name", s.command("balance"))
	})
}

func TestRankIsAPlaceAPercentageOrNothing(t *testing.T) {
	for _, c := range []struct {
		rank economy.Rank
		want string
	}{
		{economy.Rank{Position: 1000}, "#1,000"},
		{economy.Rank{TopPercent: 7}, "top 7 %"},
		{economy.Rank{}, ""},
	} {
		if got := texts().english.rank(c.rank); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.rank, got, c.want)
		}
	}
}
