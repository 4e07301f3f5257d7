package interactions

import "testing"

// stage is a bench that speaks one language and records what is said.
type stage struct {
	*bench
	locale string
	steps  []step
}

type step struct {
	Step  string `json:"step"`
	Reply object `json:"reply"`
}

// story plays the same scenes in every language and compares all replies with
// testdata/<name>.<locale>.json.
func story(t *testing.T, name string, play func(*stage)) {
	t.Helper()
	for _, locale := range []string{"en-US", "de"} {
		t.Run(locale, func(t *testing.T) {
			s := &stage{bench: newBench(t), locale: locale}
			play(s)
			golden(t, name+"."+locale, s.steps)
		})
	}
}

// play sends an interaction and records the reply under what it is about.
func (s *stage) play(about string, payload object) object {
	s.t.Helper()
	reply := s.send(in(payload, s.locale))
	s.steps = append(s.steps, step{about, reply})
	checkLimits(s.t, reply)
	return reply
}

// ids returns the custom ids of a response's buttons, and whether each is disabled.
func ids(response object) (all []string, disabled []bool) {
	rows, _ := data(response)["components"].([]any)
	for _, r := range rows {
		for _, c := range r.(object)["components"].([]any) {
			id, _ := c.(object)["custom_id"].(string)
			all = append(all, id)
			disabled = append(disabled, c.(object)["disabled"] == true)
		}
	}
	return all, disabled
}
