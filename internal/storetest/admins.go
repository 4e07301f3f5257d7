package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/problem"
)

// AdminStore is what the stories of accounts need of an adapter.
type AdminStore interface {
	admins.Store
	Meet(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error)
}

// RunAdmins runs the stories of the port of accounts and sessions. Open returns a
// fresh, empty store for each call.
func RunAdmins(t *testing.T, open func(t *testing.T) AdminStore) {
	for _, story := range []struct {
		name string
		tell func(*gate)
	}{
		{"the first owner is made once", firstOwner},
		{"an account is made once, under its key", accountsAreMadeOnce},
		{"an owner changes accounts", accountsChange},
		{"there is always an owner with a password", lastOwner},
		{"accounts and tokens come in pages", accountPages},
		{"a token is good until it is revoked or over", tokens},
		{"a session goes on, and ends", sessions},
		{"of many renewals at once one is first", renewals},
		{"a secret that was used up ends the session", reuse},
		{"a session ends when it is closed", closing},
		{"a new password ends the other sessions", newPassword},
		{"who is disabled is out", disabled},
		{"tries are counted by account and by address", tries},
		{"tries at once are counted each", triesAtOnce},
		{"what Discord says is what holds", discordSessions},
		{"what is over is forgotten", forgettingSessions},
	} {
		t.Run(story.name, func(t *testing.T) {
			story.tell(&gate{t: t, store: open(t), now: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)})
		})
	}
}

// gate is one story of who is let in.
type gate struct {
	t     *testing.T
	store AdminStore
	now   time.Time
}

func (g *gate) ctx() context.Context { return g.t.Context() }

// creation is an account with a password, whose hash is "hash of <name>".
func (g *gate) creation(name string, role admins.Role, guilds ...string) admins.Creation {
	g.t.Helper()
	c, err := admins.NewAccount(name, "hash of "+name, role, guilds, g.now)
	if err != nil {
		g.t.Fatal(err)
	}
	return c
}

func (g *gate) account(name string, role admins.Role, guilds ...string) admins.Account {
	g.t.Helper()
	a, _, err := g.store.CreateAccount(g.ctx(), g.creation(name, role, guilds...))
	if err != nil {
		g.t.Fatal(err)
	}
	return a
}

func (g *gate) token(name, hash string, expires time.Time) admins.Account {
	g.t.Helper()
	c, err := admins.NewToken(name, hash, admins.Viewer, []string{"1"}, expires, g.now)
	if err != nil {
		g.t.Fatal(err)
	}
	a, _, err := g.store.CreateAccount(g.ctx(), c)
	if err != nil {
		g.t.Fatal(err)
	}
	return a
}

// open begins a session of an account.
func (g *gate) open(session string, a admins.Account) admins.Account {
	g.t.Helper()
	opened, err := g.store.OpenSession(g.ctx(), admins.Opening{Session: session, Secret: "first", Account: a.ID,
		PasswordHash: "hash of " + a.Name, At: g.now})
	if err != nil {
		g.t.Fatal(err)
	}
	return opened
}

func (g *gate) renew(session, secret string, next ...string) (admins.Renewed, error) {
	return g.store.RenewSession(g.ctx(), admins.Renewal{Session: session, Secret: secret, Next: next, At: g.now})
}

// in reports whether the session lets its account in.
func (g *gate) in(session string) bool {
	g.t.Helper()
	_, err := g.store.SessionAccount(g.ctx(), session, g.now)
	if err != nil && !errors.Is(err, admins.ErrSignedOut) {
		g.t.Fatal(err)
	}
	return err == nil
}

