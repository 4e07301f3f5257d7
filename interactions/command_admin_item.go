package interactions

import (
	"cmp"
	"context"
	"math"
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
	if terms.Role != "" && !r.managing {
		return nil, errItemRole
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
	return message{embed: r.texts.itemSheet(r.texts.text("created.title"), got), rows: r.itemForm(got)}, nil
}

// editItem changes an item or, without options, shows it.
func (b *bank) editItem(ctx context.Context, r *Request) (Reply, error) {
	q, err := r.offered("item")
	if err != nil {
		return nil, err
	}
	m, err := b.itemEdited(ctx, r, q, r.ID, 0)
	return m, err
}

// itemEdited asks the store twice, as only tasks and settings do beside it: an edit replaces all of an
// item's terms, and those that the options do not name have to be read first. The
// version that was read is sent along, or that which a form has shown, so nothing that
// happens in between is lost.
func (b *bank) itemEdited(ctx context.Context, r *Request, q shop.OfferQuery, key string, shown int) (message, error) {
	if _, _, _, err := r.terms(shop.Terms{}); err != nil {
		return message{}, err // what cannot be read need not be asked for
	}
	o, err := b.store.Offer(ctx, q)
	if err != nil {
		return message{}, err
	}
	l := r.texts
	terms, stock, given, err := r.terms(o.Item.Terms)
	if err != nil {
		return message{}, err
	}
	if given == 0 {
		if o.Item.Archived {
			return message{embed: l.itemSheet(l.text("archived.title"), o.Item)}, nil
		}
		return message{embed: l.itemSheet(l.text("edited.present"), o.Item), rows: r.itemForm(o.Item)}, nil
	}
	if !r.managing && sellsRoleAnew(o.Item.Terms, terms, stock) {
		return message{}, errItemRole // or he could sell himself any right that the bot can give
	}
	edit, err := shop.NewItemEdit(r.write(key), r.Member, o.Item.ID, cmp.Or(shown, o.Item.Version), terms, stock)
	if err != nil {
		return message{}, err
	}
	got, err := b.store.EditItem(ctx, edit)
	if err != nil {
		return message{}, err
	}
	if stock == nil {
		o.Item.Stock = got.Stock // what was sold in between is no change of his
	}
	e := l.itemSheet(l.text("edited.title"), got)
	e.Description = l.changes(l.itemFacts(o.Item), l.itemFacts(got))
	return message{embed: e, rows: r.itemForm(got)}, nil
}

// sellsRoleAnew reports whether an edit of an item with a role, before or after, is of
// more than its words: then it may sell the role to whom it was not sold.
func sellsRoleAnew(before, after shop.Terms, stock *shop.Stock) bool {
	if before.Role == "" && after.Role == "" {
		return false
	}
	before.Name, before.Description, before.Category, before.Picture = after.Name, after.Description, after.Category, after.Picture
	return stock != nil || after != before
}

// itemForm leads to the form of an item's words.
func (r *Request) itemForm(i shop.Item) []discordgo.MessageComponent {
	return row(r.formButton("edititem", strconv.FormatInt(int64(i.ID), 10), r.texts.text("sheet.words")))
}

// pressEditItem answers a button with a form of an item's words, for which an option has
// one line: edititem:owner:item.
func (b *bank) pressEditItem(ctx context.Context, r *Request) (Reply, error) {
	id, err := r.number(1)
	if err != nil {
		return nil, err
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	o, err := b.store.Offer(ctx, shop.OfferQuery{Guild: r.Guild, Viewer: r.Member, Item: shop.ItemID(id), At: r.At})
	if err != nil {
		return nil, err
	}
	l, i := r.texts, o.Item
	if i.Archived {
		return nil, shop.ErrUnknownItem
	}
	questions := []question{
		{name: "name", label: l.text("term.name"), present: i.Name},
		{name: "description", label: l.text("term.description"), present: i.Description, long: true, optional: true},
		{name: "category", label: l.text("term.category"), present: i.Category, optional: true},
		{name: "picture", label: l.text("sheet.picture"), present: i.Picture, optional: true},
	}
	if i.Role == "" { // what gives a role is not used
		questions = append(questions, question{name: "message", label: l.text("sheet.message"), present: i.UseMessage, long: true, optional: true})
	}
	return form(customID("edititem", r.arg(1), strconv.Itoa(i.Version), r.ID), itemLabel(i.Name, i.ID, 45), itemTerms(false), questions), nil
}

// sendEditItem answers the form: edititem:item:version:interaction.
func (b *bank) sendEditItem(ctx context.Context, r *Request) (Reply, error) {
	id, version, key, err := r.sentEdit()
	if err != nil {
		return nil, err
	}
	if err := r.answer(itemTerms(false)); err != nil {
		return nil, err
	}
	m, err := b.itemEdited(ctx, r, shop.OfferQuery{Guild: r.Guild, Viewer: r.Member, Item: shop.ItemID(id), At: r.At}, key, version)
	return r.instead(m), err
}

// sentEdit reads the form of something that has versions: name:number:version:interaction.
// Errors: errUnknownComponent.
func (r *Request) sentEdit() (id int64, version int, key string, err error) {
	id, err = r.number(0)
	if err != nil {
		return 0, 0, "", err
	}
	n, err := r.number(1)
	if err != nil || n > math.MaxInt32 {
		return 0, 0, "", errUnknownComponent
	}
	key, err = r.sent(2)
	return id, int(n), key, err
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
