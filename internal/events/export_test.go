package events

// Hold keeps the watch from being taken from or told anything, until release.
func (w *Watch) Hold() (release func()) {
	w.mu.Lock()
	return w.mu.Unlock
}

// Reset is what the hub does to a watch when the order was lost, while it is held.
func (w *Watch) Reset(head Position) {
	w.hub.head.Store(&head)
	w.queue, w.reset = nil, true
}
