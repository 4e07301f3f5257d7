package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
)

// AccountTrail is a fresh, empty store and what its adapter shows of the table beneath.
type AccountTrail struct {
	AdminStore
	Rows   func() string // all rows of the trail, as text
	Refuse func()        // lets the table take no more rows
}

// RunAccountTrail runs the stories of what the trail tells of accounts and tokens.
func RunAccountTrail(t *testing.T, open func(t *testing.T) AccountTrail) {
	for _, story := range []struct {
		name string
		tell func(*ledger)
	}{
		{"whatever is done is told once", deedsAreTold},
		{"what is refused, repeated or changes nothing is not told", nothingIsTold},
		{"nothing is done that is not told", deedsNeedTheTrail},
		{"what Discord says is told where it is new", derivedDeeds},
		{"changes at once are told in their order", deedsAtOnce},
		{"the trail comes in pages, by account and by who did it", trailPages},
	} {
		t.Run(story.name, func(t *testing.T) {
			a := open(t)
			story.tell(&ledger{gate{t: t, store: a, now: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)}, a})
		})
	}
}

// ledger is one story of what is told of accounts.
type ledger struct {
	gate
	trail AccountTrail
}

// entries are what the trail tells to a query, in the order in which it was done.
func (l *ledger) entries(q admins.TrailQuery) []admins.TrailEntry {
	l.t.Helper()
	q.Limit = 100
	list, err := l.trail.AccountTrail(l.ctx(), q)
	l.done(err)
	slices.Reverse(list)
	return list
}

// told are the deeds after the first known ones, each as "deed account by: before > after".
func (l *ledger) told(known int) []string {
	l.t.Helper()
	side := func(s *admins.Standing) string {
		if s == nil {
			return "-"
		}
		text := fmt.Sprint(s.Role, s.Guilds)
		if s.Disabled {
			text += " disabled"
		}
		if !s.ExpiresAt.IsZero() {
			text += " until " + s.ExpiresAt.Format(time.RFC3339Nano)
		}
		return text
	}
	var out []string
	for _, e := range l.entries(admins.TrailQuery{})[known:] {
		out = append(out, fmt.Sprintf("%s %s %s by %s %s: %s > %s at %s", e.Deed, e.Account.Kind, e.Account.Name, e.By.Kind, e.By.Name,
			side(e.Before), side(e.After), e.At.Format("15:04:05.999999")))
	}
	return out
}

func (l *ledger) change(c admins.Change) admins.Account {
	l.t.Helper()
	c.At = l.now
	a, err := l.store.ChangeAccount(l.ctx(), c)
	l.done(err)
	return a
}

// by is an account that somebody makes, under a key.
func (l *ledger) by(owner admins.ID, c admins.Creation) admins.Account {
	l.t.Helper()
	c.By, c.Key = owner, fmt.Sprint(owner, c.Kind, c.Name)
	a, _, err := l.store.CreateAccount(l.ctx(), c)
	l.done(err)
	return a
}

func (l *ledger) program(expires time.Time) admins.Creation {
	l.t.Helper()
	c, err := admins.NewToken("nightly export", "hash of the token", admins.Reviewer, []string{"2", "1"}, expires, l.now)
	l.done(err)
	return c
}

func (l *ledger) visitor(session string, guilds ...string) error {
	_, err := l.store.OpenDiscordSession(l.ctx(), admins.DiscordOpening{Session: session, Secret: "hash of a secret",
		Identity: admins.Identity{DiscordID: "70000000000000001", Name: "Vera", Guilds: guilds}, Sealed: "sealed grant", At: l.now})
	return err
}

