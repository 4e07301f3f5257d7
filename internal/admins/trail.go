package admins

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Deed is what was done to an account or a token.
type Deed string

// The deeds.
const (
	AccountCreated  Deed = "account.created"  // by an owner, by the operator, or by Discord at the first sign-in
	AccountChanged  Deed = "account.changed"  // its role, guilds, or whether it is disabled, by an owner
	AccountDerived  Deed = "account.derived"  // Discord says other guilds than before
	PasswordReset   Deed = "password.reset"   // by an owner
	PasswordChanged Deed = "password.changed" // by its holder
	TokenCreated    Deed = "token.created"
	TokenRevoked    Deed = "token.revoked"
)

// Standing is what an account may do. It has no names and no secrets.
type Standing struct {
	Role      Role      `json:"role"`
	Guilds    []string  `json:"guilds"`
	Disabled  bool      `json:"disabled"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero: never
}

// Standing returns what the account may do.
func (a Account) Standing() Standing { return Standing{a.Role, a.Guilds, a.Disabled, a.ExpiresAt} }

// Equal reports whether both may do the same.
func (s Standing) Equal(o Standing) bool {
	return s.Role == o.Role && slices.Equal(s.Guilds, o.Guilds) && s.Disabled == o.Disabled && s.ExpiresAt.Equal(o.ExpiresAt)
}

// ReadStanding returns what a store has kept as JSON, nil for null or nothing.
func ReadStanding(document []byte) (*Standing, error) {
	if len(document) == 0 {
		return nil, nil
	}
	var s *Standing
	if err := json.Unmarshal(document, &s); err != nil {
		return nil, fmt.Errorf("read what an account might do: %w", err)
	}
	if s != nil {
		s.ExpiresAt = s.ExpiresAt.UTC()
	}
	return s, nil
}

// Party is an account as the trail shows it: by the name that it has now.
type Party struct {
	ID   ID
	Kind Kind
	Name string
}

// TrailEntry is one thing that was done to an account or a token.
type TrailEntry struct {
	ID      int64
	Account Party
	Deed    Deed
	// By is zero where no account did it: the operator made the account or Discord
	// derived it; else a server that is older than the trail did not say who.
	By     Party
	Before *Standing // nil where it begins, or is of a password
	After  *Standing // nil where it ends, or is of a password
	At     time.Time
}

// TrailQuery asks for a page of the trail.
type TrailQuery struct {
	Account ID    // 0: of all
	By      ID    // 0: by all, nobody among them
	Before  int64 // entries with lower ids only; 0: from the newest
	Limit   int
}
