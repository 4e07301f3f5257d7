package api

import (
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"coffer/internal/economy"
	"coffer/internal/requestlog"
)

// memberStore is what the members' handlers need.
type memberStore interface {
	Members(context.Context, economy.MembersQuery) (economy.MembersPage, error)
	Member(context.Context, economy.MemberQuery) (economy.MemberFile, error)
	Record(context.Context, economy.MemberQuery) (economy.MemberRecord, error)
	Transactions(context.Context, economy.TransactionsQuery) (economy.TransactionsPage, error)
	Erase(context.Context, economy.Erasure) (economy.ErasureReceipt, error)
}

type members struct {
	store memberStore
	now   func() time.Time
}

type memberJSON struct {
	ID        string         `json:"id"`
	User      economy.UserID `json:"user_id"`
	Name      string         `json:"name"`
	Balance   economy.Amount `json:"balance"`
	Streak    int            `json:"streak"`
	LastDaily *string        `json:"last_daily"` // a day of the guild's
	CreatedAt time.Time      `json:"created_at"`
}

func showMember(m economy.Member) memberJSON {
	out := memberJSON{ID: showID(m.ID), User: m.User, Name: m.Name, Balance: m.Balance, Streak: m.Streak, CreatedAt: m.Created.UTC()}
	if m.Claimed {
		day := dayOf(m.LastDaily)
		out.LastDaily = &day
	}
	return out
}

// dayOf writes a day as a date.
func dayOf(d economy.Day) string { return d.Start(time.UTC).Format(time.DateOnly) }

func (h members) list(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	ask := economy.MembersQuery{Guild: guildOf(r), Search: q.Text("search", longestSearch), At: h.now()}
	ask.Sort = economy.MemberSort(q.OneOf("sort", "-balance", "balance", "name", "-created", "created"))
	if cleaned, _ := ask.Clean(); cleaned.Search != "" {
		if q.values.Has("sort") && ask.Sort != economy.ByName {
			q.refuse("sort", "search", "What is looked for is listed by name.")
		}
		ask.Sort = economy.ByName
	}
	p := q.Page("members by "+string(ask.Sort), 3)
	ask.Limit = p.Limit
	if !p.First() {
		ask.After = &economy.MemberPlace{Balance: economy.Amount(p.Int(0)), Folded: p.Text(1), Member: economy.MemberID(p.Int(2))}
	}
	if err := q.Err(); err != nil {
		return err
	}
	if wantsCSV(r) {
		ask.After, ask.Limit = nil, economy.MaxExport
		return writeCSV(w, r, "members", []string{"id", "user_id", "name", "balance", "streak", "last_daily", "created_at"}, h.rows(r.Context(), ask))
	}
	found, err := h.store.Members(r.Context(), ask)
	if err != nil {
		return err
	}
	out := pageJSON[memberJSON]{Data: make([]memberJSON, 0, len(found.Members))}
	for _, m := range found.Members {
		out.Data = append(out.Data, showMember(m))
	}
	if next := found.Next; next != nil {
		cursor := sealCursor(p.list, []any{int64(next.Balance), next.Folded, int64(next.Member)})
		out.NextCursor = &cursor
	}
	write(w, http.StatusOK, out)
	return nil
}

func (h members) rows(ctx context.Context, ask economy.MembersQuery) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for {
			page, err := h.store.Members(ctx, ask)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, m := range page.Members {
				v := showMember(m)
				last := ""
				if v.LastDaily != nil {
					last = *v.LastDaily
				}
				if !yield([]any{int64(m.ID), string(m.User), m.Name, m.Balance, m.Streak, last, m.Created}, nil) {
					return
				}
			}
			if ask.After = page.Next; ask.After == nil {
				return
			}
		}
	}
}

// memberFileJSON is one member, whole.
type memberFileJSON struct {
	memberJSON
	Rank      rankJSON          `json:"rank"`
	NextDaily *time.Time        `json:"next_daily"` // null: now
	Inventory []goodsJSON       `json:"inventory"`
	Claims    []claimJSON       `json:"claims"`
	History   []transactionJSON `json:"history"`
}

type rankJSON struct {
	Position   *int `json:"position"`
	TopPercent *int `json:"top_percent"`
}

type goodsJSON struct {
	Item      string          `json:"item"`
	Name      string          `json:"name"`
	Quantity  int64           `json:"quantity"`
	Usable    bool            `json:"usable"`
	Role      *economy.RoleID `json:"role"`
	RoleUntil *time.Time      `json:"role_until"`
}