// fails fails the test unless the error is the one that is wanted.
func (g *gate) fails(what string, err error, want *problem.Error) {
	g.t.Helper()
	if !errors.Is(err, want) {
		g.t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// is fails the test unless got and want look the same.
func (g *gate) is(what string, got, want any) {
	g.t.Helper()
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		g.t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

// done fails the test if there is an error.
func (g *gate) done(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

func firstOwner(g *gate) {
	var made int
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range 8 {
		all.Go(func() {
			created, err := g.store.CreateFirstOwner(g.ctx(), g.creation(fmt.Sprintf("owner%d", i), admins.Owner))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				g.t.Error(err)
			}
			if created {
				made++
			}
		})
	}
	all.Wait()
	list, err := g.store.Accounts(g.ctx(), false, 0, 10)
	g.done(err)
	if made != 1 || len(list) != 1 || list[0].Role != admins.Owner || list[0].Kind != admins.ByPassword {
		g.t.Errorf("%d were made, and there are %+v, want one owner", made, list)
	}
}

func accountsAreMadeOnce(g *gate) {
	c := g.creation("ada", admins.Manager, "2", "10")
	c.Key = "1:k"
	made, hash, err := g.store.CreateAccount(g.ctx(), c)
	g.done(err)
	want := admins.Account{ID: made.ID, Kind: admins.ByPassword, Name: "ada", Role: admins.Manager, Guilds: []string{"10", "2"}, CreatedAt: g.now}
	g.is("account", made, want)
	g.is("hash", hash, "hash of ada")

	c.PasswordHash, c.At = "with another salt", g.now.Add(time.Hour)
	again, hash, err := g.store.CreateAccount(g.ctx(), c)
	g.done(err)
	g.is("repeated", again, want)
	g.is("hash of the first", hash, "hash of ada")

	other := g.creation("bob", admins.Manager)
	other.Key = c.Key
	_, _, err = g.store.CreateAccount(g.ctx(), other)
	g.fails("another account under the key", err, admins.ErrKeyReused)
	_, _, err = g.store.CreateAccount(g.ctx(), g.creation("Ada", admins.Viewer))
	g.fails("the name again", err, admins.ErrNameTaken)

	program, err := admins.NewToken("program", "hash of a token", admins.Viewer, nil, time.Time{}, g.now)
	g.done(err)
	for _, token := range []string{"hash of a token", "of another, from another key"} {
		program.Key, program.TokenHash = "1:t", token
		_, hash, err = g.store.CreateAccount(g.ctx(), program)
		g.done(err)
		g.is("hash of a token", hash, "hash of a token")
	}

	program, err = admins.NewToken("for an hour", "hash of a third", admins.Viewer, nil, g.now.Add(time.Hour), g.now)
	g.done(err)
	program.Key = "1:hour"
	want, _, err = g.store.CreateAccount(g.ctx(), program)
	g.done(err)
	program.At = g.now.Add(time.Hour)
	again, _, err = g.store.CreateAccount(g.ctx(), program)
	g.done(err)
	g.is("repeated when it has ended", again, want)
	program.Key, program.TokenHash = "1:late", "hash of a fourth"
	_, _, err = g.store.CreateAccount(g.ctx(), program)
	g.fails("a token that has ended", err, admins.ErrExpiry)

	names := make([]error, 8)
	var all sync.WaitGroup
	for i := range names {
		all.Go(func() { _, _, names[i] = g.store.CreateAccount(g.ctx(), g.creation("carl", admins.Viewer)) })
	}
	all.Wait()
	made1 := 0
	for _, err := range names {
		if err == nil {
			made1++
		} else {
			g.fails("a name at once", err, admins.ErrNameTaken)
		}
	}
	g.is("made of eight at once", made1, 1)
}

func accountsChange(g *gate) {
	g.account("root", admins.Owner)
	a := g.account("ada", admins.Viewer, "1")
	role, guilds := admins.Manager, []string{"1", "2"}
	changed, err := g.store.ChangeAccount(g.ctx(), admins.Change{Account: a.ID, Role: &role, Guilds: &guilds, At: g.now})
	g.done(err)
	a.Role, a.Guilds = role, guilds
	g.is("changed", changed, a)
	none := []string{}
	changed, err = g.store.ChangeAccount(g.ctx(), admins.Change{Account: a.ID, Guilds: &none, At: g.now})
	g.done(err)
	a.Guilds = none
	g.is("without guilds", changed, a)
	same, err := g.store.ChangeAccount(g.ctx(), admins.Change{Account: a.ID, At: g.now})
	g.done(err)
	g.is("unchanged", same, a)
	_, err = g.store.ChangeAccount(g.ctx(), admins.Change{Account: 999, Role: &role, At: g.now})
	g.fails("nobody", err, admins.ErrUnknownAccount)
	token := g.token("t", "h", time.Time{})
	_, err = g.store.ChangeAccount(g.ctx(), admins.Change{Account: token.ID, Role: &role, At: g.now})
	g.fails("a token", err, admins.ErrUnknownAccount)
}

func lastOwner(g *gate) {
	ada, bob := g.account("ada", admins.Owner), g.account("bob", admins.Owner)
	g.account("carl", admins.Viewer)
	yes, viewer := true, admins.Viewer
	// Both give the other up at once: one stays.
	var all sync.WaitGroup
	errs := make([]error, 2)
	for i, a := range []admins.Account{ada, bob} {
		change := admins.Change{Account: a.ID, Role: &viewer, At: g.now}
		if i == 1 {
			change = admins.Change{Account: a.ID, Disabled: &yes, At: g.now}
		}
		all.Go(func() { _, errs[i] = g.store.ChangeAccount(g.ctx(), change) })
	}
	all.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		g.t.Fatalf("errors %v, want one", errs)
	}
	g.fails("the last owner", errors.Join(errs...), admins.ErrLastOwner)
	list, err := g.store.Accounts(g.ctx(), false, 0, 10)
	g.done(err)
	owners := 0
	for _, a := range list {
		if a.Role == admins.Owner && !a.Disabled {
			owners++
		}
	}
	g.is("owners", owners, 1)
}

func accountPages(g *gate) {
	var people, programs []string
	for i := range 5 {
		people = append(people, g.account(fmt.Sprintf("ada%d", i), admins.Viewer).Name)
		programs = append(programs, g.token(fmt.Sprintf("program %d", i), fmt.Sprintf("h%d", i), time.Time{}).Name)
	}
	for _, tokens := range []bool{false, true} {
		var names []string
		var after admins.ID
		for {
			list, err := g.store.Accounts(g.ctx(), tokens, after, 2)
			g.done(err)
			if len(list) == 0 {
				break
			}
			for _, a := range list {
				names = append(names, a.Name)
				after = a.ID
			}
		}
		want := people
		if tokens {
			want = programs
		}
		g.is("names", names, want)
	}
}

func tokens(g *gate) {
	a := g.token("nightly export", "h1", g.now.Add(time.Hour))
	g.is("made", a, admins.Account{ID: a.ID, Kind: admins.ByToken, Name: "nightly export", Role: admins.Viewer, Guilds: []string{"1"},
		CreatedAt: g.now, ExpiresAt: g.now.Add(time.Hour)})
	used, err := g.store.TokenAccount(g.ctx(), "h1", g.now)
	g.done(err)
	a.LastUsed = g.now
	g.is("used", used, a)
	used, err = g.store.TokenAccount(g.ctx(), "h1", g.now.Add(admins.UsedEvery-time.Second))
	g.done(err)
	g.is("used again soon", used, a)
	used, err = g.store.TokenAccount(g.ctx(), "h1", g.now.Add(admins.UsedEvery))
	g.done(err)
	a.LastUsed = g.now.Add(admins.UsedEvery)
	g.is("used again later", used, a)
	list, err := g.store.Accounts(g.ctx(), true, 0, 10)
	g.done(err)
	g.is("kept", list, []admins.Account{a})

	_, err = g.store.TokenAccount(g.ctx(), "h1", g.now.Add(time.Hour))
	g.fails("over", err, admins.ErrSignedOut)
	_, err = g.store.TokenAccount(g.ctx(), "h2", g.now)
	g.fails("unknown", err, admins.ErrSignedOut)
	for _, none := range []string{"", "null"} {
		_, err = g.store.TokenAccount(g.ctx(), none, g.now)
		g.fails("none", err, admins.ErrSignedOut)
	}

	g.fails("revoke an account", g.store.RevokeToken(g.ctx(), g.account("ada", admins.Owner).ID, 0, g.now), admins.ErrUnknownToken)
	g.done(g.store.RevokeToken(g.ctx(), a.ID, 0, g.now))
	_, err = g.store.TokenAccount(g.ctx(), "h1", g.now)
	g.fails("revoked", err, admins.ErrSignedOut)
	g.fails("revoke again", g.store.RevokeToken(g.ctx(), a.ID, 0, g.now), admins.ErrUnknownToken)
	list, err = g.store.Accounts(g.ctx(), true, 0, 10)
	g.done(err)
	g.is("left", len(list), 0)
}

func sessions(g *gate) {
	a := g.account("ada", admins.Owner)
	if g.in("s1") {
		g.t.Error("a session that nobody opened lets in")
	}
	g.is("opened", g.open("s1", a), a)
	_, err := g.store.OpenSession(g.ctx(), admins.Opening{Session: "s2", Secret: "first", Account: a.ID, PasswordHash: "another", At: g.now})
	g.fails("with a password that is not any more", err, admins.ErrSignedOut)
	if !g.in("s1") || g.in("s2") {
		g.t.Error("s1 must let in, and s2 not")
	}
	a.LastUsed = g.now
	secret := "first"
	for i := range 5 {
		g.now = g.now.Add(time.Hour)
		next := fmt.Sprintf("next%d", i)
		renewed, err := g.renew("s1", secret, next, "of an old key")
		g.done(err)
		g.is("renewed", renewed, admins.Renewed{Account: a, Next: 0, Fresh: true})
		secret = next
	}
	g.now = g.now.Add(admins.SessionLife)
	if _, err := g.renew("s1", secret, "late"); !errors.Is(err, admins.ErrSignedOut) || g.in("s1") {
		g.t.Errorf("a session that is over: renewed with %v, lets in: %v", err, g.in("s1"))
	}
}

func renewals(g *gate) {
	g.open("s1", g.account("ada", admins.Owner))
	const many = 50
	got := make([]admins.Renewed, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			var err error
			if got[i], err = g.renew("s1", "first", "second", "by the old key"); err != nil {
				g.t.Errorf("renewal %d: %v", i, err)
			}
		})
	}
	all.Wait()
	fresh := 0
	for _, r := range got {
		if r.Fresh {
			fresh++
		}
		if r.Next != 0 {
			g.t.Errorf("a renewal yields %d, want what the first made", r.Next)
		}
	}
	g.is("fresh ones", fresh, 1)
	if _, err := g.renew("s1", "second", "third"); err != nil {
		g.t.Errorf("the newest secret: %v", err)
	}
}

