package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"coffer/internal/economy"
)

// errStranger means that a guild or a member has not been met yet.
var errStranger = errors.New("unknown guild or member")

// member is a row of members inside an operation.
type member struct {
	id      int64
	user    economy.UserID
	name    string
	balance economy.Amount
	streak  economy.Streak
}

const selectSettings = `SELECT currency_name, currency_symbol, starting_balance, daily_amount, streak_bonus,
	streak_cap, grace, time_zone, max_balance, admin_channel, task_channel, review_channel, welcome_channel, reviewer_role, admin_role
	FROM guilds WHERE id = ?`

// settings returns a guild's settings, or errStranger.
func (t *tx) settings(id economy.GuildID) (economy.Settings, error) {
	var s economy.Settings
	err := t.row(selectSettings, []any{string(id)}, &s.CurrencyName, &s.CurrencySymbol, &s.StartingBalance,
		&s.DailyAmount, &s.StreakBonus, &s.StreakCap, &s.Grace, &s.TimeZone, &s.MaxBalance, &s.AdminChannel,
		&s.TaskChannel, &s.ReviewChannel, &s.WelcomeChannel, &s.ReviewerRole, &s.AdminRole)
	if errors.Is(err, sql.ErrNoRows) {
		err = errStranger
	}
	return s, err
}

const selectMember = `SELECT id, coalesce(user_id, ''), coalesce(name, ''), balance, streak, last_daily FROM members WHERE `

// member returns a guild's member, or errStranger.
func (t *tx) member(guild economy.GuildID, user economy.UserID) (*member, error) {
	return t.scanMember(selectMember+"guild_id = ? AND user_id = ?", string(guild), string(user))
}

func (t *tx) memberByID(id int64) (*member, error) { return t.scanMember(selectMember+"id = ?", id) }

func (t *tx) scanMember(query string, args ...any) (*member, error) {
	var m member
	err := t.row(query, args, &m.id, &m.user, &m.name, &m.balance, &m.streak.Length, &m.streak.Last)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errStranger
	}
	return &m, err
}

