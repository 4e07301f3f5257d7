package interactions

import (
	"strings"
	"testing"
)

func TestHelp(t *testing.T) {
	story(t, "help", func(s *stage) {
		s.play("for a member", s.command("help"))
		whole := s.play("for a manager", as(s.command("help"), manager()))
		if raw, _ := encode(whole); strings.Contains(string(raw), "…") {
			s.t.Errorf("something is cut: %s", raw)
		}
		s.store.settings.StreakBonus = 0
		s.store.settings.CurrencyName = "*stars*"
		s.play("without a bonus", s.command("help"))
	})
	t.Run("without a dashboard there is no button", func(t *testing.T) {
		b := newBench(t, func(c *Config) { c.DashboardURL = "" })
		if buttons, _ := ids(b.send(b.command("help"))); len(buttons) != 0 {
			t.Errorf("got %v", buttons)
		}
	})
}