func reuse(g *gate) {
	a := g.account("ada", admins.Owner)
	// A key that was rotated in between: the second still gets what the first made.
	g.open("s0", a)
	if _, err := g.renew("s0", "first", "by the old key"); err != nil {
		g.t.Fatal(err)
	}
	renewed, err := g.renew("s0", "first", "by the new key", "by the old key")
	g.done(err)
	g.is("of a rotated key", renewed.Next, 1)

	for name, replay := range map[string]func(session string){
		"after the grace":         func(string) { g.now = g.now.Add(admins.Grace + time.Microsecond) },
		"two behind":              func(s string) { _, err := g.renew(s, "second", "third"); g.done(err) },
		"with other keys":         nil,
		"of what never was there": nil,
	} {
		session := "s " + name
		g.open(session, a)
		_, err := g.renew(session, "first", "second")
		g.done(err)
		secret, next := "first", "second"
		switch {
		case replay != nil:
			replay(session)
		case name == "with other keys":
			next = "another"
		default:
			secret = "made up"
		}
		_, err = g.renew(session, secret, next)
		g.fails(name, err, admins.ErrSignedOut)
		for _, newest := range []string{"second", "third"} {
			_, err = g.renew(session, newest, "more")
			g.fails(name+": "+newest, err, admins.ErrSignedOut)
		}
		if g.in(session) {
			g.t.Errorf("%s: the session goes on", name)
		}
	}
	if !g.in("s0") {
		g.t.Error("another session of the account has ended")
	}
	g.open("exactly", a)
	_, err = g.renew("exactly", "first", "second")
	g.done(err)
	g.now = g.now.Add(admins.Grace)
	_, err = g.renew("exactly", "first", "second")
	g.done(err)
}

