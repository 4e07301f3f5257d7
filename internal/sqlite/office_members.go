package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

const memberColumns = "m.id, coalesce(m.user_id, '') AS user_id, coalesce(m.name, '') AS name, m.balance, m.streak, m.last_daily, m.created_at"

// memberRow is where the columns of a member in a list are scanned to.
type memberRow struct {
	economy.Member
	streak  economy.Streak
	created int64
}

func (r *memberRow) columns() []any {
	return []any{&r.ID, &r.User, &r.Name, &r.Balance, &r.streak.Length, &r.streak.Last, &r.created}
}

// seen returns the member as he is on a day.
func (r *memberRow) seen(today economy.Day, grace int) economy.Member {
	r.Streak, r.Claimed, r.LastDaily = r.streak.Live(today, grace), r.streak.Length > 0, r.streak.Last
	if !r.Claimed {
		r.LastDaily = 0
	}
	r.Created = time.UnixMicro(r.created).UTC()
	return r.Member
}

// listed is a member of the guild ?1 who was not erased.
const listed = " FROM members m WHERE m.guild_id = ?1 AND m.user_id IS NOT NULL AND "

// The lists of members: at most ?2 behind the place with the number ?3, and with a
// balance ?4, or a name ?4. Of equal balances there may be very many, so those behind
// the place are a range of their own.
var memberLists = map[economy.MemberSort]string{
	economy.ByNewest: "SELECT " + memberColumns + listed + "m.id < ?3 ORDER BY m.id DESC LIMIT ?2",
	economy.ByOldest: "SELECT " + memberColumns + listed + "m.id > ?3 ORDER BY m.id LIMIT ?2",
	economy.ByRichest: `SELECT * FROM (SELECT ` + memberColumns + listed + `m.balance = ?4 AND m.id > ?3 ORDER BY m.id LIMIT ?2)
		UNION ALL SELECT * FROM (SELECT ` + memberColumns + listed + `m.balance < ?4 ORDER BY m.balance DESC, m.id LIMIT ?2)
		ORDER BY 4 DESC, 1 LIMIT ?2`,
	economy.ByPoorest: `SELECT * FROM (SELECT ` + memberColumns + listed + `m.balance = ?4 AND m.id < ?3 ORDER BY m.id DESC LIMIT ?2)
		UNION ALL SELECT * FROM (SELECT ` + memberColumns + listed + `m.balance > ?4 ORDER BY m.balance, m.id DESC LIMIT ?2)
		ORDER BY 4, 1 DESC LIMIT ?2`,
	// ?5 is the last name, ?6 a Discord id that is looked for; ?7 and ?8 are the place of
	// the list itself.
	economy.ByName: `SELECT id, user_id, name, balance, streak, last_daily, created_at FROM (
		SELECT * FROM (SELECT ` + memberColumns + `, m.folded` + listed + `(m.folded, m.id) > (?4, ?3) AND m.folded <= ?5
			ORDER BY m.folded, m.id LIMIT ?2)
		UNION SELECT ` + memberColumns + `, m.folded` + listed + `m.user_id = ?6 AND (m.folded, m.id) > (?7, ?8)) ORDER BY folded, id LIMIT ?2`,
}

// Members implements economy.Office.
func (s *Store) Members(ctx context.Context, q economy.MembersQuery) (page economy.MembersPage, err error) {
	q, last := q.Clean()
	args := []any{string(q.Guild), q.Limit + 1}
	after := q.After
	switch q.Sort {
	case economy.ByNewest, economy.ByOldest:
		if after == nil {
			after = &economy.MemberPlace{}
			if q.Sort == economy.ByNewest {
				after.Member = math.MaxInt64
			}
		}
		args = append(args, int64(after.Member))
	case economy.ByName:
		if after == nil {
			after = &economy.MemberPlace{}
		}
		from := *after
		if from.Folded < q.Search {
			from = economy.MemberPlace{Folded: q.Search}
		}
		args = append(args, int64(from.Member), from.Folded, last, q.Search, after.Folded, int64(after.Member))
	default:
		if after == nil {
			after = &economy.MemberPlace{Balance: math.MaxInt64}
			if q.Sort == economy.ByPoorest {
				after.Balance = -1
			}
		}
		args = append(args, int64(after.Member), int64(after.Balance))
	}
	err = s.read(ctx, func(t *tx) error {
		settings, err := t.settings(q.Guild)
		if err != nil {
			return err
		}
		zone, err := s.zones.Stored(settings.TimeZone)
		if err != nil {
			return err
		}
		today := economy.DayOf(q.At, zone)
		return t.each(memberLists[q.Sort], args, func(rows *sql.Rows) error {
			var r memberRow
			err := rows.Scan(r.columns()...)
			page.Members = append(page.Members, r.seen(today, settings.Grace))
			return err
		})
	})
	if errors.Is(err, errStranger) {
		return page, nil
	}
	if len(page.Members) > q.Limit {
		page.Members = page.Members[:q.Limit]
		m := page.Members[q.Limit-1]
		page.Next = &economy.MemberPlace{Balance: m.Balance, Folded: economy.Fold(m.Name), Member: m.ID}
	}
	return page, err
}

