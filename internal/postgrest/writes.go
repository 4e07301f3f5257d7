package postgrest

import (
	"context"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// request is what makes a write happen once, as functions take it.
type request struct {
	Guild       economy.GuildID `json:"guild"`
	Source      economy.Source  `json:"source"`
	Key         string          `json:"key"`
	Fingerprint string          `json:"fingerprint"`
	At          time.Time       `json:"at"`
}

func requestOf(r economy.Request, fingerprint string) request {
	return request{r.Guild, r.Source, r.Key, fingerprint, instant(r.At)}
}

// dailyResult is the result of a daily claim as the database keeps it. One that was
// moved here from another store tells the next time itself.
type dailyResult struct {
	economy.DailyReceipt
	Day  economy.Day `json:"day"`
	Zone string      `json:"zone"`
}

func (r dailyResult) receipt(zones *economy.Zones) (economy.DailyReceipt, error) {
	if r.NextDaily.IsZero() {
		at, err := zones.Stored(r.Zone)
		if err != nil {
			return economy.DailyReceipt{}, err
		}
		r.NextDaily = tasks.Daily.Next(r.Day, at)
	}
	return r.DailyReceipt, nil
}

// ClaimDaily implements economy.Store.
func (s *Store) ClaimDaily(ctx context.Context, c economy.DailyClaim) (economy.DailyReceipt, error) {
	paid, err := write[dailyResult](ctx, s, "coffer_claim_daily", struct {
		Request request `json:"request"`
		Member  person  `json:"member"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Member)})
	if err != nil {
		return economy.DailyReceipt{}, err
	}
	return paid.receipt(&s.zones)
}

// Transfer implements economy.Store.
func (s *Store) Transfer(ctx context.Context, c economy.Transfer) (economy.TransferReceipt, error) {
	return write[economy.TransferReceipt](ctx, s, "coffer_transfer", struct {
		Request request        `json:"request"`
		Payer   person         `json:"payer"`
		Payee   person         `json:"payee"`
		Share   economy.Share  `json:"share"`
		Amount  economy.Amount `json:"amount"`
		Note    string         `json:"note"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.From), personOf(c.To), c.Quantity.Share, c.Quantity.Amount, c.Note})
}

// Adjust implements economy.Store.
func (s *Store) Adjust(ctx context.Context, c economy.Adjustment) (economy.AdjustmentReceipt, error) {
	return write[economy.AdjustmentReceipt](ctx, s, "coffer_adjust", struct {
		Request request        `json:"request"`
		Admin   person         `json:"admin"`
		Member  person         `json:"member"`
		Kind    economy.Kind   `json:"kind"`
		Amount  economy.Amount `json:"amount"`
		Reason  string         `json:"reason"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), personOf(c.Member), c.Kind, c.Amount, c.Reason})
}

// Reverse implements economy.Store.
func (s *Store) Reverse(ctx context.Context, c economy.Reversal) (economy.ReversalReceipt, error) {
	return write[economy.ReversalReceipt](ctx, s, "coffer_reverse", struct {
		Request     request               `json:"request"`
		Admin       person                `json:"admin"`
		Transaction economy.TransactionID `json:"transaction"`
		Reason      string                `json:"reason"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), c.Transaction, c.Reason})
}

// ChangeSettings implements economy.Store. A time zone that the database does
// not know is refused with ErrSettings.
func (s *Store) ChangeSettings(ctx context.Context, c economy.SettingsChange) (economy.Settings, error) {
	return write[economy.Settings](ctx, s, "coffer_change_settings", struct {
		Request  request          `json:"request"`
		Admin    person           `json:"admin"`
		Settings economy.Settings `json:"settings"`
		Version  int              `json:"version"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), c.Settings, c.Version})
}
