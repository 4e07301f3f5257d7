package interactions

import (
	"encoding/json"
	"strings"
	"testing"

	"coffer/internal/economy"
	"coffer/internal/outbox"
)

var _ outbox.Words = (*Notices)(nil)

func refunded() outbox.Refunded {
	return outbox.Refunded{Purchase: 12, Item: "Captain *of* the [Harbour]", Total: 1500, Member: bob, Role: "77",
		Reason: "discord: 403: Missing Permissions (50013)", Currency: economy.Currency{Symbol: "🪙", Name: "coins"}}
}

func refundNotice(t *testing.T, kind outbox.Kind, r outbox.Refunded) outbox.Lease {
	t.Helper()
	args, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Lease{Kind: kind, Guild: "1180000000000000100", User: r.Member,
		Notice: outbox.Notice{Name: outbox.NoticeRefunded, Args: args}}
}

func worded(t *testing.T, n *Notices, l outbox.Lease) object {
	t.Helper()
	body, err := n.Notice(l)
	if err != nil {
		t.Fatal(err)
	}
	var message object
	if err := json.Unmarshal(body, &message); err != nil {
		t.Fatal(err)
	}
	checkLimits(t, object{"type": 4.0, "data": map[string]any(message)})
	return message
}

func TestNoticesOfARefund(t *testing.T) {
	for tag, l := range map[string]*locale{"en-US": texts().english, "de": texts().german} {
		n := &Notices{l}
		golden(t, "notice_refunded."+tag, map[string]any{
			"buyer":  worded(t, n, refundNotice(t, outbox.Direct, refunded())),
			"admins": worded(t, n, refundNotice(t, outbox.Channel, refunded())),
		})
	}
}

func TestNoticesStayWithinDiscordsLimits(t *testing.T) {
	long := refunded()
	long.Item, long.Reason = strings.Repeat("*🪢", 2000), strings.Repeat("_é", 3000)
	long.Currency = economy.Currency{Symbol: strings.Repeat("🪙", 500), Name: strings.Repeat("*", 3000)}
	silent := refunded()
	silent.Reason, silent.Item = " ", ""
	for _, r := range []outbox.Refunded{long, silent, {}} {
		for _, kind := range []outbox.Kind{outbox.Direct, outbox.Channel} {
			worded(t, NewNotices(), refundNotice(t, kind, r))
		}
	}
}

func TestNoticesWithoutWords(t *testing.T) {
	for _, notice := range []outbox.Notice{{}, {Name: "tomorrow.came"}, {Name: outbox.NoticeRefunded},
		{Name: outbox.NoticeRefunded, Args: json.RawMessage(`{"total":"x"}`)}} {
		if body, err := NewNotices().Notice(outbox.Lease{Kind: outbox.Direct, Notice: notice}); err == nil {
			t.Errorf("%s %s is %s", notice.Name, notice.Args, body)
		}
	}
}
