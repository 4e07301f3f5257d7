package postgrest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/problem"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// details are the values that refusals carry. Each has those of its problem.
type details struct {
	Balance  *economy.Amount        `json:"balance"`
	Max      *economy.Amount        `json:"max"`
	Member   *economy.UserID        `json:"member"`
	By       *economy.TransactionID `json:"by"`
	Field    *string                `json:"field"`
	Currency *economy.Currency      `json:"currency"`
	Last     economy.Day            `json:"last"` // with a Zone: the day of the last claim, or with a Repeat the period
	Zone     string                 `json:"zone"`
	Repeat   tasks.Repeat           `json:"repeat"`
	Version  *int                   `json:"version"`
	From     *time.Time             `json:"from"`
	Until    *time.Time             `json:"until"`
	Price    *economy.Amount        `json:"price"`
	Left     *int64                 `json:"left"`
	Limit    *int64                 `json:"limit"`
	Bought   *int64                 `json:"bought"`
	Owned    *int64                 `json:"owned"`
	Role     *economy.RoleID        `json:"role"`
	Minimum  *economy.Amount        `json:"minimum"`
	Item     *shop.Item             `json:"item"`

	Deadline        *time.Time             `json:"deadline"`
	Due             *time.Time             `json:"due"`
	At              *time.Time             `json:"at"`
	Places          *int                   `json:"places"`
	Title           *string                `json:"title"`
	Proof           *tasks.Proof           `json:"proof"`
	Reviewer        *economy.Actor         `json:"reviewer"`         // told as "by"
	TaskState       *tasks.State           `json:"task_state"`       // told as "state"
	ClaimState      *tasks.ClaimState      `json:"claim_state"`      // told as "state"
	SubmissionState *tasks.SubmissionState `json:"submission_state"` // told as "state"
}

// problem turns a refusal of a function into the problem that it stands for; other
// errors pass.
func (s *Store) problem(err error) error {
	f, refused := refusal(err)
	if !refused {
		return err
	}
	known := problemOf(f.Message)
	if known == nil {
		return fmt.Errorf("the database refuses for a reason that this program does not know: %q", f.Message)
	}
	var d details
	if err := json.Unmarshal([]byte(f.Details), &d); err != nil {
		return fmt.Errorf("details of the refusal %q: %w", f.Message, err)
	}
	for name, value := range map[string]any{
		"balance": value(d.Balance), "max": value(d.Max), "member": value(d.Member),
		"by": cmp.Or(value(d.By), value(d.Reviewer)), "field": value(d.Field), "currency": value(d.Currency),
		"version": value(d.Version), "from": value(d.From), "until": value(d.Until), "price": value(d.Price),
		"left": value(d.Left), "limit": value(d.Limit), "bought": value(d.Bought), "owned": value(d.Owned),
		"role": value(d.Role), "minimum": value(d.Minimum), "item": value(d.Item),
		"deadline": value(d.Deadline), "due": value(d.Due), "at": value(d.At), "places": value(d.Places),
		"title": value(d.Title), "proof": value(d.Proof),
		"state": cmp.Or(value(d.TaskState), value(d.ClaimState), value(d.SubmissionState)),
	} {
		if value != nil {
			known = known.With(name, value)
		}
	}
	if d.Zone != "" {
		next, err := s.after(d.Last, d.Repeat, d.Zone)
		if err != nil {
			return err
		}
		known = known.With("next", next)
	}
	return known
}

func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func problemOf(code string) *problem.Error {
	for _, p := range []*problem.Error{
		economy.ErrKeyReused, economy.ErrAlreadyClaimed, economy.ErrWalletFull, economy.ErrInsufficientFunds,
		economy.ErrAmountRange, economy.ErrUnknownTransaction, economy.ErrIrreversible, economy.ErrAlreadyReversed,
		economy.ErrSettings, economy.ErrRefundInstead, economy.ErrErasedMember, economy.ErrUnknownMember, economy.ErrSettingsChanged,
		shop.ErrUnknownItem, shop.ErrNameTaken, shop.ErrItemChanged, shop.ErrNotForSale, shop.ErrPriceChanged,
		shop.ErrSoldOut, shop.ErrMemberLimit, shop.ErrRoleRequired, shop.ErrMinimumBalance, shop.ErrUnknownPurchase,
		shop.ErrAlreadyRefunded, shop.ErrGoodsUsed, shop.ErrNotOwned, shop.ErrNotUsable,
		tasks.ErrUnknownTask, tasks.ErrTitleTaken, tasks.ErrUnknownPrerequisite, tasks.ErrTaskChanged, tasks.ErrTaskState,
		tasks.ErrNotOpen, tasks.ErrDeadline, tasks.ErrNoPlace, tasks.ErrHaveClaim, tasks.ErrDone, tasks.ErrTaskRole,
		tasks.ErrPrerequisite, tasks.ErrNoClaim, tasks.ErrClaimState, tasks.ErrClaimOver, tasks.ErrProof,
		tasks.ErrNotReviewer, tasks.ErrOwnSubmission, tasks.ErrUnknownSubmission, tasks.ErrReviewed,
		admins.ErrExpiry, admins.ErrNameTaken, admins.ErrUnknownAccount, admins.ErrUnknownToken, admins.ErrLastOwner, admins.ErrDerived,
		admins.ErrSignedOut,
		events.ErrPosition,
	} {
		if p.Code == code {
			return p
		}
	}
	return nil
}

// after returns when the period after the given one begins, in UTC: zero for never.
// A claim that names no repetition is that of a day's coins.
func (s *Store) after(period economy.Day, repeat tasks.Repeat, zone string) (time.Time, error) {
	at, err := s.zones.Stored(zone)
	if err != nil {
		return time.Time{}, err
	}
	return cmp.Or(repeat, tasks.Daily).Next(period, at), nil
}
