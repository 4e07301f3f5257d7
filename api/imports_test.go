package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	"coffer/internal/admins"
	"coffer/internal/economy"
)

// send a file of balances.
func (w *world) upload(as, query, key, file string) reply {
	w.t.Helper()
	return w.send(request{method: http.MethodPost, path: inGuild + "/imports" + query, as: as, body: file,
		header: map[string]string{"Content-Type": "text/csv; charset=utf-8", "Idempotency-Key": key}})
}

func TestAFileOfBalancesIsImportedOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(2)
		file := "\ufeffName;User_ID;BALANCE;note\r\n\"Ada; \"\"the\"\" first\";300000000000000000;7;x\r\n\r\n;300000000000000001;100;\r\n'=New;300000000000000009;30;\r\n"
		var dry, done, again listSeen
		w.upload("manager", "?dry_run=true", "a", file).want(200, &dry)
		w.upload("manager", "?reason=moved", "a", file).want(200, &done)
		w.upload("manager", "?reason=moved", "a", file).want(200, &again)
		if dry.Applied || dry.Count != 2 || dry.Created != 1 || dry.Burned != 93+70 || len(dry.Changes) != 3 || dry.Changes[0].Index != 2 ||
			dry.Changes[1].Index != 4 || dry.Changes[2].Member != nil || dry.Changes[2].Before != 100 {
			t.Errorf("dry: %+v", dry)
		}
		if !done.Applied || done.Count != 2 || done.Changes[2].Member == nil || done.Changes[2].Index != 5 || *again.Changes[0].Transaction != *done.Changes[0].Transaction {
			t.Errorf("done: %+v\nagain: %+v", done, again)
		}
		var page pageSeen[memberSeen]
		w.get("viewer", inGuild+"/members?sort=created").want(200, &page)
		if page.Data[1].Name != `Ada; "the" first` || page.Data[1].Balance != 7 || page.Data[2].Name != "Member 1" || page.Data[3].Name != "=New" || page.Data[3].Balance != 30 {
			t.Errorf("%+v", page)
		}
		w.upload("manager", "?reason=moved", "a", strings.Replace(file, ";7;", ";8;", 1)).refused(422, "key_reused")
		w.upload("manager", "?reason=moved", "a", strings.Replace(file, "New", "Old", 1)).refused(422, "key_reused")
		table := w.send(request{method: "GET", path: inGuild + "/members", as: "viewer", header: map[string]string{"Accept": "text/csv"}}).want(200, nil)
		w.upload("manager", "", "b", string(table.body)).want(200, &done) // an export can be sent back
		if done.Count != 0 || !done.Applied || len(done.Changes) != 4 {
			t.Errorf("the export: %+v\n%s", done, table.body)
		}
	})
}

func TestEachBadRowIsToldAndNothingIsDone(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.meet(1)
		file := strings.Join([]string{
			"user_id,balance,name",
			"300000000000000000,1,ok",
			"30000,1,short",
			"3.0E+17,1,rounded",
			"300000000000000001,1.5,half",
			"300000000000000002,-1,debt",
			"300000000000000003,1000000000000001,huge",
			"300000000000000004,1",
			"300000000000000005,1,\"two\nlines\"",
			"300000000000000000,2,twice",
			"300000000000000006,1," + strings.Repeat("x", 101),
			"300000000000000007,1,a\"b",
			"300000000000000008,1,\xff",
			"300000000000000009,999000000000200,too much at once",
			"",
		}, "\n")
		want := map[int]string{3: "user_id", 4: "user_id", 5: "balance", 6: "balance", 7: "balance", 8: "cells", 9: "name", 11: "duplicate",
			12: "name", 13: "quotes", 14: "text", 15: "amount_range"}
		check := func(errs listSeen) {
			t.Helper()
			got := map[int]string{}
			for _, e := range errs.Errors {
				got[e.Index] = e.Code
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		}
		var dry, refused listSeen
		w.upload("manager", "?dry_run=true", "a", file).want(200, &dry)
		check(dry)
		r := w.upload("manager", "", "a", file)
		r.refused(422, "not_applied")
		if err := json.Unmarshal(r.body, &refused); err != nil || refused.Applied {
			t.Errorf("%v %s", err, r.body)
		}
		check(refused)
		var page pageSeen[memberSeen]
		w.get("viewer", inGuild+"/members").want(200, &page)
		if len(page.Data) != 2 || page.Data[0].Balance != 100 || page.Data[1].Balance != 100 {
			t.Errorf("something was done: %+v", page)
		}
	})
}

func TestAFileThatIsNoneIsRefused(t *testing.T) {
	w := newWorld(t)
	w.meet(1)
	row := func(i int) string { return fmt.Sprintf("%d,1\n", 400_000_000_000_000_000+i) }
	var long strings.Builder
	long.WriteString("user_id,balance\n")
	for i := range economy.MaxImport {
		long.WriteString(row(i))
	}
	for name, c := range map[string]struct {
		file   string
		status int
		code   string
	}{
		"nothing":       {"", 400, "columns"},
		"no columns":    {"300000000000000000,1\n", 400, "columns"},
		"no balance":    {"user_id,name\n300000000000000000,x\n", 400, "columns"},
		"columns twice": {"user_id,balance,balance\n", 400, "columns"},
		"no rows":       {"user_id,balance\n\n", 400, "rows"},
		"too many rows": {long.String() + row(-1), 400, "rows"},
		"too large":     {"user_id,balance\n" + strings.Repeat("1,"+strings.Repeat("x", 1<<10)+"\n", 10<<10), 413, "too_large"},
		"a long row":    {"user_id,balance\n" + strings.Repeat(",", 10<<20-20), 400, "long_row"},
	} {
		t.Run(name, func(t *testing.T) { w.upload("manager", "", name, c.file).refused(c.status, c.code) })
	}
	w.upload("reviewer", "", "a", "user_id,balance\n").refused(403, "role")
	w.upload("manager", "?dry=1", "a", "user_id,balance\n").refused(400, "query")
	w.send(request{method: "POST", path: inGuild + "/imports", as: "manager", body: "{}", header: map[string]string{"Idempotency-Key": "a"}}).refused(415, "content_type")
	w.send(request{method: "POST", path: inGuild + "/imports", as: "manager", body: row(1), header: map[string]string{"Content-Type": "text/csv"}}).refused(400, "idempotency_key")
	var done listSeen
	w.upload("manager", "?dry_run=true", "max", long.String()).want(200, &done)
	if done.Created != economy.MaxImport || len(done.Changes) != economy.MaxChanges {
		t.Errorf("%d would be created, %d changes told", done.Created, len(done.Changes))
	}
}