func closing(g *gate) {
	a, b := g.account("ada", admins.Owner), g.account("bob", admins.Viewer)
	for _, s := range []string{"a1", "a2", "a3"} {
		g.open(s, a)
	}
	g.open("b1", b)
	g.done(g.store.CloseSession(g.ctx(), "a1", "made up", true))
	g.done(g.store.CloseSession(g.ctx(), "a1", "", true))
	g.done(g.store.CloseSession(g.ctx(), "none", "first", true))
	if !g.in("a1") || !g.in("a2") {
		g.t.Error("a session was closed without its secret")
	}
	_, err := g.renew("a1", "first", "second")
	g.done(err)
	g.done(g.store.CloseSession(g.ctx(), "a1", "first", false)) // by a tab that has not got the second
	g.is("in", []bool{g.in("a1"), g.in("a2"), g.in("a3"), g.in("b1")}, []bool{false, true, true, true})
	g.done(g.store.CloseSession(g.ctx(), "a2", "first", true))
	g.is("in", []bool{g.in("a2"), g.in("a3"), g.in("b1")}, []bool{false, false, true})
	g.done(g.store.DropSession(g.ctx(), "b1"))
	g.done(g.store.DropSession(g.ctx(), "b1"))
	g.is("in", g.in("b1"), false)
}

