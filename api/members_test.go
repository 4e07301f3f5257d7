package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"coffer/api"
	"coffer/internal/economy"
)

// What clients read.
type (
	memberSeen struct {
		ID        string
		UserID    string `json:"user_id"`
		Name      string
		Balance   int64
		LastDaily *string `json:"last_daily"`
	}
	actorSeen struct {
		Kind, ID, Name string
		UserID         *string `json:"user_id"`
		System         *string
	}
	transactionSeen struct {
		ID, Kind, Note string
		Actor          actorSeen
		Reverses       *string
		ReversedBy     *string `json:"reversed_by"`
		Entries        []struct {
			Account actorSeen
			Amount  int64
			Balance *int64
		}
	}
	listSeen struct {
		DryRun  bool `json:"dry_run"`
		Applied bool
		Count   int
		Created int
		Minted  int64
		Burned  int64
		Changes []struct {
			Index         int
			Member        *string
			Before, After int64
			Transaction   *string
		}
		Errors []struct {
			Index        int
			Member       *string
			Code, Detail string
		}
	}
)

type pageSeen[T any] struct {
	Data       []T
	NextCursor *string `json:"next_cursor"`
}

const inGuild = "/api/guilds/" + theGuild

// person is somebody of the tests' guild.
func person(n int) economy.Person {
	return economy.Person{User: economy.UserID(fmt.Sprint(300_000_000_000_000_000 + n)), Name: fmt.Sprint("Member ", n)}
}

// meet makes members of the first n people.
func (w *world) meet(n int) {
	w.t.Helper()
	var people []economy.Person
	for i := range n {
		people = append(people, person(i))
	}
	if _, err := w.store.Meet(w.t.Context(), theGuild, people, w.now.at); err != nil {
		w.t.Fatal(err)
	}
}

// member returns a person's id.
func (w *world) member(n int) string {
	w.t.Helper()
	var page pageSeen[memberSeen]
	w.get("viewer", inGuild+"/members?search="+string(person(n).User)).want(200, &page)
	if len(page.Data) != 1 {
		w.t.Fatalf("person %d: %+v", n, page)
	}
	return page.Data[0].ID
}

func TestMembersAreListedPageByPage(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(7)
		seen := map[string]bool{}
		path := inGuild + "/members?limit=3&sort=-created"
		for pages := 1; ; pages++ {
			var page pageSeen[memberSeen]
			w.get("viewer", path).want(200, &page)
			for _, m := range page.Data {
				if seen[m.ID] || m.Balance != 100 || m.LastDaily != nil {
					t.Errorf("member %+v", m)
				}
				seen[m.ID] = true
			}
			if page.NextCursor == nil {
				if pages != 3 || len(seen) != 8 {
					t.Errorf("%d members on %d pages", len(seen), pages)
				}
				break
			}
			path = inGuild + "/members?limit=3&sort=-created&cursor=" + *page.NextCursor
		}
		var page pageSeen[memberSeen]
		w.get("viewer", inGuild+"/members?search=MEMBER%203").want(200, &page)
		if len(page.Data) != 1 || page.Data[0].Name != "Member 3" {
			t.Errorf("found %+v", page)
		}
		w.get("viewer", inGuild+"/members?search=m&limit=1").want(200, &page)
		cursor := *page.NextCursor
		w.get("viewer", inGuild+"/members?sort=balance&cursor="+cursor).refused(400, "bad_cursor")
		w.get("viewer", inGuild+"/members?cursor=x").refused(400, "bad_cursor")
		if p := w.get("viewer", inGuild+"/members?search=m&sort=balance").refused(400, "query"); p.field("sort") != "search" {
			t.Errorf("%+v", p)
		}
		if p := w.get("viewer", inGuild+"/members?sort=rich").refused(400, "query"); p.field("sort") != "choice" {
			t.Errorf("%+v", p)
		}
		table := w.send(request{method: "GET", path: inGuild + "/members?sort=name", as: "viewer", header: map[string]string{"Accept": "text/csv"}}).want(200, nil)
		lines := strings.Split(strings.TrimSpace(string(table.body)), "\n")
		if len(lines) != 9 || !strings.HasPrefix(lines[0], "id,user_id,name,balance") || !strings.Contains(lines[2], ",300000000000000000,Member 0,100,0,,") {
			t.Errorf("table:\n%s", table.body)
		}
	})
}

