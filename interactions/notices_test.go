package interactions

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

var _ outbox.Words = (*Notices)(nil)

func refunded() outbox.Refunded {
	return outbox.Refunded{Purchase: 12, Item: "Captain *of* the [Harbour]", Total: 1500, Member: bob, Role: "77",
		Reason: "discord: 403: Missing Permissions (50013)", Currency: economy.Currency{Symbol: "🪙", Name: "coins"}}
}

func taskNotice(t *testing.T, kind outbox.Kind, name string, args any) outbox.Lease {
	t.Helper()
	raw, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Lease{Kind: kind, Guild: "1180000000000000100", User: ada, Channel: lobby, Notice: outbox.Notice{Name: name, Args: raw}}
}

func announced() tasks.TaskCard {
	return tasks.TaskCard{Left: 2, Currency: economy.Currency{Symbol: "🪙", Name: "coins"}, Task: tasks.Task{ID: 12, State: tasks.Open, Version: 3, Terms: tasks.Terms{
		Title: "Write a *guide*", Description: "About **anything**.\n- short\n- clear", Picture: "https://pictures.example/guide.png", Reward: 1500,
		Proof: tasks.ProofText, Review: tasks.ByAnswer, Answer: "SECRET", Places: 3, Repeat: tasks.Weekly, Deadline: clock.AddDate(0, 1, 0),
		ClaimHours: 48, Tries: 3, RequiredRole: vip, Prerequisite: 4}}}
}

func TestNoticesOfATask(t *testing.T) {
	change := func(change func(*tasks.TaskCard)) tasks.TaskCard {
		c := announced()
		change(&c)
		return c
	}
	for tag, l := range map[string]*locale{"en-US": texts().english, "de": texts().german} {
		n, all := &Notices{l}, map[string]any{}
		for about, c := range map[string]tasks.TaskCard{
			"open":     announced(),
			"no place": change(func(c *tasks.TaskCard) { c.Left = 0 }),
			"closed":   change(func(c *tasks.TaskCard) { c.Task.State = tasks.Closed }),
			"archived": change(func(c *tasks.TaskCard) { c.Task.State = tasks.Archived }),
			"plain": {Currency: announced().Currency, Task: tasks.Task{ID: 1, State: tasks.Open,
				Terms: tasks.Terms{Title: "Say hello", Reward: 5, Proof: tasks.ProofNone, Repeat: tasks.Once}}},
		} {
			all[about] = worded(t, n, taskNotice(t, outbox.Card, outbox.NoticeTask, c))
		}
		if raw, _ := encode(all); strings.Contains(string(raw), "SECRET") {
			t.Errorf("the answer is told: %s", raw)
		}
		golden(t, "notice_task."+tag, all)
	}
}

func handedIn() tasks.Submission {
	return tasks.Submission{ID: 7, Claim: 5, Task: 12, Title: "Write a *guide*", Proof: tasks.ProofText, Member: ada, Name: "Ada", Reward: 1500, Try: 2,
		At: clock, State: tasks.Waiting, Work: tasks.Work{Text: "# Here\n@everyone [it](https://evil.example) is."}}
}

func TestNoticesOfASubmission(t *testing.T) {
	change := func(change func(*tasks.Submission)) tasks.Submission {
		s := handedIn()
		change(&s)
		return s
	}
	drawn := change(func(s *tasks.Submission) {
		s.Proof, s.Work = tasks.ProofImage, tasks.Work{Text: "By hand.", Image: tasks.Image{URL: "https://cdn.discordapp.com/x.png?ex=1", Name: "../My *x*.png", Type: "image/jpeg", Size: 5}}
	})
	reviewer := economy.Actor{Kind: economy.ActorMember, ID: 9, User: bob, Name: "Bob"}
	for tag, l := range map[string]*locale{"en-US": texts().english, "de": texts().german} {
		n, all := &Notices{l}, map[string]any{}
		for about, s := range map[string]tasks.Submission{
			"a text waits":  handedIn(),
			"a link waits":  change(func(s *tasks.Submission) { s.Proof, s.Work.Text = tasks.ProofLink, "https://bugs.example/*1*" }),
			"nothing waits": change(func(s *tasks.Submission) { s.Proof, s.Work = tasks.ProofNone, tasks.Work{} }),
			"accepted": change(func(s *tasks.Submission) {
				s.State, s.Reviewer, s.Percent, s.Paid, s.Reviewed = tasks.Accepted, reviewer, 100, 1500, clock
			}),
			"accepted in part, into a full wallet": change(func(s *tasks.Submission) {
				s.State, s.Reviewer, s.Percent, s.Paid, s.Reviewed = tasks.Accepted, reviewer, 50, 10, clock
			}),
			"rejected": change(func(s *tasks.Submission) {
				s.State, s.Reviewer, s.Reason, s.Reviewed = tasks.Refused, reviewer, "Too *short*.", clock
			}),
			"rejected for good": change(func(s *tasks.Submission) {
				s.State, s.Reviewer, s.Last, s.Reviewed = tasks.Refused, reviewer, true, clock
			}),
			"accepted from the dashboard": change(func(s *tasks.Submission) {
				s.State, s.Percent, s.Paid, s.Reviewed = tasks.Accepted, 100, 1500, clock
				s.Reviewer = economy.Actor{Kind: economy.ActorAccount, ID: 7, Name: "Front *desk*"}
			}),
			"accepted by somebody who is erased": change(func(s *tasks.Submission) {
				s.State, s.Percent, s.Paid, s.Reviewed = tasks.Accepted, 100, 1500, clock
				s.Reviewer = economy.Actor{Kind: economy.ActorErased, ID: 8}
			}),
			"decided by no person": change(func(s *tasks.Submission) { s.State, s.Percent, s.Paid, s.Reviewed = tasks.Accepted, 100, 1500, clock }),
			"a picture waits":      drawn,
		} {
			l := taskNotice(t, outbox.Card, outbox.NoticeSubmission, tasks.ReviewCard{Submission: s, Currency: announced().Currency})
			all[about] = worded(t, n, l)
			m, err := n.Notice(l)
			if err != nil || (m.Image != nil) != (s.Work.Image != tasks.Image{}) ||
				strings.Contains(string(m.Body), `"attachments":[]`) != (m.Image == nil) {
				t.Errorf("%s: %v, %+v", about, err, m)
			}
			if m.Image == nil {
				continue
			}
			all[about+", without its picture"] = worded(t, fixed{outbox.Message{Body: m.Image.Without}}, l)
			if i := m.Image; i.URL != s.Work.Image.URL || i.Size != tasks.MaxImage || !strings.Contains(string(m.Body), "attachment://"+i.Name+`"`) || strings.Contains(string(i.Without), "attachment:") {
				t.Errorf("%s: got %+v of %s", about, i, m.Body)
			}
		}
		golden(t, "notice_submission."+tag, all)
	}
}

