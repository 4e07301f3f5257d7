package postgrest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
)

// span is a length of time as functions take it.
func span(d time.Duration) string { return fmt.Sprintf("%d microseconds", d.Microseconds()) }

// LeaseDeliveries implements outbox.Store. Leases whose answer is lost are due again
// when their time is over.
func (s *Store) LeaseDeliveries(ctx context.Context, limit int, life time.Duration) ([]outbox.Lease, error) {
	taken, err := write[[]struct {
		ID       int64             `json:"id"`
		Token    int64             `json:"token"`
		Attempt  int               `json:"attempt"`
		Guild    economy.GuildID   `json:"guild"`
		Kind     outbox.Kind       `json:"kind"`
		User     economy.UserID    `json:"user"`
		Role     economy.RoleID    `json:"role"`
		Entitled bool              `json:"entitled"`
		Channel  economy.ChannelID `json:"channel"`
		Subject  string            `json:"subject"`
		Message  string            `json:"message"`
		Notice   string            `json:"notice"`
		Args     json.RawMessage   `json:"args"`
		Created  time.Time         `json:"created"`
	}](ctx, s, "coffer_lease_deliveries", struct {
		Size int    `json:"size"`
		Life string `json:"life"`
	}{limited(limit), span(life)})
	var leases []outbox.Lease
	for _, l := range taken {
		leases = append(leases, outbox.Lease{
			ID: l.ID, Token: l.Token, Attempt: l.Attempt, Guild: l.Guild, Kind: l.Kind, User: l.User, Role: l.Role,
			Entitled: l.Entitled, Channel: l.Channel, Subject: l.Subject, Message: l.Message,
			Notice: outbox.Notice{Name: l.Notice, Args: document(l.Args)}, Created: l.Created.UTC(),
		})
	}
	return leases, err
}

// SettleDelivery implements outbox.Store.
func (s *Store) SettleDelivery(ctx context.Context, lease outbox.Lease, o outbox.Outcome, now time.Time) error {
	_, err := write[bool](ctx, s, "coffer_settle_delivery", struct {
		Delivery int64             `json:"delivery"`
		Token    int64             `json:"token"`
		State    outbox.State      `json:"state"`
		After    string            `json:"after"`
		Error    string            `json:"error"`
		Most     int               `json:"most"`
		Guild    economy.GuildID   `json:"guild"`
		Subject  string            `json:"subject"`
		Channel  economy.ChannelID `json:"channel"`
		Message  string            `json:"message"`
		Gone     bool              `json:"gone"`
		Now      time.Time         `json:"now"`
	}{
		lease.ID, lease.Token, o.State, span(o.After), outbox.CleanError(o.Error), lease.Most(),
		lease.Guild, lease.Subject, lease.Channel, o.Message, o.Gone, instant(now),
	})
	return err
}

// Deliveries implements outbox.Store.
func (s *Store) Deliveries(ctx context.Context, guild economy.GuildID, before int64, limit int) ([]outbox.Delivery, error) {
	found, err := read[[]struct {
		ID       int64             `json:"id"`
		Kind     outbox.Kind       `json:"kind"`
		State    outbox.State      `json:"state"`
		Attempts int               `json:"attempts"`
		User     economy.UserID    `json:"user"`
		Role     economy.RoleID    `json:"role"`
		Channel  economy.ChannelID `json:"channel"`
		Subject  string            `json:"subject"`
		Notice   string            `json:"notice"`
		Error    string            `json:"error"`
		Created  time.Time         `json:"created"`
		Due      time.Time         `json:"due"` // null: not any more
	}](ctx, s, "coffer_deliveries", struct {
		Guild  economy.GuildID `json:"guild"`
		Before int64           `json:"before"`
		Size   int             `json:"size"`
	}{guild, before, limited(limit)})
	var list []outbox.Delivery
	for _, d := range found {
		d.Created, d.Due = d.Created.UTC(), d.Due.UTC()
		list = append(list, outbox.Delivery(d))
	}
	return list, err
}

// RetryDelivery implements outbox.Store.
func (s *Store) RetryDelivery(ctx context.Context, guild economy.GuildID, id int64) (bool, error) {
	return write[bool](ctx, s, "coffer_retry_delivery", struct {
		Guild    economy.GuildID `json:"guild"`
		Delivery int64           `json:"delivery"`
	}{guild, id})
}

// ForgetDeliveries implements outbox.Store, a portion at a time, as ForgetRequests.
func (s *Store) ForgetDeliveries(ctx context.Context, before time.Time) (int, error) {
	const portion = 10_000
	return s.portions(ctx, portion, "coffer_forget_deliveries", struct {
		Before  time.Time `json:"before"`
		Portion int       `json:"portion"`
	}{instant(before), portion})
}