func TestOneMemberWholeAndHisData(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(2)
		id := w.member(0)
		w.post("manager", inGuild+"/members/"+id+"/adjustments", "a", map[string]any{"kind": "give", "amount": 5, "reason": "=1+1"}).want(200, nil)
		var file struct {
			memberSeen
			Rank      struct{ Position *int }
			Inventory []any
			Claims    []any
			History   []transactionSeen
		}
		w.get("viewer", inGuild+"/members/"+id).want(200, &file)
		if file.Balance != 105 || file.Rank.Position == nil || *file.Rank.Position != 1 || len(file.History) != 2 || file.History[0].Actor.Name != "manager" {
			t.Errorf("file %+v", file)
		}
		var data struct {
			Member       memberSeen
			Transactions []transactionSeen
		}
		w.get("manager", inGuild+"/members/"+id+"/data").want(200, &data)
		if data.Member.ID != id || len(data.Transactions) != 2 || data.Transactions[0].Note != "=1+1" {
			t.Errorf("data %+v", data)
		}
		w.get("viewer", inGuild+"/members/"+id+"/data").refused(403, "role")
		for _, path := range []string{"/members/999999", "/members/999999/data", "/transactions/999999"} {
			p := w.get("manager", inGuild+path).want(404, nil)
			if !strings.Contains(string(p.body), "unknown_") {
				t.Errorf("%s", p.body)
			}
		}
		for _, path := range []string{"/members/x", "/members/0", "/members/01", "/members/-1", "/transactions/9999999999999999999"} {
			w.get("manager", inGuild+path).refused(400, "bad_id")
		}
	})
}

func TestAMemberIsErasedOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(2)
		id := w.member(0)
		erase := func(as, key string) reply {
			return w.send(request{method: "DELETE", path: inGuild + "/members/" + id, as: as, header: map[string]string{"Idempotency-Key": key}})
		}
		erase("reviewer", "e").refused(403, "role")
		w.send(request{method: "DELETE", path: inGuild + "/members/" + id, as: "manager"}).refused(400, "idempotency_key")
		for range 2 {
			var done struct {
				Burned      int64
				Transaction *string
			}
			erase("manager", "e").want(200, &done)
			if done.Burned != 100 || done.Transaction == nil {
				t.Errorf("erased: %+v", done)
			}
		}
		erase("manager", "f").refused(404, "unknown_member")
		w.get("manager", inGuild+"/members/"+id).refused(404, "unknown_member")
		var page pageSeen[transactionSeen]
		w.get("viewer", inGuild+"/transactions?member="+id).want(200, &page)
		if len(page.Data) != 2 || page.Data[0].Entries[0].Account.Kind != "erased" || page.Data[0].Entries[0].Account.UserID != nil {
			t.Errorf("transactions %+v", page)
		}
		var back struct{ Code string }
		w.post("manager", inGuild+"/transactions/"+page.Data[0].ID+"/reversal", "g", map[string]any{}).want(422, &back)
		if back.Code != "erased_member" {
			t.Errorf("reversal: %+v", back)
		}
	})
}

func TestAnAdjustmentIsMadeOnceAndRefusedInItsField(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(1)
		path := inGuild + "/members/" + w.member(0) + "/adjustments"
		give := map[string]any{"kind": "give", "amount": 5, "reason": "a prize"}
		var first, again struct {
			Transaction   *string
			Before, After int64
		}
		w.post("manager", path, "k", give).want(200, &first)
		w.post("manager", path, "k", give).want(200, &again)
		if first.After != 105 || again.After != 105 || *first.Transaction != *again.Transaction {
			t.Errorf("%+v, then %+v", first, again)
		}
		w.post("manager", path, "k", map[string]any{"kind": "give", "amount": 6, "reason": "a prize"}).refused(422, "key_reused")
		w.post("owner", path, "k", give).want(200, &again) // another's key
		if again.After != 110 {
			t.Errorf("the owner's: %+v", again)
		}
		w.post("manager", path, "", give).refused(400, "idempotency_key")
		w.post("reviewer", path, "k", give).refused(403, "role")
		w.post("stranger", path, "k", give).refused(404, "unknown_guild")
		for field, body := range map[string]map[string]any{
			"kind":   {"kind": "steal", "amount": 5},
			"reason": {"kind": "give", "amount": 5, "reason": strings.Repeat("x", 201)},
			"extra":  {"kind": "give", "amount": 5, "extra": 1},
			"amount": {"kind": "give", "amount": 0},
		} {
			var p problemJSON
			w.post("manager", path, field, body).want(400, &p)
			if p.field(field) == "" {
				t.Errorf("%s: %+v", field, p)
			}
		}
		if p := w.post("manager", path, "x", map[string]any{"kind": "take", "amount": 500}).refused(422, "insufficient_funds"); p.field("amount") == "" {
			t.Errorf("%+v", p)
		}
		w.post("manager", inGuild+"/members/999999/adjustments", "x", give).refused(404, "unknown_member")
	})
}

