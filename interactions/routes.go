package interactions

// route is one row of the table as the pipeline needs it.
type route struct {
	name    string
	private bool
	manager bool
	defers  bool
	run     handlerFunc
	writes  func(*Request) bool
}

// routes find what an interaction names.
type routes struct {
	commands    map[string]*route
	completions map[string]*route
	components  map[string]*route
	modals      map[string]*route
}

// routes indexes the table. It panics on a duplicate name and on a row that
// cannot work.
func (t table) routes() *routes {
	r := &routes{
		commands:    make(map[string]*route, len(t.commands)),
		completions: map[string]*route{},
		components:  make(map[string]*route, len(t.components)),
		modals:      make(map[string]*route, len(t.modals)),
	}
	for _, c := range t.commands {
		add(r.commands, &route{c.name, c.private, c.manager, !c.opensModal, c.run, c.writes})
		if c.complete != nil {
			add(r.completions, &route{c.name, c.private, c.manager, false, c.complete, nil})
		}
		completed := false
		for _, p := range c.options {
			completed = completed || p.completed
		}
		if completed != (c.complete != nil) {
			panic("interactions: " + c.name + ": options that autocomplete and a function that completes belong together")
		}
	}
	for _, c := range t.components {
		add(r.components, &route{c.name, true, c.manager, !c.opensModal, c.run, nil})
	}
	for _, c := range t.modals {
		if c.opensModal {
			panic("interactions: " + c.name + ": a modal cannot open a modal")
		}
		add(r.modals, &route{c.name, true, c.manager, true, c.run, nil})
	}
	return r
}

func add(to map[string]*route, r *route) {
	if r.name == "" || r.run == nil {
		panic("interactions: a row without a name or a handler: " + r.name)
	}
	if to[r.name] != nil {
		panic("interactions: two rows are called " + r.name)
	}
	to[r.name] = r
}
