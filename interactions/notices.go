package interactions

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/outbox"
)

// Notices puts what is delivered into words, in English: nobody's own language is known
// where no interaction is. Create it with NewNotices.
type Notices struct{ texts *locale }

// NewNotices returns the words of notices.
func NewNotices() *Notices { return &Notices{texts().english} }

// Notice returns the message, JSON, for a delivery with a notice: to the buyer where it
// goes to him directly, else to the admins. An unknown notice, or one whose arguments
// cannot be read, is an error.
func (n *Notices) Notice(lease outbox.Lease) ([]byte, error) {
	switch lease.Notice.Name {
	case outbox.NoticeRefunded:
		var r outbox.Refunded
		if err := json.Unmarshal(lease.Notice.Args, &r); err != nil {
			return nil, fmt.Errorf("read the arguments of %s: %w", lease.Notice.Name, err)
		}
		embed := n.texts.refundedForAdmins(r)
		if lease.Kind == outbox.Direct {
			embed = n.texts.refundedForBuyer(r, lease)
		}
		return encode(message{embed: embed}.data(false))
	}
	return nil, fmt.Errorf("there are no words for %q", lease.Notice.Name)
}

// refundedForBuyer is read outside the server, so it links to it, and does not mention
// the role, which Discord shows only inside.
func (l *locale) refundedForBuyer(r outbox.Refunded, lease outbox.Lease) *discordgo.MessageEmbed {
	server := "https://discord.com/channels/" + string(lease.Guild)
	return l.refunded(r, l.text("notice.refunded.buyer", "item", quote(r.Item), "total", l.coins(r.Total, r.Currency), "server", server))
}

func (l *locale) refundedForAdmins(r outbox.Refunded) *discordgo.MessageEmbed {
	e := l.refunded(r, l.text("notice.refunded.admins", "member", mention(r.Member), "item", quote(r.Item),
		"role", "<@&"+string(r.Role)+">", "total", l.coins(r.Total, r.Currency)))
	if reason := strings.TrimSpace(r.Reason); reason != "" {
		e.Fields = append(e.Fields, &discordgo.MessageEmbedField{Name: l.text("notice.refunded.reason"), Value: clip(quote(reason), 1000)})
	}
	e.Fields = append(e.Fields, &discordgo.MessageEmbedField{Name: l.text("notice.refunded.todo"), Value: l.text("notice.refunded.advice")})
	return e
}

func (l *locale) refunded(r outbox.Refunded, text string) *discordgo.MessageEmbed {
	e := card(l.text("notice.refunded.title"), text)
	e.Color = 0 // the accent is for good news
	e.Footer = footer(l.text("notice.refunded.purchase", "number", "#"+strconv.FormatInt(r.Purchase, 10)))
	return e
}
