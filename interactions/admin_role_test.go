package interactions

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// tabled returns one interaction for each row of the table that needs a manager.
func tabled(b *bench, t table) map[string]object {
	all := map[string]object{}
	for _, c := range t.commands {
		if c.manager {
			all["command "+c.name] = b.command(c.name)
		}
		if c.manager && c.complete != nil {
			typing := b.command(c.name)
			typing["type"] = typeAutocomplete
			all["completion "+c.name] = typing
		}
	}
	for _, c := range t.components {
		if c.manager {
			all["component "+c.name] = b.press(c.name + ":" + ada)
		}
	}
	for _, c := range t.modals {
		if c.manager {
			all["modal "+c.name] = b.interaction(typeModal, object{"custom_id": c.name + ":" + ada, "components": []object{}})
		}
	}
	return all
}

// TestWhomTheAdminRoleLetsIn tries each row that needs a manager with members of all
// kinds. The rows only tell that they were reached.
func TestWhomTheAdminRoleLetsIn(t *testing.T) {
	reached := false
	tell := func(_ context.Context, r *Request) (Reply, error) {
		reached = true
		if r.payload.Type == typeAutocomplete {
			return choices{}, nil
		}
		return message{embed: card("", "reached")}, nil
	}
	table := newTable(&bank{})
	for _, c := range table.commands {
		c.run = tell
		if c.complete != nil {
			c.complete = tell
		}
	}
	for _, c := range append(table.components, table.modals...) {
		c.run = tell
	}
	b := newBenchWith(t, &table)
	rows := tabled(b, table)
	if len(rows) < 30 {
		t.Fatalf("only %d rows need a manager", len(rows))
	}
	for name, payload := range rows {
		for _, c := range []struct {
			who   string
			role  economy.RoleID // the guild's
			has   object
			may   bool
			asked string // of the store, about the guild's role
		}{
			{"no roles", vip, visitor(ada), false, ""},
			{"another role", vip, withRoles(visitor(ada), botRole), false, "Settings"},
			{"a role, where none administers", "", withRoles(visitor(ada), vip, ""), false, "Settings"},
			{"the admin role", vip, withRoles(visitor(ada), botRole, vip), true, "Settings"},
			{"who manages the server", vip, manager(), true, ""},
		} {
			b.store.settings.AdminRole, b.store.calls, reached = c.role, nil, false
			reply := b.send(as(payload, c.has))
			if reached != c.may || strings.Join(b.store.calls, " ") != c.asked {
				t.Errorf("%s, %s: reached %v, want %v; the store was asked %v", name, c.who, reached, c.may, b.store.calls)
			}
			if !c.may && payload["type"] != typeAutocomplete && !strings.HasPrefix(said(t, data(reply)), english("problem.not_manager")) {
				t.Errorf("%s, %s: got %v", name, c.who, reply)
			}
		}
	}
}

// TestNobodyIsLetInWhileTheStoreIsSilent holds that a role that cannot be asked about is none.
func TestNobodyIsLetInWhileTheStoreIsSilent(t *testing.T) {
	b := newBench(t)
	b.store.settings.AdminRole = vip
	b.store.before = func(_ context.Context, method string) error {
		if method == "Settings" {
			return problem.ErrUnavailable
		}
		t.Errorf("%s was called", method)
		return nil
	}
	reply := b.send(as(b.command("admin coins give", who("member", bob), text("amount", "5")), withRoles(visitor(ada), vip)))
	if got := said(t, data(reply)); !strings.HasPrefix(got, english("problem.unavailable")) {
		t.Errorf("got %q", got)
	}
	if len(b.store.booked) != 0 {
		t.Errorf("booked %+v", b.store.booked)
	}
}

// TestWhoAdministersByRole follows a member whose only right is the guild's admin role.
func TestWhoAdministersByRole(t *testing.T) {
	story(t, "admin_role", func(s *stage) {
		helper := withRoles(visitor(bob), vip)
		s.play("before there is a role", as(s.command("admin coins give", who("member", ada), text("amount", "5")), helper))
		s.play("who manages the server chooses it", as(s.command("admin settings", aRole("admin_role", vip)), manager()))
		s.play("it gives coins", as(s.command("admin coins give", who("member", ada), text("amount", "5")), helper))
		s.play("it changes other settings", as(s.command("admin settings", text("currency", "stars")), helper))
		s.play("it is told of its commands", as(s.command("help"), helper))
		s.play("it does not choose who administers", as(s.command("admin settings", aRole("admin_role", guild)), helper))
		s.play("nor another role", as(s.command("admin settings", aRole("admin_role", botRole), text("currency", "moons")), helper))
		s.play("the same role is no change", as(s.command("admin settings", aRole("admin_role", vip), text("symbol", "⭐")), helper))
		s.play("no role any more", as(s.command("admin settings", aRole("admin_role", guild)), manager()))
		s.play("and so it gives none", as(s.command("admin coins give", who("member", ada), text("amount", "5")), helper))
	})
}