func TestManyAreAdjustedOrNone(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(3)
		ids := []string{w.member(0), w.member(1), w.member(2)}
		path := inGuild + "/adjustments"
		body := func(members []string, kind string, n int, dry bool) map[string]any {
			return map[string]any{"members": members, "kind": kind, "amount": n, "reason": "for all", "dry_run": dry}
		}
		var dry, done, again listSeen
		w.post("manager", path, "a", body(ids, "give", 5, true)).want(200, &dry)
		w.post("manager", path, "a", body(ids, "give", 5, false)).want(200, &done)
		w.post("manager", path, "a", body(ids, "give", 5, false)).want(200, &again)
		if dry.Applied || !dry.DryRun || dry.Minted != 15 || dry.Changes[0].Transaction != nil || !done.Applied || done.Count != 3 ||
			*done.Changes[2].Member != ids[2] || done.Changes[2].After != 105 || *again.Changes[0].Transaction != *done.Changes[0].Transaction {
			t.Errorf("dry %+v\ndone %+v\nagain %+v", dry, done, again)
		}
		r := w.post("manager", path, "b", body(append(ids, "999999"), "take", 106, false))
		r.refused(422, "not_applied")
		var refused listSeen
		if err := json.Unmarshal(r.body, &refused); err != nil || len(refused.Errors) != 4 || refused.Errors[0].Code != "insufficient_funds" ||
			refused.Errors[3].Code != "unknown_member" || *refused.Errors[3].Member != "999999" || refused.Errors[3].Index != 3 {
			t.Errorf("%v %+v", err, refused)
		}
		for field, members := range map[string][]string{"members/1": {ids[0], "x"}, "members/2": {ids[0], ids[1], ids[0]}, "members": {}} {
			var p problemJSON
			w.post("manager", path, "c", body(members, "give", 5, false)).want(400, &p)
			if p.field(field) == "" {
				t.Errorf("%s: %+v", field, p)
			}
		}
	})
}