// fixed are the same words for everything.
type fixed struct{ outbox.Message }

func (f fixed) Notice(outbox.Lease) (outbox.Message, error) { return f.Message, nil }

func TestNoticesOfAReview(t *testing.T) {
	v := tasks.ReviewNotice{Task: 12, Title: "Write a *guide*", Currency: announced().Currency}
	with := func(state tasks.ClaimState, change func(*tasks.ReviewNotice)) tasks.ReviewNotice {
		v := v
		v.State = state
		change(&v)
		return v
	}
	for tag, l := range map[string]*locale{"en-US": texts().english, "de": texts().german} {
		n, all := &Notices{l}, map[string]any{}
		for about, v := range map[string]tasks.ReviewNotice{
			"accepted":         with(tasks.Approved, func(v *tasks.ReviewNotice) { v.Percent, v.Paid = 100, 1500 }),
			"accepted in part": with(tasks.Approved, func(v *tasks.ReviewNotice) { v.Percent, v.Paid = 50, 750 }),
			"without pay":      with(tasks.Approved, func(v *tasks.ReviewNotice) { v.Percent = 0 }),
			"rejected": with(tasks.Rejected, func(v *tasks.ReviewNotice) {
				v.Reason, v.Left, v.Due = "Too *short*. @everyone", 2, clock.Add(48*time.Hour)
			}),
			"rejected, one try left": with(tasks.Rejected, func(v *tasks.ReviewNotice) { v.Left = 1 }),
			"failed":                 with(tasks.Failed, func(v *tasks.ReviewNotice) { v.Reason = "Too short again." }),
		} {
			all[about] = worded(t, n, taskNotice(t, outbox.Direct, outbox.NoticeReviewed, v))
		}
		golden(t, "notice_reviewed."+tag, all)
	}
}

func TestNoticesOfTasksStayWithinDiscordsLimits(t *testing.T) {
	for _, sign := range []string{"😀", "*", "\n", "\u202e", "#"} {
		c := announced()
		c.Currency = economy.Currency{Symbol: strings.Repeat("*", 64), Name: strings.Repeat("_", 32)}
		c.Task.Title, c.Task.Description = strings.Repeat(sign, 80), strings.Repeat(sign, 1000)
		s := handedIn()
		s.Title, s.Work.Text, s.Reason, s.State = c.Task.Title, strings.Repeat(sign, 2000), strings.Repeat(sign, 200), tasks.Refused
		for _, state := range []tasks.State{tasks.Open, tasks.Closed} {
			c.Task.State = state
			worded(t, NewNotices(), taskNotice(t, outbox.Card, outbox.NoticeTask, c))
		}
		m := worded(t, NewNotices(), taskNotice(t, outbox.Card, outbox.NoticeSubmission, tasks.ReviewCard{Submission: s, Currency: c.Currency}))
		if sign == "😀" || sign == "*" {
			if raw, _ := encode(m); strings.Contains(string(raw), "…") {
				t.Errorf("something is cut: %s", raw)
			}
		}
		worded(t, NewNotices(), taskNotice(t, outbox.Direct, outbox.NoticeReviewed, tasks.ReviewNotice{Title: c.Task.Title, State: tasks.Rejected, Reason: s.Reason, Currency: c.Currency}))
	}
}

