package api

import (
	"net/http"
	"sync"
	"time"

	"coffer/internal/admins"
)

// quota bounds what is under way at once, of each account and in all.
type quota struct {
	each, all       int
	errEach, errAll error

	mu   sync.Mutex
	used map[admins.ID]int
	sum  int
}

func newQuota(each, all int, errEach, errAll error) *quota {
	return &quota{each: each, all: all, errEach: errEach, errAll: errAll, used: map[admins.ID]int{}}
}

// enter takes a place, until leave is called. Errors: the quota's own.
func (q *quota) enter(account admins.ID) (leave func(), err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.used[account] >= q.each {
		return nil, q.errEach
	}
	if q.sum >= q.all {
		return nil, q.errAll
	}
	q.used[account]++
	q.sum++
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.sum--
		if q.used[account]--; q.used[account] == 0 {
			delete(q.used, account)
		}
	}, nil
}

// exports bounds the answers that may take as long as their clients read: each holds a
// page of what it sends.
type exports struct{ *quota }

const (
	exportsOfOne    = 5
	mostExports     = 50
	exportsPatience = 10 * time.Second // before somebody else may try
)

func newExports() exports {
	return exports{newQuota(exportsOfOne, mostExports, tooMany(exportsPatience), tooMany(exportsPatience))}
}

// whole bounds a handler of which each answer is one.
func (e exports) whole(next Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		leave, err := e.enter(callerOf(r).ID)
		if err != nil {
			return err
		}
		defer leave()
		return next(w, r)
	}
}

// tables bounds a handler that sends a list as a table where one is asked for.
func (e exports) tables(next Handler) Handler {
	table := e.whole(next)
	return func(w http.ResponseWriter, r *http.Request) error {
		if wantsCSV(r) {
			return table(w, r)
		}
		return next(w, r)
	}
}
