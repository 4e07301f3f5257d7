package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/shop"
)

// ItemStore is what is asked of the store about goods.
type ItemStore interface {
	ItemList(context.Context, shop.ItemListQuery) (shop.ItemListPage, error)
	ItemSheet(context.Context, economy.GuildID, shop.ItemID) (shop.ItemSheet, error)
	CreateItem(context.Context, shop.ItemCreation) (shop.Item, error)
	EditItem(context.Context, shop.ItemEdit) (shop.Item, error)
	ArchiveItem(context.Context, shop.ItemArchival) (shop.Item, error)
}

// itemDesk has the handlers of items.
type itemDesk struct {
	store ItemStore
	now   func() time.Time
}

// itemBody is an item's terms as they are sent. Of an item that is edited, the stock
// stays as it is unless it is sent: it changes with each sale.
type itemBody struct {
	Name           string         `json:"name"`
	Description    string         `json:"description,omitzero"`
	Category       string         `json:"category,omitzero"`
	Picture        string         `json:"picture,omitzero"`
	Price          economy.Amount `json:"price"`
	MemberLimit    int64          `json:"member_limit,omitzero"`
	RequiredRole   *string        `json:"required_role"`
	MinimumBalance economy.Amount `json:"minimum_balance,omitzero"`
	From           *time.Time     `json:"from"`
	Until          *time.Time     `json:"until"`
	Role           *string        `json:"role"`
	RoleHours      int            `json:"role_hours,omitzero"`
	Usable         bool           `json:"usable,omitzero"`
	UseMessage     string         `json:"use_message,omitzero"`
	Stock          *shop.Stock    `json:"stock"`
}

func (b itemBody) terms() shop.Terms {
	return shop.Terms{
		Name: b.Name, Description: b.Description, Category: b.Category, Picture: b.Picture, Price: b.Price, MemberLimit: b.MemberLimit,
		RequiredRole: economy.RoleID(text(b.RequiredRole)), MinimumBalance: b.MinimumBalance, From: moment(b.From), Until: moment(b.Until),
		Role: economy.RoleID(text(b.Role)), RoleHours: b.RoleHours, Usable: b.Usable, UseMessage: b.UseMessage,
	}
}

// itemJSON is an item.
type itemJSON struct {
	ID             string          `json:"id"`
	Name           string          `json:"name"`
	Description    string          `json:"description"`
	Category       string          `json:"category"`
	Picture        string          `json:"picture"`
	Price          economy.Amount  `json:"price"`
	MemberLimit    int64           `json:"member_limit"`
	RequiredRole   *economy.RoleID `json:"required_role"`
	MinimumBalance economy.Amount  `json:"minimum_balance"`
	From           *time.Time      `json:"from"`
	Until          *time.Time      `json:"until"`
	Role           *economy.RoleID `json:"role"`
	RoleHours      int             `json:"role_hours"`
	Usable         bool            `json:"usable"`
	UseMessage     string          `json:"use_message"`
	Stock          shop.Stock      `json:"stock"`
	State          shop.Shelf      `json:"state"`
	Version        int             `json:"version"`
	Sold           int64           `json:"sold"`
	CreatedAt      time.Time       `json:"created_at"`
	ChangedAt      time.Time       `json:"changed_at"`
	ChangedBy      actorJSON       `json:"changed_by"`
}

func showItem(v shop.ItemSheet) itemJSON {
	i := v.Item
	j := itemJSON{
		ID: showID(i.ID), Name: i.Name, Description: i.Description, Category: i.Category, Picture: i.Picture, Price: i.Price,
		MemberLimit: i.MemberLimit, RequiredRole: orNull(i.RequiredRole), MinimumBalance: i.MinimumBalance, From: timeOrNull(i.From),
		Until: timeOrNull(i.Until), Role: orNull(i.Role), RoleHours: i.RoleHours, Usable: i.Usable, UseMessage: i.UseMessage,
		Stock: i.Stock, State: shop.Active, Version: i.Version, Sold: i.Sold,
		CreatedAt: v.Created.UTC(), ChangedAt: v.Changed.UTC(), ChangedBy: showActor(v.ChangedBy),
	}
	if i.Archived {
		j.State = shop.Archived
	}
	return j
}

