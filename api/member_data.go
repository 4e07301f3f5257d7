package api

import (
	"time"

	"coffer/internal/economy"
)

// recordJSON is what is stored about a member, beside his transactions.
type recordJSON struct {
	Member       memberJSON        `json:"member"`
	Goods        []ownedJSON       `json:"goods"`
	Purchases    []boughtJSON      `json:"purchases"`
	Entitlements []entitlementJSON `json:"entitlements"`
	Claims       []claimJSON       `json:"claims"`
	Submissions  []handedInJSON    `json:"submissions"`
	Deliveries   []deliveredJSON   `json:"deliveries"`
	Reviews      []string          `json:"reviews"`
}

type ownedJSON struct {
	Item  string `json:"item"`
	Name  string `json:"name"`
	Owned int64  `json:"owned"`
	Used  int64  `json:"used"`
}

type boughtJSON struct {
	ID          string         `json:"id"`
	Item        string         `json:"item"`
	Name        string         `json:"name"`
	Quantity    int64          `json:"quantity"`
	Total       economy.Amount `json:"total"`
	Transaction string         `json:"transaction"`
	Refund      *string        `json:"refund"`
	At          time.Time      `json:"at"`
}

type entitlementJSON struct {
	Purchase string         `json:"purchase"`
	Role     economy.RoleID `json:"role"`
	Until    *time.Time     `json:"until"`
	Ended    *time.Time     `json:"ended"`
	Granted  bool           `json:"granted"`
}

type handedInJSON struct {
	ID         string         `json:"id"`
	Claim      string         `json:"claim"`
	Try        int            `json:"try"`
	Text       string         `json:"text"`
	Image      string         `json:"image"`
	State      string         `json:"state"`
	Percent    int            `json:"percent"`
	Paid       economy.Amount `json:"paid"`
	Reason     string         `json:"reason"`
	At         time.Time      `json:"at"`
	ReviewedAt *time.Time     `json:"reviewed_at"`
}

type deliveredJSON struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind"`
	State  string          `json:"state"`
	Role   *economy.RoleID `json:"role"`
	Notice *string         `json:"notice"`
	At     time.Time       `json:"at"`
}

func showRecord(r economy.MemberRecord) recordJSON {
	out := recordJSON{Member: showMember(r.Member), Goods: []ownedJSON{}, Purchases: []boughtJSON{}, Entitlements: []entitlementJSON{},
		Claims: showClaims(r.Claims), Submissions: []handedInJSON{}, Deliveries: []deliveredJSON{}, Reviews: []string{}}
	for _, g := range r.Goods {
		out.Goods = append(out.Goods, ownedJSON{showID(g.Item), g.Name, g.Owned, g.Used})
	}
	for _, p := range r.Purchases {
		out.Purchases = append(out.Purchases, boughtJSON{ID: showID(p.Purchase), Item: showID(p.Item), Name: p.Name, Quantity: p.Quantity,
			Total: p.Total, Transaction: showID(p.Transaction), Refund: idOrNull(p.Refund), At: p.At.UTC()})
	}
	for _, e := range r.Entitlements {
		out.Entitlements = append(out.Entitlements, entitlementJSON{showID(e.Purchase), e.Role, timeOrNull(e.Until), timeOrNull(e.Ended), e.Granted})
	}
	for _, s := range r.Submissions {
		out.Submissions = append(out.Submissions, handedInJSON{ID: showID(s.Submission), Claim: showID(s.Claim), Try: s.Try, Text: s.Text,
			Image: s.Image, State: s.State, Percent: s.Percent, Paid: s.Paid, Reason: s.Reason, At: s.At.UTC(), ReviewedAt: timeOrNull(s.Reviewed)})
	}
	for _, d := range r.Deliveries {
		out.Deliveries = append(out.Deliveries, deliveredJSON{showID(d.Delivery), d.Kind, d.State, orNull(d.Role), orNull(d.Notice), d.At.UTC()})
	}
	for _, id := range r.Reviews {
		out.Reviews = append(out.Reviews, showID(id))
	}
	return out
}
