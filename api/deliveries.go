package api

import (
	"context"
	"net/http"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/problem"
)

// DeliveryStore is what is asked of the store about deliveries to Discord.
type DeliveryStore interface {
	DeliveryList(context.Context, outbox.DeliveryListQuery) (outbox.DeliveryListPage, error)
	RetryDelivery(ctx context.Context, guild economy.GuildID, id int64) (bool, error)
}

// deliveryDesk has the handlers of deliveries.
type deliveryDesk struct{ store DeliveryStore }

var errUnknownDelivery = problem.New(problem.NotFound, "unknown_delivery",
	"There is no such delivery in this server that waits or has failed.")

// deliveryJSON is what Discord has still to be told, or refused for good.
type deliveryJSON struct {
	ID        string             `json:"id"`
	Kind      outbox.Kind        `json:"kind"`
	State     outbox.State       `json:"state"`
	Attempts  int                `json:"attempts"`
	Member    *actorJSON         `json:"member"`
	RoleID    *economy.RoleID    `json:"role_id"`
	ChannelID *economy.ChannelID `json:"channel_id"`
	Subject   *string            `json:"subject"`
	Notice    *string            `json:"notice"`
	Error     string             `json:"error"`
	CreatedAt time.Time          `json:"created_at"`
	DueAt     *time.Time         `json:"due_at"`
}

func showDelivery(v outbox.DeliverySheet) deliveryJSON {
	d := v.Delivery
	j := deliveryJSON{
		ID: showID(d.ID), Kind: d.Kind, State: d.State, Attempts: d.Attempts, RoleID: orNull(d.Role), ChannelID: orNull(d.Channel),
		Subject: orNull(d.Subject), Notice: orNull(d.Notice), Error: d.Error, CreatedAt: d.Created.UTC(), DueAt: timeOrNull(d.Due),
	}
	if v.Member != (economy.Actor{}) {
		whose := showActor(v.Member)
		j.Member = &whose
	}
	return j
}

// list answers listDeliveries.
func (d deliveryDesk) list(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	p := q.Page("deliveries", 1)
	query := outbox.DeliveryListQuery{Guild: guildOf(r), State: outbox.State(q.OneOf("state", "", "waiting", "failed")), Before: p.Int(0), Size: p.Limit}
	if err := q.Err(); err != nil {
		return err
	}
	found, err := d.store.DeliveryList(r.Context(), query)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, listJSON(p, found.Deliveries, found.More, showDelivery, func(v outbox.DeliverySheet) int64 { return v.Delivery.ID }))
	return nil
}

// retry answers retryDelivery.
func (d deliveryDesk) retry(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "delivery")
	if err != nil {
		return err
	}
	found, err := d.store.RetryDelivery(r.Context(), guildOf(r), id)
	switch {
	case err != nil:
		return err
	case !found:
		return errUnknownDelivery
	}
	return noContent(w)
}
