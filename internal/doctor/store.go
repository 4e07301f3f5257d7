package doctor

import (
	"context"
	"errors"
	"io"
	"time"

	"coffer/internal/economy"
)

// Store is what the checks ask of the store. None of it changes anything.
type Store interface {
	// Audit is economy.Store's.
	Audit(ctx context.Context) (economy.Audit, error)
	// Condition tells what the store knows of its own state, all guilds together.
	Condition(ctx context.Context) (Condition, error)
	io.Closer
}

// What kept a store from being opened, where more than its absence is known. Config.Open
// wraps them.
var (
	ErrKey    = errors.New("the store does not take the key")
	ErrSchema = errors.New("the store's tables are not those of this program")
)

// Condition is the state of a store.
type Condition struct {
	At      time.Time     // by the store's own clock
	Roles   []GrantedRole // that items grant, but for archived ones; by guild and role
	Waiting int           // deliveries that are to be made
	Failed  int           // those that were given up
	Oldest  time.Time     // when the oldest that waits was written; zero: none waits
	Due     time.Time     // the first moment at which one is, or was, to be tried
	Access  *Access       // nil: the store knows nobody but the server
}

// GrantedRole is a role that somebody can buy.
type GrantedRole struct {
	Guild economy.GuildID `json:"guild"`
	Role  economy.RoleID  `json:"role"`
}

// Access is who may do what in the store.
type Access struct {
	Role        string   `json:"role"` // as which the server is known
	Tables      []string `json:"tables"`
	Functions   int      `json:"functions"`   // that the server calls
	Open        []string `json:"open"`        // what somebody may who should not, a sentence each
	Unprotected []string `json:"unprotected"` // tables without row level security, or with a policy that loosens it
}
