package economy

import (
	"fmt"
	"sync"
	"time"
)

// Zones remembers the time zones of guilds, since loading one takes longer than
// a read. There are some hundred of them. The zero value knows none yet.
type Zones struct{ known sync.Map }

// Stored returns a time zone by the name that stands in a guild's stored settings.
// It was valid when it was stored, so no member can be blamed if it is not now:
// the error is no problem of theirs.
func (z *Zones) Stored(name string) (*time.Location, error) {
	if zone, ok := z.known.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := Settings{TimeZone: name}.Location()
	if err != nil {
		return nil, fmt.Errorf("stored settings: %v", err) //nolint:errorlint // not his problem
	}
	z.known.Store(name, zone)
	return zone, nil
}
