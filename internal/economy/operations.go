package economy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
)

// DailyClaim is a member's wish for today's coins.
type DailyClaim struct {
	Request Request
	Member  Person
}

// NewDailyClaim checks the claim. Errors: ErrBotMember.
func NewDailyClaim(r Request, member Person) (DailyClaim, error) {
	if member.Bot {
		return DailyClaim{}, ErrBotMember
	}
	return DailyClaim{r, member}, nil
}

// Fingerprint is the same for the same claim under another clock or name.
func (c DailyClaim) Fingerprint() string { return fingerprint("member", string(c.Member.User)) }

// Transfer is a payment from one member to another.
type Transfer struct {
	Request  Request
	From, To Person
	Quantity Quantity
	Note     string
}

// NewTransfer checks a payment.
// Errors: ErrSelfTransfer, ErrBotMember, ErrAmountFormat, ErrAmountRange, ErrNote.
func NewTransfer(r Request, from, to Person, q Quantity, note string) (Transfer, error) {
	switch {
	case from.Bot || to.Bot:
		return Transfer{}, ErrBotMember
	case from.User == to.User:
		return Transfer{}, ErrSelfTransfer
	}
	if err := q.check(); err != nil {
		return Transfer{}, err
	}
	if err := CheckNote(note); err != nil {
		return Transfer{}, err
	}
	return Transfer{r, from, to, q, note}, nil
}

// Fingerprint is the same for the same payment under another clock or names.
func (t Transfer) Fingerprint() string {
	return fingerprint("from", string(t.From.User), "to", string(t.To.User), "share", string(t.Quantity.Share),
		"amount", strconv.FormatInt(int64(t.Quantity.Amount), 10), "note", t.Note)
}

// Adjustment is an admin's change of one balance: give, take or set.
type Adjustment struct {
	Request Request
	Admin   Person
	Member  Person
	Kind    Kind   // KindGive, KindTake or KindSet
	Amount  Amount // the change, or with KindSet the balance to reach (0 or more)
	Reason  string
}

// NewAdjustment checks an adjustment.
// Errors: ErrBotMember, ErrAmountRange, ErrNote.
func NewAdjustment(r Request, admin, member Person, kind Kind, n Amount, reason string) (Adjustment, error) {
	if member.Bot {
		return Adjustment{}, ErrBotMember
	}
	switch kind {
	case KindGive, KindTake:
		if err := n.check(); err != nil {
			return Adjustment{}, err
		}
	case KindSet:
		if n < 0 || n > MaxBalance {
			return Adjustment{}, ErrAmountRange
		}
	default:
		return Adjustment{}, fmt.Errorf("adjustment of kind %q", kind)
	}
	if err := CheckNote(reason); err != nil {
		return Adjustment{}, err
	}
	return Adjustment{r, admin, member, kind, n, reason}, nil
}

// Change returns the signed change that the adjustment makes to a balance.
// Errors: ErrInsufficientFunds, ErrWalletFull, ErrAmountRange.
func (a Adjustment) Change(balance Amount, s Settings) (Amount, error) {
	change := a.Amount
	switch a.Kind {
	case KindTake:
		change = -a.Amount
	case KindSet:
		change = a.Amount - balance
	}
	switch {
	case balance+change < 0:
		return 0, ErrInsufficientFunds.With("balance", balance)
	case change > s.Room(balance):
		return 0, ErrWalletFull.With("max", s.MaxBalance).With("balance", balance)
	case change > MaxMovement || change < -MaxMovement:
		return 0, ErrAmountRange
	}
	return change, nil
}

// Fingerprint is the same for the same adjustment under another clock or names.
func (a Adjustment) Fingerprint() string {
	return fingerprint("admin", a.Admin.Identity(), "member", string(a.Member.User), "kind", string(a.Kind),
		"amount", strconv.FormatInt(int64(a.Amount), 10), "reason", a.Reason)
}

// Reversal undoes one transaction by a linked one with opposite entries.
type Reversal struct {
	Request     Request
	Admin       Person
	Transaction TransactionID
	Reason      string
}

// NewReversal checks a reversal. Errors: ErrNote.
func NewReversal(r Request, admin Person, id TransactionID, reason string) (Reversal, error) {
	if err := CheckNote(reason); err != nil {
		return Reversal{}, err
	}
	return Reversal{r, admin, id, reason}, nil
}

// Fingerprint is the same for the same reversal under another clock or names.
func (r Reversal) Fingerprint() string {
	return fingerprint("admin", r.Admin.Identity(), "transaction", strconv.FormatInt(int64(r.Transaction), 10),
		"reason", r.Reason)
}

// SettingsChange replaces a guild's settings.
type SettingsChange struct {
	Request  Request
	Admin    Person
	Settings Settings
	Version  int // that was looked at; 0: whichever there is
}

// Of returns nil where the change may follow settings of a version.
// Errors: ErrSettingsChanged.
func (c SettingsChange) Of(version int) error {
	if c.Version != 0 && c.Version != version {
		return ErrSettingsChanged.With("version", version)
	}
	return nil
}

// NewSettingsChange checks the settings. Errors: ErrSettings.
func NewSettingsChange(r Request, admin Person, s Settings) (SettingsChange, error) {
	if err := s.Validate(); err != nil {
		return SettingsChange{}, err
	}
	return SettingsChange{Request: r, Admin: admin, Settings: s}, nil
}

// Fingerprint is the same for the same settings under another clock or name.
func (c SettingsChange) Fingerprint() string {
	return fingerprint("admin", c.Admin.Identity(), "settings", fmt.Sprintf("%#v", c.Settings))
}

// Fingerprint hashes names and values, each as its JSON. It is the same for the
// same values, and no note can be read back from it.
func Fingerprint(fields ...any) string {
	texts := make([]string, len(fields))
	for i, f := range fields {
		b, err := json.Marshal(f)
		if err != nil {
			panic(fmt.Sprintf("economy: a fingerprint of what is no JSON: %v", err))
		}
		texts[i] = string(b)
	}
	return fingerprint(texts...)
}

// fingerprint hashes names and values so that no two lists share a hash and no
// note can be read back from a stored request.
func fingerprint(fields ...string) string {
	h := sha256.New()
	for _, f := range fields {
		_, _ = fmt.Fprintf(h, "%d:%s,", len(f), f)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
