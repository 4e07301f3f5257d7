package economy

import (
	"math"
	"strconv"
	"strings"

	"coffer/internal/problem"
)

// Amount is a number of whole coins. In an entry it has a sign; everywhere
// else it is not negative.
type Amount int64

const (
	// MaxMovement is the most that one transaction moves into or out of an account.
	MaxMovement Amount = 1_000_000_000_000
	// MaxBalance is the highest limit that a guild can set for its balances.
	MaxBalance Amount = 1_000_000_000_000_000
)

// Problems with amounts.
var (
	ErrAmountFormat = problem.New(problem.Invalid, "amount_format",
		"Write a whole number of coins, such as 250, 1,000, 2k or 1.5m.")
	ErrAmountRange = problem.New(problem.Invalid, "amount_range",
		"An amount is at least 1 and at most 1,000,000,000,000 coins.")
)

// Share says how a Quantity is meant.
type Share string

// The shares.
const (
	Exact Share = "exact"
	All   Share = "all"
	Half  Share = "half" // rounded down
)

// Quantity is an amount as a person asks for it: a number, or a share of a
// balance that only the store knows.
type Quantity struct {
	Share  Share  `json:"share"`
	Amount Amount `json:"amount"` // with Exact
}

// Coins returns the Quantity of exactly n coins.
func Coins(n Amount) Quantity { return Quantity{Share: Exact, Amount: n} }

// Of resolves the quantity against a balance.
// It fails with ErrInsufficientFunds if the balance does not hold it, and with
// ErrAmountRange if it is more than one transaction moves.
func (q Quantity) Of(balance Amount) (Amount, error) {
	n := q.Amount
	switch q.Share {
	case All:
		n = balance
	case Half:
		n = balance / 2
	}
	switch {
	case n > balance, n < 1 && q.Share != Exact:
		return 0, ErrInsufficientFunds.With("balance", balance)
	case n < 1, n > MaxMovement:
		return 0, ErrAmountRange
	}
	return n, nil
}

func (q Quantity) check() error {
	switch q.Share {
	case All, Half:
		return nil
	case Exact:
		return q.Amount.check()
	}
	return ErrAmountFormat
}

func (a Amount) check() error {
	if a < 1 || a > MaxMovement {
		return ErrAmountRange
	}
	return nil
}

// ParseQuantity reads an amount, or "all" or "half" in any case.
// Errors: ErrAmountFormat, ErrAmountRange.
func ParseQuantity(text string) (Quantity, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "all":
		return Quantity{Share: All}, nil
	case "half":
		return Quantity{Share: Half}, nil
	}
	n, err := ParseAmount(text)
	if err != nil {
		return Quantity{}, err
	}
	return Coins(n), nil
}

// ParseAmount reads a whole, positive number of coins as people write it:
// digits, optionally in groups of three set off by commas, apostrophes,
// underscores or spaces ("1,000"), optionally with a suffix k, m or b and then
// with up to two decimals behind a point ("1.5k"). A point is never a
// separator of groups: "1.000" is one or a thousand, depending on where one
// grew up, and with money a guess is worse than a question.
// Errors: ErrAmountFormat, ErrAmountRange.
func ParseAmount(text string) (Amount, error) {
	n, err := parse(text)
	if err != nil {
		return 0, err
	}
	if err := n.check(); err != nil {
		return 0, err
	}
	return n, nil
}

// ParseBalance reads a balance, from 0 to MaxBalance, in the forms of ParseAmount.
// Errors: ErrAmountFormat, ErrAmountRange.
func ParseBalance(text string) (Amount, error) {
	n, err := parse(text)
	switch {
	case err != nil:
		return 0, err
	case n > MaxBalance:
		return 0, ErrAmountRange
	}
	return n, nil
}

// parse reads a number of coins that is not negative.
func parse(text string) (Amount, error) {
	s := strings.TrimSpace(text)
	scale := Amount(1)
	if s != "" {
		switch s[len(s)-1] {
		case 'k', 'K':
			scale = 1_000
		case 'm', 'M':
			scale = 1_000_000
		case 'b', 'B':
			scale = 1_000_000_000
		}
	}
	if scale > 1 {
		s = strings.TrimSpace(s[:len(s)-1])
	}
	whole, decimals, hasPoint := strings.Cut(s, ".")
	if hasPoint && (scale == 1 || len(decimals) < 1 || len(decimals) > 2) {
		return 0, ErrAmountFormat
	}
	digits, ok := ungroup(whole)
	if !ok || !isDigits(decimals) {
		return 0, ErrAmountFormat
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > int64(math.MaxInt64/scale)-1 { // digits only, so it is too large
		return 0, ErrAmountRange
	}
	coins := Amount(n) * scale
	for _, d := range []byte(decimals) {
		scale /= 10
		coins += Amount(d-'0') * scale
	}
	return coins, nil
}

// ungroup removes separators that stand between groups of three digits; one
// number uses one separator.
func ungroup(s string) (string, bool) {
	at := strings.IndexAny(s, ",'_ ")
	if at < 0 {
		return s, s != "" && isDigits(s)
	}
	groups := strings.Split(s, s[at:at+1])
	for i, g := range groups {
		if !isDigits(g) || i > 0 && len(g) != 3 || i == 0 && (len(g) < 1 || len(g) > 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