// TestASlowSenderKeepsNobodyElseOut: he has one place, whichever of his guilds he sends
// to, and others have the rest.
func TestASlowSenderKeepsNobodyElseOut(t *testing.T) {
	w := newWorld(t)
	w.admit("elsewhere", admins.Manager, otherGuild, theGuild)
	dribble := func(as, guild string) (finish func() int) {
		body, drops := io.Pipe()
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/guilds/"+guild+"/imports", body)
		for name, value := range map[string]string{"Content-Type": "text/csv", "Idempotency-Key": "a", "Authorization": "Bearer " + w.tokens[as]} {
			r.Header.Set(name, value)
		}
		answer := httptest.NewRecorder()
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.server.ServeHTTP(answer, r)
			_ = body.Close() // or who writes would wait for ever
		}()
		_, _ = io.WriteString(drops, "user_id,bal") // returns once it was read, or refused
		return func() int {
			_ = drops.Close()
			<-done
			return answer.Code
		}
	}
	const file = "user_id,balance\n300000000000000777,5\n"
	first := dribble("stranger", otherGuild)
	for range 10 {
		if status := dribble("stranger", otherGuild)(); status != 429 {
			t.Fatalf("a second one of the same account: %d, want 429", status)
		}
	}
	w.upload("manager", "", "imp", file).want(200, nil)
	if status := dribble("elsewhere", otherGuild)(); status != 429 {
		t.Errorf("another one into the same guild: %d, want 429", status)
	}
	second := dribble("elsewhere", theGuild)
	w.upload("manager", "", "imp", file).refused(429, "too_many_requests")
	if status := second(); status != 400 {
		t.Errorf("a file that breaks off: %d, want 400", status)
	}
	w.upload("manager", "", "imp", file).want(200, nil)
	first()
	if status := dribble("stranger", otherGuild)(); status != 400 {
		t.Errorf("afterwards: %d, want 400", status)
	}
}

// slowStore knows managers of a guild each, and holds their imports until it lets them go.
type slowStore struct {
	api.Store // nothing else of it is asked

	held, most atomic.Int32
	let        chan struct{}
}

func (*slowStore) KnowsGuild(context.Context, string) (bool, error) { return true, nil }

func (*slowStore) TokenAccount(_ context.Context, hash string, _ time.Time) (admins.Account, error) {
	for id := range 10 {
		if guild := fmt.Sprint(id); hash == admins.Hash("coffer_"+guild) {
			return admins.Account{ID: admins.ID(id), Role: admins.Manager, Guilds: []string{guild}}, nil
		}
	}
	return admins.Account{}, admins.ErrSignedOut
}

func (s *slowStore) AdjustMany(context.Context, economy.BulkAdjustment) (economy.BulkReceipt, error) {
	s.most.Store(max(s.most.Load(), s.held.Add(1)))
	<-s.let
	s.held.Add(-1)
	return economy.BulkReceipt{Applied: true}, nil
}

// TestFewImportsAreWorkedOnAtOnce: of many that are whole the others wait for their
// turn, but not for ever; and there are only so many.
func TestFewImportsAreWorkedOnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{let: make(chan struct{})}
		router := httprouter.New()
		if err := api.New(api.Config{Store: store, Secrets: []string{"a secret"}, Now: time.Now}).Register(router); err != nil {
			t.Fatal(err)
		}
		answers := make([]*httptest.ResponseRecorder, 9)
		var group sync.WaitGroup
		send := func(i int) {
			r := httptest.NewRequest("POST", fmt.Sprintf("/api/guilds/%d/imports", i+1), strings.NewReader("user_id,balance\n300000000000000777,5\n"))
			for name, value := range map[string]string{"Content-Type": "text/csv", "Idempotency-Key": "a", "Authorization": fmt.Sprint("Bearer coffer_", i+1)} {
				r.Header.Set(name, value)
			}
			answers[i] = httptest.NewRecorder()
			group.Go(func() { router.ServeHTTP(answers[i], r) })
			synctest.Wait()
		}
		for i := range 8 {
			send(i)
		}
		if held := store.held.Load(); held != 2 {
			t.Errorf("the store holds %d, want 2", held)
		}
		send(8)
		if answers[8].Code != 429 {
			t.Errorf("the ninth: %d, want 429", answers[8].Code)
		}
		store.let <- struct{}{}
		synctest.Wait()
		time.Sleep(31 * time.Second)
		close(store.let)
		group.Wait()
		statuses := map[int]int{}
		for _, answer := range answers[:8] {
			statuses[answer.Code]++
		}
		if statuses[200] != 3 || statuses[429] != 5 || store.most.Load() != 2 {
			t.Errorf("statuses %v, and %d at once, want 3 that were worked on, 2 at once", statuses, store.most.Load())
		}
	})
}
