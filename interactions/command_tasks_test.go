package interactions

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

func TestTasks(t *testing.T) {
	story(t, "tasks", func(s *stage) {
		s.play("empty", s.command("tasks"))
		s.play("empty, for a manager", as(s.command("tasks"), manager()))
		s.store.errands()
		first := s.play("first page", s.command("tasks"))
		all, disabled := ids(first)
		if !slices.Equal(disabled, []bool{false, true, false, false}) {
			s.t.Errorf("on the first page: disabled %v", disabled)
		}
		next := s.play("next", s.press(all[2]))
		last, _ := ids(next)
		s.play("and back", s.press(last[1]))
		s.play("somebody else turns", as(s.press(all[2]), visitor(bob)))
		s.play("somebody else picks", as(s.pick(all[0], "1"), visitor(bob)))
		s.play("somebody else looks at the claims", as(s.press(all[3]), visitor(bob)))
		claims, _ := ids(s.play("no claims yet", s.press(all[3])))
		s.play("to the open tasks", s.press(claims[0]))
		s.store.tasks = s.store.tasks[:2]
		s.play("a page that was closed in the meantime", s.press(all[2]))
	})
}

// busy has ada do something about every task.
func (b *bench) busy() {
	b.t.Helper()
	b.store.errands()
	for _, title := range []string{"Write a guide", "find a bug", "Draw_the_*logo*", "say hello", "riddle", "water the plants"} {
		b.send(b.command("task claim", text("task", title)))
	}
	b.send(b.command("task submit", text("task", "2"), text("text", "https://bugs.example/1")))
	b.send(b.command("task submit", text("task", "5"), text("text", "a bucket")))
	b.send(b.press("handin:" + ada + ":" + snow(clock, 900) + ":4"))
	b.send(b.command("task drop", text("task", "7")))
}

func TestClaims(t *testing.T) {
	story(t, "claims", func(s *stage) {
		s.busy()
		board := s.play("the board tells of them", s.command("tasks"))
		all, _ := ids(board)
		page := s.play("my tasks", s.press(all[3]))
		turn, _ := ids(page)
		s.play("older ones", s.press(turn[2]))
		card, _ := ids(s.play("one of them", s.pick(turn[0], "5")))
		s.play("back to them", s.press(card[2]))
		s.send(as(s.command("review"), guildMember(bob, "bob", "Bob", manageGuild)))
		s.send(as(s.press("approve:"+bob+":1"), guildMember(bob, "bob", "Bob", manageGuild)))
		s.now = s.now.Add(49 * time.Hour)
		s.play("after two days", s.press(all[3]))
		s.play("the guide's time is over", s.pick(turn[0], "1"))
		s.play("the bug was accepted", s.pick(turn[0], "2"))
	})
}

func TestTaskCard(t *testing.T) {
	story(t, "task", func(s *stage) {
		s.store.errands()
		menu := "task:" + ada + ":tasks:1"
		card, _ := ids(s.play("a text", s.pick(menu, "1")))
		s.play("back", s.press(card[1]))
		s.play("a link", s.pick(menu, "2"))
		s.play("a picture", s.pick(menu, "3"))
		s.play("no proof", s.pick(menu, "4"))
		s.play("a riddle, without its answer", s.pick(menu, "5"))
		s.play("for others, and after another", s.pick(menu, "6"))
		s.send(as(s.command("task claim", text("task", "3")), visitor(bob)))
		s.play("no place left", s.pick(menu, "3"))
		taken := s.play("claimed", s.press(card[0]))
		again := s.play("pressed twice", s.press(card[0]))
		if taken["type"] == again["type"] || len(s.store.claims) != 2 {
			s.t.Errorf("two presses are not one claim: %v", s.store.claims)
		}
		s.play("mine", s.pick(menu, "1"))
		s.send(s.command("task submit", text("task", "1"), text("text", "Here it is.")))
		s.play("waits", s.pick(menu, "1"))
		head := guildMember(bob, "bob", "Bob", manageGuild)
		opened := as(s.press("reject:"+bob+":1"), head)
		s.send(s.fill(s.send(opened), opened, "It lacks a *heading*."))
		s.play("rejected", s.pick(menu, "1"))
		s.send(s.command("task submit", text("task", "1"), text("text", "Here it is again.")))
		s.send(as(s.press("approve:"+bob+":2"), head))
		s.play("done", s.pick(menu, "1"))
		s.play("now the other one, with the role", as(s.pick(menu, "6"), withRoles(visitor(ada), vip)))
		s.send(s.command("task claim", text("task", "4")))
		s.send(s.press("handin:" + ada + ":" + snow(clock, 901) + ":4"))
		s.play("done for today", s.pick(menu, "4"))
		s.store.tasks[1].State = tasks.Closed
		s.play("closed", s.pick(menu, "2"))
		s.store.tasks[4].Deadline = clock
		s.play("its deadline has passed", s.pick(menu, "5"))
		s.store.tasks[6].State = tasks.Draft
		s.play("a draft", s.pick(menu, "7"))
		s.play("an unknown one", s.pick(menu, "99"))
	})
}