func deedsAreTold(l *ledger) {
	made, err := l.store.CreateFirstOwner(l.ctx(), l.creation("root", admins.Owner))
	l.done(err)
	l.is("made", made, true)
	owners, err := l.store.Accounts(l.ctx(), false, 0, 10)
	l.done(err)
	root := owners[0].ID
	l.account("terminal", admins.Owner) // coffer admin create
	l.now = l.now.Add(time.Second + time.Nanosecond)
	ada := l.by(root, l.creation("ada", admins.Viewer, "2", "1"))
	l.now = l.now.Add(time.Second)
	role, guilds, yes, hash := admins.Owner, []string{}, true, "another hash"
	l.change(admins.Change{Account: ada.ID, Role: &role, Guilds: &guilds, By: root})
	l.change(admins.Change{Account: ada.ID, Disabled: &yes, PasswordHash: &hash, By: root})
	no := false
	l.change(admins.Change{Account: ada.ID, Disabled: &no, By: root})
	l.done(l.store.ChangePassword(l.ctx(), ada.ID, hash, "a third hash", "", l.now))
	token := l.by(ada.ID, l.program(l.now.Add(time.Hour+time.Nanosecond)))
	l.now = l.now.Add(time.Second)
	l.done(l.store.RevokeToken(l.ctx(), token.ID, ada.ID, l.now))
	l.is("told", strings.Join(l.told(0), "\n"), strings.Join([]string{
		"account.created password root by  : - > owner[] at 12:00:00",
		"account.created password terminal by  : - > owner[] at 12:00:00",
		"account.created password ada by password root: - > viewer[1 2] at 12:00:01",
		"account.changed password ada by password root: viewer[1 2] > owner[] at 12:00:02",
		"account.changed password ada by password root: owner[] > owner[] disabled at 12:00:02",
		"password.reset password ada by password root: - > - at 12:00:02",
		"account.changed password ada by password root: owner[] disabled > owner[] at 12:00:02",
		"password.changed password ada by password ada: - > - at 12:00:02",
		"token.created token nightly export by password ada: - > reviewer[1 2] until 2026-11-27T13:00:02Z at 12:00:02",
		"token.revoked token nightly export by password ada: reviewer[1 2] until 2026-11-27T13:00:02Z > - at 12:00:03",
	}, "\n"))
	rows := l.trail.Rows()
	if !strings.Contains(rows, "reviewer") {
		l.t.Fatalf("the rows show nothing: %s", rows)
	}
	for _, secret := range []string{"hash", "root", "ada", "nightly"} {
		if strings.Contains(rows, secret) {
			l.t.Errorf("the rows have %q:\n%s", secret, rows)
		}
	}
}

func nothingIsTold(l *ledger) {
	root := l.account("root", admins.Owner)
	ada := l.by(root.ID, l.creation("ada", admins.Viewer, "1"))
	token := l.by(root.ID, l.program(time.Time{}))
	hash := "another hash"
	l.change(admins.Change{Account: ada.ID, PasswordHash: &hash, By: root.ID})
	known := len(l.told(0))

	l.by(root.ID, l.creation("ada", admins.Viewer, "1"))
	l.by(root.ID, l.program(time.Time{}))
	again, err := l.store.CreateFirstOwner(l.ctx(), l.creation("second", admins.Owner))
	l.done(err)
	l.is("a second first owner", again, false)
	viewer, owner, guilds, no, yes := admins.Viewer, admins.Owner, []string{"1"}, false, true
	l.change(admins.Change{Account: ada.ID, By: root.ID})
	l.change(admins.Change{Account: ada.ID, Role: &viewer, Guilds: &guilds, Disabled: &no, PasswordHash: &hash, By: root.ID})
	for what, refused := range map[string]func() error{
		"a name that is taken": func() error { _, _, err := l.store.CreateAccount(l.ctx(), l.creation("ada", admins.Owner)); return err },
		"another account under a key": func() error {
			c := l.creation("bob", admins.Owner)
			c.Key = fmt.Sprint(root.ID, admins.ByPassword, "ada")
			_, _, err := l.store.CreateAccount(l.ctx(), c)
			return err
		},
		"the last owner": func() error {
			_, err := l.store.ChangeAccount(l.ctx(), admins.Change{Account: root.ID, Disabled: &yes, By: root.ID, At: l.now})
			return err
		},
		"nobody": func() error {
			_, err := l.store.ChangeAccount(l.ctx(), admins.Change{Account: 999, Role: &owner, By: root.ID, At: l.now})
			return err
		},
		"a token that is no account": func() error {
			_, err := l.store.ChangeAccount(l.ctx(), admins.Change{Account: token.ID, Role: &owner, By: root.ID, At: l.now})
			return err
		},
		"another password than that of now": func() error {
			return l.store.ChangePassword(l.ctx(), ada.ID, "a wrong hash", "new hash", "", l.now)
		},
		"an account that is no token": func() error { return l.store.RevokeToken(l.ctx(), ada.ID, root.ID, l.now) },
		"a token that is none":        func() error { return l.store.RevokeToken(l.ctx(), 999, root.ID, l.now) },
	} {
		if err := refused(); err == nil {
			l.t.Errorf("%s: no error", what)
		}
		l.is("told of "+what, l.told(known), []string(nil))
	}
	l.done(l.store.RevokeToken(l.ctx(), token.ID, root.ID, l.now))
	l.fails("revoked twice", l.store.RevokeToken(l.ctx(), token.ID, root.ID, l.now), admins.ErrUnknownToken)
	l.is("told of both", len(l.told(known)), 1)
}

