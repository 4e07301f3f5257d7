package postgrest

import (
	"context"
	"time"

	"coffer/internal/lease"
)

// TakeLease implements lease.Store.
func (s *Store) TakeLease(ctx context.Context, name, holder string, life time.Duration) (lease.Lease, error) {
	taken, err := write[struct {
		Token  int64  `json:"token"`
		Holder string `json:"holder"`
	}](ctx, s, "coffer_take_lease", struct {
		Name    string `json:"name"`
		Holder  string `json:"holder"`
		Life    string `json:"life"`
		Longest string `json:"longest"`
	}{name, holder, span(life), span(lease.Longest)})
	return lease.Lease(taken), err
}

// RenewLease implements lease.Store.
func (s *Store) RenewLease(ctx context.Context, name string, token int64, life time.Duration) (bool, error) {
	return write[bool](ctx, s, "coffer_renew_lease", struct {
		Name  string `json:"name"`
		Token int64  `json:"token"`
		Life  string `json:"life"`
	}{name, token, span(life)})
}

// ReturnLease implements lease.Store.
func (s *Store) ReturnLease(ctx context.Context, name string, token int64) error {
	_, err := write[bool](ctx, s, "coffer_return_lease", struct {
		Name  string `json:"name"`
		Token int64  `json:"token"`
	}{name, token})
	return err
}
