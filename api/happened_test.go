package api_test

import (
	"context"
	"encoding/csv"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/julienschmidt/httprouter"

	"coffer/api"
	"coffer/internal/economy"
	"coffer/internal/events"
)

const ofTheGuild = "/api/guilds/" + theGuild

// lively is a guild where something has happened, the same on each store, before the
// world begins with another member.
func lively(t *testing.T, store books) {
	t.Helper()
	write := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ada, bob := economy.Person{User: "101", Name: "=Ada"}, economy.Person{User: "102", Name: "Bob"}
	desk := economy.Person{Admin: 3, Name: "manager"}
	request := func(key string, after time.Duration) economy.Request {
		return economy.Request{Guild: theGuild, Source: economy.FromAPI, Key: key, At: theMorning.Add(after - time.Hour)}
	}
	_, err := store.ClaimDaily(t.Context(), economy.DailyClaim{Request: request("1", 0), Member: ada})
	write(err)
	_, err = store.Transfer(t.Context(), economy.Transfer{Request: request("2", time.Minute), From: ada, To: bob, Quantity: economy.Coins(30)})
	write(err)
	_, err = store.Adjust(t.Context(), economy.Adjustment{Request: request("3", 2*time.Minute), Admin: desk, Member: bob, Kind: economy.KindTake, Amount: 7, Reason: "a fine"})
	write(err)
}

type pageOf[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor"`
}

func TestTheTrail(t *testing.T) {
	onBothStores(t, func(t *testing.T, open func() books) {
		store := open()
		lively(t, store)
		w := newWorldOn(t, store)
		var all, page pageOf[entry]
		w.get("viewer", ofTheGuild+"/trail").want(200, &all)
		var kinds []string
		for _, e := range all.Data {
			kinds = append(kinds, e.Kind)
		}
		if got, want := strings.Join(kinds, " "), "opening member.created take transfer opening member.created daily opening member.created guild.created"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if first := all.Data[2]; first.Actor.Kind != "account" || first.Actor.Name != "manager" || !first.At.Equal(theMorning.Add(-58*time.Minute)) {
			t.Errorf("got %+v", first)
		}
		if last := all.Data[9]; last.Actor.Kind != "system" || last.Actor.ID != "" || string(last.Before) != "null" || len(last.After) < 100 {
			t.Errorf("got %+v", last)
		}
		var ids []string
		var cursor string
		for path := ofTheGuild + "/trail?limit=3"; path != ""; {
			w.get("viewer", path).want(200, &page)
			for _, e := range page.Data {
				ids = append(ids, e.ID)
			}
			if path = ""; page.NextCursor != nil {
				cursor = *page.NextCursor
				path = ofTheGuild + "/trail?limit=3&cursor=" + cursor
			}
		}
		if len(ids) != 10 || ids[9] != all.Data[9].ID {
			t.Errorf("in pages: %v", ids)
		}
		for path, want := range map[string]int{
			"?kind=daily": 1, "?kind=member.": 3, "?actor=system": 7, "?actor=" + all.Data[2].Actor.ID: 1, "?subject=guild": 1,
			"?from=" + theMorning.Add(-59*time.Minute).Format(time.RFC3339): 6, "?until=" + theMorning.Add(-59*time.Minute).Format(time.RFC3339): 4,
			"?kind=daily&actor=system": 0,
		} {
			if w.get("viewer", ofTheGuild+"/trail"+path).want(200, &page); len(page.Data) != want {
				t.Errorf("%s: %d entries, want %d", path, len(page.Data), want)
			}
		}
		for path, field := range map[string]string{"?actor=ada": "actor", "?from=yesterday": "from", "?limit=101": "limit", "?kind=" + strings.Repeat("x", 101): "kind", "?who=1": "who"} {
			if p := w.get("viewer", ofTheGuild+"/trail"+path).refused(400, "query"); p.field(field) == "" {
				t.Errorf("%s: %+v", path, p)
			}
		}
		w.get("viewer", ofTheGuild+"/trail?cursor=x").refused(400, "bad_cursor")

		table := w.send(request{method: "GET", path: ofTheGuild + "/trail?kind=transfer", as: "viewer", header: map[string]string{"Accept": "text/csv"}}).want(200, nil)
		rows, err := csv.NewReader(strings.NewReader(string(table.body))).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%v: %s", err, table.body)
		}
		whole := w.send(request{method: "GET", path: ofTheGuild + "/trail?limit=3&cursor=" + cursor, as: "viewer", header: map[string]string{"Accept": "text/csv"}}).want(200, nil)
		if n := strings.Count(string(whole.body), "\n"); n != 11 {
			t.Errorf("a table of all has %d lines, want 11", n)
		}
		if row := strings.Join(rows[1][2:8], "|"); !strings.HasPrefix(row, "transfer|member|") || !strings.Contains(row, "|101|'=Ada|transaction:") {
			t.Errorf("got %s", row)
		}
	})
}

