package interactions

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"coffer/internal/tasks"
)

// bobManages is the member who reviews in these stories: ada's work is not her own.
func bobManages() object { return guildMember(bob, "bob", "Bob", manageGuild) }

// handIn has ada hand in a text, a link, a picture and nothing.
func (b *bench) handIn() {
	b.t.Helper()
	b.store.errands()
	b.store.tasks[3].Review = tasks.ByPerson
	for i, proof := range []object{text("text", "# A guide\n@everyone, read **this** [now](https://evil.example).\n\u202eThe end."),
		text("text", "https://bugs.example/*1*?a=_b_"), file("image", photo)} {
		task := text("task", strconv.Itoa(i+1))
		b.send(b.command("task claim", task))
		b.send(b.command("task submit", task, proof))
	}
	b.send(b.command("task claim", text("task", "4")))
	b.send(b.press("handin:" + ada + ":" + snow(clock, 900) + ":4"))
}

func TestReview(t *testing.T) {
	story(t, "review", func(s *stage) {
		review := func() object { return as(s.command("review"), bobManages()) }
		press := func(id string) object { return as(s.press(id), bobManages()) }
		s.play("nothing waits", review())
		s.play("for a member", s.command("review"))
		s.handIn()
		s.store.settings.ReviewerRole = vip
		s.play("her own work", as(s.command("review"), withRoles(visitor(ada), vip)))
		text, _ := ids(s.play("a text, by role", as(s.command("review"), withRoles(visitor(bob), vip))))
		link, _ := ids(s.play("a link", press(text[3])))
		picture, _ := ids(s.play("a picture", press(link[3])))
		nothing, _ := ids(s.play("no proof", press(picture[3])))
		end, _ := ids(s.play("the end", press(nothing[3])))
		s.play("from the oldest", press(end[0]))
		s.play("approved", press(text[0]))
		s.play("approved twice", press(text[0]))
		opened := press(link[1])
		form := s.play("in part", opened)
		s.play("no percentage", s.fill(form, opened, "half"))
		s.play("too much", s.fill(form, opened, "101"))
		s.play("a half", s.fill(form, opened, "50 %"))
		s.play("a half, sent twice", s.fill(form, opened, "50"))
		opened = press(picture[2])
		form = s.play("rejected", opened)
		s.play("without a reason", s.fill(form, opened, "  "))
		s.play("with a reason", s.fill(form, opened, "It is *too small*. @everyone"))
		s.play("rejected, and then approved", press(picture[0]))
		s.store.tasks[3].Tries = 1
		opened = press(nothing[2])
		s.play("the last try", s.fill(s.send(opened), opened, "I saw nothing."))
		s.play("somebody else presses", s.press(text[0]))
		s.play("an unknown one", press("approve:"+bob+":99"))
		s.now = s.now.Add(25 * time.Hour)
		s.send(s.command("task submit", give("task", optionString, "3"), file("image", photo)))
		s.play("the picture is gone", review())
	})
}

func TestReviewInTheChannel(t *testing.T) {
	story(t, "review_channel", func(s *stage) {
		s.handIn()
		press := func(id string, by object) object { return as(s.press(id), by) }
		s.play("not a reviewer", press("approve::1", visitor(bob)))
		s.play("her own work", press("approve::1", manager()))
		outcome := s.play("approved, in English for all", press("approve::1", bobManages()))
		if outcome["type"] != float64(respondUpdate) || strings.Contains(said(s.t, object{"embeds": data(outcome)["embeds"].([]any)[:1]}), "gibt ab") {
			s.t.Errorf("got %v", outcome)
		}
		s.play("approved twice", press("approve::1", bobManages()))
		for key := range s.store.requests {
			if strings.Contains(key, bob) && !strings.HasSuffix(key, ":"+bob) {
				s.t.Errorf("the key %q has a member where no erasure looks for him", key)
			}
		}
		s.play("somebody is second", press("approve::1", guildMember(vip, "eve", "Eve", manageGuild)))
		opened := press("part::2", bobManages())
		s.play("nothing of the reward", s.fill(s.play("in part", opened), opened, "0"))
		opened = press("reject::3", bobManages())
		rejected := s.play("a picture is rejected", s.fill(s.play("rejected", opened), opened, "Too small."))
		if _, named := data(rejected)["attachments"]; named {
			s.t.Errorf("the picture would go: %v", rejected)
		}
	})
}

func TestAReviewThatTakesLongIsDeferred(t *testing.T) {
	timed(t, "and its message updated", func(t *testing.T) {
		b := newBench(t)
		b.handIn()
		opened := as(b.press("reject::1"), bobManages())
		form := b.send(opened)
		g := make(gate)
		b.store.before = g.before
		if got := b.send(b.fill(form, opened, "Too short.")); got["type"] != float64(respondDeferUpdate) {
			t.Errorf("got %v", got)
		}
		close(g)
		if got := <-b.hooks.sent; got.how != "edit" || len(got.body["components"].([]any)) != 0 || got.body["flags"] != nil {
			t.Errorf("got %v", got)
		}
	})
}

// TestReviewersRightsAreThoseThatDiscordSigned holds that a role in the settings and the
// permission are all that counts.
func TestReviewersRightsAreThoseThatDiscordSigned(t *testing.T) {
	for _, c := range []struct {
		member object
		may    bool
	}{
		{visitor(bob), false}, {withRoles(visitor(bob), botRole, "", "x"), false}, {withRoles(visitor(bob), vip), true},
		{guildMember(bob, "", "", "8"), true}, {guildMember(bob, "", "", "32"), true}, {guildMember(bob, "", "", "16"), false},
	} {
		b := newBench(t)
		b.store.settings.ReviewerRole = vip
		b.handIn()
		b.send(as(b.press("approve::1"), c.member))
		if got := b.store.submissions[0].State == tasks.Accepted; got != c.may {
			t.Errorf("%v: got %v, want %v", c.member, got, c.may)
		}
	}
}
