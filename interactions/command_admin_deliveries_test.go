package interactions

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/internal/outbox"
)

func TestAdminDeliveries(t *testing.T) {
	story(t, "admin_deliveries", func(s *stage) {
		press := func(o object) object { return as(o, manager()) }
		s.play("none", press(s.command("admin deliveries")))
		refusal := "discord: 403: Missing *Permissions* (50013)"
		s.store.deliveries = []outbox.Delivery{
			{ID: 26, Kind: outbox.Role, State: outbox.Failed, Attempts: 1, User: bob, Role: vip, Error: refusal},
			{ID: 25, Kind: outbox.Direct, State: outbox.Waiting, Attempts: 3, User: bob, Notice: outbox.NoticeReviewed, Error: "503", Due: clock.Add(time.Minute)},
			{ID: 24, Kind: outbox.Channel, State: outbox.Waiting, Channel: lobby, Notice: outbox.NoticeRefunded, Due: clock},
			{ID: 23, Kind: outbox.Card, State: outbox.Failed, Attempts: 20, Channel: lobby, Subject: "task:12", Notice: outbox.NoticeTask, Error: refusal},
			{ID: 22, Kind: outbox.Card, State: outbox.Failed, Attempts: 20, Channel: lobby, Subject: "submission:7", Notice: outbox.NoticeSubmission, Error: refusal},
			{ID: 21, Kind: "pigeon", State: outbox.Waiting, Attempts: 2, Due: clock},
		}
		for id := int64(20); id > 14; id-- {
			s.store.deliveries = append(s.store.deliveries, outbox.Delivery{ID: id, Kind: outbox.Role, State: outbox.Waiting, Attempts: 2, User: bob, Role: vip, Due: clock})
		}
		page, disabled := ids(s.play("the newest", press(s.command("admin deliveries"))))
		if !slices.Equal(disabled, []bool{false, true, false}) {
			s.t.Errorf("disabled %v", disabled)
		}
		older, _ := ids(s.play("older ones", press(s.press(page[2]))))
		s.play("and back", press(s.press(older[1])))
		back, _ := ids(s.play("tried again", press(s.pick(page[0], "26"))))
		s.play("back to the newest", press(s.press(back[0])))
		s.play("one that is done by now", press(s.pick(page[0], "99")))
		s.play("somebody else tries", as(s.pick(page[0], "26"), bobManages()))
		s.play("a member", s.command("admin deliveries"))
		s.store.deliveries = s.store.deliveries[:3]
		s.play("older ones that are done by now", press(s.press(page[2])))
		if !slices.Equal(s.store.retried, []int64{26, 99}) {
			s.t.Errorf("got %v", s.store.retried)
		}
	})
}

func TestTheLongestDeliveriesFit(t *testing.T) {
	b := newBench(t)
	for id := int64(30); id > 0; id-- {
		b.store.deliveries = append(b.store.deliveries, outbox.Delivery{ID: 9e18 + id, Kind: outbox.Role, State: outbox.Waiting, Attempts: 20,
			User: "18446744073709551615", Role: "18446744073709551615", Error: strings.Repeat("*", 300), Due: clock})
	}
	response := b.send(as(b.command("admin deliveries"), manager()))
	checkLimits(t, response)
	if n := strings.Count(said(t, data(response)), fmt.Sprintf("<t:%d:R>", clock.Unix())); n != pageSize {
		t.Errorf("%d lines, want %d: nothing may be cut off", n, pageSize)
	}
}
