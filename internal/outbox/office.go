package outbox

import (
	"context"

	"coffer/internal/economy"
)

// Office is what admins see of deliveries. It is part of the same store as Store, by
// whose RetryDelivery they have one tried again.
type Office interface {
	// DeliveryList returns a page of the guild's deliveries that wait or have failed, the
	// newest first. An unknown guild has none and is not created.
	DeliveryList(context.Context, DeliveryListQuery) (DeliveryListPage, error)
}

// Unsettled are the states that admins see deliveries in.
var Unsettled = []State{Waiting, Failed}

// DeliveryListQuery asks for a page of deliveries.
type DeliveryListQuery struct {
	Guild  economy.GuildID
	State  State // Waiting or Failed; empty: both
	Before int64 // only older ones; 0: from the newest
	Size   int   // deliveries a page, 1 to economy.MaxPage
}

// DeliveryListPage is a page of deliveries.
type DeliveryListPage struct {
	Deliveries []DeliverySheet
	More       bool // another page follows
}

// DeliverySheet is a delivery as an admin sees it who knows members by their numbers.
type DeliverySheet struct {
	Delivery Delivery
	Member   economy.Actor // with Role and Direct
}
