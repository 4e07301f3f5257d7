package storetest

import (
	"coffer/internal/economy"
)

// office is normal for what admins see.
func (l *lens) office(answer any) any {
	switch v := answer.(type) {
	case economy.BulkReceipt:
		v.Changes = append([]economy.BulkChange{}, v.Changes...)
		for i := range v.Changes {
			c := &v.Changes[i]
			c.Member, c.Transaction = l.memberNumber(c.Member), l.number(c.Transaction)
		}
		v.Refused = append([]economy.BulkRefusal{}, v.Refused...)
		for i := range v.Refused {
			v.Refused[i].Member = l.memberNumber(v.Refused[i].Member)
		}
		return v
	case economy.ErasureReceipt:
		v.Transaction = l.number(v.Transaction)
		return v
	case economy.LedgerRecord:
		v.ID, v.Reverses, v.ReversedBy = l.number(v.ID), l.number(v.Reverses), l.number(v.ReversedBy)
		v.Actor.ID = l.actor(v.Actor.ID)
		v.Entries = append([]economy.EntryRecord{}, v.Entries...)
		for i := range v.Entries {
			e := &v.Entries[i]
			if e.System != "" { // its number says nothing
				e.Account, e.Balance = economy.Actor{Kind: economy.ActorSystem}, 0
			}
			e.Account.ID = l.actor(e.Account.ID)
		}
		return v
	case []economy.LedgerRecord:
		list := []economy.LedgerRecord{}
		for _, r := range v {
			list = append(list, l.office(r).(economy.LedgerRecord))
		}
		return list
	case economy.Rules:
		v.ChangedBy.ID = l.actor(v.ChangedBy.ID)
		return v
	case economy.Member:
		v.ID = l.memberNumber(v.ID)
		return v
	case []economy.Member:
		list := []economy.Member{}
		for _, m := range v {
			list = append(list, l.office(m).(economy.Member))
		}
		return list
	case economy.MemberFile:
		v.Member = l.office(v.Member).(economy.Member)
		v.History.Transactions = l.office(v.History.Transactions).([]economy.LedgerRecord)
		v.History.Next = nil
		v.Claims = l.works(v.Claims)
		v.Goods = append([]economy.Holding{}, v.Goods...)
		for i := range v.Goods {
			v.Goods[i].Item = l.items.number(v.Goods[i].Item)
		}
		return v
	case economy.MemberRecord:
		return l.record(v)
	}
	return l.work(answer)
}

// memberNumber returns a member's number; one who was never told of is -1.
func (l *lens) memberNumber(id economy.MemberID) economy.MemberID {
	if n, known := l.members[int64(id)]; known {
		return economy.MemberID(n)
	}
	return -1
}

func (l *lens) works(list []economy.Work) []economy.Work {
	list = append([]economy.Work{}, list...)
	for i := range list {
		list[i].Claim, list[i].Task = l.claims.number(list[i].Claim), l.tasks.number(list[i].Task)
	}
	return list
}

func (l *lens) record(v economy.MemberRecord) economy.MemberRecord {
	v.Member, v.Claims = l.office(v.Member).(economy.Member), l.works(v.Claims)
	v.Goods = append([]economy.RecordedGoods{}, v.Goods...)
	for i := range v.Goods {
		v.Goods[i].Item = l.items.number(v.Goods[i].Item)
	}
	v.Purchases = append([]economy.RecordedPurchase{}, v.Purchases...)
	for i := range v.Purchases {
		p := &v.Purchases[i]
		p.Purchase, p.Item = l.purchases.number(p.Purchase), l.items.number(p.Item)
		p.Transaction, p.Refund = l.number(p.Transaction), l.number(p.Refund)
	}
	v.Entitlements = append([]economy.RecordedEntitlement{}, v.Entitlements...)
	for i := range v.Entitlements {
		v.Entitlements[i].Purchase = l.purchases.number(v.Entitlements[i].Purchase)
	}
	v.Submissions = append([]economy.RecordedSubmission{}, v.Submissions...)
	for i := range v.Submissions {
		s := &v.Submissions[i]
		s.Submission, s.Claim = l.submissions.number(s.Submission), l.claims.number(s.Claim)
	}
	v.Deliveries = append([]economy.RecordedDelivery{}, v.Deliveries...)
	for i := range v.Deliveries {
		v.Deliveries[i].Delivery = l.deliveries.number(v.Deliveries[i].Delivery)
	}
	v.Reviews = append([]int64{}, v.Reviews...)
	for i := range v.Reviews {
		v.Reviews[i] = l.submissions.number(v.Reviews[i])
	}
	return v
}

// memberID returns the store's own number of the n-th member, and one that does not
// exist for any other n.
func (l *lens) memberID(n int) economy.MemberID {
	if n < 0 || n >= len(l.memberIDs) {
		return 1 << 40
	}
	return economy.MemberID(l.memberIDs[n])
}

// managed returns a write about members by their numbers as the store of the lens
// knows it: from 1, in their order.
func (l *lens) managed(op any) any {
	switch op := op.(type) {
	case economy.BulkAdjustment:
		rows := make([]economy.BulkRow, len(op.Rows))
		for i, row := range op.Rows {
			rows[i] = row
			if row.User == "" {
				rows[i].Member = l.memberID(int(row.Member) - 1)
			}
		}
		op.Rows = rows
		return op
	case economy.Erasure:
		op.Member = l.memberID(int(op.Member) - 1)
		return op
	}
	return nil
}
