package sqlite

import (
	"database/sql"
	"sort"
	"sync"

	"coffer/internal/economy"
)

// boards remember the exact places of guilds that are asked about again and
// again, since counting who is ahead costs more than all the rest of a read. A
// guild's board is good as long as the id of its newest event is the one it was
// read with: whatever changes a balance or the members writes an event in the
// same transaction, in whichever process. Each read checks that in the
// statement that reads the balance, so what it returns is exact.
type boards struct {
	worthwhile int // reads at one version that count before the board is read
	mu         sync.Mutex
	of         map[economy.GuildID]*board
}

type board struct {
	version int64   // the guild's newest event
	missed  int     // reads at this version that had to count
	places  []place // in order, at most economy.ExactRanks; nil: not read yet. Never changed
}

// place is one of a board.
type place struct {
	id      int64
	user    economy.UserID
	balance economy.Amount
}

const (
	// usuallyWorthwhile is chosen so that reading a board costs about as much as
	// the reads before it that counted: nobody pays more than twice.
	usuallyWorthwhile = 8
	// maxBoards bounds the memory: a board takes about 60 kB.
	maxBoards = 64
)

func newBoards(worthwhile int) *boards {
	return &boards{worthwhile: worthwhile, of: make(map[economy.GuildID]*board)}
}

// find returns a guild's places as of a version, and false if they are not known.
func (b *boards) find(guild economy.GuildID, version int64) ([]place, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.of[guild]
	if known == nil || known.version != version || known.places == nil {
		return nil, false
	}
	return known.places, true
}

// miss notes that a read had to count, and reports whether to read the board.
func (b *boards) miss(guild economy.GuildID, version int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.of[guild]
	if known == nil {
		for other := range b.of {
			if len(b.of) < maxBoards {
				break
			}
			delete(b.of, other)
		}
		known = &board{version: version}
		b.of[guild] = known
	}
	if known.version != version {
		*known = board{version: version}
	}
	known.missed++
	return known.missed >= b.worthwhile
}

func (b *boards) keep(guild economy.GuildID, version int64, places []place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.of[guild]; known != nil && known.version == version {
		known.places = places
	}
}

// places reads the first limit places of a guild after skip.
func (t *tx) places(guild economy.GuildID, skip, limit int) ([]place, error) {
	list := make([]place, 0, limit)
	err := t.each(`SELECT id, user_id, balance FROM members WHERE guild_id = ? AND user_id IS NOT NULL
		ORDER BY balance DESC, id LIMIT ? OFFSET ?`, []any{string(guild), limit, skip}, func(rows *sql.Rows) error {
		var p place
		err := rows.Scan(&p.id, &p.user, &p.balance)
		list = append(list, p)
		return err
	})
	return list, err
}

// ahead reports whether p comes before the member.
func (p place) ahead(m *member) bool {
	return p.balance > m.balance || p.balance == m.balance && p.id < m.id
}

// standing is where a member stands on a board, from 0.
func standing(places []place, m *member) int {
	return sort.Search(len(places), func(i int) bool { return !places[i].ahead(m) })
}

// counted is standing without a board. Each count is one range of the index and
// stops at the last place that counts.
func (t *tx) counted(guild economy.GuildID, m *member) (ahead int, err error) {
	err = t.row(`SELECT
		(SELECT count(*) FROM (SELECT 1 FROM members WHERE guild_id = ?1 AND balance > ?2 AND user_id IS NOT NULL LIMIT ?4)) +
		(SELECT count(*) FROM (SELECT 1 FROM members WHERE guild_id = ?1 AND balance = ?2 AND id < ?3 AND user_id IS NOT NULL LIMIT ?4))`,
		[]any{string(guild), int64(m.balance), m.id, economy.ExactRanks}, &ahead)
	return ahead, err
}
