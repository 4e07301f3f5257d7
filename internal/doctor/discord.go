package doctor

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"coffer/internal/economy"
)

// Discord is what the checks ask of it, by the bot's token. None of it changes anything.
// Errors may tell by Answer() what Discord answered.
type Discord interface {
	// Application is the token's own.
	Application(ctx context.Context) (Application, error)
	// CommandsCurrent reports whether the registered commands are those of this program.
	CommandsCurrent(ctx context.Context) (bool, error)
	// Membership is how the bot, a user, stands in a guild.
	Membership(ctx context.Context, guild, bot string) (Membership, error)
}

// Application is an application as the developer portal has it.
type Application struct {
	ID              string
	Name            string
	Bot             string // its user id
	PublicKey       string // in hexadecimal
	InteractionsURL string // empty: none
	RedirectURIs    []string
	MembersIntent   bool
}

// Membership is a guild's roles, and which of them a member has.
type Membership struct {
	Roles []Role
	Mine  []string // by id; everybody has the one whose id is the guild's
}

// Role is a role of a guild.
type Role struct {
	ID          string
	Name        string
	Position    int
	Managed     bool // belongs to an app or to Discord, and cannot be given
	Permissions uint64
}

// Discord's permissions that matter here.
const (
	administrator = 1 << 3
	manageRoles   = 1 << 28
)

// answered is what Discord answered, 0 if nothing.
func answered(err error) (status, code int) {
	var told interface {
		Answer() (status, code int, retryAfter time.Duration, global bool)
	}
	if errors.As(err, &told) {
		status, code, _, _ = told.Answer()
	}
	return status, code
}

const portal = "in Discord's developer portal"

func (e *examiner) token(ctx context.Context) Finding {
	app, err := e.Discord.Application(ctx)
	if status, _ := answered(err); status == http.StatusUnauthorized {
		return fail("Discord refuses it", "Reset the token "+portal+", under Bot, and set DISCORD_TOKEN to the new one.")
	}
	if err != nil {
		return fail(err.Error(), "See that this machine reaches "+e.DiscordAPI+", and try again.")
	}
	e.self = app
	return pass("is that of %s", app.Name)
}

func (e *examiner) application(context.Context) Finding {
	switch {
	case e.self.ID != e.ApplicationID:
		return fail(fmt.Sprintf("DISCORD_CLIENT_ID is %s, but the token is of the application %s", e.ApplicationID, e.self.ID),
			"Copy token, application id and public key of the same application "+portal+".")
	case !strings.EqualFold(e.self.PublicKey, hex.EncodeToString(e.PublicKey)):
		return fail("DISCORD_PUBLIC_KEY is not the application's, so everything that Discord says is refused",
			"Copy the public key "+portal+", under General Information.")
	}
	return pass("id and public key are those of the token's application")
}

func (e *examiner) endpoint(context.Context) Finding {
	want := e.PublicURL + e.InteractionsPath
	advice := "Set the Interactions Endpoint URL to " + want + " " + portal + ", under General Information."
	switch {
	case e.PublicURL == "" && e.self.InteractionsURL == "":
		return fail("no interactions endpoint is set", "Set PUBLIC_URL, and "+portal+", under General Information, the Interactions Endpoint URL.")
	case e.PublicURL == "":
		return fail("PUBLIC_URL is not set, so there is nothing to compare the endpoint with", "Set PUBLIC_URL to where the server is reached.")
	case e.self.InteractionsURL == "":
		return fail("no interactions endpoint is set", advice)
	case e.self.InteractionsURL != want:
		return fail("Discord sends interactions to "+e.self.InteractionsURL, advice)
	}
	return pass("%s", want)
}

func (e *examiner) commands(ctx context.Context) Finding {
	current, err := e.Discord.CommandsCurrent(ctx)
	switch {
	case err != nil:
		return fail(err.Error(), "See that DISCORD_CLIENT_ID is the application's id, and try again.")
	case !current:
		return fail("those at Discord are not those of this program", "Run coffer register.")
	}
	return pass("are registered as this program has them")
}

func (e *examiner) intent(context.Context) Finding {
	const advice = "Switch on the Server Members Intent " + portal + ", under Bot."
	switch {
	case e.self.MembersIntent:
		return pass("Server Members is on")
	case e.Gateway:
		return fail("Server Members is off, but GATEWAY=on needs it", advice)
	}
	return warn("Server Members is off, so nobody is a member before his first command", advice)
}

// mostGuilds is how many guilds are looked at; more would take too long within
// Discord's limits.
const mostGuilds = 100

