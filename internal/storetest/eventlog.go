package storetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// eventLog tells of what is told.
func eventLog(b *book) {
	b.story("first contact tells of guild, member and opening", func(s *scene) {
		s.now = s.now.Add(1_234)
		s.wallet(ada)
		list := s.events()
		me := surrogate(s.t, list[1], "member.created")
		opening := fmt.Sprint("transaction:", s.opening(ada))
		same(s.t, "guild.created", told{list[0].Actor, list[0].Kind, list[0].Subject, nothing(s.t, list[0].Before), asSettings(s.t, list[0].After), list[0].At},
			told{0, "guild.created", "guild", nil, economy.DefaultSettings(), s.now.Add(-234)})
		same(s.t, "member.created", told{list[1].Actor, list[1].Kind, list[1].Subject, nothing(s.t, list[1].Before), nothing(s.t, list[1].After), list[1].At},
			told{0, "member.created", "member:" + me, nil, nil, s.now.Add(-234)})
		s.moved(list[2], "0", "opening", opening, map[string]int{me: 0}, map[string]int{me: 100})
		same(s.t, "how many", len(list), 3)
	})
	b.story("each transaction tells who did it and what the balances were", func(s *scene) {
		for _, p := range []economy.Person{ada, bob, root} {
			s.wallet(p)
		}
		list := s.events()
		a, c, r := surrogate(s.t, list[1], "member.created"), surrogate(s.t, list[3], "member.created"), surrogate(s.t, list[5], "member.created")
		seen := len(list)
		var undone economy.TransactionID
		for _, v := range []struct {
			kind          economy.Kind
			actor         string
			do            func() economy.TransactionID
			before, after map[string]int
		}{
			{economy.KindDaily, a, func() economy.TransactionID { return s.daily(ada).Transaction },
				map[string]int{a: 100}, map[string]int{a: 200}},
			{economy.KindTransfer, a, func() economy.TransactionID { undone = s.pay(ada, bob, 30).Transaction; return undone },
				map[string]int{a: 200, c: 100}, map[string]int{a: 170, c: 130}},
			{economy.KindGive, r, func() economy.TransactionID { return s.adjust(ada, economy.KindGive, 5).Transaction },
				map[string]int{a: 170}, map[string]int{a: 175}},
			{economy.KindTake, r, func() economy.TransactionID { return s.adjust(ada, economy.KindTake, 5).Transaction },
				map[string]int{a: 175}, map[string]int{a: 170}},
			{economy.KindSet, r, func() economy.TransactionID { return s.adjust(ada, economy.KindSet, 20).Transaction },
				map[string]int{a: 170}, map[string]int{a: 20}},
			{economy.KindReversal, r, func() economy.TransactionID { return s.undo(undone).Transaction },
				map[string]int{a: 20, c: 130}, map[string]int{a: 50, c: 100}},
		} {
			id := v.do()
			list := s.events()
			if len(list) != seen+1 {
				s.t.Fatalf("%s made %d events, want 1", v.kind, len(list)-seen)
			}
			s.moved(list[seen], v.actor, string(v.kind), fmt.Sprint("transaction:", id), v.before, v.after)
			seen++
		}
		s.rules(func(v *economy.Settings) { v.Grace = 3 })
		last := s.events()[seen]
		same(s.t, "settings.changed", []string{fmt.Sprint(last.Actor), last.Kind, last.Subject}, []string{r, "settings.changed", "guild"})
	})
	b.story("events are read in pages by their ids, of one guild only", func(s *scene) {
		there := s.elsewhere()
		for range 6 {
			s.pay(ada, bob, 1)
			there.pay(ada, bob, 1)
		}
		list := s.events()
		same(s.t, "events", len(list), 1+4+6)
		var paged []events.Event
		after := int64(0)
		for {
			page := did(s.store.Events(s.ctx, string(s.guild), after, 4)).in(s)
			if len(page) > 4 {
				s.t.Fatalf("%d events, want at most 4", len(page))
			}
			if len(page) == 0 {
				break
			}
			paged = append(paged, page...)
			after = page[len(page)-1].ID
		}
		same(s.t, "paged", paged, list)
		for i, e := range list {
			if e.Guild != string(s.guild) || i > 0 && e.ID <= list[i-1].ID {
				s.t.Errorf("event %d: %+v", i, e)
			}
		}
		same(s.t, "after the last", len(did(s.store.Events(s.ctx, string(s.guild), after+1_000_000, 4)).in(s)), 0)
		same(s.t, "of an unknown guild", len(did(s.store.Events(s.ctx, "nowhere", 0, 4)).in(s)), 0)
	})
	b.story("an event names nobody", func(s *scene) {
		secret := economy.Person{User: "424242424242424242", Name: "Rumpelstiltskin"}
		op := must(economy.NewTransfer(s.request(), secret, bob, economy.Coins(5), "straw to gold"))
		did(s.store.Transfer(s.ctx, op)).in(s)
		for _, e := range s.events() {
			text := fmt.Sprint(e.Subject, e.Kind, string(e.Before), string(e.After))
			for _, private := range []string{"424242424242424242", "Rumpelstiltskin", "straw"} {
				if strings.Contains(text, private) {
					s.t.Errorf("event %d tells %q: %s", e.ID, private, text)
				}
			}
		}
	})
}

// moved checks an event of a transaction.
func (s *scene) moved(e events.Event, actor, kind, subject string, before, after map[string]int) {
	s.t.Helper()
	type balances struct {
		Balances map[string]int `json:"balances"`
	}
	var was, is balances
	if err := json.Unmarshal(e.Before, &was); err != nil {
		s.t.Errorf("before of %+v: %v", e, err)
	}
	if err := json.Unmarshal(e.After, &is); err != nil {
		s.t.Errorf("after of %+v: %v", e, err)
	}
	same(s.t, "event", []string{fmt.Sprint(e.Actor), e.Kind, e.Subject}, []string{actor, kind, subject})
	same(s.t, "time of "+kind, e.At, s.now.Truncate(time.Microsecond))
	same(s.t, "balances before "+kind, was.Balances, before)
	same(s.t, "balances after "+kind, is.Balances, after)
}

// surrogate returns the id of the member that an event tells of.
func surrogate(t testing.TB, e events.Event, kind string) string {
	t.Helper()
	id, ok := strings.CutPrefix(e.Subject, "member:")
	if e.Kind != kind || !ok {
		t.Fatalf("event %+v, want %s", e, kind)
	}
	return id
}

func asSettings(t testing.TB, raw json.RawMessage) economy.Settings {
	t.Helper()
	var v economy.Settings
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Errorf("settings %q: %v", raw, err)
	}
	return v
}

// nothing reads what should be null.
func nothing(t testing.TB, raw json.RawMessage) any {
	t.Helper()
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	return string(raw)
}
