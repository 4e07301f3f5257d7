package api

import (
	"bytes"
	"encoding/json"
	"iter"
	"net/http"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// trail shows what happened.
type trail struct{ store events.Trail }

// happeningJSON is one thing that happened.
type happeningJSON struct {
	ID       ID              `json:"id"`
	Position string          `json:"position"`
	Kind     string          `json:"kind"`
	Actor    actorJSON       `json:"actor"`
	Subject  string          `json:"subject"`
	Before   json.RawMessage `json:"before"`
	After    json.RawMessage `json:"after"`
	At       time.Time       `json:"at"`
}

func showHappening(e events.Entry) happeningJSON {
	return happeningJSON{
		ID: ID(e.ID), Position: e.Position.String(), Kind: e.Kind, Actor: showBy(e.By), Subject: e.Subject,
		Before: documentOrNull(e.Before), After: documentOrNull(e.After), At: e.At,
	}
}

// shown is an entry as the caller may see it.
func shown(r *http.Request, e events.Entry) events.Entry {
	if callerOf(r).knowsAnswers() {
		return e
	}
	return withoutAnswer(e)
}

// withoutAnswer returns an entry for who must not know a task's answer.
func withoutAnswer(e events.Entry) events.Entry {
	e.Before, e.After = unanswered(e.Before), unanswered(e.After)
	return e
}

// hasAnswer reports whether a document may be one of a task with an answer.
func hasAnswer(document json.RawMessage) bool { return bytes.Contains(document, []byte(`"answer"`)) }

// unanswered takes the answer out of a task's terms; other documents stay as they are.
func unanswered(document json.RawMessage) json.RawMessage {
	if !hasAnswer(document) {
		return document
	}
	var whole, terms map[string]json.RawMessage
	if json.Unmarshal(document, &whole) != nil || json.Unmarshal(whole["terms"], &terms) != nil {
		return document
	}
	delete(terms, "answer")
	whole["terms"], _ = json.Marshal(terms) // what was read can be written
	document, _ = json.Marshal(whole)
	return document
}

// showBy shows who did something; nobody is the system.
func showBy(by economy.Actor) actorJSON {
	if by.Kind == economy.ActorSystem {
		by = economy.Actor{}
	}
	return showActor(by)
}

func documentOrNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}

// longestFilter is more than any kind or subject has.
const longestFilter = 100

// list sends a page, or everything as a table.
func (t trail) list(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	ask := events.TrailQuery{
		Guild: string(guildOf(r)), Kind: q.Text("kind", longestFilter), Subject: q.Text("subject", longestFilter),
		From: q.Time("from"), Until: q.Time("until"),
	}
	if ask.Actor = events.BySystem; q.values.Get("actor") != "system" {
		ask.Actor = q.ID("actor")
	}
	p := q.Page("trail", 2)
	if ask.Limit = p.Limit; !p.First() {
		ask.Before = events.Mark{At: p.Time(0), ID: p.Int(1)}
	}
	if err := q.Err(); err != nil {
		return err
	}
	if wantsCSV(r) {
		return writeCSV(w, r, "trail", []string{"id", "at", "kind", "actor_kind", "actor_id", "actor_user_id", "actor", "subject", "before", "after"},
			t.rows(r, ask))
	}
	page, err := t.store.Trail(r.Context(), ask)
	if err != nil {
		return err
	}
	out := pageJSON[happeningJSON]{Data: []happeningJSON{}}
	for _, e := range page.Entries {
		out.Data = append(out.Data, showHappening(shown(r, e)))
	}
	if page.Next != nil {
		next := sealCursor("trail", []any{page.Next.At, page.Next.ID})
		out.NextCursor = &next
	}
	write(w, http.StatusOK, out)
	return nil
}

// rows are all that fits, page by page.
func (t trail) rows(r *http.Request, ask events.TrailQuery) iter.Seq2[[]any, error] {
	ask.Limit, ask.Before = events.MaxPage, events.Mark{}
	return func(yield func([]any, error) bool) {
		for {
			page, err := t.store.Trail(r.Context(), ask)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range page.Entries {
				e = shown(r, e)
				if !yield([]any{e.ID, e.At, e.Kind, string(e.By.Kind), showBy(e.By).ID, string(e.By.User), e.By.Name, e.Subject,
					strings.TrimSpace(string(e.Before)), strings.TrimSpace(string(e.After))}, nil) {
					return
				}
			}
			if page.Next == nil {
				return
			}
			ask.Before = *page.Next
		}
	}
}