func refundNotice(t *testing.T, kind outbox.Kind, r outbox.Refunded) outbox.Lease {
	t.Helper()
	args, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Lease{Kind: kind, Guild: "1180000000000000100", User: r.Member,
		Notice: outbox.Notice{Name: outbox.NoticeRefunded, Args: args}}
}

func worded(t *testing.T, n outbox.Words, l outbox.Lease) object {
	t.Helper()
	m, err := n.Notice(l)
	body := m.Body
	if err != nil {
		t.Fatal(err)
	}
	var message object
	if err := json.Unmarshal(body, &message); err != nil {
		t.Fatal(err)
	}
	checkLimits(t, object{"type": 4.0, "data": map[string]any(message)})
	return message
}

func TestNoticesOfARefund(t *testing.T) {
	for tag, l := range map[string]*locale{"en-US": texts().english, "de": texts().german} {
		n := &Notices{l}
		golden(t, "notice_refunded."+tag, map[string]any{
			"buyer":  worded(t, n, refundNotice(t, outbox.Direct, refunded())),
			"admins": worded(t, n, refundNotice(t, outbox.Channel, refunded())),
		})
	}
}

func TestNoticesStayWithinDiscordsLimits(t *testing.T) {
	long := refunded()
	long.Item, long.Reason = strings.Repeat("*🪢", 2000), strings.Repeat("_é", 3000)
	long.Currency = economy.Currency{Symbol: strings.Repeat("🪙", 500), Name: strings.Repeat("*", 3000)}
	silent := refunded()
	silent.Reason, silent.Item = " ", ""
	for _, r := range []outbox.Refunded{long, silent, {}} {
		for _, kind := range []outbox.Kind{outbox.Direct, outbox.Channel} {
			worded(t, NewNotices(), refundNotice(t, kind, r))
		}
	}
}

func TestNoticesOfAWelcome(t *testing.T) {
	coins := economy.Currency{Symbol: "🪙", Name: "coins"}
	for tag, l := range map[string]*locale{"en-US": texts().english, "de": texts().german} {
		n, all := &Notices{l}, map[string]any{}
		for about, w := range map[string]outbox.Welcome{
			"one":                       {Members: []economy.UserID{ada}, Balance: 100, Currency: coins},
			"one without coins":         {Members: []economy.UserID{ada}, Currency: coins},
			"two":                       {Members: []economy.UserID{ada, bob}, Balance: 1, Currency: coins},
			"three and one":             {Members: []economy.UserID{ada, bob, "7"}, Others: 1, Balance: 1500, Currency: coins},
			"a crowd":                   {Members: []economy.UserID{ada, bob, "7"}, Others: 9997, Currency: coins},
			"one of them is erased":     {Members: []economy.UserID{"", bob}, Balance: 100, Currency: coins},
			"the only one is erased":    {Members: []economy.UserID{""}, Balance: 100, Currency: coins},
			"a currency calls everyone": {Members: []economy.UserID{ada}, Balance: 100, Currency: economy.Currency{Symbol: "@here", Name: "@everyone"}},
		} {
			m := worded(t, n, taskNotice(t, outbox.Channel, outbox.NoticeWelcome, w))
			all[about] = m
			notified := object{"parse": []any{}}
			var users []any
			for _, u := range w.Members {
				if u != "" {
					users = append(users, string(u))
				}
			}
			if users != nil {
				notified["users"] = users
			}
			if got := m["allowed_mentions"]; !reflect.DeepEqual(got, map[string]any(notified)) {
				t.Errorf("%s: notifies %v, want %v", about, got, notified)
			}
		}
		golden(t, "notice_welcome."+tag, all)
	}
}

func TestWelcomesStayWithinDiscordsLimits(t *testing.T) {
	id := economy.UserID(strings.Repeat("9", 20))
	for _, sign := range []string{"😀", "*", "\u202e", "#", "@everyone "} {
		w := outbox.Welcome{Members: []economy.UserID{id, id, id, id, id}, Others: math.MaxInt, Balance: economy.MaxMovement,
			Currency: economy.Currency{Symbol: strings.Repeat(sign, 500), Name: strings.Repeat(sign, 3000)}}
		for _, l := range []*locale{texts().english, texts().german} {
			worded(t, &Notices{l}, taskNotice(t, outbox.Channel, outbox.NoticeWelcome, w))
		}
	}
}

func TestNoticesWithoutWords(t *testing.T) {
	for _, notice := range []outbox.Notice{{}, {Name: "tomorrow.came"}, {Name: outbox.NoticeRefunded}, {Name: outbox.NoticeTask}, {Name: outbox.NoticeSubmission, Args: json.RawMessage(`[]`)}, {Name: outbox.NoticeReviewed}, {Name: outbox.NoticeWelcome}, {Name: outbox.NoticeWelcome, Args: json.RawMessage(`{}`)},
		{Name: outbox.NoticeRefunded, Args: json.RawMessage(`{"total":"x"}`)}} {
		if m, err := NewNotices().Notice(outbox.Lease{Kind: outbox.Direct, Notice: notice}); err == nil {
			t.Errorf("%s %s is %s", notice.Name, notice.Args, m.Body)
		}
	}
}