type claimJSON struct {
	ID        string         `json:"id"`
	Task      string         `json:"task"`
	Title     string         `json:"title"`
	State     string         `json:"state"`
	Reward    economy.Amount `json:"reward"`
	Tries     int            `json:"tries"`
	Due       *time.Time     `json:"due"`
	Paid      economy.Amount `json:"paid"`
	Reason    string         `json:"reason"`
	CreatedAt time.Time      `json:"created_at"`
}

func showClaims(list []economy.Work) []claimJSON {
	out := make([]claimJSON, 0, len(list))
	for _, c := range list {
		out = append(out, claimJSON{ID: showID(c.Claim), Task: showID(c.Task), Title: c.Title, State: c.State, Reward: c.Reward, Tries: c.Tries,
			Due: timeOrNull(c.Due), Paid: c.Paid, Reason: c.Reason, CreatedAt: c.Claimed.UTC()})
	}
	return out
}

// positive writes a number; 0 is null.
func positive(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// memberQuery is the member that the path names. Errors: bad_id.
func (h members) memberQuery(r *http.Request) (economy.MemberQuery, error) {
	id, err := pathID(r, "member")
	return economy.MemberQuery{Guild: guildOf(r), Member: economy.MemberID(id), At: h.now()}, err
}

func (h members) get(w http.ResponseWriter, r *http.Request) error {
	q, err := h.memberQuery(r)
	if err != nil {
		return err
	}
	file, err := h.store.Member(r.Context(), q)
	if err != nil {
		return err
	}
	out := memberFileJSON{memberJSON: showMember(file.Member), Rank: rankJSON{positive(file.Rank.Position), positive(file.Rank.TopPercent)},
		NextDaily: timeOrNull(file.NextDaily), Inventory: []goodsJSON{}, Claims: showClaims(file.Claims), History: showTransactions(file.History.Transactions)}
	for _, g := range file.Goods {
		out.Inventory = append(out.Inventory, goodsJSON{Item: showID(g.Item), Name: g.Name, Quantity: g.Quantity, Usable: g.Usable,
			Role: orNull(g.Role), RoleUntil: timeOrNull(g.RoleUntil)})
	}
	write(w, http.StatusOK, out)
	return nil
}

// data sends everything that is stored about a member, his transactions last, page by
// page as they come.
func (h members) data(w http.ResponseWriter, r *http.Request) error {
	q, err := h.memberQuery(r)
	if err != nil {
		return err
	}
	record, err := h.store.Record(r.Context(), q)
	if err != nil {
		return err
	}
	head, err := json.Marshal(showRecord(record))
	if err != nil {
		return err
	}
	ask := economy.TransactionsQuery{Guild: q.Guild, Member: q.Member, Limit: economy.MaxExport}
	page, err := h.store.Transactions(r.Context(), ask)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", `attachment; filename="member-`+showID(q.Member)+`.json"`)
	control := http.NewResponseController(w)
	_, _ = w.Write(append(head[:len(head)-1], `,"transactions":[`...))
	for first := true; ; first = false {
		list, err := json.Marshal(showTransactions(page.Transactions))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if list = list[1 : len(list)-1]; len(list) > 0 {
			if !first {
				_, _ = w.Write([]byte(","))
			}
			_, _ = w.Write(list)
		}
		if ask.After = page.Next; ask.After == nil {
			break
		}
		_ = control.SetWriteDeadline(time.Now().Add(writeTime))
		if page, err = h.store.Transactions(r.Context(), ask); err != nil {
			requestlog.Add(r.Context(), slog.String("error", "export: "+err.Error()))
			panic(http.ErrAbortHandler) // half of it must not look like all
		}
	}
	_, _ = w.Write([]byte("]}\n"))
	return nil
}

func (h members) erase(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "member")
	if err != nil {
		return err
	}
	request, err := requestOf(r, h.now())
	if err != nil {
		return err
	}
	done, err := h.store.Erase(r.Context(), economy.Erasure{Request: request, Admin: callerOf(r).Person(), Member: economy.MemberID(id)})
	if err != nil {
		return err
	}
	write(w, http.StatusOK, struct {
		Burned      economy.Amount `json:"burned"`
		Transaction *string        `json:"transaction"`
	}{done.Burned, idOrNull(done.Transaction)})
	return nil
}