// list answers listItems.
func (d itemDesk) list(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	p := q.Page("items", 1)
	query := shop.ItemListQuery{Guild: guildOf(r), Text: q.Text("search", longestSearch), Before: shop.ItemID(p.Int(0)), Size: p.Limit}
	if state := q.OneOf("state", "active", "archived", "all"); state != "all" {
		query.Shelf = shop.Shelf(state)
	}
	if err := q.Err(); err != nil {
		return err
	}
	found, err := d.store.ItemList(r.Context(), query)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, listJSON(p, found.Items, found.More, showItem, func(v shop.ItemSheet) int64 { return int64(v.Item.ID) }))
	return nil
}

// get answers getItem.
func (d itemDesk) get(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "item")
	if err != nil {
		return err
	}
	sheet, err := d.store.ItemSheet(r.Context(), guildOf(r), shop.ItemID(id))
	if err != nil {
		return err
	}
	setETag(w, int64(sheet.Item.Version))
	write(w, http.StatusOK, showItem(sheet))
	return nil
}

// create answers createItem.
func (d itemDesk) create(w http.ResponseWriter, r *http.Request) error {
	request, err := requestOf(r, d.now())
	if err != nil {
		return err
	}
	body, err := decode[itemBody](w, r)
	if err != nil {
		return err
	}
	var stock shop.Stock
	if body.Stock != nil {
		stock = *body.Stock
	}
	creation, err := shop.NewItemCreation(request, callerOf(r).Person(), body.terms(), stock)
	if err != nil {
		return err
	}
	item, err := d.store.CreateItem(r.Context(), creation)
	if err != nil {
		return nameTrouble(err)
	}
	return d.show(w, r, http.StatusCreated, item)
}

// edit answers editItem.
func (d itemDesk) edit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "item")
	if err != nil {
		return err
	}
	version, err := ifMatch(r)
	if err != nil {
		return err
	}
	body, err := decode[itemBody](w, r)
	if err != nil {
		return err
	}
	edit, err := shop.NewItemEdit(anew(r, d.now()), callerOf(r).Person(), shop.ItemID(id), int(version), body.terms(), body.Stock)
	if err != nil {
		return err
	}
	item, err := d.store.EditItem(r.Context(), edit)
	switch {
	case errors.Is(err, shop.ErrItemChanged):
		return d.changed(r, edit.Item)
	case errors.Is(err, shop.ErrUnknownItem):
		if sheet, other := d.store.ItemSheet(r.Context(), guildOf(r), edit.Item); other == nil && sheet.Item.Archived {
			return errArchived
		}
	}
	if err != nil {
		return nameTrouble(err)
	}
	return d.show(w, r, http.StatusOK, item)
}

// changed tells what the item is now.
func (d itemDesk) changed(r *http.Request, id shop.ItemID) error {
	sheet, err := d.store.ItemSheet(r.Context(), guildOf(r), id)
	if err != nil {
		return err
	}
	return changed(showItem(sheet), showActor(sheet.ChangedBy), sheet.Changed)
}

// archive answers archiveItem.
func (d itemDesk) archive(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "item")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		State shop.Shelf `json:"state"`
	}](w, r)
	if err != nil {
		return err
	}
	if body.State != shop.Archived {
		return errFields.At(problem.Field{Field: "state", Code: "range", Detail: "An item can only be archived, and that for ever."})
	}
	item, err := d.store.ArchiveItem(r.Context(), shop.ItemArchival{Request: anew(r, d.now()), Admin: callerOf(r).Person(), Item: shop.ItemID(id)})
	if err != nil {
		return err
	}
	return d.show(w, r, http.StatusOK, item)
}

// show sends an item as a write has left it, with what else is known of it now.
func (d itemDesk) show(w http.ResponseWriter, r *http.Request, status int, item shop.Item) error {
	sheet, err := d.store.ItemSheet(r.Context(), guildOf(r), item.ID)
	if err != nil {
		return err
	}
	sheet.Item = item
	setETag(w, int64(item.Version))
	write(w, status, showItem(sheet))
	return nil
}

// nameTrouble names the field that a refusal by what else there is is about.
func nameTrouble(err error) error {
	if errors.Is(err, shop.ErrNameTaken) {
		return about("name", problem.Of(err))
	}
	return err
}