// deedsNeedTheTrail: where the row cannot be written, the rest is undone.
func deedsNeedTheTrail(l *ledger) {
	for _, id := range []economy.GuildID{"100000000000000001", "100000000000000002"} {
		_, err := l.store.Meet(l.ctx(), id, []economy.Person{{User: "7", Name: "Ada"}}, l.now)
		l.done(err)
	}
	root := l.account("root", admins.Owner)
	ada := l.account("ada", admins.Viewer, "1")
	token := l.token("program", "hash of a token", time.Time{})
	l.done(l.visitor("s1", "100000000000000001"))
	state := func() string {
		l.t.Helper()
		text := ""
		for _, tokens := range []bool{false, true} {
			list, err := l.store.Accounts(l.ctx(), tokens, 0, 100)
			l.done(err)
			text += fmt.Sprintf("%+v\n", list)
		}
		found, err := l.store.TryLogin(l.ctx(), admins.Try{Name: "ada", NameKey: "n", Address: "a", At: l.now})
		l.done(err)
		return fmt.Sprintf("%s%+v", text, found)
	}
	before := state()
	l.trail.Refuse()
	role, yes, hash := admins.Owner, true, "another hash"
	changed := func(c admins.Change) error {
		c.Account, c.By, c.At = ada.ID, root.ID, l.now
		_, err := l.store.ChangeAccount(l.ctx(), c)
		return err
	}
	for what, err := range map[string]error{
		"an account": func() error {
			_, _, err := l.store.CreateAccount(l.ctx(), l.creation("bob", admins.Viewer))
			return err
		}(),
		"a token":      func() error { _, _, err := l.store.CreateAccount(l.ctx(), l.program(time.Time{})); return err }(),
		"a role":       changed(admins.Change{Role: &role}),
		"an end":       changed(admins.Change{Disabled: &yes}),
		"a reset":      changed(admins.Change{PasswordHash: &hash}),
		"a password":   l.store.ChangePassword(l.ctx(), ada.ID, "hash of ada", "new hash", "", l.now),
		"a revocation": l.store.RevokeToken(l.ctx(), token.ID, root.ID, l.now),
		"other guilds": l.visitor("s2", "100000000000000002"),
	} {
		if err == nil {
			l.t.Errorf("%s: is done without its row", what)
		}
	}
	l.is("accounts", state(), before)
	if l.in("s2") {
		l.t.Error("a session has begun")
	}
}

func derivedDeeds(l *ledger) {
	known := []string{"100000000000000001", "100000000000000002"}
	for _, id := range known {
		_, err := l.store.Meet(l.ctx(), economy.GuildID(id), []economy.Person{{User: "7", Name: "Ada"}}, l.now)
		l.done(err)
	}
	root := l.account("root", admins.Owner)
	first := len(l.told(0))
	l.done(l.visitor("s1", known[0]))
	l.done(l.visitor("s2", known[0], "100000000000000003")) // of which the books know as many
	l.now = l.now.Add(time.Hour)
	derive := func(guilds ...string) (admins.Account, error) {
		return l.store.DeriveSession(l.ctx(), "s1", admins.Identity{DiscordID: "70000000000000001", Name: "Vera L.", Guilds: guilds}, "sealed", l.now)
	}
	_, err := derive(known[0])
	l.done(err)
	vera, err := derive(known...)
	l.done(err)
	l.now = l.now.Add(time.Hour)
	l.done(l.visitor("s3"))
	yes := true
	l.change(admins.Change{Account: vera.ID, Disabled: &yes, By: root.ID})
	l.fails("who is disabled", l.visitor("s4", known[0]), admins.ErrSignedOut)
	_, err = derive(known[0])
	l.fails("of a session that is over", err, admins.ErrSignedOut)
	l.is("told", strings.Join(l.told(first), "\n"), strings.Join([]string{
		"account.created discord Vera by  : - > manager[100000000000000001] at 12:00:00",
		"account.derived discord Vera by  : manager[100000000000000001] > manager[100000000000000001 100000000000000002] at 13:00:00",
		"account.derived discord Vera by  : manager[100000000000000001 100000000000000002] > manager[] at 14:00:00",
		"account.changed discord Vera by password root: manager[] > manager[] disabled at 14:00:00",
	}, "\n"))
	for _, personal := range []string{"Vera", "70000000000000001", "hash", "sealed"} {
		if rows := l.trail.Rows(); strings.Contains(rows, personal) {
			l.t.Errorf("the rows have %q:\n%s", personal, rows)
		}
	}
}

