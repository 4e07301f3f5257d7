package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coffer/api"
	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/problem"
	"coffer/internal/shop"
	"coffer/internal/sqlite"
	"coffer/internal/tasks"
)

// The members of stories.
var (
	ada = economy.Person{User: "7001", Name: "Ada"}
	bob = economy.Person{User: "7002", Name: "Bob"}
)

// here is where the guild's resources are.
const here = "/api/guilds/" + theGuild

// pictures is Discord as far as it shows pictures, by "channel/message".
type pictures map[string]func() (string, error)

func (p pictures) Picture(_ context.Context, channel, message string) (string, error) {
	if show, ok := p[channel+"/"+message]; ok {
		return show()
	}
	return "", unanswered{404}
}

// unanswered is an error of Discord's.
type unanswered struct{ status int }

func (e unanswered) Error() string { return fmt.Sprint("discord: ", e.status) }

func (e unanswered) Answer() (status, code int, retryAfter time.Duration, global bool) {
	return e.status, 0, 0, false
}

// did returns what a call of the store returned, which must have succeeded.
func did[T any](w *world, v T, err error) T {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// inDiscord is a request that came from Discord.
func (w *world) inDiscord() economy.Request {
	w.now.at = w.now.at.Add(time.Second)
	return economy.Request{Guild: theGuild, Source: economy.FromDiscord, Key: strconv.FormatInt(w.now.at.UnixNano(), 10), At: w.now.at}
}

// put sends a body for what has a version; etag may be empty.
func (w *world) put(as, path, etag string, body any) reply {
	w.t.Helper()
	q := request{method: "PUT", path: path, as: as, body: body}
	if etag != "" {
		q.header = map[string]string{"If-Match": etag}
	}
	return w.send(q)
}

// fields is an object of a body.
type fields map[string]any

// with returns the object with a field changed.
func (f fields) with(name string, value any) fields {
	c := fields{}
	for n, v := range f {
		c[n] = v
	}
	c[name] = value
	return c
}

// a task, an item and a submission as clients read them, as far as stories look.
type seenTask struct {
	ID, Title, State string
	Answer           *string
	Version, Taken   int
	Waiting          int
	Reward           int64
	ChangedBy        seenActor `json:"changed_by"`
	ChangedAt        time.Time `json:"changed_at"`
	CreatedAt        time.Time `json:"created_at"`
}

type seenActor struct{ Kind, ID, Name string }

type seenPage[T any] struct {
	Data    []T
	Next    *string `json:"next_cursor"`
	Waiting int
}

var errand = fields{"title": "Errand", "reward": 10, "proof": "text", "review": "person", "repeat": "once", "tries": 2}

func (w *world) task(body fields) seenTask {
	w.t.Helper()
	var t seenTask
	w.post("manager", here+"/tasks", "task "+fmt.Sprint(body), body).want(201, &t)
	return t
}

// handIn has a member claim a task and hand work in.
func (w *world) handIn(who economy.Person, task string, work tasks.Work) string {
	w.t.Helper()
	n, _ := strconv.ParseInt(task, 10, 64)
	ref := tasks.Ref{ID: tasks.TaskID(n)}
	claim, err := tasks.NewClaiming(w.inDiscord(), who, nil, ref)
	did(w, claim, err)
	_, err = w.store.ClaimTask(w.t.Context(), claim)
	did(w, claim, err)
	receipt, err := w.store.SubmitWork(w.t.Context(), tasks.NewSubmitting(w.inDiscord(), who, ref, work))
	return strconv.FormatInt(int64(did(w, receipt, err).Submission), 10)
}

func text(s string) tasks.Work { return tasks.Work{Text: s} }

func TestATaskIsCreatedOnceAndSeen(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		var first, again, seen seenTask
		body := errand.with("description", "Bring milk.").with("places", 3).with("deadline", "2027-01-01T10:00:00Z")
		created := w.post("manager", here+"/tasks", "k1", body).want(201, &first)
		if first.State != "open" || first.Version != 1 || first.ChangedBy != (seenActor{"account", first.ChangedBy.ID, "manager"}) ||
			created.header.Get("ETag") != `"1"` || !first.CreatedAt.Equal(w.now.at) {
			t.Errorf("created %+v, ETag %s", first, created.header.Get("ETag"))
		}
		w.later(time.Hour)
		w.post("manager", here+"/tasks", "k1", body).want(201, &again)
		if again.ID != first.ID || again.Version != 1 || !again.CreatedAt.Equal(first.CreatedAt) {
			t.Errorf("again %+v, first %+v", again, first)
		}
		w.post("manager", here+"/tasks", "k1", body.with("reward", 11)).refused(422, "key_reused")
		w.post("manager", here+"/tasks", "", body).refused(400, "idempotency_key")
		w.post("owner", here+"/tasks", "k1", body).refused(409, "title_taken") // his keys are his own
		if got := w.get("viewer", here+"/tasks/"+first.ID).want(200, &seen).header.Get("ETag"); got != `"1"` || seen.ID != first.ID {
			t.Errorf("seen %+v, ETag %s", seen, got)
		}
		if draft := w.task(errand.with("title", "Later").with("state", "draft")); draft.State != "draft" {
			t.Errorf("a draft is %s", draft.State)
		}
		w.post("manager", here+"/tasks", "k3", errand.with("title", "No answer").with("answer", nil)).want(201, nil)
		w.get("viewer", here+"/tasks/999999").refused(404, "unknown_task")
		w.get("viewer", here+"/tasks/x1").refused(400, "bad_id")
		w.get("stranger", here+"/tasks/"+first.ID).refused(404, "unknown_guild")
		w.get("owner", "/api/guilds/"+otherGuild+"/tasks/"+first.ID).refused(404, "unknown_task")
		for _, as := range []string{"viewer", "reviewer"} {
			w.post(as, here+"/tasks", "k2", errand).refused(403, "role")
		}
	})
}