func newPassword(g *gate) {
	a := g.account("ada", admins.Owner)
	g.open("s1", a)
	g.open("s2", a)
	g.fails("not checked against what it is", g.store.ChangePassword(g.ctx(), a.ID, "another", "new", "s1", g.now), admins.ErrSignedOut)
	g.is("in", []bool{g.in("s1"), g.in("s2")}, []bool{true, true})
	g.done(g.store.ChangePassword(g.ctx(), a.ID, "hash of ada", "new", "s1", g.now))
	g.is("in", []bool{g.in("s1"), g.in("s2")}, []bool{true, false})
	found, err := g.store.TryLogin(g.ctx(), admins.Try{Name: "ada", NameKey: "n", Address: "a", At: g.now})
	g.done(err)
	g.is("credentials", found, admins.Credentials{Account: a.ID, PasswordHash: "new"})
	hash := "by an owner"
	_, err = g.store.ChangeAccount(g.ctx(), admins.Change{Account: a.ID, PasswordHash: &hash, At: g.now})
	g.done(err)
	g.is("in", g.in("s1"), false)
}

func disabled(g *gate) {
	g.account("root", admins.Owner)
	a := g.account("ada", admins.Manager)
	g.open("s1", a)
	yes, no := true, false
	changed, err := g.store.ChangeAccount(g.ctx(), admins.Change{Account: a.ID, Disabled: &yes, At: g.now})
	g.done(err)
	g.is("disabled", changed.Disabled, true)
	_, err = g.renew("s1", "first", "second")
	g.fails("renewal", err, admins.ErrSignedOut)
	_, err = g.store.OpenSession(g.ctx(), admins.Opening{Session: "s2", Secret: "first", Account: a.ID, PasswordHash: "hash of ada", At: g.now})
	g.fails("opening", err, admins.ErrSignedOut)
	g.fails("another password", g.store.ChangePassword(g.ctx(), a.ID, "hash of ada", "new", "", g.now), admins.ErrSignedOut)
	found, err := g.store.TryLogin(g.ctx(), admins.Try{Name: "ada", NameKey: "n", Address: "a", At: g.now})
	g.done(err)
	g.is("credentials", found, admins.Credentials{})
	if g.in("s1") || g.in("s2") {
		g.t.Error("somebody disabled is in")
	}
	_, err = g.store.ChangeAccount(g.ctx(), admins.Change{Account: a.ID, Disabled: &no, At: g.now})
	g.done(err)
	if g.in("s1") {
		g.t.Error("the session of before is back")
	}
	g.open("s3", a)
}

