package admins

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"coffer/internal/problem"
)

// Problems of accounts. Every operation can also fail with a problem of kind
// Unavailable (the store did not answer) or Internal.
var (
	ErrUserName = problem.New(problem.Invalid, "user_name",
		"A user name has 2 to 32 characters: letters a to z, digits, and . - _ between them.")
	ErrTokenName = problem.New(problem.Invalid, "token_name",
		"A token's name has 1 to 80 characters, all of them printable.")
	ErrPassword = problem.New(problem.Invalid, "password",
		"A password has 12 to 200 characters.")
	ErrRole = problem.New(problem.Invalid, "unknown_role",
		"A role is owner, manager, reviewer or viewer.")
	ErrGuilds = problem.New(problem.Invalid, "guilds",
		"Servers are named by their Discord ids, each once, 200 at most.")
	ErrExpiry = problem.New(problem.Invalid, "expiry",
		"The end must be in the future, within ten years.")
	ErrNameTaken = problem.New(problem.Conflict, "name_taken",
		"There is an account of that name already.")
	ErrUnknownAccount = problem.New(problem.NotFound, "unknown_account",
		"There is no such account.")
	ErrUnknownToken = problem.New(problem.NotFound, "unknown_token",
		"There is no such token, or it was revoked.")
	ErrLastOwner = problem.New(problem.Conflict, "last_owner",
		"This is the last owner with a password. Make another one first.")
	ErrDerived = problem.New(problem.Refused, "derived",
		"Role and servers of this account are what Discord says, and it has no password here; it can only be disabled.")
	ErrTooManyLogins = problem.New(problem.Refused, "too_many_logins",
		"That was too often. Wait as long as Retry-After says, and try again.")
	ErrSignedOut = problem.New(problem.Forbidden, "signed_out",
		"Sign in first, or again: this needs a valid access token.")
	ErrNotConfirmed = problem.New(problem.Forbidden, "not_confirmed",
		"Discord has not confirmed who you are. Try again.")
	ErrNoGuilds = problem.New(problem.Forbidden, "no_guilds",
		"You need Manage Server in a Discord server that Coffer is used in.")
	ErrKeyReused = problem.New(problem.Conflict, "key_reused",
		"This request was made before with other values. Start again.")
)

// maxGuilds is how many guilds an account may be for.
const maxGuilds = 200

// Creation is a new account with a password, or a new token.
type Creation struct {
	Kind         Kind // ByPassword or ByToken
	Name         string
	PasswordHash string // of an account with a password
	TokenHash    string // of a token
	Role         Role
	Guilds       []string
	ExpiresAt    time.Time // zero: never
	By           ID        // 0: by the operator
	Key          string    // makes it happen once; "" for none
	At           time.Time
}

// NewAccount checks a new account with a password.
// Errors: ErrUserName, ErrRole, ErrGuilds.
func NewAccount(name, passwordHash string, role Role, guilds []string, at time.Time) (Creation, error) {
	name, err := UserName(name)
	if err != nil {
		return Creation{}, err
	}
	if guilds, err = CheckGuilds(guilds); err != nil {
		return Creation{}, err
	}
	if !role.Valid() {
		return Creation{}, ErrRole
	}
	return Creation{Kind: ByPassword, Name: name, PasswordHash: passwordHash, Role: role, Guilds: guilds, At: at}, nil
}

// NewToken checks a new token, which is known by its hash.
// Errors: ErrTokenName, ErrRole, ErrGuilds, ErrExpiry (in more than ten years).
func NewToken(name, tokenHash string, role Role, guilds []string, expires, at time.Time) (Creation, error) {
	guilds, err := CheckGuilds(guilds)
	switch {
	case err != nil:
		return Creation{}, err
	case !utf8.ValidString(name) || strings.TrimSpace(name) != name || name == "" || utf8.RuneCountInString(name) > 80 || strings.ContainsFunc(name, unicode.IsControl):
		return Creation{}, ErrTokenName
	case !role.Valid():
		return Creation{}, ErrRole
	case expires.After(at.AddDate(10, 0, 0)):
		return Creation{}, ErrExpiry
	}
	return Creation{Kind: ByToken, Name: name, TokenHash: tokenHash, Role: role, Guilds: guilds, ExpiresAt: expires, At: at}, nil
}

