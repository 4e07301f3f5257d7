package sqlite

import (
	"context"
	"errors"

	"coffer/internal/economy"
)

// errNotApplied ends a list of adjustments that leaves no trace.
var errNotApplied = errors.New("a list that is not applied")

// AdjustMany implements economy.Office.
func (s *Store) AdjustMany(ctx context.Context, c economy.BulkAdjustment) (economy.BulkReceipt, error) {
	var report economy.BulkReceipt
	if c.DryRun {
		err := s.read(ctx, func(t *tx) (err error) {
			report, err = t.weighList(c)
			return err
		})
		return report, err
	}
	receipt, err := once(ctx, s, "adjust.many", c.Request, c.Fingerprint(),
		func(t *tx) (economy.BulkReceipt, economy.TransactionID, error) {
			done, err := t.weighList(c)
			if err == nil && len(done.Refused) > 0 {
				report, err = done, errNotApplied
			}
			if err == nil {
				err = t.applyList(c, &done)
			}
			return done, 0, err
		})
	if errors.Is(err, errNotApplied) {
		return report, nil
	}
	return receipt, err
}

// weighList returns what a list would do.
func (t *tx) weighList(c economy.BulkAdjustment) (economy.BulkReceipt, error) {
	receipt := economy.BulkReceipt{Changes: []economy.BulkChange{}}
	settings, err := t.settings(c.Request.Guild)
	if errors.Is(err, errStranger) {
		settings, err = economy.DefaultSettings(), nil
	}
	if err != nil {
		return receipt, err
	}
	for i, row := range c.Rows {
		m, err := t.onList(c.Request.Guild, row)
		switch {
		case errors.Is(err, errStranger) && row.User == "":
			receipt.Note(i, row.Member, 0, 0, economy.ErrUnknownMember)
			continue
		case errors.Is(err, errStranger):
			m = &member{balance: settings.StartingBalance}
			receipt.Created++
		case err != nil:
			return receipt, err
		}
		change, refusal := c.Adjustment(row).Change(m.balance, settings)
		receipt.Note(i, economy.MemberID(m.id), m.balance, change, refusal)
	}
	return receipt, nil
}

// onList returns the member of a row, or errStranger.
func (t *tx) onList(guild economy.GuildID, row economy.BulkRow) (*member, error) {
	if row.User != "" {
		return t.member(guild, row.User)
	}
	return t.scanMember(selectMember+"id = ? AND guild_id = ? AND user_id IS NOT NULL", int64(row.Member), string(guild))
}

// applyList does what a list was found to do.
func (t *tx) applyList(c economy.BulkAdjustment, receipt *economy.BulkReceipt) error {
	settings, admin, err := t.enter(c.Request, c.Admin)
	if err != nil {
		return err
	}
	receipt.Applied = true
	for i, row := range c.Rows {
		m, err := t.onList(c.Request.Guild, row)
		if row.User != "" {
			m, err = t.act(c.Request.Guild, settings, economy.Person{User: row.User, Name: row.Name}, c.Request.At)
		}
		if err != nil {
			return err
		}
		var id economy.TransactionID
		a := c.Adjustment(row)
		change, err := a.Change(m.balance, settings)
		if err == nil && change != 0 {
			id, err = t.adjusted(a, admin, m, change)
		}
		if err != nil {
			return err
		}
		if i < len(receipt.Changes) { // nobody was refused, so they are the first
			receipt.Changes[i].Member, receipt.Changes[i].Transaction = economy.MemberID(m.id), id
		}
	}
	return nil
}

// adjusted writes the transaction of an adjustment.
func (t *tx) adjusted(a economy.Adjustment, admin, m *member, change economy.Amount) (economy.TransactionID, error) {
	other := economy.Mint
	if change < 0 {
		other = economy.Burn
	}
	return t.post(movement{guild: a.Request.Guild, kind: a.Kind, actor: admin, note: a.Reason, at: a.Request.At,
		legs: []leg{{system: other, amount: -change}, {member: m, amount: change}}})
}
