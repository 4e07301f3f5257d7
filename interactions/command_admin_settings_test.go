package interactions

import "testing"

func TestAdminSettings(t *testing.T) {
	story(t, "admin_settings", func(s *stage) {
		set := func(about string, options ...object) {
			s.t.Helper()
			s.play(about, as(s.command("admin settings", options...), manager()))
		}
		set("as they are")
		set("one", text("currency", "*stars*"))
		set("all", text("currency", "stars"), text("symbol", "<:star:115590097100865541>"), text("starting_balance", "none"), text("daily_amount", "2k"),
			text("streak_bonus", "0"), whole("streak_cap", 30), whole("grace", 0), text("time_zone", "Europe/Berlin"), text("highest_balance", "5m"),
			aChannel("admin_channel", lobby))
		set("to the same", text("currency", "stars"))
		set("no name", text("currency", ""))
		set("a starting balance beyond the highest", text("starting_balance", "6m"))
		set("a daily amount that is none", text("daily_amount", "none"))
		set("a daily amount that is too high", text("daily_amount", "1b"), text("streak_bonus", "2b"))
		set("no amount", text("streak_bonus", "some"))
		set("too many days", whole("streak_cap", 366))
		set("too much grace", whole("grace", 7))
		set("no time zone", text("time_zone", "Mars/Olympus"))
		set("a highest balance of nothing", text("highest_balance", "0"))
		set("a channel for voices", aChannel("admin_channel", voice))
		set("tasks and their reviewers", aChannel("task_channel", lobby), aChannel("review_channel", lobby), aRole("reviewer_role", vip))
		set("a review channel for voices", aChannel("review_channel", voice))
		set("a channel for welcomes", aChannel("welcome_channel", lobby))
		set("no welcomes any more", text("clear", "welcome_channel"))
		set("no task channel any more", text("clear", "task_channel"))
		set("no review channel and no reviewers any more", text("clear", "review_channel"), aRole("reviewer_role", guild))
		set("no admin channel any more", text("clear", "admin_channel"))
		set("and so they are")
	})
}