// roles sees for each guild whether the bot can give the roles that are for sale.
func (e *examiner) roles(ctx context.Context) Finding {
	sold := map[economy.GuildID][]economy.RoleID{}
	var guilds []economy.GuildID
	for _, r := range e.condition.Roles {
		if sold[r.Guild] == nil {
			guilds = append(guilds, r.Guild)
		}
		sold[r.Guild] = append(sold[r.Guild], r.Role)
	}
	if len(guilds) == 0 {
		return pass("no item grants a role")
	}
	total := len(guilds)
	guilds = guilds[:min(total, mostGuilds)]
	var mu sync.Mutex
	var wrong, absent []string
	seen := 0
	together(guilds, 4, func(guild economy.GuildID) {
		complaints, there := e.standing(ctx, string(guild), sold[guild])
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil {
			return // that says nothing of the guild
		}
		seen++
		for _, c := range complaints {
			wrong = append(wrong, fmt.Sprintf("server %s: %s", guild, c))
		}
		if !there {
			absent = append(absent, string(guild))
		}
	})
	slices.Sort(wrong)
	slices.Sort(absent)
	switch {
	case len(wrong) > 0:
		return fail(some(wrong), "In the server's settings under Roles, give the bot's role Manage Roles and drag it above the roles that items grant; give items other roles where theirs cannot be granted.")
	case len(absent) > 0:
		return warn("the bot is not in these servers, whose items grant roles: "+some(absent), "Invite it again, or archive the items.")
	case seen < total:
		return warn(fmt.Sprintf("can be granted in the %d servers that were looked at, of %d", seen, total), "See /admin deliveries in the others.")
	}
	return pass("the bot can grant all that items grant (roles: %d, servers: %d)", len(e.condition.Roles), total)
}

// standing tells why roles cannot be granted in a guild, and whether the bot is there.
func (e *examiner) standing(ctx context.Context, guild string, sold []economy.RoleID) (complaints []string, there bool) {
	m, err := e.Discord.Membership(ctx, guild, e.self.Bot)
	if status, code := answered(err); status == http.StatusNotFound || status == http.StatusForbidden && code == 50001 { // missing access
		return nil, false
	}
	if err != nil {
		return []string{err.Error()}, true
	}
	byID, top, may := map[string]Role{}, 0, uint64(0)
	for _, r := range m.Roles {
		byID[r.ID] = r
		if r.ID == guild || slices.Contains(m.Mine, r.ID) {
			top, may = max(top, r.Position), may|r.Permissions
		}
	}
	if may&(administrator|manageRoles) == 0 {
		complaints = append(complaints, "the bot lacks Manage Roles")
	}
	for _, id := range sold {
		role, ok := byID[string(id)]
		switch {
		case !ok:
			complaints = append(complaints, fmt.Sprintf("the role %s is gone", id))
		case role.Managed || role.ID == guild:
			complaints = append(complaints, fmt.Sprintf("nobody can be given the role %s", role.Name))
		case role.Position >= top:
			complaints = append(complaints, fmt.Sprintf("the role %s is not below the bot's", role.Name))
		}
	}
	return complaints, true
}

func (e *examiner) redirect(context.Context) Finding {
	home := e.DashboardURL
	if home == "" {
		home = e.PublicURL
	}
	if home == "" {
		return fail("neither DASHBOARD_URL nor PUBLIC_URL is set, so nobody can sign in with Discord", "Set PUBLIC_URL, or take DISCORD_CLIENT_SECRET away.")
	}
	want := home + e.CallbackPath
	if !slices.Contains(e.self.RedirectURIs, want) {
		return fail("the redirect is not registered, so Discord refuses to sign anybody in", "Add "+want+" to the redirects "+portal+", under OAuth2.")
	}
	return pass("the redirect %s is registered", want)
}

// discordClock reads the time in the header of an answer that needs no token.
func (e *examiner) discordClock(ctx context.Context) Finding {
	before := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.DiscordAPI+"/api/v10/gateway", nil)
	if err != nil {
		return fail(err.Error(), "Set DISCORD_API_URL to https://discord.com, or leave it away.")
	}
	req.Header.Set("User-Agent", "DiscordBot ("+e.Homepage+", "+e.Version+")")
	answer, err := e.fetch(req)
	if err != nil {
		return fail(err.Error(), "See that this machine reaches "+e.DiscordAPI+".")
	}
	at, err := http.ParseTime(answer.header.Get("Date"))
	if err != nil {
		return warn("Discord did not tell its time", "Try again.")
	}
	at = at.Add(500 * time.Millisecond) // it is cut to seconds
	return skew{at.Sub(e.Now()), time.Since(before) + 500*time.Millisecond}.finding("Discord's")
}

// signed makes a signature in the right form by a key that nobody knows.
func signed(timestamp string, body []byte) (string, error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(ed25519.Sign(key, append([]byte(timestamp), body...))), nil
}