func TestWhatIsWrongWithATaskIsToldByField(t *testing.T) {
	w := newWorld(t)
	w.task(errand)
	for name, v := range map[string]struct {
		body   fields
		status int
		code   string
		field  string
	}{
		"a reward of nothing":     {errand.with("reward", 0), 400, "task", "reward"},
		"an empty title":          {errand.with("title", " "), 400, "task", "title"},
		"an answer nobody reads":  {errand.with("answer", "42"), 400, "task", "answer"},
		"another kind of proof":   {errand.with("proof", "song"), 400, "task", "proof"},
		"a role that is none":     {errand.with("required_role", "@x"), 400, "task", "required_role"},
		"a time that is none":     {errand.with("deadline", "soon"), 400, "fields", "deadline"},
		"a title that is taken":   {errand, 409, "title_taken", "title"},
		"a task that is none":     {errand.with("title", "B").with("prerequisite", "99999"), 404, "unknown_prerequisite", "prerequisite"},
		"an id that is none":      {errand.with("title", "B").with("prerequisite", "x"), 400, "fields", "prerequisite"},
		"a state that is none":    {errand.with("title", "B").with("state", "closed"), 400, "fields", "state"},
		"a field that is none":    {errand.with("color", "red"), 400, "fields", "color"},
		"a text for a number":     {errand.with("reward", "10"), 400, "fields", "reward"},
		"a deadline that is over": {errand.with("title", "B").with("deadline", "2020-01-01T00:00:00Z"), 422, "deadline", "deadline"},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.post("manager", here+"/tasks", "key", v.body).refused(v.status, v.code)
			if v.field != "" && p.field(v.field) == "" {
				t.Errorf("no word about the field %s: %+v", v.field, p)
			}
		})
	}
}

func TestAnEditIsRefusedWhereSomebodyWasFaster(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		task := w.task(errand)
		at := here + "/tasks/" + task.ID
		w.put("manager", at, "", errand).refused(428, "no_precondition")
		w.now.at = w.now.at.Add(time.Minute)
		changed := w.now.at
		var after, now seenTask
		if got := w.put("owner", at, `"1"`, errand.with("reward", 20)).want(200, &after).header.Get("ETag"); got != `"2"` || after.Reward != 20 || after.Version != 2 {
			t.Errorf("edited %+v, ETag %s", after, got)
		}
		w.now.at = w.now.at.Add(time.Minute)
		for _, stale := range []string{`"1"`, `"9"`, `W/"2"`, "2", "*"} {
			r := w.put("manager", at, stale, errand.with("reward", 30))
			p := r.refused(412, "changed")
			var told struct {
				ChangedBy seenActor `json:"changed_by"`
				ChangedAt time.Time `json:"changed_at"`
			}
			r.want(412, &told)
			if err := json.Unmarshal(p.Current, &now); err != nil || now.Reward != 20 || now.Version != 2 || told.ChangedBy.Name != "owner" || !told.ChangedAt.Equal(changed) {
				t.Errorf("If-Match %s: %v, now %+v, told %+v", stale, err, now, told)
			}
		}
		w.put("manager", at, `"2"`, errand.with("state", "open")).refused(400, "fields")
		w.put("manager", at+"/state", "", fields{"state": "draft"}).refused(400, "fields")
		w.put("manager", at+"/state", "", fields{"state": "closed"}).want(200, &after)
		w.put("manager", at+"/state", "", fields{"state": "closed"}).want(200, &after)
		if after.State != "closed" || after.Version != 3 {
			t.Errorf("closed: %+v", after)
		}
		w.put("manager", at+"/state", "", fields{"state": "archived"}).want(200, nil)
		w.put("manager", at+"/state", "", fields{"state": "open"}).refused(409, "task_state")
		w.put("manager", at, `"4"`, errand).refused(409, "archived")
		w.put("manager", here+"/tasks/999999", `"1"`, errand).refused(404, "unknown_task")
	})
}

