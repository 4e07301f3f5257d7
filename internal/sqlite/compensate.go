package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

// compensate pays back what a role that cannot be granted was bought for, and has the
// role taken, in case it was granted all the same.
func (s *Store) compensate(t *tx, d delivery, now time.Time) error {
	var list []purchase
	if err := t.each(selectPurchase+`JOIN entitlements e ON e.purchase_id = p.id
		WHERE e.member_id = ? AND e.role_id = ? AND e.ended_at IS NULL AND NOT e.granted ORDER BY p.id`,
		[]any{d.member, string(d.role)}, func(rows *sql.Rows) error {
			var p purchase
			err := rows.Scan(p.columns()...)
			list = append(list, p)
			return err
		}); err != nil || len(list) == 0 {
		return err
	}
	for _, p := range list {
		if err := s.payBack(t, p, d.role, d.error, now); err != nil {
			return err
		}
	}
	return s.deliverRole(t, d.guild, d.member, d.role, now)
}

// payBack ends what a purchase entitles to and was never granted, refunds it, and has
// its buyer and the admins told. Where the goods are not there any more, nothing is paid.
func (s *Store) payBack(t *tx, p purchase, role economy.RoleID, reason string, now time.Time) error {
	if _, err := t.exec("UPDATE entitlements SET ended_at = ? WHERE purchase_id = ?", now.UnixMicro(), int64(p.id)); err != nil {
		return err
	}
	_, buyer, err := t.refund(p, nil, "", now)
	if errors.Is(err, shop.ErrGoodsUsed) {
		return nil
	}
	if err != nil {
		return err
	}
	settings, err := t.settings(p.guild)
	if err != nil {
		return err
	}
	args, err := json.Marshal(outbox.Refunded{Purchase: int64(p.id), Item: p.name, Total: p.total, Member: buyer.user, Role: role,
		Reason: reason, Currency: settings.Currency()})
	if err != nil {
		return err
	}
	return s.notify(t, p.guild, buyer, settings.AdminChannel, outbox.Notice{Name: outbox.NoticeRefunded, Args: args}, now)
}

// notify tells a member a notice, and the admins where they have a channel.
func (s *Store) notify(t *tx, guild economy.GuildID, who *member, admins economy.ChannelID, n outbox.Notice, at time.Time) error {
	const insert = `INSERT INTO deliveries (guild_id, kind, member_id, channel_id, notice, args, due, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	clock := s.clock().UnixMicro()
	_, err := t.exec(insert, string(guild), string(outbox.Direct), who.id, nil, n.Name, string(n.Args), clock, at.UnixMicro())
	if err == nil && admins != "" {
		_, err = t.exec(insert, string(guild), string(outbox.Channel), nil, string(admins), n.Name, string(n.Args), clock, at.UnixMicro())
	}
	return err
}