// OnTime returns ErrExpiry for a token that has ended. Stores ask behind the creation's
// key, so that a repetition that comes later has the first result.
func (c Creation) OnTime() error {
	if !c.ExpiresAt.IsZero() && !c.ExpiresAt.After(c.At) {
		return ErrExpiry
	}
	return nil
}

// Fingerprint is the same for the same account under another clock, another salt
// of its password, and another token.
func (c Creation) Fingerprint() string {
	expires := ""
	if !c.ExpiresAt.IsZero() {
		expires = strconv.FormatInt(c.ExpiresAt.UnixMicro(), 10)
	}
	h := sha256.Sum256([]byte(strings.Join([]string{string(c.Kind), strconv.Quote(c.Name), string(c.Role),
		strings.Join(c.Guilds, ","), expires}, "|")))
	return hex.EncodeToString(h[:16])
}

// Change is an owner's change of an account; what is nil stays.
type Change struct {
	Account      ID
	Role         *Role
	Guilds       *[]string
	Disabled     *bool
	PasswordHash *string // ends all its sessions
	By           ID
	At           time.Time
}

// NewChange checks a change. Errors: ErrRole, ErrGuilds.
func NewChange(c Change) (Change, error) {
	if c.Role != nil && !c.Role.Valid() {
		return Change{}, ErrRole
	}
	if c.Guilds != nil {
		guilds, err := CheckGuilds(*c.Guilds)
		if err != nil {
			return Change{}, err
		}
		c.Guilds = &guilds
	}
	return c, nil
}

// UserName returns a name as it is kept, in small letters. Errors: ErrUserName.
func UserName(name string) (string, error) {
	name = strings.ToLower(name)
	const edge = "abcdefghijklmnopqrstuvwxyz0123456789"
	if len(name) < 2 || len(name) > 32 || strings.Trim(name, edge+".-_") != "" ||
		!strings.Contains(edge, name[:1]) || !strings.Contains(edge, name[len(name)-1:]) {
		return "", ErrUserName
	}
	return name, nil
}

// CheckPassword says whether a password may be chosen. Errors: ErrPassword.
func CheckPassword(password string) error {
	if n := utf8.RuneCountInString(password); !utf8.ValidString(password) || n < 12 || n > 200 {
		return ErrPassword
	}
	return nil
}

// CheckGuilds returns the guilds in their order of ids. Errors: ErrGuilds.
func CheckGuilds(guilds []string) ([]string, error) {
	list := slices.Sorted(slices.Values(guilds))
	if len(list) > maxGuilds || len(slices.Compact(slices.Clone(list))) != len(list) {
		return nil, ErrGuilds
	}
	for _, id := range list {
		if n, err := strconv.ParseUint(id, 10, 64); err != nil || n == 0 || strconv.FormatUint(n, 10) != id {
			return nil, ErrGuilds
		}
	}
	if list == nil {
		list = []string{}
	}
	return list, nil
}

// Hash returns what stands for a secret in the store. Secrets are random and long,
// so that none can be guessed from its hash.
func Hash(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// NameKey is what tries to sign in under a name are counted by.
func NameKey(name string) string { return Hash("name " + strings.ToLower(name)) }

// AddressKey is what tries from an address are counted by: of version 6 the
// network that one customer has.
func AddressKey(address string) string {
	if a, err := netip.ParseAddr(address); err == nil && a.Is6() && !a.Is4In6() {
		if network, err := a.Prefix(64); err == nil {
			address = network.String()
		}
	}
	return Hash("address " + address)
}