func TestTasksAreListedPageByPage(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		for i := range 5 {
			w.task(errand.with("title", fmt.Sprint([]string{"Wash ", "Paint "}[i%2], i)).with("state", []string{"open", "draft"}[i/3]))
		}
		all := func(query string) (titles []string) {
			t.Helper()
			path := here + "/tasks?limit=2" + query
			for cursor := ""; ; {
				var p seenPage[seenTask]
				w.get("viewer", path+cursor).want(200, &p)
				for _, v := range p.Data {
					titles = append(titles, v.Title)
				}
				if p.Next == nil {
					return titles
				}
				cursor = "&cursor=" + *p.Next
			}
		}
		for query, want := range map[string]string{
			"":                         "[Wash 4 Paint 3 Wash 2 Paint 1 Wash 0]",
			"&state=draft":             "[Wash 4 Paint 3]",
			"&search=WASH":             "[Wash 4 Wash 2 Wash 0]",
			"&state=open&search=paint": "[Paint 1]",
			"&state=archived":          "[]",
		} {
			if got := fmt.Sprint(all(query)); got != want {
				t.Errorf("%s: got %s, want %s", query, got, want)
			}
		}
		w.get("viewer", here+"/tasks?state=lost").refused(400, "query")
		w.get("viewer", here+"/tasks?cursor=abc").refused(400, "bad_cursor")
		w.get("viewer", here+"/tasks?page=2").refused(400, "query")
	})
}

func TestTheAnswerIsForManagersOnly(t *testing.T) {
	w := newWorld(t)
	quiz := w.task(errand.with("review", "answer").with("answer", "42"))
	w.handIn(ada, quiz.ID, text("41"))
	right := w.handIn(bob, quiz.ID, text("42"))
	for as, knows := range map[string]bool{"viewer": false, "reviewer": false, "manager": true, "owner": true} {
		var one seenTask
		var list seenPage[seenTask]
		w.get(as, here+"/tasks/"+quiz.ID).want(200, &one)
		w.get(as, here+"/tasks").want(200, &list)
		for _, v := range []seenTask{one, list.Data[0]} {
			if (v.Answer != nil && *v.Answer == "42") != knows || (v.Answer == nil) == knows {
				t.Errorf("%s sees the answer %v", as, v.Answer)
			}
		}
		for _, path := range []string{here + "/submissions?task=" + quiz.ID, here + "/submissions/" + right} {
			if r := w.get(as, path).want(200, nil); strings.Contains(string(r.body), `"42"`) != knows {
				t.Errorf("%s sees at %s:\n%s", as, path, r.body)
			}
		}
		trail := string(w.get(as, here+"/trail?kind=task.created").body)
		table := string(w.send(request{method: "GET", path: here + "/trail", as: as, header: map[string]string{"Accept": "text/csv"}}).body)
		for _, text := range []string{trail, table} {
			if !strings.Contains(text, "Errand") || strings.Contains(text, `"42"`) != knows {
				t.Errorf("%s sees in the trail:\n%s", as, text)
			}
		}
	}
}

// TestTheStreamTellsAnswersToManagersOnly: as it happens, and afterwards.
func TestTheStreamTellsAnswersToManagersOnly(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	give(t, store, "founds the guild")
	who := viewers("viewer", "manager")
	who.change("manager", func(a *admins.Account) { a.Role = admins.Manager })
	r := newReplica(t, store, who)
	streams := map[string]*stream{}
	for as := range who.list {
		streams[as] = r.listen(t, as, "")
		streams[as].here()
	}
	from := streams["viewer"].last
	quiz := tasks.TaskCreation{State: tasks.Draft, Request: economy.Request{Guild: theGuild, Source: economy.FromSystem, Key: "quiz", At: time.Now()}, Admin: economy.Person{User: "2"},
		Terms: tasks.Terms{Title: "Quiz", Reward: 1, Proof: tasks.ProofText, Review: tasks.ByAnswer, Answer: "forty-two", Repeat: tasks.Once, Tries: 1}}
	if _, err := store.CreateTask(t.Context(), quiz); err != nil {
		t.Fatal(err)
	}
	for as, knows := range map[string]bool{"viewer": false, "manager": true} {
		for _, s := range []*stream{streams[as], r.listen(t, as, from)} {
			for m := (message{}); m.kind != "task.created"; {
				var err error
				if m, err = s.next(); err != nil {
					t.Fatal(err)
				}
				if m.kind == "task.created" && (!strings.Contains(m.data, "Quiz") || strings.Contains(m.data, "forty-two") != knows) {
					t.Errorf("%s is told %s", as, m.data)
				}
			}
		}
	}
}