func TestTransactionsAreFilteredAndUndone(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(3)
		id := w.member(0)
		var made struct{ Transaction string }
		w.post("manager", inGuild+"/members/"+id+"/adjustments", "a", map[string]any{"kind": "take", "amount": 5, "reason": "=cmd|' /C calc'!A0"}).want(200, &made)
		var page pageSeen[transactionSeen]
		w.get("viewer", inGuild+"/transactions?kind=take").want(200, &page)
		if len(page.Data) != 1 || page.Data[0].ID != made.Transaction || page.Data[0].Entries[0].Account.Name != "Member 0" ||
			*page.Data[0].Entries[1].Account.System != "burn" || page.Data[0].Entries[1].Balance != nil {
			t.Errorf("%+v", page)
		}
		total, path := 0, inGuild+"/transactions?limit=1"
		for range 10 {
			w.get("viewer", path).want(200, &page)
			if total += len(page.Data); page.NextCursor == nil {
				break
			}
			path = inGuild + "/transactions?limit=1&cursor=" + *page.NextCursor
		}
		if total != 5 {
			t.Errorf("%d transactions, want 5", total)
		}
		w.get("viewer", inGuild+"/transactions?member="+id+"&limit=1").want(200, &page)
		w.get("viewer", inGuild+"/transactions?member="+id+"&limit=1&cursor="+*page.NextCursor).want(200, &page)
		if len(page.Data) != 1 || page.Data[0].Kind != "opening" {
			t.Errorf("%+v", page)
		}
		later := w.now.at.Add(1e9).Format("2006-01-02T15:04:05Z")
		w.get("viewer", inGuild+"/transactions?from="+later).want(200, &page)
		if len(page.Data) != 0 {
			t.Errorf("%+v", page)
		}
		w.get("viewer", inGuild+"/transactions?until="+later+"&from=2020-01-01T00:00:00Z").want(200, &page)
		if len(page.Data) != 5 {
			t.Errorf("%+v", page)
		}
		for _, bad := range []string{"kind=theft", "from=today", "member=x"} {
			w.get("viewer", inGuild+"/transactions?"+bad).refused(400, "query")
		}
		table := w.send(request{method: "GET", path: inGuild + "/transactions", as: "viewer", header: map[string]string{"Accept": "text/csv"}}).want(200, nil)
		if rows := strings.Count(string(table.body), "\n"); rows != 1+10 || !strings.Contains(string(table.body), ",'=cmd|' /C calc'!A0,") {
			t.Errorf("%d lines:\n%s", rows, table.body)
		}

		reversal := inGuild + "/transactions/" + made.Transaction + "/reversal"
		var undone, one transactionSeen
		w.post("manager", reversal, "u", map[string]any{"reason": "oops"}).want(200, &undone)
		w.post("manager", reversal, "u", map[string]any{"reason": "oops"}).want(200, &one)
		if *undone.Reverses != made.Transaction || undone.Note != "oops" || one.ID != undone.ID {
			t.Errorf("%+v, then %+v", undone, one)
		}
		w.get("viewer", inGuild+"/transactions/"+made.Transaction).want(200, &one)
		if one.ReversedBy == nil || *one.ReversedBy != undone.ID {
			t.Errorf("%+v", one)
		}
		again := w.send(request{method: "POST", path: reversal, as: "manager", header: map[string]string{"Idempotency-Key": "v"}})
		if again.refused(409, "already_reversed"); !strings.Contains(string(again.body), `"by":"`+undone.ID+`"`) {
			t.Errorf("got %s, want by which it was", again.body)
		}
		w.post("manager", inGuild+"/transactions/999999/reversal", "w", map[string]any{}).refused(404, "unknown_transaction")
	})
}

func TestSettingsAreChangedByWhoHasSeenThem(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(1)
		var v map[string]any
		seen := w.get("viewer", inGuild+"/settings").want(200, &v)
		tag := seen.header.Get("ETag")
		if got := seen.header.Get("Cache-Control"); got != "no-store, no-transform" {
			t.Errorf("a proxy may pack it and weaken its tag: %q", got)
		}
		change := func(as, tag string, edit map[string]any) reply {
			body := map[string]any{}
			for k, x := range v {
				body[k] = x
			}
			for k, x := range edit {
				body[k] = x
			}
			q := request{method: "PUT", path: inGuild + "/settings", as: as, body: body}
			if tag != "" {
				q.header = map[string]string{"If-Match": tag}
			}
			return w.send(q)
		}
		change("manager", "", nil).refused(428, "no_precondition")
		change("viewer", tag, nil).refused(403, "role")
		next := change("manager", tag, map[string]any{"daily_amount": 7}).want(200, &v)
		if next.header.Get("ETag") == tag || v["daily_amount"] != float64(7) {
			t.Errorf("%v, %s", v, next.header.Get("ETag"))
		}
		stale := change("owner", tag, map[string]any{"daily_amount": 8})
		var p struct {
			Current   map[string]any
			ChangedBy actorSeen `json:"changed_by"`
			ChangedAt string    `json:"changed_at"`
		}
		stale.refused(412, "changed")
		if err := json.Unmarshal(stale.body, &p); err != nil || p.Current["daily_amount"] != float64(7) || p.ChangedBy.Name != "manager" || p.ChangedAt == "" {
			t.Errorf("%v %+v", err, p)
		}
		change("owner", `"x"`, map[string]any{"daily_amount": 8}).refused(412, "changed")
		if p := change("owner", next.header.Get("ETag"), map[string]any{"time_zone": "Moon"}).refused(400, "settings"); p.field("time_zone") == "" {
			t.Errorf("%+v", p)
		}
		if p := change("owner", next.header.Get("ETag"), map[string]any{"daily_amount": "8"}).refused(400, "fields"); p.field("daily_amount") != "type" {
			t.Errorf("%+v", p)
		}
	})
}