// meetGuild returns a guild's settings and creates it at first contact.
func (t *tx) meetGuild(id economy.GuildID, at time.Time) (economy.Settings, error) {
	s, err := t.settings(id)
	if !errors.Is(err, errStranger) {
		return s, err
	}
	s = economy.DefaultSettings()
	if _, err := t.exec(`INSERT INTO guilds (id, currency_name, currency_symbol, starting_balance, daily_amount,
		streak_bonus, streak_cap, grace, time_zone, max_balance, admin_channel, task_channel, review_channel, welcome_channel,
		reviewer_role, admin_role, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(id), s.CurrencyName, s.CurrencySymbol, int64(s.StartingBalance), int64(s.DailyAmount),
		int64(s.StreakBonus), s.StreakCap, s.Grace, s.TimeZone, int64(s.MaxBalance), string(s.AdminChannel),
		string(s.TaskChannel), string(s.ReviewChannel), string(s.WelcomeChannel), string(s.ReviewerRole), string(s.AdminRole), at.UnixMicro()); err != nil {
		return s, err
	}
	if _, err := t.exec("INSERT INTO accounts (guild_id, system) VALUES (?1, 'mint'), (?1, 'shop'), (?1, 'burn')",
		string(id)); err != nil {
		return s, err
	}
	return s, t.tell(event{guild: id, kind: "guild.created", subject: "guild", after: s, at: at})
}

// meet returns a member and creates him at first contact, with the guild's
// starting balance.
func (t *tx) meet(guild economy.GuildID, s economy.Settings, p economy.Person, at time.Time) (*member, error) {
	if p.User == "" || p.Admin != 0 {
		return nil, fmt.Errorf("a member with the Discord id %q and the account %d", p.User, p.Admin)
	}
	m, err := t.member(guild, p.User)
	if !errors.Is(err, errStranger) {
		return m, err
	}
	m = &member{user: p.User, name: economy.CleanName(p.Name)}
	if err := t.row("INSERT INTO accounts (guild_id) VALUES (?) RETURNING id", []any{string(guild)}, &m.id); err != nil {
		return nil, err
	}
	if _, err := t.exec("INSERT INTO members (id, guild_id, user_id, name, folded, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		m.id, string(guild), string(m.user), m.name, economy.Fold(m.name), at.UnixMicro()); err != nil {
		return nil, err
	}
	if _, err := t.exec("UPDATE guilds SET members = members + 1 WHERE id = ?", string(guild)); err != nil {
		return nil, err
	}
	if err := t.tell(event{guild: guild, kind: "member.created", subject: "member:" + strconv.FormatInt(m.id, 10),
		at: at}); err != nil {
		return nil, err
	}
	if s.StartingBalance == 0 {
		return m, nil
	}
	_, err = t.post(movement{guild: guild, kind: economy.KindOpening, at: at, legs: []leg{
		{system: economy.Mint, amount: -s.StartingBalance}, {member: m, amount: s.StartingBalance}}})
	return m, err
}

// act is meet for a write: it keeps the newest name.
func (t *tx) act(guild economy.GuildID, s economy.Settings, p economy.Person, at time.Time) (*member, error) {
	m, err := t.meet(guild, s, p, at)
	if err != nil {
		return nil, err
	}
	return m, t.rename(m, p)
}

// rename keeps the newest name of a member.
func (t *tx) rename(m *member, p economy.Person) error {
	name := economy.CleanName(p.Name)
	if name == "" || name == m.name {
		return nil
	}
	m.name = name
	_, err := t.exec("UPDATE members SET name = ?, folded = ? WHERE id = ?", name, economy.Fold(name), m.id)
	return err
}

// actorColumns are those of an economy.Actor: the account aa, with the member am who
// has it if it is a member's.
const actorColumns = `CASE WHEN aa.id IS NULL THEN '' WHEN aa.admin_id IS NOT NULL THEN 'account' WHEN am.user_id IS NULL THEN 'erased'
	ELSE 'member' END, coalesce(aa.id, 0), coalesce(am.user_id, ''), coalesce(aa.admin_name, am.name, '')`

// account returns who acts from the dashboard, as far as he is like a member: by the
// number of his account, which is created at his first act.
func (t *tx) account(guild economy.GuildID, p economy.Person) (*member, error) {
	name := economy.CleanName(p.Name)
	m := &member{name: name}
	err := t.row(`INSERT INTO accounts (guild_id, admin_id, admin_name) VALUES (?, ?, ?)
		ON CONFLICT (guild_id, admin_id) WHERE admin_id IS NOT NULL DO UPDATE SET
			admin_name = CASE excluded.admin_name WHEN '' THEN admin_name ELSE excluded.admin_name END
		RETURNING id`, []any{string(guild), int64(p.Admin), name}, &m.id)
	return m, err
}

// enter begins a write: it returns the guild's settings and the one who acts,
// and creates both at first contact.
func (t *tx) enter(r economy.Request, who economy.Person) (economy.Settings, *member, error) {
	s, err := t.meetGuild(r.Guild, r.At)
	if err != nil {
		return s, nil, err
	}
	if who.Admin != 0 && who.User == "" {
		m, err := t.account(r.Guild, who)
		return s, m, err
	}
	m, err := t.act(r.Guild, s, who, r.At)
	return s, m, err
}

// movement is a transaction to be posted.
type movement struct {
	guild    economy.GuildID
	kind     economy.Kind
	actor    *member // nil: the system
	note     string
	reverses economy.TransactionID
	legs     []leg
	at       time.Time
}

// leg is one entry of a movement, of a member or of a system account.
type leg struct {
	member *member
	system economy.SystemAccount
	amount economy.Amount
}

// post writes a transaction with its entries, the members' new balances (also
// into the given values) and its event.
func (t *tx) post(m movement) (economy.TransactionID, error) {
	var sum economy.Amount
	for _, l := range m.legs {
		sum += l.amount
	}
	if sum != 0 || len(m.legs) < 2 {
		return 0, fmt.Errorf("a %s of %d entries that sum to %d", m.kind, len(m.legs), sum)
	}
	var id economy.TransactionID
	if err := t.row(`INSERT INTO transactions (guild_id, kind, actor_id, note, reverses, created_at)
		VALUES (?, ?, ?, nullif(?, ''), nullif(?, 0), ?) RETURNING id`,
		[]any{string(m.guild), string(m.kind), m.actor.ref(), m.note, int64(m.reverses), m.at.UnixMicro()}, &id); err != nil {
		return 0, err
	}
	before, after := balances{}, balances{}
	for _, l := range m.legs {
		if l.member == nil {
			if _, err := t.exec(`INSERT INTO entries (account_id, transaction_id, amount) VALUES
				((SELECT id FROM accounts WHERE guild_id = ? AND system = ?), ?, ?)`,
				string(m.guild), string(l.system), int64(id), int64(l.amount)); err != nil {
				return 0, err
			}
			continue
		}
		before[l.member.id] = l.member.balance
		l.member.balance += l.amount
		after[l.member.id] = l.member.balance
		if _, err := t.exec("INSERT INTO entries (account_id, transaction_id, amount, balance) VALUES (?, ?, ?, ?)",
			l.member.id, int64(id), int64(l.amount), int64(l.member.balance)); err != nil {
			return 0, err
		}
		if _, err := t.exec("UPDATE members SET balance = ? WHERE id = ?", int64(l.member.balance), l.member.id); err != nil {
			return 0, err
		}
	}
	return id, t.tell(event{guild: m.guild, actor: m.actor, kind: string(m.kind), transaction: id,
		subject: "transaction:" + strconv.FormatInt(int64(id), 10), before: before, after: after, at: m.at})
}

// ref returns the member's id, or nil for the system.
func (m *member) ref() any {
	if m == nil {
		return nil
	}
	return m.id
}

// balances is the part of an event that tells what a transaction did to members.
type balances map[int64]economy.Amount

// MarshalJSON writes {"balances": {...}}.
func (b balances) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]map[int64]economy.Amount{"balances": b})
}