type seenSubmission struct {
	ID, Text, State string
	Task            struct{ ID, Name string }
	Member          seenActor
	Reviewer        *seenActor
	Picture         *struct{ Name, Type string }
	Paid            int64
	Percent         int
	Transaction     *string
}

type seenOutcome struct {
	Submission, State string
	ClaimState        string `json:"claim_state"`
	TriesLeft         int    `json:"tries_left"`
	Paid              int64
	Transaction       *string
}

func TestWorkIsReviewedOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		task := w.task(errand)
		one, two := w.handIn(ada, task.ID, text("milk")), w.handIn(bob, task.ID, text("bread"))
		var list seenPage[seenSubmission]
		w.get("viewer", here+"/submissions?state=waiting").want(200, &list)
		if len(list.Data) != 2 || list.Waiting != 2 || list.Data[0].ID != one || list.Data[0].Member.Name != "Ada" || list.Data[0].Task.Name != "Errand" {
			t.Fatalf("waiting: %+v", list)
		}
		adaID := list.Data[0].Member.ID
		var seen seenTask
		if w.get("viewer", here+"/tasks/"+task.ID).want(200, &seen); seen.Waiting != 2 || seen.Taken != 2 {
			t.Errorf("the task: %+v", seen)
		}

		at := here + "/submissions/" + one
		w.post("viewer", at+"/review", "k1", fields{"approve": true}).refused(403, "role")
		w.post("reviewer", at+"/review", "", fields{"approve": true}).refused(400, "idempotency_key")
		if p := w.post("reviewer", at+"/review", "k1", fields{"approve": true, "percent": 101}).refused(400, "percent"); p.field("percent") == "" {
			t.Errorf("no word about the field: %+v", p)
		}
		if p := w.post("reviewer", at+"/review", "k1", fields{"approve": false}).refused(400, "reason"); p.field("reason") == "" {
			t.Errorf("no word about the field: %+v", p)
		}
		var first, again seenOutcome
		w.post("reviewer", at+"/review", "k1", fields{"approve": true, "percent": 50}).want(200, &first)
		if first.State != "accepted" || first.ClaimState != "approved" || first.Paid != 5 || first.Transaction == nil {
			t.Errorf("approved: %+v", first)
		}
		w.now.at = w.now.at.Add(time.Minute)
		w.post("reviewer", at+"/review", "k1", fields{"approve": true, "percent": 50}).want(200, &again)
		if again.Paid != first.Paid || *again.Transaction != *first.Transaction {
			t.Errorf("again: %+v, first %+v", again, first)
		}
		w.post("reviewer", at+"/review", "k1", fields{"approve": true}).refused(422, "key_reused")
		var second struct {
			By    seenActor
			State string
		}
		w.post("manager", at+"/review", "k1", fields{"approve": false, "reason": "no"}).want(409, &second)
		if second.By.Name != "reviewer" || second.By.Kind != "account" || second.State != "accepted" {
			t.Errorf("whoever is second is told %+v", second)
		}
		w.post("reviewer", here+"/submissions/"+two+"/review", "k2", fields{"approve": false, "reason": "stale"}).want(200, &first)
		if first.State != "refused" || first.ClaimState != "rejected" || first.TriesLeft != 1 || first.Transaction != nil {
			t.Errorf("rejected: %+v", first)
		}
		w.post("reviewer", here+"/submissions/999999/review", "k3", fields{"approve": true}).refused(404, "unknown_submission")

		var got seenSubmission
		w.get("viewer", at).want(200, &got)
		if got.State != "accepted" || got.Reviewer == nil || got.Reviewer.Name != "reviewer" || got.Percent != 50 || got.Paid != 5 || got.Transaction == nil {
			t.Errorf("seen: %+v", got)
		}
		w.get("viewer", here+"/submissions?task="+task.ID+"&member="+adaID).want(200, &list)
		if len(list.Data) != 1 || list.Data[0].ID != one || list.Waiting != 0 {
			t.Errorf("ada's: %+v", list)
		}
		w.get("viewer", here+"/submissions?state=refused").want(200, &list)
		if len(list.Data) != 1 || list.Data[0].ID != two {
			t.Errorf("refused: %+v", list)
		}
		w.get("viewer", here+"/submissions?member=ada").refused(400, "query")
		w.get("viewer", here+"/submissions/999999").refused(404, "unknown_submission")
		if balance := w.balance(ada); balance != 105 {
			t.Errorf("ada has %d coins, want 105", balance)
		}
	})
}

func (w *world) balance(who economy.Person) economy.Amount {
	w.t.Helper()
	wallet, err := w.store.Wallet(w.t.Context(), economy.WalletQuery{Guild: theGuild, Viewer: who, Member: who, At: w.now.at})
	return did(w, wallet, err).Balance
}

// knowsAda is a Discord to which everybody is Ada, who manages the guild.
type knowsAda struct{}

func (knowsAda) Authorize(state, _ string) string { return "/?state=" + url.QueryEscape(state) }