func TestTasksRefuseComponentsTheyNeverDrew(t *testing.T) {
	b := newBench(t)
	b.store.errands()
	lost, drawn := english("problem.unknown_component"), snow(clock, 1)
	for _, o := range []object{
		b.press("tasks"), b.press("tasks:" + ada), b.press("tasks:" + ada + ":0"), b.press("tasks:" + ada + ":10000"), b.press("claims:" + ada + ":-1"),
		b.pick("task:"+ada+":tasks:1", "x"), b.pick("task:"+ada+":tasks:1", "1", "2"), b.pick("task:"+ada+":shop:1", "1"), b.pick("task:"+ada+":tasks:x", "1"),
		b.press("claim"), b.press("claim:x"), b.press("claim:0"), b.press("take:" + ada), b.press("take:" + ada + ":x:1"), b.press("take:" + ada + ":" + drawn),
		b.press("drop:" + ada + ":" + drawn + ":-1"), b.press("handin:" + ada + "::1"), b.press("submit:" + ada + ":1"), b.press("submit:" + ada + ":1:gold"),
		b.press("submit:" + ada + ":x:text"), b.press("review"), b.press("review:" + ada), b.press("review:" + ada + ":x"), b.press("approve"), b.press("approve:" + ada + ":x"),
		b.press("part::0"), b.press("reject::"),
		b.interaction(typeModal, object{"custom_id": "work:" + drawn}), b.interaction(typeModal, object{"custom_id": "work:x:1"}),
		b.interaction(typeModal, object{"custom_id": "part::1:x"}), b.interaction(typeModal, object{"custom_id": "reject::1"}),
		as(b.press("deliveries"), manager()), as(b.press("deliveries:"+ada+":older:x"), manager()), as(b.press("deliveries:"+ada+":sideways:1"), manager()),
		as(b.pick("retry:"+ada, "x"), manager()), as(b.pick("retry:"+ada), manager()),
	} {
		mustSay(t, b.send(o), lost)
	}
	for _, o := range []object{
		b.press("tasks:" + bob + ":1"), b.press("claims:" + bob + ":1"), b.pick("task:"+bob+":tasks:1", "1"), b.press("take:" + bob + ":" + drawn + ":1"),
		b.press("drop:" + bob + ":" + drawn + ":1"), b.press("handin:" + bob + ":" + drawn + ":1"), b.press("submit:" + bob + ":1:text"),
		b.press("review:" + bob + ":0"), b.press("approve:" + bob + ":1"), b.press("part:" + bob + ":1"), b.press("reject:" + bob + ":1"),
		as(b.press("deliveries:"+bob+":newest"), manager()), as(b.pick("retry:"+bob, "1"), manager()),
	} {
		mustSay(t, b.send(o), english("problem.not_yours"))
	}
	if len(b.store.calls) != 0 {
		t.Errorf("the store was asked: %v", b.store.calls)
	}
}