func tries(g *gate) {
	a := g.account("ada", admins.Owner)
	try := func(name, address string) error {
		found, err := g.store.TryLogin(g.ctx(), admins.Try{Name: name, NameKey: admins.NameKey(name), Address: admins.AddressKey(address), At: g.now})
		want := admins.Credentials{}
		if name == "ada" && err == nil {
			want = admins.Credentials{Account: a.ID, PasswordHash: "hash of ada"}
		}
		g.is("credentials of "+name, found, want)
		return err
	}
	wait := func(err error) any { return problem.Of(err).Args["retry_after"] }
	for i := range admins.TriesOfAddress {
		g.done(try("nobody", "192.0.2.1"))
		g.now = g.now.Add(time.Second)
		_ = i
	}
	err := try("ada", "192.0.2.1")
	g.fails("an address beyond its limit", err, admins.ErrTooManyLogins)
	g.is("wait", wait(err), int((admins.TriesWindow-admins.TriesOfAddress*time.Second)/time.Second))
	g.done(try("ada", "192.0.2.2")) // others are left alone
	g.now = g.now.Add(admins.TriesWindow - admins.TriesOfAddress*time.Second - time.Second)
	g.fails("a second before the end", try("ada", "192.0.2.1"), admins.ErrTooManyLogins)
	g.now = g.now.Add(time.Second)
	g.done(try("ada", "192.0.2.1"))

	// An account from everywhere: known or not, it makes no difference.
	for _, name := range []string{"bob", "ada"} {
		g.now = g.now.Add(time.Hour)
		for i := range admins.TriesOfAccount {
			g.done(try(name, fmt.Sprintf("192.0.2.%d", i%50+3)))
		}
		err = try(name, "192.0.2.200")
		g.fails(name+" beyond its limit", err, admins.ErrTooManyLogins)
		g.is("wait", wait(err), int(admins.TriesWindow/time.Second))
		g.done(try("carl", "192.0.2.200"))
	}

	// A right password is forgiven to both.
	g.now = g.now.Add(time.Hour)
	for i := range 3 * admins.TriesOfAddress {
		g.done(try("ada", "192.0.2.9"))
		_, err := g.store.OpenSession(g.ctx(), admins.Opening{Session: fmt.Sprintf("s%d", i), Secret: "x", Account: a.ID, PasswordHash: "hash of ada",
			Forgive: []string{admins.NameKey("ada"), admins.AddressKey("192.0.2.9")}, At: g.now})
		g.done(err)
	}
}

func triesAtOnce(g *gate) {
	const many = 2 * admins.TriesOfAddress
	errs := make([]error, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			_, errs[i] = g.store.TryLogin(g.ctx(), admins.Try{Name: "ada", NameKey: fmt.Sprintf("n%d", i%3), Address: "a", At: g.now})
		})
	}
	all.Wait()
	through := 0
	for _, err := range errs {
		if err == nil {
			through++
		} else {
			g.fails("a try at once", err, admins.ErrTooManyLogins)
		}
	}
	g.is("tries", through, admins.TriesOfAddress)
}

