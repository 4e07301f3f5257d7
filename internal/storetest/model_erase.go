package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// Erase implements economy.Office.
func (m *Model) Erase(ctx context.Context, c economy.Erasure) (economy.ErasureReceipt, error) {
	id := c.Request.Guild
	return write(ctx, m, c.Request, "erase", c.Fingerprint(), func(g *guild, at time.Time) (r economy.ErasureReceipt, err error) {
		if !g.has(c.Member) {
			return r, economy.ErrUnknownMember
		}
		admin, n := g.involve(id, c.Admin, at), int64(c.Member)
		if r.Burned = g.member(n).balance; r.Burned > 0 {
			r.Transaction = g.post(id, admin, transaction{kind: economy.KindTake, at: at, entries: between(economy.Burn, n, -r.Burned)})
		}
		g.dropClaims(id, admin, n, at)
		user := g.member(n).user
		for i := range g.purchases {
			if p := &g.purchases[i]; p.member == n && p.running {
				p.end(at)
				g.deliverRole(n, p.role, at)
			}
		}
		*g.member(n) = member{at: g.member(n).at}
		g.forget(n, user)
		for _, s := range g.submissions {
			if s.member == n || s.reviewer == n {
				g.deliverCard(subject("submission", int64(s.ID)), at)
			}
		}
		g.tell(id, admin, "member.erased", subject("member", n), nil, nil, at)
		return r, nil
	})
}

// dropClaims ends a member's claims that run.
func (g *guild) dropClaims(id economy.GuildID, admin, n int64, at time.Time) {
	for i := range g.claims {
		c := &g.claims[i]
		if c.member != n || !c.state.Runs() {
			continue
		}
		if c.state == tasks.Submitted {
			for i := range g.submissions {
				if s := &g.submissions[i]; s.Claim == c.id && s.State == tasks.Waiting {
					s.State, s.Reviewed = tasks.Refused, at
				}
			}
			g.turn(id, admin, c, tasks.Rejected, at)
		}
		g.turn(id, admin, c, tasks.Dropped, at)
		g.showPlaces(*c, at)
	}
}

// forget blanks all that tells who a member was.
func (g *guild) forget(n int64, user economy.UserID) {
	for i := range g.transactions {
		t := &g.transactions[i]
		touched := slices.ContainsFunc(t.entries, func(e entry) bool { return e.member == n })
		if touched && t.kind != economy.KindPurchase && t.kind != economy.KindReward {
			t.note = ""
		}
	}
	for i := range g.submissions {
		if s := &g.submissions[i]; s.member == n {
			s.Work, s.Reason = tasks.Work{}, ""
		}
	}
	g.deliveries = slices.DeleteFunc(g.deliveries, func(d delivery) bool { return d.Kind == outbox.Direct && d.member == n })
	for i := range g.deliveries {
		d := &g.deliveries[i]
		if d.member == n && d.State == outbox.Done {
			d.User = ""
		}
		switch d.notice.Name {
		case outbox.NoticeWelcome:
			told := must(args[outbox.Welcome](d.notice))
			for i := range told.Members {
				if told.Members[i] == user {
					told.Members[i] = ""
				}
			}
			d.notice.Args = must(json.Marshal(told))
		case outbox.NoticeRefunded:
			told := must(args[outbox.Refunded](d.notice))
			if told.Member == user {
				told.Member = ""
				d.notice.Args = must(json.Marshal(told))
			}
		}
	}
	for key, r := range g.requests {
		switch v := r.receipt.(type) {
		case shop.RefundReceipt:
			if v.Member == user {
				v.Member = ""
			}
			r.receipt = v
		case economy.ReversalReceipt:
			v.Legs = slices.Clone(v.Legs)
			for i := range v.Legs {
				if v.Legs[i].Member == user {
					v.Legs[i].Member = ""
				}
			}
			r.receipt = v
		case tasks.ReviewReceipt:
			if v.Submission.Member == user {
				v.Submission.Member, v.Submission.Name, v.Submission.Reason, v.Submission.Work = "", "", "", tasks.Work{}
			}
			if by := v.Submission.Reviewer; by.Kind == economy.ActorMember && by.ID == n {
				v.Submission.Reviewer = economy.Actor{Kind: economy.ActorErased, ID: n}
				if named, ends := strings.CutSuffix(key.key, ":"+string(user)); ends {
					delete(g.requests, key)
					key.key = fmt.Sprint(named, ":", n)
				}
			}
			r.receipt = v
		case tasks.Claim:
			if g.claimed(v.ID).member == n {
				v.Reason = ""
			}
			r.receipt = v
		}
		g.requests[key] = r
	}
}

// Record implements economy.Office.
func (m *Model) Record(ctx context.Context, q economy.MemberQuery) (economy.MemberRecord, error) {
	return ofMember(ctx, m, q, func(g *guild, n int64) economy.MemberRecord {
		r := economy.MemberRecord{Member: g.shown(n, cut(q.At)), Claims: g.works(n, cut(q.At))}
		for _, i := range g.items {
			hands := goods{n, i.ID}
			if g.owned[hands]+g.used[hands] > 0 || slices.ContainsFunc(g.purchases, func(p purchase) bool { return p.member == n && p.item == i.ID }) {
				r.Goods = append(r.Goods, economy.RecordedGoods{Item: int64(i.ID), Name: i.Name, Owned: g.owned[hands], Used: g.used[hands]})
			}
		}
		for _, p := range g.purchases {
			if p.member != n {
				continue
			}
			r.Purchases = append(r.Purchases, economy.RecordedPurchase{Purchase: int64(p.id), Item: int64(p.item), Name: p.name, Quantity: p.quantity,
				Total: p.total, Transaction: p.transaction, Refund: p.refund, At: p.at})
			if p.role != "" {
				r.Entitlements = append(r.Entitlements, economy.RecordedEntitlement{Purchase: int64(p.id), Role: p.role, Until: p.until, Ended: p.ended,
					Granted: p.granted})
			}
		}
		for _, s := range g.submissions {
			if s.member == n {
				r.Submissions = append(r.Submissions, economy.RecordedSubmission{Submission: int64(s.ID), Claim: int64(s.Claim), Try: s.Try,
					Text: s.Work.Text, Image: s.Work.Image.URL, State: string(s.State), Percent: s.Percent, Paid: s.Paid, Reason: s.Reason,
					At: s.At, Reviewed: s.Reviewed})
			}
			if s.reviewer == n {
				r.Reviews = append(r.Reviews, int64(s.ID))
			}
		}
		for _, d := range g.deliveries {
			if d.member == n {
				r.Deliveries = append(r.Deliveries, economy.RecordedDelivery{Delivery: d.ID, Kind: string(d.Kind), State: string(d.State),
					Role: d.Role, Notice: d.Notice, At: d.Created})
			}
		}
		return r
	})
}
