package interactions

import (
	"strconv"
	"strings"
	"testing"

	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// asked is a form that was opened, and by what.
type asked struct{ form, from object }

// ask presses the button of a reply that leads to a form.
func (s *stage) ask(reply object, button int) asked {
	s.t.Helper()
	all, _ := ids(reply)
	from := in(as(s.press(all[button]), manager()), s.locale)
	return asked{s.send(from), from}
}

// sendForm sends a form off, with some inputs and their new texts.
func (s *stage) sendForm(about string, a asked, changes ...string) object {
	s.t.Helper()
	changed := map[string]string{}
	for i := 0; i < len(changes); i += 2 {
		changed[changes[i]] = changes[i+1]
	}
	return s.play(about, s.fillAll(a.form, a.from, changed))
}

func TestAdminForms(t *testing.T) {
	story(t, "admin_forms", func(s *stage) {
		admin := func(name string, options ...object) object {
			s.t.Helper()
			return s.send(in(as(s.command(name, options...), manager()), s.locale))
		}
		shown := func(about string, reply object, button int) asked {
			s.t.Helper()
			all, _ := ids(reply)
			from := in(as(s.press(all[button]), manager()), s.locale)
			return asked{s.play(about, from), from}
		}

		seen := admin("admin settings")
		s.sendForm("as it was", shown("the currency", seen, 0))
		s.sendForm("another currency", s.ask(seen, 0), "currency", "stars", "starting_balance", "1k")
		s.sendForm("no currency", s.ask(seen, 0), "currency", " ")
		s.sendForm("no amount", s.ask(seen, 0), "starting_balance", "some")
		s.sendForm("another day", shown("the daily coins", seen, 1), "daily_amount", "250", "grace", " 2 ", "time_zone", "Europe/Berlin")
		s.sendForm("days that are no number", s.ask(seen, 1), "streak_cap", "ten")
		s.sendForm("too many days", s.ask(seen, 1), "streak_cap", "366")

		seen = admin("admin item create", text("name", "Sword"), text("price", "50"), text("description", `Sharp.\nVery.`))
		late := s.ask(seen, 0)
		seen = s.sendForm("its words", shown("an item", seen, 0), "description", "A **sword**.\n\n- sharp\n- heavy", "category", "Tools", "message", "Swish!\nIt is worn now.")
		s.sendForm("changed in the meantime", late, "description", "Mine.")
		s.sendForm("nothing", shown("the item again", seen, 0), "description", "", "category", "", "message", "")
		s.sendForm("no address", s.ask(admin("admin item edit", text("item", "1")), 0), "picture", "here")
		seen = admin("admin item create", text("name", "Badge"), text("price", "5"), aRole("role", vip))
		s.sendForm("a role's words", shown("an item with a role", seen, 0), "name", "Medal")
		late = s.ask(seen, 0)
		admin("admin item archive", text("item", "2"))
		shown("an archived item", seen, 0)
		s.sendForm("an archived item's words", late, "name", "Ribbon")

		seen = admin("admin task create", text("title", "Guide"), text("reward", "50"))
		s.sendForm("its title", shown("a task", seen, 0), "title", "Write a guide", "description", "One page.\nOr two.")
		seen = admin("admin task create", text("title", "Riddle"), text("reward", "50"), text("answer", "A sponge"))
		late = s.ask(seen, 0)
		s.sendForm("another answer", shown("a riddle", seen, 0), "answer", "a net")
		s.sendForm("another answer, too late", late, "answer", "a bucket")
		s.sendForm("no answer", s.ask(seen, 0), "answer", "")
		admin("admin task archive", text("task", "2"))
		shown("an archived task", seen, 0)
		s.play("an unknown one", as(s.press("edititem:"+ada+":99"), manager()))
	})
}

// TestAFormLeavesWhatNobodyTouched changes one text beside others that would mean
// something else in an option.
func TestAFormLeavesWhatNobodyTouched(t *testing.T) {
	b := newBench(t)
	b.store.offer(shop.Terms{Name: "Box", Price: 5, Description: `C:\new`, Category: "None", Usable: true, UseMessage: "none"})
	b.store.assign(tasks.Terms{Title: "Riddle", Reward: 5, Description: `a\nb`, Review: tasks.ByAnswer, Answer: "none"})
	for id, name := range map[string]string{"edititem:" + ada + ":1": "name", "edittask:" + ada + ":1": "title"} {
		from := as(b.press(id), manager())
		b.send(b.fillAll(b.send(from), from, map[string]string{name: "Another"}))
	}
	if i := b.store.items[0].Terms; i != (shop.Terms{Name: "Another", Price: 5, Description: `C:\new`, Category: "None", Usable: true, UseMessage: "none"}) {
		t.Errorf("got %+v", i)
	}
	if k := b.store.tasks[0].Terms; k.Title != "Another" || k.Description != `a\nb` || k.Answer != "none" {
		t.Errorf("got %+v", k)
	}
}

// TestFormsAreForWhoManages holds that neither a button nor a form that somebody has
// kept gives rights that he has no more.
func TestFormsAreForWhoManages(t *testing.T) {
	b := newBench(t)
	b.store.stall()
	b.store.errands()
	for _, id := range []string{"settings:" + ada + ":coins", "edititem:" + ada + ":1", "edittask:" + ada + ":1"} {
		mustSay(t, b.send(b.press(id)), english("problem.not_manager"))
		mustSay(t, b.send(as(b.press(id), bobManages())), english("problem.not_yours"))
		from := as(b.press(id), manager())
		filled := b.fillAll(b.send(from), from, nil)
		calls := len(b.store.calls)
		if reply := b.send(as(filled, visitor(ada))); !strings.Contains(data(reply)["embeds"].([]any)[0].(object)["description"].(string), english("problem.not_manager")) {
			t.Errorf("%s: got %v", id, reply)
		}
		if len(b.store.calls) != calls {
			t.Errorf("%s: the store was asked: %v", id, b.store.calls[calls:])
		}
	}
}

func TestFormsRefuseWhatTheyNeverDrew(t *testing.T) {
	b := newBench(t)
	b.store.stall()
	b.store.errands()
	key := snow(clock, 1)
	for _, id := range []string{"settings:" + ada + ":all", "settings:" + ada, "edititem:" + ada + ":0", "edititem:" + ada + ":x", "edittask:" + ada + ":-1", "edittask:" + ada} {
		mustSay(t, b.send(as(b.press(id), manager())), english("problem.unknown_component"))
	}
	for _, id := range []string{"settings:", "settings:x", "settings:1", "settings:" + key, "settings:-1:" + key, "settings:x:" + key, "settings:99999999999:" + key, "edititem:1:1:", "edititem:0:1:" + key, "edititem:1:0:" + key, "edititem:1:99999999999:" + key, "edittask:1::" + key, "edittask::1:" + key} {
		mustSay(t, b.send(as(b.interaction(typeModal, object{"custom_id": id, "components": []object{}}), manager())), english("problem.unknown_component"))
	}
	// What a form does not ask for stays as it is, and nothing is changed by it.
	o := as(b.interaction(typeModal, object{"custom_id": "edititem:1:1:" + key, "components": []object{
		{"components": []object{{"custom_id": "moon", "value": "full"}, {"custom_id": "", "value": "x"}, {"custom_id": "price", "value": 5}}}}}), manager())
	before := *b.store.items[0]
	b.send(o)
	if *b.store.items[0] != before {
		t.Errorf("got %+v, want %+v", *b.store.items[0], before)
	}
}

// TestAFormSentTwiceIsOneChange holds that its key is the interaction that opened it.
func TestAFormSentTwiceIsOneChange(t *testing.T) {
	b := newBench(t)
	b.store.stall()
	from := as(b.press("edititem:"+ada+":1"), manager())
	filled := b.fillAll(b.send(from), from, map[string]string{"description": "New."})
	version := b.store.items[0].Version
	first, second := b.send(filled), b.send(filled)
	if b.store.items[0].Version != version+1 || b.store.items[0].Description != "New." {
		t.Errorf("got %+v", b.store.items[0])
	}
	for _, reply := range []object{first, second} {
		if reply["type"] != float64(respondUpdate) {
			t.Errorf("got %v", reply)
		}
	}
}

func TestTheLongestFormsFit(t *testing.T) {
	for _, sign := range []string{"😀", "*", "é"} {
		b := newBench(t)
		b.store.offer(shop.Terms{Name: strings.Repeat(sign, 80), Price: 5, Description: strings.Repeat(sign, 1000), Category: strings.Repeat(sign, 40),
			Picture: "https://p.example/" + strings.Repeat("x", 490), Usable: true, UseMessage: strings.Repeat(sign, 1000)})
		b.store.assign(tasks.Terms{Title: strings.Repeat(sign, 80), Reward: 5, Description: strings.Repeat(sign, 1000), Review: tasks.ByAnswer, Answer: strings.Repeat(sign, 200)})
		b.store.settings.CurrencyName, b.store.settings.CurrencySymbol = strings.Repeat(sign, 32), strings.Repeat(sign, 64)
		for _, id := range []string{"settings:" + ada + ":coins", "settings:" + ada + ":daily", "edititem:" + ada + ":1", "edittask:" + ada + ":1"} {
			for _, locale := range []string{"en-US", "de"} {
				from := in(as(b.press(id), manager()), locale)
				opened := b.send(from)
				if checkLimits(t, opened); opened["type"] != float64(respondModal) {
					t.Fatalf("got %v", opened)
				}
				sent := b.send(in(b.fillAll(opened, from, nil), locale))
				checkLimits(t, sent)
			}
		}
		if b.store.items[0].Version != 1 || b.store.tasks[0].Version != 1 {
			t.Errorf("%s: what was sent back as it was is a change: versions %s and %s", sign,
				strconv.Itoa(b.store.items[0].Version), strconv.Itoa(b.store.tasks[0].Version))
		}
	}
}