func discordSessions(g *gate) {
	known := []string{"100000000000000001", "100000000000000002"}
	for _, id := range known {
		_, err := g.store.Meet(g.ctx(), economy.GuildID(id), []economy.Person{{User: "7", Name: "Ada"}}, g.now)
		g.done(err)
	}
	for _, id := range append(slices.Clone(known), "100000000000000003", "", "x") {
		yes, err := g.store.KnowsGuild(g.ctx(), id)
		g.done(err)
		g.is("knows "+id, yes, slices.Contains(known, id))
	}
	who := admins.Identity{DiscordID: "7", Name: "Ada", Guilds: []string{known[1], "100000000000000003"}}
	open := func(session string) (admins.Account, error) {
		return g.store.OpenDiscordSession(g.ctx(), admins.DiscordOpening{Session: session, Secret: "first", Identity: who, Sealed: "sealed " + session, At: g.now})
	}
	a, err := open("s1")
	g.done(err)
	want := admins.Account{ID: a.ID, Kind: admins.ByDiscord, Name: "Ada", DiscordID: "7", Role: admins.Manager, Guilds: known[1:], CreatedAt: g.now}
	g.is("account", a, want)
	g.now = g.now.Add(time.Hour)
	who.Name, who.Guilds = "Ada L.", known
	again, err := open("s2")
	g.done(err)
	want.Name, want.Guilds = "Ada L.", known
	g.is("the same account", again, want)
	renewed, err := g.renew("s1", "first", "second")
	g.done(err)
	g.is("renewed", renewed, admins.Renewed{Account: want, Fresh: true, Sealed: "sealed s1"})

	who.Guilds = nil
	derived, err := g.store.DeriveSession(g.ctx(), "s1", who, "sealed anew", g.now)
	g.done(err)
	want.Guilds = []string{}
	g.is("derived", derived, want)
	renewed, err = g.renew("s1", "second", "third")
	g.done(err)
	g.is("sealed", renewed.Sealed, "sealed anew")
	g.done(g.store.KeepGrant(g.ctx(), "s1", "kept"))
	g.done(g.store.KeepGrant(g.ctx(), "none", "kept"))
	owner := g.account("olga", admins.Owner)
	g.open("no grant", owner)
	g.done(g.store.KeepGrant(g.ctx(), "no grant", "kept"))
	renewed, err = g.renew("no grant", "first", "second")
	g.done(err)
	g.is("of a password's session", renewed.Sealed, "")
	renewed, err = g.renew("s1", "third", "fourth")
	g.done(err)
	g.is("a grant that was kept", renewed, admins.Renewed{Account: want, Fresh: true, Sealed: "kept"})
	_, err = g.store.DeriveSession(g.ctx(), "none", who, "x", g.now)
	g.fails("derive no session", err, admins.ErrSignedOut)
	somebody := who
	somebody.DiscordID = "8"
	_, err = g.store.DeriveSession(g.ctx(), "s1", somebody, "x", g.now)
	g.fails("derive as somebody else", err, admins.ErrSignedOut)

	role, yes := admins.Owner, true
	_, err = g.store.ChangeAccount(g.ctx(), admins.Change{Account: a.ID, Role: &role, At: g.now})
	g.fails("a role", err, admins.ErrDerived)
	_, err = g.store.ChangeAccount(g.ctx(), admins.Change{Account: a.ID, Disabled: &yes, At: g.now})
	g.done(err)
	_, err = open("s3")
	g.fails("disabled", err, admins.ErrSignedOut)
	g.is("in", []bool{g.in("s1"), g.in("s2"), g.in("s3")}, []bool{false, false, false})
}

func forgettingSessions(g *gate) {
	a := g.account("ada", admins.Owner)
	g.open("old", a)
	_, err := g.store.TryLogin(g.ctx(), admins.Try{Name: "ada", NameKey: "n", Address: "a", At: g.now})
	g.done(err)
	forget := func() int {
		n, err := g.store.ForgetSessions(g.ctx(), g.now)
		g.done(err)
		return n
	}
	g.is("forgotten at once", forget(), 0)
	g.now = g.now.Add(admins.TriesWindow)
	g.open("new", a)
	g.is("tries forgotten", forget(), 2)
	g.now = g.now.Add(admins.SessionLife - admins.TriesWindow)
	g.is("sessions forgotten", forget(), 1)
	if g.in("old") || !g.in("new") {
		g.t.Error("old must be gone, and new be there")
	}
}
