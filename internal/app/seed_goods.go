package app

import (
	"coffer/internal/shop"
	"coffer/internal/simulator"
	"coffer/internal/tasks"
)

// stock fills the demo's shop with an item of each kind.
func (s *seeder) stock() {
	s.item(shop.Terms{Name: "Ship's biscuit", Category: "Provisions", Price: 15, Usable: true,
		Description: "Keeps for years. Tastes like it, too.", UseMessage: "You bite. The biscuit bites back."}, shop.Stock{})
	s.item(shop.Terms{Name: "Brass lantern", Category: "Provisions", Price: 120, MemberLimit: 1,
		Description: "One for each of the crew, while they last."}, shop.Stock{Limited: true, Left: 6})
	s.item(shop.Terms{Name: "Deckhand's badge", Category: "Ranks", Price: 300, Role: simulator.DemoNewcomerRole, RoleHours: 7 * 24,
		Description: "A week as a Deckhand, with the role."}, shop.Stock{})
	s.item(shop.Terms{Name: "Captain's table", Category: "Ranks", Price: 900, MinimumBalance: 1000,
		Description: "A seat at dinner, for those who can afford it."}, shop.Stock{Limited: true, Left: 2})
}

// work gives the demo a task of each kind. They are announced when the server runs.
func (s *seeder) work() {
	for _, t := range []tasks.Terms{
		{Title: "Sweep the pier", Reward: 20, Proof: tasks.ProofNone, Review: tasks.ByNobody, Repeat: tasks.Daily, Tries: 1,
			Description: "Every day anew. We trust you."},
		{Title: "Name the knot", Reward: 40, Proof: tasks.ProofText, Review: tasks.ByAnswer, Answer: "bowline", Repeat: tasks.Once, Tries: 3,
			Description: "It makes a loop that neither slips nor jams. What is it called?"},
		{Title: "Sketch the lighthouse", Reward: 250, Proof: tasks.ProofImage, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 2,
			Places: 3, ClaimHours: 72, Description: "Pencil, ink or pixels. The best ones hang in the tavern."},
		{Title: "Write in the logbook", Reward: 80, Proof: tasks.ProofText, Review: tasks.ByPerson, Repeat: tasks.Weekly, Tries: 3,
			Description: "What did you see on the water this week?"},
	} {
		op, err := tasks.NewTaskCreation(s.request(), s.people["ada"], t, true)
		step(s, op, err, s.store.CreateTask)
	}
}

func (s *seeder) item(t shop.Terms, stock shop.Stock) {
	op, err := shop.NewItemCreation(s.request(), s.people["ada"], t, stock)
	step(s, op, err, s.store.CreateItem)
}
