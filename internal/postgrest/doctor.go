package postgrest

import (
	"context"
	"time"

	"coffer/internal/doctor"
)

var _ doctor.Store = (*Store)(nil)

// Condition implements doctor.Store.
func (s *Store) Condition(ctx context.Context) (doctor.Condition, error) {
	found, err := read[struct {
		At      time.Time            `json:"at"`
		Roles   []doctor.GrantedRole `json:"roles"`
		Waiting int                  `json:"waiting"`
		Failed  int                  `json:"failed"`
		Oldest  time.Time            `json:"oldest"`
		Due     time.Time            `json:"due"`
		Access  *doctor.Access       `json:"access"`
	}](ctx, s, "coffer_doctor", nil)
	if err != nil {
		return doctor.Condition{}, err
	}
	c := doctor.Condition(found)
	c.At, c.Oldest, c.Due = c.At.UTC(), c.Oldest.UTC(), c.Due.UTC()
	return c, nil
}