func (knowsAda) Exchange(context.Context, string, string) (string, error) { return "grant", nil }

func (knowsAda) Renew(_ context.Context, grant string) (string, error) { return grant, nil }

func (knowsAda) Identify(context.Context, string) (admins.Identity, error) {
	return admins.Identity{DiscordID: string(ada.User), Name: "Ada", Guilds: []string{theGuild}}, nil
}

func TestNobodyReviewsHisOwnWorkUnderAnotherName(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Discord = knowsAda{} })
	task := w.task(errand)
	id := w.handIn(ada, task.ID, text("mine"))
	left := w.get("", "/api/auth/discord").want(302, nil)
	at, err := url.Parse(left.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	back := w.send(request{method: "GET", path: "/api/auth/discord/callback?code=c&state=" + at.Query().Get("state"),
		header: map[string]string{"Cookie": left.cookie("coffer_discord")}}).want(302, nil)
	var in granted
	w.refresh(back.cookie("coffer_refresh")).want(200, &in)
	w.tokens["ada herself"] = in.AccessToken
	w.post("ada herself", here+"/submissions/"+id+"/review", "k", fields{"approve": true}).refused(403, "own_submission")
	var bulk bulkReply
	w.post("ada herself", here+"/reviews", "k", fields{"submissions": []string{id}, "approve": true}).want(200, &bulk)
	if bulk.Data[0].OK || bulk.Data[0].Problem.Code != "own_submission" {
		t.Errorf("got %+v", bulk)
	}
	if balance := w.balance(ada); balance != 100 {
		t.Errorf("ada has %d coins, want 100", balance)
	}
}

type bulkReply struct {
	Data []struct {
		Submission string
		OK         bool
		Problem    *problemJSON
		Result     *seenOutcome
	}
}

func TestMuchWorkIsReviewedAtOnceAndEachOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		task := w.task(errand)
		var ids []string
		for i := range 12 {
			who := economy.Person{User: economy.UserID(fmt.Sprint(8000 + i)), Name: fmt.Sprint("Guest ", i)}
			ids = append(ids, w.handIn(who, task.ID, text("x")))
		}
		w.post("manager", here+"/submissions/"+ids[3]+"/review", "k", fields{"approve": false, "reason": "no"}).want(200, nil)
		asked := append(append([]string{}, ids...), "999999")
		body := fields{"submissions": asked, "approve": true}
		for round := range 2 {
			var got bulkReply
			w.post("reviewer", here+"/reviews", "bulk", body).want(200, &got)
			if len(got.Data) != len(asked) {
				t.Fatalf("%d answers to %d", len(got.Data), len(asked))
			}
			for i, v := range got.Data {
				want := ""
				switch i {
				case 3:
					want = "reviewed"
				case 12:
					want = "unknown_submission"
				}
				ok := v.OK && v.Problem == nil && v.Result != nil && v.Result.Paid == 10 && v.Result.Submission == asked[i]
				if v.Submission != asked[i] || want == "" && !ok || want != "" && (v.OK || v.Result != nil || v.Problem.Code != want) {
					t.Errorf("round %d, %d: %+v", round, i, v)
				}
			}
		}
		for i := range 12 {
			want := economy.Amount(110)
			if i == 3 {
				want = 100
			}
			if got := w.balance(economy.Person{User: economy.UserID(fmt.Sprint(8000 + i))}); got != want {
				t.Errorf("guest %d has %d coins, want %d", i, got, want)
			}
		}
		fresh := w.handIn(ada, task.ID, text("x"))
		for _, other := range []fields{
			{"submissions": []string{fresh}, "approve": true},
			{"submissions": []string{fresh, ids[0]}, "approve": true},
			{"submissions": append(asked, fresh), "approve": true},
			{"submissions": ids, "approve": true},
			{"submissions": ids[:1], "approve": true},
			body.with("percent", 5), body.with("approve", false).with("reason", "no"),
		} {
			w.post("reviewer", here+"/reviews", "bulk", other).refused(422, "key_reused")
		}
		w.post("reviewer", here+"/submissions/"+fresh+"/review", "bulk", fields{"approve": true}).refused(422, "key_reused")
		if balance := w.balance(ada); balance != 100 {
			t.Errorf("a key of another list has paid: %d coins, want 100", balance)
		}
		for field, bad := range map[string]fields{
			"submissions":   {"submissions": []string{}, "approve": true},
			"submissions/1": {"submissions": []string{"1", "1"}, "approve": true},
			"submissions/0": {"submissions": []string{"x"}, "approve": true},
		} {
			if p := w.post("reviewer", here+"/reviews", "bad", bad).refused(400, "fields"); p.field(field) == "" {
				t.Errorf("no word about %s: %+v", field, p)
			}
		}
		w.post("reviewer", here+"/reviews", "bad", fields{"submissions": ids, "approve": false}).refused(400, "reason")
	})
}

