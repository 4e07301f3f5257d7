package app

import (
	"net/http"
	"time"

	"coffer/internal/metrics"
)

// counters are what the parts of the server tell of what they do; where nothing is
// counted they are nil, and the page is not there.
type counters struct {
	interaction func(kind, command, outcome string, took time.Duration)
	request     func(operation string, status, outcome int, took time.Duration)
	watch       func(streams func() int)
	page        http.Handler
}

// metrics has what the server does counted, if somebody has the token to read it.
func (s *server) metrics() counters {
	if s.metricsToken == "" {
		return counters{watch: func(func() int) {}, page: http.NotFoundHandler()}
	}
	m := metrics.New()
	m.Totals(s.store)
	s.store = measured{s.store, m.StoreCall}
	return counters{m.Interaction, m.Request, m.Streams, m.Handler(s.metricsToken)}
}
