package api

import (
	"net/http"
	"time"

	"coffer/internal/admins"
	"coffer/internal/problem"
)

// accountJSON is an account, or a token.
type accountJSON struct {
	ID        ID          `json:"id"`
	Kind      admins.Kind `json:"kind"`
	Username  string      `json:"username"`
	DiscordID *string     `json:"discord_id"`
	Role      admins.Role `json:"role"`
	Guilds    []string    `json:"guilds"`
	Disabled  bool        `json:"disabled"`
	CreatedAt time.Time   `json:"created_at"`
	LastUsed  *time.Time  `json:"last_used_at"`
	ExpiresAt *time.Time  `json:"expires_at"`
}

func accountOf(a admins.Account) accountJSON {
	out := accountJSON{ID: ID(a.ID), Kind: a.Kind, Username: a.Name, Role: a.Role, Guilds: append([]string{}, a.Guilds...),
		Disabled: a.Disabled, CreatedAt: a.CreatedAt, LastUsed: timeOrNull(a.LastUsed), ExpiresAt: timeOrNull(a.ExpiresAt)}
	if a.DiscordID != "" {
		out.DiscordID = &a.DiscordID
	}
	return out
}

// accounts are who may use the dashboard, and tokens.
type accounts struct{ *signIn }

// list shows people, or tokens.
func (a accounts) list(tokens bool) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q := queryOf(r)
		list := "accounts"
		if tokens {
			list = "tokens"
		}
		page := q.Page(list, 1)
		after := page.Int(0)
		if err := q.Err(); err != nil {
			return err
		}
		found, err := a.store.Accounts(r.Context(), tokens, admins.ID(after), page.Limit+1)
		if err != nil {
			return err
		}
		writePage(w, page, found, accountOf, func(a admins.Account) []any { return []any{int64(a.ID)} })
		return nil
	}
}

// create makes an account with a password.
func (a accounts) create(w http.ResponseWriter, r *http.Request) error {
	in, err := decode[struct {
		Username string      `json:"username"`
		Password string      `json:"password"`
		Role     admins.Role `json:"role"`
		Guilds   []string    `json:"guilds"`
	}](w, r)
	if err != nil {
		return err
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	if err := admins.CheckPassword(in.Password); err != nil {
		return inField("password", err)
	}
	c, err := admins.NewAccount(in.Username, "", in.Role, in.Guilds, a.now())
	if err != nil {
		return accountTrouble(err)
	}
	if c.PasswordHash, err = a.passwords.Hash(r.Context(), in.Password); err != nil {
		return err
	}
	c.By, c.Key = callerOf(r).ID, "account "+key
	made, hash, err := a.store.CreateAccount(r.Context(), c)
	if err != nil {
		return accountTrouble(err)
	}
	if hash != c.PasswordHash { // an earlier request with the key made it
		if same, err := a.passwords.Check(r.Context(), in.Password, hash); err != nil {
			return err
		} else if !same {
			return admins.ErrKeyReused
		}
	}
	write(w, http.StatusCreated, accountOf(made))
	return nil
}

// change changes somebody's role, guilds or password, or whether he is out.
func (a accounts) change(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "admin")
	if err != nil {
		return err
	}
	in, err := decode[struct {
		Role     *admins.Role `json:"role"`
		Guilds   *[]string    `json:"guilds"`
		Disabled *bool        `json:"disabled"`
		Password *string      `json:"password"`
	}](w, r)
	if err != nil {
		return err
	}
	c, err := admins.NewChange(admins.Change{Account: admins.ID(id), Role: in.Role, Guilds: in.Guilds, Disabled: in.Disabled,
		By: callerOf(r).ID, At: a.now()})
	if err != nil {
		return accountTrouble(err)
	}
	if in.Password != nil {
		if err := admins.CheckPassword(*in.Password); err != nil {
			return inField("password", err)
		}
		hash, err := a.passwords.Hash(r.Context(), *in.Password)
		if err != nil {
			return err
		}
		c.PasswordHash = &hash
	}
	changed, err := a.store.ChangeAccount(r.Context(), c)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, accountOf(changed))
	return nil
}

// createToken makes a token, which is shown this once. It follows from the key of the
// request, so that who got no answer gets it at the second time.
func (a accounts) createToken(w http.ResponseWriter, r *http.Request) error {
	in, err := decode[struct {
		Name      string      `json:"name"`
		Role      admins.Role `json:"role"`
		Guilds    []string    `json:"guilds"`
		ExpiresAt *time.Time  `json:"expires_at"`
	}](w, r)
	if err != nil {
		return err
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	var expires time.Time
	if in.ExpiresAt != nil {
		if expires = in.ExpiresAt.UTC(); expires.IsZero() { // which is no end
			return accountTrouble(admins.ErrExpiry)
		}
	}
	token := tokenPrefix + successor(a.keys[0].token, key)
	c, err := admins.NewToken(in.Name, admins.Hash(token), in.Role, in.Guilds, expires, a.now())
	if err != nil {
		return accountTrouble(err)
	}
	c.By, c.Key = callerOf(r).ID, "token "+key
	made, hash, err := a.store.CreateAccount(r.Context(), c)
	if err != nil {
		return accountTrouble(err)
	}
	if token, err = a.tokenOf(key, hash); err != nil {
		return err
	}
	write(w, http.StatusCreated, struct {
		accountJSON
		Token string `json:"token"`
	}{accountOf(made), token})
	return nil
}

// tokenOf returns the token with the hash that a request made: maybe one of before, with
// a secret that is not the newest any more. Errors: admins.ErrKeyReused.
func (a accounts) tokenOf(request, hash string) (string, error) {
	for _, k := range a.keys {
		if token := tokenPrefix + successor(k.token, request); admins.Hash(token) == hash {
			return token, nil
		}
	}
	return "", admins.ErrKeyReused
}

// revokeToken ends a token for ever.
func (a accounts) revokeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "token")
	if err != nil {
		return err
	}
	if err := a.store.RevokeToken(r.Context(), admins.ID(id), callerOf(r).ID, a.now()); err != nil {
		return err
	}
	return noContent(w)
}

// accountTrouble names the field that is wrong.
func accountTrouble(err error) error {
	fields := map[string]string{
		admins.ErrUserName.Code: "username", admins.ErrNameTaken.Code: "username", admins.ErrTokenName.Code: "name",
		admins.ErrRole.Code: "role", admins.ErrGuilds.Code: "guilds", admins.ErrExpiry.Code: "expires_at",
	}
	p := problem.Of(err)
	name, ok := fields[p.Code]
	if !ok {
		return err
	}
	return about(name, p)
}