// TestTheBotWritesOnlyIntoChannelsOfTheServer: a manager of one server has it write
// nowhere else, although the bot may be there, too.
func TestTheBotWritesOnlyIntoChannelsOfTheServer(t *testing.T) {
	w := newWorld(t)
	var v map[string]any
	tag := w.get("manager", here+"/settings").want(200, &v).header.Get("ETag")
	put := func(field, channel string) reply {
		v[field] = channel
		return w.send(request{method: "PUT", path: here + "/settings", as: "manager", body: v, header: map[string]string{"If-Match": tag}})
	}
	for _, field := range []string{"admin_channel", "task_channel", "review_channel", "welcome_channel"} {
		if p := put(field, "99").refused(400, "channel"); p.field(field) != "channel" {
			t.Errorf("%+v", p)
		}
		tag = put(field, "11").want(200, &v).header.Get("ETag")
	}
	asked := w.places.asked.Load()
	tag = put("task_channel", "").want(200, &v).header.Get("ETag")
	put("daily_amount", "").refused(400, "fields")
	v["daily_amount"] = 5
	put("review_channel", "11").want(200, nil)
	if now := w.places.asked.Load(); now != asked {
		t.Errorf("Discord was asked %d times for nothing new", now-asked)
	}
}

// TestAChannelThatWasJustMadeCanBeChosen: what Discord said a moment ago may be old.
func TestAChannelThatWasJustMadeCanBeChosen(t *testing.T) {
	w := newWorld(t)
	var v map[string]any
	tag := w.get("manager", here+"/settings").want(200, &v).header.Get("ETag")
	w.get("manager", here+"/channels").want(200, nil)
	w.places.made.Store(true)
	v["task_channel"] = "13"
	w.send(request{method: "PUT", path: here + "/settings", as: "manager", body: v, header: map[string]string{"If-Match": tag}}).want(200, nil)
}

func TestGuildsAreCalledAsDiscordCallsThem(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(2)
		if _, err := w.store.Meet(t.Context(), otherGuild, []economy.Person{person(1)}, w.now.at); err != nil {
			t.Fatal(err)
		}
		type guildSeen struct {
			ID, Name, Role string
			Members        int
			IconURL        *string `json:"icon_url"`
		}
		var page pageSeen[guildSeen]
		w.get("viewer", "/api/guilds").want(200, &page)
		if len(page.Data) != 1 || page.Data[0].Name != "The Harbour" || page.Data[0].Members != 3 || page.Data[0].Role != "viewer" || page.Data[0].IconURL == nil {
			t.Errorf("%+v", page)
		}
		w.get("owner", "/api/guilds?limit=1").want(200, &page)
		w.get("owner", "/api/guilds?limit=1&cursor="+*page.NextCursor).want(200, &page)
		if len(page.Data) != 1 || page.Data[0].Name != otherGuild || page.NextCursor != nil { // where the bot is not
			t.Errorf("%+v", page)
		}
		var channels pageSeen[api.Channel]
		w.get("viewer", inGuild+"/channels").want(200, &channels)
		if len(channels.Data) != 2 || channels.Data[0].Name != "general" || channels.Data[0].Kind != "text" {
			t.Errorf("%+v", channels)
		}
		var roles pageSeen[api.Role]
		w.get("viewer", inGuild+"/roles").want(200, &roles)
		if len(roles.Data) != 2 || roles.Data[0].Name != "Captain" {
			t.Errorf("%+v", roles)
		}
		w.get("viewer", inGuild+"/roles").want(200, nil)
		w.get("stranger", "/api/guilds/"+otherGuild+"/channels").refused(http.StatusServiceUnavailable, "discord_unavailable")
		if n := w.places.asked.Load(); n > 5 {
			t.Errorf("Discord was asked %d times", n)
		}
	})
}