// listedMember returns one of a guild who was not erased. Errors: economy.ErrUnknownMember.
func (t *tx) listedMember(guild economy.GuildID, id economy.MemberID) (r memberRow, err error) {
	err = t.row("SELECT "+memberColumns+listed+"m.id = ?2", []any{string(guild), int64(id)}, r.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		err = economy.ErrUnknownMember
	}
	return r, err
}

// The most that a file shows of a member.
const (
	fileGoods   = 100
	fileClaims  = 25
	fileHistory = 25
)

// Member implements economy.Office.
func (s *Store) Member(ctx context.Context, q economy.MemberQuery) (file economy.MemberFile, err error) {
	err = s.read(ctx, func(t *tx) error {
		file = economy.MemberFile{}
		r, err := t.listedMember(q.Guild, q.Member)
		if err != nil {
			return err
		}
		look, err := s.look(t, q.Guild, r.User, r.User)
		if err != nil {
			return err
		}
		wallet, err := s.wallet(look, q.At)
		if err != nil {
			return err
		}
		zone, err := s.zones.Stored(look.settings.TimeZone)
		if err != nil {
			return err
		}
		file.Member = r.seen(economy.DayOf(q.At, zone), look.settings.Grace)
		file.Rank, file.NextDaily, file.Currency = wallet.Rank, wallet.NextDaily, wallet.Currency
		if file.Goods, err = t.holdings(q.Member); err != nil {
			return err
		}
		if file.Claims, err = t.works("ORDER BY c.id DESC LIMIT ?2", q, fileClaims); err != nil {
			return err
		}
		file.History, err = t.transactions(economy.TransactionsQuery{Guild: q.Guild, Member: q.Member, Limit: fileHistory})
		return err
	})
	return file, err
}

func (t *tx) holdings(id economy.MemberID) ([]economy.Holding, error) {
	var list []economy.Holding
	if err := t.each(`SELECT i.id, i.name, v.owned, i.usable, coalesce((SELECT e.role_id FROM entitlements e JOIN purchases p ON p.id = e.purchase_id
			WHERE e.member_id = v.member_id AND e.ended_at IS NULL AND p.item_id = v.item_id ORDER BY p.id DESC LIMIT 1), '')
		FROM inventories v JOIN items i ON i.id = v.item_id WHERE v.member_id = ? AND v.owned > 0 ORDER BY i.folded, i.id LIMIT ?`,
		[]any{int64(id), fileGoods}, func(rows *sql.Rows) error {
			var h economy.Holding
			err := rows.Scan(&h.Item, &h.Name, &h.Quantity, &h.Usable, &h.Role)
			list = append(list, h)
			return err
		}); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Role == "" {
			continue
		}
		_, end, err := t.entitled(int64(id), list[i].Role)
		if err != nil {
			return nil, err
		}
		list[i].RoleUntil = end
	}
	return list, nil
}

// works returns claims of a member, as they stand.
func (t *tx) works(which string, q economy.MemberQuery, args ...any) ([]economy.Work, error) {
	var list []economy.Work
	err := t.each("SELECT "+claimColumns+", "+taskColumns+" FROM claims c JOIN tasks t ON t.id = c.task_id WHERE c.member_id = ?1 "+which,
		append([]any{int64(q.Member)}, args...), func(rows *sql.Rows) error {
			var c claimRow
			var task taskRow
			err := rows.Scan(append(c.columns(), task.columns()...)...)
			c.scanned()
			task.scanned()
			list = append(list, worked(c.seen(task.Task, cut(q.At))))
			return err
		})
	return list, err
}

func worked(c tasks.Claim) economy.Work {
	return economy.Work{Claim: int64(c.ID), Task: int64(c.Task), Title: c.Title, State: string(c.State), Reward: c.Reward, Tries: c.Tries,
		Due: c.Due, Paid: c.Paid, Reason: c.Reason, Claimed: c.Claimed}
}