func TestTheFigures(t *testing.T) {
	onBothStores(t, func(t *testing.T, open func() books) {
		store := open()
		lively(t, store)
		w := newWorldOn(t, store)
		type figures struct {
			Members, Circulation int
			Days                 []map[string]any
			TopEarners           []struct {
				Member struct{ Kind, Name string }
				Amount int
			} `json:"top_earners"`
			TopSpenders []any `json:"top_spenders"`
			Waiting     map[string]int
		}
		var got figures
		w.get("viewer", ofTheGuild+"/stats?days=2").want(200, &got)
		if got.Members != 3 || got.Circulation != 393 || len(got.Days) != 2 || len(got.TopSpenders) != 0 || len(got.Waiting) != 3 {
			t.Errorf("got %+v", got)
		}
		if today := got.Days[1]; today["day"] != "2026-11-27" || today["minted"] != 400.0 || today["burned"] != 7.0 || today["transactions"] != 6.0 || today["active_members"] != 1.0 {
			t.Errorf("got %+v", today)
		}
		if len(got.TopEarners) != 1 || got.TopEarners[0].Amount != 100 || got.TopEarners[0].Member.Name != "=Ada" {
			t.Errorf("got %+v", got.TopEarners)
		}
		if w.get("viewer", ofTheGuild+"/stats").want(200, &got); len(got.Days) != 30 {
			t.Errorf("%d days, want 30", len(got.Days))
		}
		w.get("viewer", ofTheGuild+"/stats?days=366").refused(400, "query")
		w.get("stranger", ofTheGuild+"/stats").refused(404, "unknown_guild")

		var books struct {
			Balanced                  bool
			Mint, Shop, Burn, Members int
			Entries, Transactions     int
			Invariants                []struct {
				Name   string
				Broken int
			}
		}
		w.get("viewer", ofTheGuild+"/books").want(200, &books)
		if !books.Balanced || books.Mint != -400 || books.Burn != 7 || books.Members != 393 || books.Transactions != 6 || books.Entries != 12 || len(books.Invariants) != 7 {
			t.Errorf("got %+v", books)
		}
	})
}

func TestTheStreamIsAsItIsDescribed(t *testing.T) {
	w := newWorld(t)
	give(t, w.store, "founds the guild")
	if r := w.send(request{method: "HEAD", path: ofTheGuild + "/events", as: "viewer"}); r.status != 200 || r.header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("got %d %v", r.status, r.header)
	}
	w.get("viewer", ofTheGuild+"/events?after=1").refused(400, "query")
	w.get("", ofTheGuild+"/events").refused(401, "signed_out")
}

// ledger answers for books as check does, and counts.
type ledger struct {
	noted
	checks atomic.Int32
	check  func(context.Context) (economy.Books, error)
}

