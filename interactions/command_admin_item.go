package interactions

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

func (b *bank) createItem(ctx context.Context, r *Request) (Reply, error) {
	for _, name := range []string{"name", "price"} {
		if _, err := r.required(name); err != nil {
			return nil, err
		}
	}
	terms, stock, _, err := r.terms(shop.Terms{})
	if err != nil {
		return nil, err
	}
	if stock == nil {
		stock = &shop.Stock{}
	}
	creation, err := shop.NewItemCreation(r.write(r.ID), r.Member, terms, *stock)
	if err != nil {
		return nil, err
	}
	got, err := b.store.CreateItem(ctx, creation)
	if err != nil {
		return nil, err
	}
	return message{embed: r.texts.itemSheet(r.texts.text("created.title"), got)}, nil
}

// editItem asks the store twice, as only /admin settings does beside it: an edit replaces all of an
// item's terms, and those that the options do not name have to be read first. The
// version that was read is sent along, so nothing that happens in between is lost.
func (b *bank) editItem(ctx context.Context, r *Request) (Reply, error) {
	q, err := r.offered("item")
	if err != nil {
		return nil, err
	}
	if _, _, _, err := r.terms(shop.Terms{}); err != nil {
		return nil, err // what cannot be read need not be asked for
	}
	o, err := b.store.Offer(ctx, q)
	if err != nil {
		return nil, err
	}
	l := r.texts
	terms, stock, given, err := r.terms(o.Item.Terms)
	if err != nil {
		return nil, err
	}
	if given == 0 {
		title := l.text("edited.present")
		if o.Item.Archived {
			title = l.text("archived.title")
		}
		return message{embed: l.itemSheet(title, o.Item)}, nil
	}
	edit, err := shop.NewItemEdit(r.write(r.ID), r.Member, o.Item.ID, o.Item.Version, terms, stock)
	if err != nil {
		return nil, err
	}
	got, err := b.store.EditItem(ctx, edit)
	if err != nil {
		return nil, err
	}
	if stock == nil {
		o.Item.Stock = got.Stock // what was sold in between is no change of his
	}
	e := l.itemSheet(l.text("edited.title"), got)
	e.Description = l.changes(l.itemFacts(o.Item), l.itemFacts(got))
	return message{embed: e}, nil
}

func (b *bank) archiveItem(ctx context.Context, r *Request) (Reply, error) {
	id, err := r.item("item")
	if err != nil {
		return nil, err
	}
	got, err := b.store.ArchiveItem(ctx, shop.ItemArchival{Request: r.write(r.ID), Admin: r.Member, Item: id})
	if err != nil {
		return nil, err
	}
	l := r.texts
	return message{embed: card(l.text("archived.title"), l.text("archived.body", "item", quote(got.Name)))}, nil
}

// terms returns an item's terms as the options change them, the stock if they name
// one, and how many there were. What follows from a change is changed with it.
func (r *Request) terms(t shop.Terms) (shop.Terms, *shop.Stock, int, error) {
	s := &sheet{Request: r}
	s.words("name", &t.Name)
	s.coins("price", economy.ParseAmount, &t.Price)
	s.clearable("description", &t.Description)
	s.clearable("category", &t.Category)
	var stock *shop.Stock
	s.parsed("stock", func(text string) (err error) {
		stock, err = r.stock(text)
		return err
	})
	count(s, "limit", &t.MemberLimit)
	if s.role("role", true, &t.Role) && t.Role == "" {
		t.RoleHours = 0
	}
	count(s, "hours", &t.RoleHours)
	s.role("required_role", false, &t.RequiredRole)
	s.coins("minimum_balance", economy.ParseBalance, &t.MinimumBalance)
	s.clearable("picture", &t.Picture)
	message := s.clearable("message", &t.UseMessage)
	switch {
	case s.flag("usable", &t.Usable):
		if !t.Usable && !message {
			t.UseMessage = ""
		}
	case message && t.UseMessage != "":
		t.Usable = true
	}
	s.moment("from", &t.From)
	s.moment("until", &t.Until)
	return t, stock, s.given, s.err
}

// stock reads how many there are to sell, or none for no end of them.
// Errors: shop.ErrItem.
func (r *Request) stock(text string) (*shop.Stock, error) {
	if r.texts.none(text) {
		return &shop.Stock{}, nil
	}
	n, err := economy.ParseBalance(r.texts.amount(text))
	if err != nil || n > shop.MaxStock {
		return nil, shop.ErrItem.With("field", "stock")
	}
	return &shop.Stock{Limited: true, Left: int64(n)}, nil
}

// itemSheet shows all of an item, as an admin decides about it.
func (l *locale) itemSheet(title string, i shop.Item) *discordgo.MessageEmbed {
	e := card(title, l.list(l.itemFacts(i)))
	if i.Picture != "" {
		e.Thumbnail = &discordgo.MessageEmbedThumbnail{URL: i.Picture}
	}
	e.Footer = footer(l.text("sheet.footer", "number", strconv.FormatInt(int64(i.ID), 10),
		"version", l.number(int64(i.Version)), "sold", l.number(i.Sold)))
	return e
}

// fact is one line of what an admin has decided; an empty value is none.
type fact struct{ label, value string }

func (l *locale) itemFacts(i shop.Item) []fact {
	t := i.Terms
	one := func(s string) string { return quote(clip(strings.ReplaceAll(s, "\n", " "), 300)) }
	return []fact{
		{l.text("term.name"), quote(t.Name)},
		{l.text("term.price"), l.number(int64(t.Price))},
		{l.text("term.description"), one(t.Description)},
		{l.text("term.category"), quote(t.Category)},
		{l.text("term.stock"), cmp.Or(l.stock(i.Stock), l.text("goods.unlimited"))},
		{l.text("term.limit"), some(t.MemberLimit, l.number)},
		{l.text("term.role"), l.gives(shop.Terms{Role: t.Role, RoleHours: t.RoleHours})},
		{l.text("term.required_role"), some(t.RequiredRole, mentionRole)},
		{l.text("term.minimum_balance"), some(int64(t.MinimumBalance), l.number)},
		{l.text("term.picture"), one(t.Picture)},
		{l.text("term.usable"), l.gives(shop.Terms{Usable: t.Usable})},
		{l.text("term.message"), one(t.UseMessage)},
		{l.text("term.from"), some(t.From, when)},
		{l.text("term.until"), some(t.Until, when)},
	}
}

// some shows a value, and nothing where there is none.
func some[T comparable](value T, show func(T) string) string {
	var none T
	if value == none {
		return ""
	}
	return show(value)
}

// list writes the facts that there are, one a line.
func (l *locale) list(facts []fact) string {
	var b strings.Builder
	for _, f := range facts {
		if f.value != "" {
			b.WriteString("**" + f.label + "** " + f.value + "\n")
		}
	}
	return b.String()
}

// changes writes the facts that differ, one a line.
func (l *locale) changes(before, after []fact) string {
	value := func(f fact) string {
		if f.value == "" {
			return l.text("sheet.none")
		}
		return f.value
	}
	var b strings.Builder
	for i := range before {
		if before[i] != after[i] {
			b.WriteString("**" + before[i].label + "** " + value(before[i]) + " → " + value(after[i]) + "\n")
		}
	}
	if b.Len() == 0 {
		return l.text("sheet.same")
	}
	return b.String()
}