// ending is a store that is gone after some reviews, of which nobody hears of the last.
type ending struct {
	books
	left atomic.Int32
	lost bool // the last is done
}

func (s *ending) ReviewSubmission(ctx context.Context, v tasks.Reviewing) (tasks.ReviewReceipt, error) {
	left := s.left.Add(-1)
	if left > 0 || left == 0 && s.lost {
		if receipt, err := s.books.ReviewSubmission(ctx, v); left > 0 || err != nil {
			return receipt, err
		}
	}
	return tasks.ReviewReceipt{}, problem.ErrUnavailable
}

func TestReviewsThatWereCutOffGoOnWithTheSameKey(t *testing.T) {
	w := newWorld(t)
	task := w.task(errand)
	guest := func(i int) economy.Person {
		return economy.Person{User: economy.UserID(fmt.Sprint(8000 + i)), Name: fmt.Sprint("Guest ", i)}
	}
	fresh := w.handIn(ada, task.ID, text("x"))
	for n := range 5 {
		for _, lost := range []bool{false, true} {
			name := fmt.Sprintf("after %d, lost %v", n, lost)
			ids := []string{"999999"}
			var guests []economy.Person
			for i := range 4 {
				guests = append(guests, guest(100*n+10*i+len(name)%2))
				ids = append(ids, w.handIn(guests[i], task.ID, text("x")))
			}
			body := fields{"submissions": ids, "approve": true}
			last := &ending{books: w.store, lost: lost}
			last.left.Store(int32(n + 2)) // the first finds nothing
			w.config.Store = last
			w.serve()
			if r := w.post("reviewer", here+"/reviews", name, body); r.status != 200 && r.status != 503 {
				t.Errorf("%s: %d %s", name, r.status, r.body)
			}
			w.config.Store = w.store
			w.serve()
			if n > 0 || lost {
				w.post("reviewer", here+"/reviews", name, body.with("submissions", []string{fresh})).refused(422, "key_reused")
			}
			for range 2 {
				var got bulkReply
				w.post("reviewer", here+"/reviews", name, body).want(200, &got)
				for i, v := range got.Data {
					if v.Submission != ids[i] || v.OK != (i > 0) || v.OK && (v.Result.Submission != ids[i] || v.Result.Paid != 10) {
						t.Errorf("%s, %d: %+v", name, i, v)
					}
				}
			}
			for _, who := range guests {
				if got := w.balance(who); got != 110 {
					t.Errorf("%s: %s has %d coins, want 110", name, who.Name, got)
				}
			}
		}
	}
}

func TestAPictureIsShownFromItsCardWhileThereIsOne(t *testing.T) {
	w := newWorld(t)
	rules := economy.DefaultSettings()
	rules.ReviewChannel = "502"
	change, err := economy.NewSettingsChange(w.inDiscord(), ada, rules)
	did(w, change, err)
	_, err = w.store.ChangeSettings(t.Context(), change)
	did(w, rules, err)
	task := w.task(errand.with("proof", "image"))
	address := func(name string, expires time.Time) string {
		return fmt.Sprintf("https://cdn.discordapp.com/attachments/1/2/%s.png?ex=%x&is=1&hm=ab&", name, expires.Unix())
	}
	mine := address("mine", w.now.at.Add(time.Hour))
	work, err := tasks.NewWork("", tasks.Image{URL: mine, Name: "mine.png", Type: "image/png", Size: 9})
	id := w.handIn(ada, task.ID, did(w, work, err))
	at := here + "/submissions/" + id
	proof := func() (url string) {
		t.Helper()
		var p struct {
			URL       string
			ExpiresAt time.Time `json:"expires_at"`
		}
		w.get("reviewer", at+"/proof").want(200, &p)
		if !p.ExpiresAt.After(w.now.at) {
			t.Errorf("it expired at %s", p.ExpiresAt)
		}
		return p.URL
	}
	w.get("viewer", at+"/proof").refused(403, "role")
	if got := proof(); got != mine {
		t.Errorf("before its card was posted: %s", got)
	}
	var seen seenSubmission
	if w.get("viewer", at).want(200, &seen); seen.Picture == nil || seen.Picture.Name != "mine.png" {
		t.Errorf("seen %+v", seen)
	}
	leases, err := w.store.LeaseDeliveries(t.Context(), 10, time.Hour)
	for _, l := range did(w, leases, err) {
		if err := w.store.SettleDelivery(t.Context(), l, outbox.Outcome{State: outbox.Done, Message: "77"}, w.now.at); err != nil {
			t.Fatal(err)
		}
	}
	copied := address("copy", w.now.at.Add(20*time.Hour))
	shows := func(url string, err error) { w.cards["502/77"] = func() (string, error) { return url, err } }
	shows(copied, nil)
	if got := proof(); got != copied {
		t.Errorf("from its card: %s", got)
	}
	shows("https://evil.example/a.png", nil)
	if got := proof(); got != mine {
		t.Errorf("another host's address was told: %s", got)
	}
	shows("", unanswered{404})
	if got := proof(); got != mine {
		t.Errorf("without its card: %s", got)
	}
	shows("", unanswered{503})
	if got := proof(); got != mine {
		t.Errorf("while Discord does not answer: %s", got)
	}
	w.later(2 * time.Hour)
	w.get("reviewer", at+"/proof").refused(503, "discord_silent")
	shows("", unanswered{404})
	w.get("reviewer", at+"/proof").refused(404, "picture_gone")
	shows(copied, nil)
	if got := proof(); got != copied {
		t.Errorf("later, from its card: %s", got)
	}
	plain := w.task(errand.with("title", "Plain"))
	w.get("reviewer", here+"/submissions/"+w.handIn(bob, plain.ID, text("x"))+"/proof").refused(404, "no_picture")
}

