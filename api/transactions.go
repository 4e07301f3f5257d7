package api

import (
	"context"
	"iter"
	"net/http"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// transactionStore is what the transactions' handlers need.
type transactionStore interface {
	Transactions(context.Context, economy.TransactionsQuery) (economy.TransactionsPage, error)
	Transaction(context.Context, economy.GuildID, economy.TransactionID) (economy.LedgerRecord, error)
	Reverse(context.Context, economy.Reversal) (economy.ReversalReceipt, error)
}

type transactions struct {
	store transactionStore
	now   func() time.Time
}

type transactionJSON struct {
	ID         string       `json:"id"`
	Kind       economy.Kind `json:"kind"`
	Actor      actorJSON    `json:"actor"`
	Note       string       `json:"note"`
	At         time.Time    `json:"at"`
	Reverses   *string      `json:"reverses"`
	ReversedBy *string      `json:"reversed_by"`
	Entries    []entryJSON  `json:"entries"`
}

type entryJSON struct {
	Account holderJSON      `json:"account"`
	Amount  economy.Amount  `json:"amount"`
	Balance *economy.Amount `json:"balance"`
}

// holderJSON is whose entry it is: a member's, or one of the guild's own accounts.
type holderJSON struct {
	actorJSON
	System *economy.SystemAccount `json:"system"`
}

func showTransaction(t economy.LedgerRecord) transactionJSON {
	out := transactionJSON{ID: showID(t.ID), Kind: t.Kind, Actor: showActor(t.Actor), Note: t.Note, At: t.At.UTC(),
		Reverses: idOrNull(t.Reverses), ReversedBy: idOrNull(t.ReversedBy), Entries: []entryJSON{}}
	for _, e := range t.Entries {
		entry := entryJSON{Account: holderJSON{showActor(e.Account), orNull(e.System)}, Amount: e.Amount}
		if e.System == "" {
			entry.Balance = &e.Balance
		}
		out.Entries = append(out.Entries, entry)
	}
	return out
}

func showTransactions(list []economy.LedgerRecord) []transactionJSON {
	out := make([]transactionJSON, 0, len(list))
	for _, t := range list {
		out = append(out, showTransaction(t))
	}
	return out
}

// kinds are what transactions can be for.
var kinds = []string{"", "opening", "daily", "transfer", "give", "take", "set", "reversal", "purchase", "refund", "reward"}

func (h transactions) list(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	ask := economy.TransactionsQuery{Guild: guildOf(r), Member: economy.MemberID(q.ID("member")), Kind: economy.Kind(q.OneOf("kind", kinds...)),
		From: q.Time("from"), Until: q.Time("until")}
	list := "transactions"
	if ask.Member != 0 {
		list = "transactions of a member"
	}
	p := q.Page(list, 2)
	ask.Limit = p.Limit
	if !p.First() {
		ask.After = &economy.TransactionPlace{Transaction: economy.TransactionID(p.Int(1))}
		if ask.Member == 0 {
			ask.After.At = p.Time(0)
		}
	}
	if err := q.Err(); err != nil {
		return err
	}
	if wantsCSV(r) {
		ask.After, ask.Limit = nil, economy.MaxExport
		return writeCSV(w, r, "transactions", transactionColumns, h.rows(r.Context(), ask))
	}
	found, err := h.store.Transactions(r.Context(), ask)
	if err != nil {
		return err
	}
	out := pageJSON[transactionJSON]{Data: showTransactions(found.Transactions)}
	if next := found.Next; next != nil {
		at := time.UnixMicro(0)
		if !next.At.IsZero() {
			at = next.At
		}
		cursor := sealCursor(list, []any{at, int64(next.Transaction)})
		out.NextCursor = &cursor
	}
	write(w, http.StatusOK, out)
	return nil
}

// transactionColumns are those of an export, which has a row for each entry.
var transactionColumns = []string{"transaction", "kind", "at", "actor_kind", "actor", "note", "reverses", "reversed_by",
	"account_kind", "member", "user_id", "name", "amount", "balance"}

// rows are the entries of all transactions that are asked for.
func (h transactions) rows(ctx context.Context, ask economy.TransactionsQuery) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for {
			page, err := h.store.Transactions(ctx, ask)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, t := range page.Transactions {
				for _, e := range t.Entries {
					row := []any{int64(t.ID), string(t.Kind), t.At, string(t.Actor.Kind), t.Actor.Name, t.Note, blank(t.Reverses), blank(t.ReversedBy)}
					if e.System != "" {
						row = append(row, string(e.System), nil, nil, nil, e.Amount, nil)
					} else {
						row = append(row, string(e.Account.Kind), e.Account.ID, string(e.Account.User), e.Account.Name, e.Amount, e.Balance)
					}
					if !yield(row, nil) {
						return
					}
				}
			}
			if ask.After = page.Next; ask.After == nil {
				return
			}
		}
	}
}

// blank is a number in a cell; 0 is an empty one.
func blank[ID ~int64](id ID) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

func (h transactions) get(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "transaction")
	if err != nil {
		return err
	}
	return h.show(w, r, economy.TransactionID(id))
}

func (h transactions) show(w http.ResponseWriter, r *http.Request, id economy.TransactionID) error {
	t, err := h.store.Transaction(r.Context(), guildOf(r), id)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, showTransaction(t))
	return nil
}

// reverse undoes a transaction, and shows the one that does.
func (h transactions) reverse(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "transaction")
	if err != nil {
		return err
	}
	body, err := decodeOptional[struct {
		Reason string `json:"reason,omitzero"`
	}](w, r)
	if err != nil {
		return err
	}
	request, err := requestOf(r, h.now())
	if err != nil {
		return err
	}
	c, err := economy.NewReversal(request, callerOf(r).Person(), economy.TransactionID(id), body.Reason)
	if err != nil {
		return inField("reason", err)
	}
	done, err := h.store.Reverse(r.Context(), c)
	if p := problem.Of(err); p.Is(economy.ErrAlreadyReversed) {
		by, _ := p.Args["by"].(economy.TransactionID)
		return p.With("by", showID(by))
	}
	if err != nil {
		return err
	}
	return h.show(w, r, done.Transaction)
}
