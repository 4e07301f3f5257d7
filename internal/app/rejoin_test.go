package app

import (
	"testing"

	"coffer/internal/events"
	"coffer/internal/simulator"
)

// leaves has somebody leave, and with that lose his roles.
func (w *town) leaves(who string) {
	w.t.Helper()
	if !w.sim.Leave(simulator.DemoGuildID, who) {
		w.t.Fatalf("%s is not there", who)
	}
}

// restored returns how often the books tell that a role was given back.
func (w *town) restored() int {
	w.t.Helper()
	told, err := w.store.Trail(w.t.Context(), events.TrailQuery{Guild: simulator.DemoGuildID, Kind: "role.restored", Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(told.Entries)
}

// badged begins a story in which the gateway listens and somebody has the role that his
// badge brings.
func badged(t *testing.T, s store, who string) *town {
	t.Helper()
	w := newTownWith(t, s, server{store: s}, true)
	w.listening()
	w.members(residents())
	w.say("ada", "/admin item create name:Badge price:30 role:@Deckhand")
	w.buy(who, "Badge")
	w.role(who, simulator.DemoNewcomerRole, true)
	w.drained()
	return w
}

// TestWhoJoinsAgainHasHisRoleBack once, as long as he owns it.
func TestWhoJoinsAgainHasHisRoleBack(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		w := badged(t, s, "bob")
		w.leaves("bob")
		w.arrives("bob")
		w.role("bob", simulator.DemoNewcomerRole, true)
		w.drained()
		w.leaves("bob")
		w.say("ada", "/admin refund purchase:1")
		w.drained()
		w.arrives("bob")
		w.arrives("zed") // who is met after bob
		w.members(residents() + 1)
		w.drained()
		w.role("bob", simulator.DemoNewcomerRole, false)
		if got := w.restored(); got != 1 {
			t.Errorf("%d roles were given back, want 1", got)
		}
		w.sound()
	})
}

// TestWhoJoinedAgainUnseenIsFoundInTheList of members, which a new session asks for. What
// an admin took from somebody who stayed stays taken.
func TestWhoJoinedAgainUnseenIsFoundInTheList(t *testing.T) {
	thorough(t)
	eachStore(t, func(t *testing.T, s store) {
		w := badged(t, s, "bob")
		w.buy("dana", "Badge")
		w.role("dana", simulator.DemoNewcomerRole, true)
		w.drained()
		dana, _ := w.sim.Member(simulator.DemoGuildID, "dana")
		dana.Roles = []string{}
		w.sim.Join(dana)
		if _, err := w.sim.Plant(simulator.Fault{Kind: simulator.GatewayInvalidSession, At: "event", Skip: 1}); err != nil {
			t.Fatal(err)
		}
		w.leaves("bob")
		w.arrives("bob") // which is lost with the session
		w.role("bob", simulator.DemoNewcomerRole, true)
		w.drained()
		w.role("dana", simulator.DemoNewcomerRole, false)
		if got := w.restored(); got != 1 {
			t.Errorf("%d roles were given back, want 1", got)
		}
		w.sound()
	})
}

// TestWithoutTheGatewayAnInventoryGivesTheRoleBack to whoever looks at what he owns himself.
func TestWithoutTheGatewayAnInventoryGivesTheRoleBack(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.say("ada", "/admin item create name:Badge price:30 role:@Deckhand")
		w.buy("bob", "Badge")
		w.role("bob", simulator.DemoNewcomerRole, true)
		w.drained()
		w.leaves("bob")
		w.arrives("bob")
		w.expect(w.text(w.say("ada", "/inventory member:@bob").Message), "Badge")
		if got := w.restored(); got != 0 {
			t.Fatalf("%d roles were given back by another's look", got)
		}
		w.expect(w.text(w.say("bob", "/inventory").Message), "Badge")
		w.role("bob", simulator.DemoNewcomerRole, true)
		w.drained()
		w.say("bob", "/inventory")
		if got := w.restored(); got != 1 {
			t.Errorf("%d roles were given back, want 1", got)
		}
		w.sound()
	})
}

// TestARoleThatIsGoneIsNotGivenBack, and keeps its place among the deliveries, where an
// admin sees why.
func TestARoleThatIsGoneIsNotGivenBack(t *testing.T) {
	w := badged(t, stores["sqlite"](t), "bob")
	w.leaves("bob")
	if !w.sim.DeleteRole(simulator.DemoGuildID, simulator.DemoNewcomerRole) {
		t.Fatal("there is no such role")
	}
	w.arrives("bob")
	w.eventually("the delivery has failed", func() bool {
		return has(w.text(w.say("ada", "/admin deliveries").Message), []string{"@bob", "failed", "10011"})
	})
	w.expect(w.text(w.say("bob", "/balance").Message), "70") // he had it, so it is not refunded
	w.sound()
}
