package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// adjustmentStore is what the adjustments' handlers need.
type adjustmentStore interface {
	AdjustMany(context.Context, economy.BulkAdjustment) (economy.BulkReceipt, error)
}

type adjustments struct {
	store   adjustmentStore
	now     func() time.Time
	imports *imports
}

// errNotApplied says that one refusal, or more, has kept all from happening. It has
// what bulkJSON has.
var errNotApplied = problem.New(problem.Refused, "not_applied",
	"Nothing was changed, because of what errors says. Mend it, or leave those out, and send it again.")

// adjust changes one member's balance.
func (h adjustments) adjust(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "member")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Kind   economy.Kind   `json:"kind"`
		Amount economy.Amount `json:"amount"`
		Reason string         `json:"reason,omitzero"`
	}](w, r)
	if err != nil {
		return err
	}
	c, err := h.list(r, []economy.MemberID{economy.MemberID(id)}, body.Kind, body.Amount, body.Reason, false)
	if err != nil {
		return err
	}
	done, err := h.store.AdjustMany(r.Context(), c)
	if err != nil {
		return err
	}
	if len(done.Refused) > 0 {
		return inField("amount", done.Refused[0].Problem())
	}
	change := done.Changes[0]
	write(w, http.StatusOK, struct {
		Transaction *string        `json:"transaction"`
		Before      economy.Amount `json:"before"`
		After       economy.Amount `json:"after"`
	}{idOrNull(change.Transaction), change.Before, change.After})
	return nil
}

// list is what is to be done to members, of whom all get the same.
func (h adjustments) list(r *http.Request, ids []economy.MemberID, kind economy.Kind, n economy.Amount, reason string, dry bool) (economy.BulkAdjustment, error) {
	var none economy.BulkAdjustment
	if kind != economy.KindGive && kind != economy.KindTake && kind != economy.KindSet {
		return none, errFields.At(problem.Field{Field: "kind", Code: "choice", Detail: "This must be one of: give, take, set."})
	}
	request, err := requestOf(r, h.now())
	if err != nil {
		return none, err
	}
	c, err := economy.NewBulkAdjustment(request, callerOf(r).Person(), ids, kind, n, reason, dry)
	switch p := problem.Of(err); {
	case err == nil:
		return c, nil
	case p.Is(economy.ErrNote):
		return none, inField("reason", err)
	case p.Is(economy.ErrAmountRange):
		return none, inField("amount", err)
	case p.Is(economy.ErrDuplicate):
		return none, inField("members/"+strconv.Itoa(p.Args["index"].(int)), err) //nolint:forcetypeassert // it is one
	default:
		return none, inField("members", err)
	}
}

// adjustMany changes the balances of many members, all or none.
func (h adjustments) adjustMany(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[struct {
		Members []string       `json:"members"`
		Kind    economy.Kind   `json:"kind"`
		Amount  economy.Amount `json:"amount"`
		Reason  string         `json:"reason,omitzero"`
		DryRun  bool           `json:"dry_run,omitzero"`
	}](w, r)
	if err != nil {
		return err
	}
	var wrong []problem.Field
	var ids []economy.MemberID
	for i, text := range body.Members {
		id, ok := parseID(text)
		if !ok && len(wrong) < mostFields {
			wrong = append(wrong, problem.Field{Field: "members/" + strconv.Itoa(i), Code: "format", Detail: "This must be a member's id, a number."})
		}
		ids = append(ids, economy.MemberID(id))
	}
	if len(wrong) > 0 {
		return errFields.At(wrong...)
	}
	c, err := h.list(r, ids, body.Kind, body.Amount, body.Reason, body.DryRun)
	if err != nil {
		return err
	}
	done, err := h.store.AdjustMany(r.Context(), c)
	if err != nil {
		return err
	}
	out := showList(done, body.DryRun)
	for _, x := range done.Refused {
		p := x.Problem()
		out.Errors = append(out.Errors, rowErrorJSON{Index: x.Row, Member: new(showID(x.Member)), Code: p.Code, Detail: p.Detail})
	}
	return out.send(w)
}

// bulkJSON is what a list of adjustments came to, or would.
type bulkJSON struct {
	DryRun  bool           `json:"dry_run"`
	Applied bool           `json:"applied"`
	Count   int            `json:"count"`
	Created int            `json:"created"`
	Minted  economy.Amount `json:"minted"`
	Burned  economy.Amount `json:"burned"`
	Changes []changeJSON   `json:"changes"`
	Errors  []rowErrorJSON `json:"errors"`
}

type changeJSON struct {
	Index       int            `json:"index"`
	Member      *string        `json:"member"` // null: would be created
	Before      economy.Amount `json:"before"`
	After       economy.Amount `json:"after"`
	Transaction *string        `json:"transaction"`
}

// rowErrorJSON is why a row is refused.
type rowErrorJSON struct {
	Index  int     `json:"index"`  // of a list from 0, of a file its line
	Member *string `json:"member"` // his id, where it is known
	Code   string  `json:"code"`
	Detail string  `json:"detail"`
}

func showList(done economy.BulkReceipt, dry bool) bulkJSON {
	out := bulkJSON{DryRun: dry, Applied: done.Applied, Count: done.Count, Created: done.Created, Minted: done.Minted, Burned: done.Burned,
		Changes: []changeJSON{}, Errors: []rowErrorJSON{}}
	for _, c := range done.Changes {
		out.Changes = append(out.Changes, changeJSON{Index: c.Row, Member: idOrNull(c.Member), Before: c.Before, After: c.After, Transaction: idOrNull(c.Transaction)})
	}
	return out
}

// send answers with the list, or where it should have been applied and was not, with
// the problem that has it.
func (l bulkJSON) send(w http.ResponseWriter) error {
	if !l.DryRun && !l.Applied {
		return errNotApplied.With("dry_run", false).With("applied", false).With("count", l.Count).With("created", l.Created).
			With("minted", l.Minted).With("burned", l.Burned).With("changes", l.Changes).With("errors", l.Errors)
	}
	write(w, http.StatusOK, l)
	return nil
}