func (l *ledger) Books(ctx context.Context, _ economy.GuildID) (economy.Books, error) {
	l.checks.Add(1)
	return l.check(ctx)
}

func TestBooksAreCheckedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var takes atomic.Int64
		takes.Store(int64(time.Second))
		var fails atomic.Pointer[error]
		fails.Store(new(error))
		store := &ledger{noted: noted{programs: viewers("ada")}, check: func(context.Context) (economy.Books, error) {
			time.Sleep(time.Duration(takes.Load()))
			return economy.Books{At: time.Now(), Entries: 7}, *fails.Load()
		}}
		router := httprouter.New()
		a := api.New(api.Config{Store: store, Secrets: []string{"a secret of thirty-two bytes...."}, Now: time.Now})
		if err := a.Register(router); err != nil {
			t.Fatal(err)
		}
		ask := func() int {
			o := &outlet{header: http.Header{}}
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, ofTheGuild+"/books", nil)
			r.Header.Set("Authorization", "Bearer "+credential("ada"))
			router.ServeHTTP(o, r)
			if strings.Contains(o.read(), `"books_being_checked"`) {
				return 503
			}
			if !strings.Contains(o.read(), `"balanced":true`) {
				return 500
			}
			return 200
		}
		expect := func(what string, status int, checks int32, took time.Duration) {
			t.Helper()
			start := time.Now()
			if got := ask(); got != status || store.checks.Load() != checks || time.Since(start) != took {
				t.Errorf("%s: got %d after %s and %d checks, want %d, %s and %d", what, got, time.Since(start), store.checks.Load(), status, took, checks)
			}
		}
		takes.Store(int64(5 * time.Minute))
		expect("of a large guild, first", 503, 1, 20*time.Second)
		expect("again meanwhile", 503, 1, 20*time.Second)
		time.Sleep(5 * time.Minute)
		expect("later, the old one while a new one is made", 200, 2, 20*time.Second)
		time.Sleep(5 * time.Minute)
		takes.Store(int64(time.Second))
		expect("a new one", 200, 3, time.Second)
		time.Sleep(58 * time.Second)
		expect("within a minute", 200, 3, 0)
		time.Sleep(2 * time.Second)
		fails.Store(new(errors.New("down")))
		expect("where it fails, the old one", 200, 4, time.Second)
	})
}

// reading is a store of which reading the trail takes a while.
type reading struct {
	noted
	let chan struct{}
}

func (s *reading) Trail(context.Context, events.TrailQuery) (events.TrailPage, error) {
	<-s.let
	return events.TrailPage{}, nil
}

// TestAnAccountHasSoManyTablesOnTheirWay: each holds a page, and its client may read as
// slowly as he likes.
func TestAnAccountHasSoManyTablesOnTheirWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &reading{noted: noted{programs: viewers("ada", "bob")}, let: make(chan struct{})}
		router := httprouter.New()
		if err := api.New(api.Config{Store: store, Secrets: []string{"a secret of thirty-two bytes...."}, Now: time.Now}).Register(router); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		ask := func(as, accept string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, ofTheGuild+"/trail", nil)
			r.Header.Set("Authorization", "Bearer "+credential(as))
			r.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			all.Go(func() { router.ServeHTTP(w, r) })
			synctest.Wait()
			return w
		}
		for range 5 {
			ask("ada", "text/csv")
		}
		if w := ask("ada", "text/csv"); w.Code != 429 || w.Header().Get("Retry-After") == "" {
			t.Errorf("the sixth: %d %v", w.Code, w.Header())
		}
		served := []*httptest.ResponseRecorder{ask("ada", "application/json"), ask("bob", "text/csv")}
		close(store.let)
		all.Wait()
		for _, w := range append(served, ask("ada", "text/csv")) {
			if w.Code != 200 || w.Body.Len() == 0 {
				t.Errorf("got %d %q", w.Code, w.Body)
			}
		}
	})
}
