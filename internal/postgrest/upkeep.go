package postgrest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"coffer/internal/economy"
)

// RefreshRanks implements economy.Store.
func (s *Store) RefreshRanks(ctx context.Context, now time.Time) error {
	return s.client.survey(ctx, "coffer_refresh_ranks", struct {
		Now time.Time `json:"now"`
	}{instant(now)}, nil)
}

// ForgetRequests implements economy.Store, a portion at a time. Of a portion whose
// answer is lost nothing is counted.
func (s *Store) ForgetRequests(ctx context.Context, before time.Time) (int, error) {
	const portion = 10_000
	return s.portions(ctx, portion, "coffer_forget_requests", struct {
		Before  time.Time `json:"before"`
		Portion int       `json:"portion"`
	}{instant(before), portion})
}

// TidyTasks implements tasks.Store, a portion at a time, as ExpireRoles.
func (s *Store) TidyTasks(ctx context.Context, now time.Time) (int, error) {
	const portion = 200
	return s.portions(ctx, portion, "coffer_tidy_tasks", struct {
		Now     time.Time `json:"now"`
		Portion int       `json:"portion"`
	}{instant(now), portion})
}

// portions runs a function until it finds less than a portion of what it is for, and
// returns how much it found in all.
func (s *Store) portions(ctx context.Context, portion int, function string, args any) (int, error) {
	total := 0
	for {
		var n int
		err := s.client.survey(ctx, function, args, &n)
		total += n
		if err != nil || n < portion {
			return total, err
		}
	}
}

// findings are what coffer_audit answers.
type findings struct {
	At           time.Time      `json:"at"`
	Guilds       int            `json:"guilds"`
	Members      int            `json:"members"`
	Transactions int            `json:"transactions"`
	Entries      int            `json:"entries"`
	Coins        economy.Amount `json:"coins"`
	Findings     []struct {
		Name    string `json:"name"`
		Broken  int    `json:"broken"`
		Example string `json:"example"`
	} `json:"findings"`
}

func invariantNames() []string {
	names := make([]string, len(economy.Invariants))
	for i, invariant := range economy.Invariants {
		names[i] = invariant.Name
	}
	return names
}

// audit is the answer about all invariants, in their order.
func (found findings) audit() (economy.Audit, error) {
	a := economy.Audit{
		At: found.At.UTC(), Guilds: found.Guilds, Members: found.Members,
		Transactions: found.Transactions, Entries: found.Entries, Coins: found.Coins,
	}
	for i, f := range found.Findings {
		if i >= len(economy.Invariants) || f.Name != economy.Invariants[i].Name {
			return a, fmt.Errorf("the audit answers for %q out of turn", f.Name)
		}
		a.Findings = append(a.Findings, economy.Finding{Invariant: economy.Invariants[i], Broken: f.Broken, Example: f.Example})
	}
	if len(a.Findings) != len(economy.Invariants) {
		return a, errors.New("the audit left out an invariant")
	}
	return a, nil
}

// Audit implements economy.Store.
func (s *Store) Audit(ctx context.Context) (economy.Audit, error) {
	var found findings
	if err := s.client.survey(ctx, "coffer_audit", struct {
		Invariants []string `json:"invariants"`
	}{invariantNames()}, &found); err != nil {
		return economy.Audit{}, err
	}
	return found.audit()
}
