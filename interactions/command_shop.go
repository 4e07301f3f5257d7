package interactions

import (
	"context"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

const (
	shelf    = 5    // items on a page of the shop
	maxShelf = 9999 // pages, so that their numbers fit into a custom id
)

func (b *bank) shop(ctx context.Context, r *Request) (Reply, error) {
	category, err := r.optional("category")
	if err != nil {
		return nil, err
	}
	return b.shopPage(ctx, r, category, 1)
}

// turnShop answers a button: shop:tag:page:category.
func (b *bank) turnShop(ctx context.Context, r *Request) (Reply, error) {
	page, err := r.number(1)
	if err != nil || page > maxShelf {
		return nil, errUnknownComponent
	}
	if err := r.ownedByTag(0); err != nil {
		return nil, err
	}
	return updated(b.shopPage(ctx, r, r.rest(2), int(page)))
}

// pickCategory answers the menu of categories: category:owner. A value is an equals
// sign and the category, because Discord wants no empty ones.
func (b *bank) pickCategory(ctx context.Context, r *Request) (Reply, error) {
	value, err := r.chosen()
	category, ok := strings.CutPrefix(value, "=")
	if err != nil || !ok {
		return nil, errUnknownComponent
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	return updated(b.shopPage(ctx, r, category, 1))
}

func (b *bank) shopPage(ctx context.Context, r *Request, category string, page int) (message, error) {
	if !storable(category, shop.MaxCategory) {
		return message{}, errMalformed
	}
	got, err := b.store.Catalogue(ctx, shop.CatalogueQuery{
		Guild: r.Guild, Viewer: r.Member, Category: category, Page: page, Size: shelf, At: r.At})
	if err != nil {
		return message{}, err
	}
	l := r.texts
	title := l.text("shop.title")
	if category != "" {
		title += " · " + quote(category)
	}
	m := message{embed: card(title, l.text("shop.body", "balance", l.coins(got.Balance, got.Currency)))}
	for _, i := range got.Items {
		e := card(itemTitle(i), l.summary(i, got.Currency))
		if i.Picture != "" {
			e.Thumbnail = &discordgo.MessageEmbedThumbnail{URL: i.Picture}
		}
		m.more = append(m.more, e)
	}
	if len(got.Items) == 0 {
		m.embed.Description = l.emptyShop(category, page, r.managing)
	}
	if page > 1 || got.More {
		m.embed.Footer = footer(l.text("shop.page", "page", l.number(int64(page))))
	}
	m.rows = r.shopRows(got, category, page)
	return m, nil
}

// emptyShop says what to do where there is nothing.
func (l *locale) emptyShop(category string, page int, managing bool) string {
	switch {
	case page > 1:
		return l.text("shop.empty_page")
	case category != "":
		return l.text("shop.empty_category", "category", quote(category))
	case managing:
		return l.text("shop.empty_manager")
	}
	return l.text("shop.empty")
}

// shopRows are the menus and buttons of a page. A page's buttons and its menu of
// items carry the same arguments, so that an item's card leads back to it.
func (r *Request) shopRows(got shop.CataloguePage, category string, page int) (rows []discordgo.MessageComponent) {
	l := r.texts
	here := func(page int) []string { return []string{tag(r.Member.User), strconv.Itoa(page), category} }
	if len(got.Items) > 0 {
		var options []discordgo.SelectMenuOption
		for _, i := range got.Items {
			options = append(options, discordgo.SelectMenuOption{
				Label: itemLabel(i.Name, i.ID, 100), Value: strconv.FormatInt(int64(i.ID), 10), Description: clip(l.tagged(i, got.Currency), 100)})
		}
		rows = append(rows, menu(customID("item", here(page)...), l.text("shop.pick"), options))
	}
	if len(got.Categories) > 0 {
		rows = append(rows, menu(customID("category", string(r.Member.User)), l.text("shop.categories"), l.categories(got.Categories, category)))
	}
	if page > 1 || got.More {
		rows = append(rows, row(
			pageButton(l.text("shop.previous"), page > 1, "shop", here(page-1)...),
			pageButton(l.text("shop.next"), got.More && page < maxShelf, "shop", here(page+1)...),
		)...)
	}
	return rows
}

// categories are the options of a menu: all, and as many as there is room for; the
// option of the command completes the others.
func (l *locale) categories(all []string, present string) []discordgo.SelectMenuOption {
	options := []discordgo.SelectMenuOption{{Label: l.text("shop.all"), Value: "=", Default: present == ""}}
	for i, c := range all[:min(len(all), 24)] {
		options = append(options, discordgo.SelectMenuOption{
			Label: label(c, strconv.Itoa(i+1), 100), Value: "=" + c, Default: c == present})
	}
	return options
}

// tagged is the price and the stock of an item in plain text.
func (l *locale) tagged(i shop.Item, c economy.Currency) string {
	return joined([]string{l.number(int64(i.Price)) + " " + plain(c.Name), l.stock(i.Stock)})
}

// itemLabel is an item's name in plain text, or its number where that shows nothing.
func itemLabel(name string, id shop.ItemID, most int) string {
	return label(name, "#"+strconv.FormatInt(int64(id), 10), most)
}

// itemTitle is an item's name as a heading.
func itemTitle(i shop.Item) string { return quote(itemLabel(i.Name, i.ID, 200)) }

func menu(id, placeholder string, options []discordgo.SelectMenuOption) discordgo.MessageComponent {
	return discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.SelectMenu{
		MenuType: discordgo.StringSelectMenu, CustomID: id, Placeholder: placeholder, Options: options}}}
}

// completeCategory offers the categories that contain what is typed so far.
func (b *bank) completeCategory(ctx context.Context, r *Request) (Reply, error) {
	got, err := b.store.Catalogue(ctx, shop.CatalogueQuery{Guild: r.Guild, Viewer: r.Member, Page: 1, Size: 1, At: r.At})
	if err != nil {
		return nil, err
	}
	typed := strings.ToLower(r.typed())
	var found choices
	for i, c := range got.Categories {
		if strings.Contains(strings.ToLower(c), typed) {
			found = append(found, choice{label(c, strconv.Itoa(i+1), 100), c})
		}
	}
	return found, nil
}