// deedsAtOnce: what is told of one account is a chain that ends with what holds.
func deedsAtOnce(l *ledger) {
	known := []string{"100000000000000001", "100000000000000002"}
	for _, id := range known {
		_, err := l.store.Meet(l.ctx(), economy.GuildID(id), []economy.Person{{User: "7", Name: "Ada"}}, l.now)
		l.done(err)
	}
	root := l.account("root", admins.Owner)
	ada := l.account("ada", admins.Viewer)
	chain := func(a admins.Account) []admins.TrailEntry {
		l.t.Helper()
		list := l.entries(admins.TrailQuery{Account: a.ID})
		for i := range list[1:] {
			l.is(fmt.Sprint(a.Name, " before entry ", i+1), *list[i+1].Before, *list[i].After)
		}
		accounts, err := l.store.Accounts(l.ctx(), false, a.ID-1, 1)
		l.done(err)
		l.is(a.Name+" in the end", *list[len(list)-1].After, accounts[0].Standing())
		return list
	}
	roles := []admins.Role{admins.Viewer, admins.Reviewer, admins.Manager, admins.Owner}
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			guilds := []string{fmt.Sprint(i + 1)}
			if _, err := l.store.ChangeAccount(l.ctx(), admins.Change{Account: ada.ID, Role: &roles[i%4], Guilds: &guilds, By: root.ID, At: l.now}); err != nil {
				l.t.Error(err)
			}
		})
	}
	for i := range 4 { // a first sign-in is one
		all.Go(func() {
			if err := l.visitor(fmt.Sprint("s", i), known[0]); err != nil {
				l.t.Error(err)
			}
		})
	}
	all.Wait()
	l.is("entries of ada", len(chain(ada)), 13)
	accounts, err := l.store.Accounts(l.ctx(), false, ada.ID, 10)
	l.done(err)
	l.is("visitors", len(accounts), 1)
	vera := accounts[0]
	l.is("entries of the visitor", len(chain(vera)), 1)

	// What Discord says of somebody changes while an owner disables him and lets him in again.
	all.Go(func() {
		for i := range 16 {
			disabled := i%2 == 0
			if _, err := l.store.ChangeAccount(l.ctx(), admins.Change{Account: vera.ID, Disabled: &disabled, By: root.ID, At: l.now}); err != nil {
				l.t.Error(err)
			}
		}
	})
	for i := range 3 {
		all.Go(func() {
			for n := range 8 {
				if err := l.visitor(fmt.Sprint("again ", i, n), known[(i+n)%2]); err != nil && !errors.Is(err, admins.ErrSignedOut) {
					l.t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if list := chain(vera); len(list) < 17 {
		l.t.Errorf("%d entries of the visitor", len(list))
	}
}

func trailPages(l *ledger) {
	root := l.account("root", admins.Owner)
	eve := l.by(root.ID, l.creation("eve", admins.Owner))
	for i := range 3 {
		l.by(root.ID, l.creation(fmt.Sprintf("ada%d", i), admins.Viewer))
		l.by(eve.ID, l.creation(fmt.Sprintf("bob%d", i), admins.Viewer))
	}
	hash := "another"
	l.change(admins.Change{Account: eve.ID, PasswordHash: &hash, By: root.ID})
	l.done(l.store.ChangePassword(l.ctx(), eve.ID, hash, "a third", "", l.now))
	for what, tt := range map[string]struct {
		ask  admins.TrailQuery
		want string
	}{
		"all":            {admins.TrailQuery{}, "root eve ada0 bob0 ada1 bob1 ada2 bob2 eve eve"},
		"by root":        {admins.TrailQuery{By: root.ID}, "eve ada0 ada1 ada2 eve"},
		"by eve":         {admins.TrailQuery{By: eve.ID}, "bob0 bob1 bob2 eve"},
		"of eve":         {admins.TrailQuery{Account: eve.ID}, "eve eve eve"},
		"of eve by root": {admins.TrailQuery{Account: eve.ID, By: root.ID}, "eve eve"},
		"of root by eve": {admins.TrailQuery{Account: root.ID, By: eve.ID}, ""},
		"of nobody":      {admins.TrailQuery{Account: 999}, ""},
	} {
		for _, size := range []int{1, 2, 3, 100} {
			q, names := tt.ask, []string(nil)
			q.Limit = size
			for {
				list, err := l.trail.AccountTrail(l.ctx(), q)
				l.done(err)
				if len(list) > size {
					l.t.Fatalf("%s: a page of %d has %d entries", what, size, len(list))
				}
				if len(list) == 0 {
					break
				}
				for _, e := range list {
					names = append(names, e.Account.Name)
				}
				q.Before = list[len(list)-1].ID
			}
			slices.Reverse(names)
			l.is(fmt.Sprint(what, ", in pages of ", size), strings.Join(names, " "), tt.want)
		}
	}
}