func TestTheLongestTasksFit(t *testing.T) {
	for _, sign := range []string{"😀", "*", "𝔘"} {
		b := newBench(t)
		b.store.settings.CurrencySymbol, b.store.settings.CurrencyName = outlandish(64, "*"), outlandish(32, "_")
		head := guildMember(bob, "bob", "Bob", manageGuild)
		for i := range 7 {
			task := b.store.assign(tasks.Terms{Title: fmt.Sprint(i) + outlandish(79, sign), Reward: economy.MaxMovement, Description: outlandish(1000, sign),
				Places: tasks.MaxPlaces, Repeat: tasks.Weekly, Deadline: clock.AddDate(7000, 0, 0), ClaimHours: tasks.MaxClaimHours - 1, Tries: tasks.MaxTries,
				Picture: "https://p.example/" + strings.Repeat("p", 490)})
			if i > 0 {
				task.Prerequisite = 1
			}
			if err := task.Validate(); err != nil {
				t.Fatal(err)
			}
			b.send(b.command("task claim", text("task", fmt.Sprint(task.ID))))
			b.store.claims = append(b.store.claims, &memoryClaim{member: ada, Claim: tasks.Claim{ID: tasks.ClaimID(len(b.store.claims) + 1), Task: task.ID, State: tasks.Rejected,
				Reward: economy.MaxMovement, Reason: outlandish(200, sign), Due: clock}})
		}
		whole := func(what string, o object) object {
			t.Helper()
			response := b.send(o)
			checkLimits(t, response)
			raw, _ := encode(data(response)["embeds"])
			if rest := strings.ReplaceAll(string(raw), "…\"", ""); strings.Contains(rest, "…") && what != "the claims" {
				t.Errorf("%s: something is cut: %s", what, raw)
			}
			return response
		}
		all, _ := ids(whole("the board", b.command("tasks")))
		whole("the card", b.pick(all[0], "7"))
		claims := whole("the claims", b.press(all[3]))
		if n := strings.Count(said(t, data(claims)), "\n> "); n != shelf {
			t.Errorf("%d claims are shown, want %d: %s", n, shelf, said(t, data(claims)))
		}
		whole("the receipt", b.command("task submit", text("task", "7"), text("text", outlandish(2000, sign))))
		whole("the review", as(b.command("review"), head))
		opened := as(b.press("reject:"+bob+":1"), head)
		outcome := whole("the outcome", b.fill(b.send(opened), opened, outlandish(200, sign)))
		embeds := data(outcome)["embeds"].([]any)
		if proof := embeds[1].(object)["description"].(string); strings.Count(proof, sign) != 2000 {
			t.Errorf("the proof is cut to %d: %s", strings.Count(proof, sign), proof)
		}
		sheet := b.send(as(b.command("admin task edit", text("task", "7")), manager()))
		checkLimits(t, sheet)
		checkLimits(t, b.send(as(b.command("admin task edit", text("task", "7"), text("description", outlandish(500, sign)), text("title", outlandish(80, "_"))), manager())))
		for _, o := range []object{b.typing("task claim", "task", ""), b.typing("task drop", "task", ""), as(b.typing("admin task edit", "task", ""), manager())} {
			checkLimits(t, b.send(o))
		}
	}
}

func TestATitleThatShowsNothingIsStillThere(t *testing.T) {
	b := newBench(t)
	b.store.assign(tasks.Terms{Title: "\u2066\u2069", Reward: 1})
	all, _ := ids(b.send(b.command("tasks")))
	for _, o := range []object{b.command("tasks"), b.pick(all[0], "1"), b.typing("task claim", "task", ""), b.command("task claim", text("task", "1")),
		b.press(all[1]), b.command("task submit", text("task", "1")), b.command("task submit", text("task", "1"), text("text", "x")),
		as(b.command("review"), guildMember(bob, "bob", "Bob", manageGuild))} {
		checkLimits(t, b.send(o))
	}
}

func TestTaskCompletion(t *testing.T) {
	story(t, "task_completion", func(s *stage) {
		s.play("of no tasks", s.typing("task claim", "task", ""))
		s.busy()
		s.store.tasks[6].State = tasks.Draft
		s.play("what can be claimed", s.typing("task claim", "task", ""))
		s.play("by a part", s.typing("task claim", "task", "W"))
		s.play("by nothing that exists", s.typing("task claim", "task", "zzz"))
		s.play("by what can be no title", s.typing("task claim", "task", "a\u0000b"))
		s.play("what is mine, to hand in", s.typing("task submit", "task", ""))
		s.play("what is mine, to give up", s.typing("task drop", "task", "gu"))
		s.store.tasks[5].State = tasks.Archived
		s.play("what an admin can change", as(s.typing("admin task edit", "task", ""), manager()))
		s.play("what can come before", as(s.typing("admin task create", "prerequisite", ""), manager()))
		s.play("for a member", s.typing("admin task open", "task", ""))
	})
}