type seenItem struct {
	ID, Name, State string
	Price, Sold     int64
	Version         int
	Stock           shop.Stock
	ChangedBy       seenActor `json:"changed_by"`
}

type seenPurchase struct {
	ID, State string
	Item      struct{ ID, Name string }
	Member    seenActor
	Total     int64
	Role      *struct {
		ID            string
		Runs, Granted bool
	}
	Refund *struct {
		By     seenActor
		Reason string
	}
}

var lantern = fields{"name": "Lantern", "price": 40, "stock": fields{"limited": true, "left": 5}}

func (w *world) item(body fields) seenItem {
	w.t.Helper()
	var i seenItem
	w.post("manager", here+"/items", "item "+fmt.Sprint(body), body).want(201, &i)
	return i
}

func (w *world) buy(who economy.Person, i seenItem, quantity int64) string {
	w.t.Helper()
	n, _ := strconv.ParseInt(i.ID, 10, 64)
	purchase, err := shop.NewPurchase(w.inDiscord(), who, nil, shop.ItemID(n), quantity, economy.Amount(i.Price))
	did(w, purchase, err)
	receipt, err := w.store.Purchase(w.t.Context(), purchase)
	return strconv.FormatInt(int64(did(w, receipt, err).Purchase), 10)
}

func TestAnItemIsCreatedSoldEditedAndArchived(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		i := w.item(lantern)
		if i.State != "active" || i.Version != 1 || i.Stock != (shop.Stock{Limited: true, Left: 5}) || i.ChangedBy.Name != "manager" {
			t.Errorf("created %+v", i)
		}
		var again, now seenItem
		w.post("manager", here+"/items", "item "+fmt.Sprint(lantern), lantern).want(201, &again)
		if again.ID != i.ID {
			t.Errorf("created twice: %s and %s", i.ID, again.ID)
		}
		w.post("manager", here+"/items", "other", lantern).refused(409, "name_taken")
		w.post("manager", here+"/items", "", lantern).refused(400, "idempotency_key")
		if p := w.post("manager", here+"/items", "other", lantern.with("price", 0)).refused(400, "item"); p.field("price") == "" {
			t.Errorf("no word about the field: %+v", p)
		}
		at := here + "/items/" + i.ID
		w.buy(ada, i, 2)
		terms := fields{"name": "Lantern", "price": 45}
		w.put("manager", at, "", terms).refused(428, "no_precondition")
		got := w.put("owner", at, `"1"`, terms).want(200, &now) // the sale has not changed it
		if now.Price != 45 || now.Stock.Left != 3 || now.Sold != 2 || now.Version != 2 || got.header.Get("ETag") != `"2"` {
			t.Errorf("edited without a stock: %+v", now)
		}
		p := w.put("manager", at, `"1"`, terms.with("price", 50)).refused(412, "changed")
		if err := json.Unmarshal(p.Current, &now); err != nil || now.Price != 45 || now.ChangedBy.Name != "owner" {
			t.Errorf("told %+v, %v", now, err)
		}
		w.put("manager", at, `"2"`, terms.with("stock", fields{"limited": false, "left": 0})).want(200, &now)
		if now.Stock.Limited {
			t.Errorf("with a stock without limit: %+v", now)
		}
		w.put("manager", at+"/state", "", fields{"state": "active"}).refused(400, "fields")
		w.put("manager", at+"/state", "", fields{"state": "archived"}).want(200, &now)
		w.put("manager", at+"/state", "", fields{"state": "archived"}).want(200, &now)
		if now.State != "archived" {
			t.Errorf("archived: %+v", now)
		}
		w.put("manager", at, `"3"`, terms).refused(409, "archived")
		w.get("viewer", here+"/items/999999").refused(404, "unknown_item")
		var list seenPage[seenItem]
		for query, want := range map[string]int{"": 0, "?state=archived": 1, "?state=all&search=LANT": 1, "?state=all&search=x": 0} {
			if w.get("viewer", here+"/items"+query).want(200, &list); len(list.Data) != want {
				t.Errorf("%s: %d items, want %d", query, len(list.Data), want)
			}
		}
		for _, as := range []string{"viewer", "reviewer"} {
			w.post(as, here+"/items", "k", lantern).refused(403, "role")
			w.put(as, at, `"1"`, terms).refused(403, "role")
		}
	})
}

func TestAPurchaseIsRefundedOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		i := w.item(lantern.with("role", "7009"))
		one, two := w.buy(ada, i, 1), w.buy(bob, i, 2)
		var list seenPage[seenPurchase]
		w.get("viewer", here+"/purchases").want(200, &list)
		if len(list.Data) != 2 || list.Data[0].ID != two || list.Data[0].Total != 80 || list.Data[1].Member.Name != "Ada" || list.Data[0].Role == nil ||
			list.Data[0].Role.ID != "7009" || !list.Data[0].Role.Runs {
			t.Fatalf("bought: %+v", list.Data)
		}
		adaID := list.Data[1].Member.ID
		at := here + "/purchases/" + one + "/refund"
		w.post("reviewer", at, "k", fields{}).refused(403, "role")
		w.post("manager", at, "", fields{}).refused(400, "idempotency_key")
		for range 2 {
			var back struct {
				Purchase       string
				Total, Balance int64
			}
			w.post("manager", at, "k", fields{"reason": "broken"}).want(200, &back)
			if back.Purchase != one || back.Total != 40 || back.Balance != 100 {
				t.Errorf("refunded: %+v", back)
			}
		}
		w.post("manager", at, "k", fields{"reason": "other"}).refused(422, "key_reused")
		w.post("manager", at, "k2", fields{}).refused(409, "already_refunded")
		w.post("manager", here+"/purchases/999999/refund", "k3", fields{}).refused(404, "unknown_purchase")
		w.get("viewer", here+"/purchases?state=refunded&member="+adaID+"&item="+i.ID).want(200, &list)
		if len(list.Data) != 1 || list.Data[0].Refund == nil || list.Data[0].Refund.By.Name != "manager" || list.Data[0].Refund.Reason != "broken" || list.Data[0].Role.Runs {
			t.Errorf("refunded: %+v", list.Data)
		}
		w.get("viewer", here+"/purchases?state=kept&member="+adaID).want(200, &list)
		if len(list.Data) != 0 {
			t.Errorf("kept by ada: %+v", list.Data)
		}
		var now seenItem
		if w.get("viewer", here+"/items/"+i.ID).want(200, &now); now.Stock.Left != 3 || now.Sold != 2 {
			t.Errorf("the item: %+v", now)
		}
		if balance := w.balance(ada); balance != 100 {
			t.Errorf("ada has %d coins, want 100", balance)
		}
	})
}

func TestADeliveryThatFailedIsTriedAgain(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		w.buy(ada, w.item(lantern.with("role", "7009")), 1)
		type seen struct {
			ID, Kind, State, Error string
			Attempts               int
			Member                 *seenActor
			RoleID                 *string    `json:"role_id"`
			DueAt                  *time.Time `json:"due_at"`
		}
		var list seenPage[seen]
		w.get("viewer", here+"/deliveries?state=waiting").want(200, &list)
		if len(list.Data) != 1 || list.Data[0].Member.Name != "Ada" || *list.Data[0].RoleID != "7009" || list.Data[0].DueAt == nil {
			t.Fatalf("waiting: %+v", list.Data)
		}
		id := list.Data[0].ID
		leases, err := w.store.LeaseDeliveries(t.Context(), 10, time.Hour)
		for _, l := range did(w, leases, err) {
			if err := w.store.SettleDelivery(t.Context(), l, outbox.Outcome{State: outbox.Waiting, After: time.Hour, Error: "no answer"}, w.now.at); err != nil {
				t.Fatal(err)
			}
		}
		w.get("viewer", here+"/deliveries").want(200, &list)
		if len(list.Data) != 1 || list.Data[0].Error != "no answer" || list.Data[0].Attempts != 1 {
			t.Fatalf("waiting: %+v", list.Data)
		}
		w.get("viewer", here+"/deliveries?state=failed").want(200, &list)
		if len(list.Data) != 0 {
			t.Errorf("failed: %+v", list.Data)
		}
		w.post("reviewer", here+"/deliveries/"+id+"/retry", "", nil).refused(403, "role")
		w.post("manager", here+"/deliveries/"+id+"/retry", "", nil).want(204, nil)
		w.post("manager", here+"/deliveries/999999/retry", "", nil).refused(404, "unknown_delivery")
		leases, err = w.store.LeaseDeliveries(t.Context(), 10, time.Hour)
		if len(did(w, leases, err)) != 1 {
			t.Errorf("%d are due, want 1", len(leases))
		}
	})
}