// TestSettingsThatHaveChangedMeanwhileAreNotOverwritten holds that nobody brings back what
// another has just taken away, such as a role's rights: neither by options nor by a form.
func TestSettingsThatHaveChangedMeanwhileAreNotOverwritten(t *testing.T) {
	for _, known := range []int{0, 1, 7} { // 0: an unknown guild
		b := newBench(t)
		take := func() {
			b.store.settings.AdminRole, b.store.version = "", max(1, b.store.version)+1
		}
		again := func() { b.store.settings.AdminRole, b.store.version = vip, known }
		helper := withRoles(visitor(bob), vip)
		refused := func(how string, reply object, want string) {
			t.Helper()
			if got, _ := encode(reply); !strings.Contains(string(got), english(want)) {
				t.Errorf("version %d, %s: got %s", known, how, got)
			}
			if s := b.store.settings; s.CurrencyName != "coins" || s.AdminRole != "" {
				t.Errorf("version %d, %s: settings %+v", known, how, s)
			}
		}
		meanwhile := func(_ context.Context, method string) error {
			if method == "ChangeSettings" {
				take()
			}
			return nil
		}

		again()
		b.store.before = meanwhile
		refused("options", b.send(as(b.command("admin settings", text("currency", "moons")), helper)), "problem.settings_changed")

		again()
		b.store.before = nil
		from := as(b.press("settings:"+bob+":coins"), helper)
		opened := b.send(from)
		take()
		b.store.settings.AdminRole = botRole
		sent := as(b.fillAll(opened, from, map[string]string{"currency": "suns"}), withRoles(visitor(bob), botRole))
		reply := b.send(sent)
		b.store.settings.AdminRole = ""
		refused("a form of before", reply, "problem.settings_changed")

		again()
		b.store.before = meanwhile
		data(sent)["custom_id"] = "settings:" + strconv.Itoa(max(1, known)+1) + ":" + snow(clock, 77)
		reply = b.send(as(sent, helper))
		take()
		refused("a form of what is still to come", reply, "problem.unknown_component")
	}
}

// TestRolesAreSoldByWhoManages holds that the admin role cannot be turned into another
// right by way of the shop.
func TestRolesAreSoldByWhoManages(t *testing.T) {
	b := newBench(t)
	b.store.settings.AdminRole = vip
	helper := withRoles(visitor(bob), vip)
	badge := as(b.command("admin item create", text("name", "Badge"), text("price", "9"), aRole("role", vip), whole("hours", 24),
		text("stock", "1"), whole("limit", 1), aRole("required_role", botRole), text("minimum_balance", "50"),
		text("from", "2030-01-01"), text("until", "2030-01-02")), manager())
	b.send(badge)
	b.send(as(b.command("admin item create", text("name", "Cake"), text("price", "9")), helper))
	for _, o := range []object{
		b.command("admin item create", text("name", "Crown"), text("price", "1"), aRole("role", vip)),
		b.command("admin item edit", text("item", "2"), aRole("role", vip)),
		b.command("admin item edit", text("item", "1"), aRole("role", guild), text("price", "1")),
		b.command("admin item edit", text("item", "1"), text("price", "8")),
		b.command("admin item edit", text("item", "1"), whole("hours", 9)),
		b.command("admin item edit", text("item", "1"), text("stock", "9")),
		b.command("admin item edit", text("item", "1"), text("stock", "none")),
		b.command("admin item edit", text("item", "1"), whole("limit", 0)),
		b.command("admin item edit", text("item", "1"), aRole("required_role", guild)),
		b.command("admin item edit", text("item", "1"), text("minimum_balance", "0")),
		b.command("admin item edit", text("item", "1"), text("from", "none")),
		b.command("admin item edit", text("item", "1"), text("until", "none"), text("name", "Medal")),
	} {
		mustSay(t, b.send(as(o, helper)), english("problem.item_role"))
	}
	b.send(as(b.command("admin item edit", text("item", "1"), text("name", "Medal"), text("description", "Of gold."),
		text("category", "Gold"), text("picture", "https://example.org/a.png")), helper))
	b.send(as(b.command("admin item edit", text("item", "2"), text("price", "7")), helper))
	items := b.store.items
	if len(items) != 2 || items[0].Role != vip || items[0].Name != "Medal" || items[0].Category != "Gold" || items[0].Price != 9 || items[1].Role != "" || items[1].Price != 7 {
		t.Errorf("items %+v", items)
	}
	b.send(as(b.command("admin item edit", text("item", "1"), text("price", "8")), manager()))
	b.send(as(b.command("admin item archive", text("item", "1")), helper))
	if items[0].Price != 8 || !items[0].Archived {
		t.Errorf("got %+v", items[0])
	}
}
