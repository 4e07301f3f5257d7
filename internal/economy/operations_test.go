package economy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

var (
	ada   = economy.Person{User: "1", Name: "Ada"}
	bob   = economy.Person{User: "2", Name: "Bob"}
	robot = economy.Person{User: "3", Name: "Robot", Bot: true}
	first = economy.Request{Guild: "9", Source: economy.FromDiscord, Key: "k", At: time.Date(2024, 1, 2, 3, 4, 5, 6, time.UTC)}
)

func TestConstructorsRefuse(t *testing.T) {
	transfer := func(from, to economy.Person, q economy.Quantity, note string) error {
		_, err := economy.NewTransfer(first, from, to, q, note)
		return err
	}
	adjust := func(member economy.Person, kind economy.Kind, n economy.Amount, reason string) error {
		_, err := economy.NewAdjustment(first, ada, member, kind, n, reason)
		return err
	}
	reverse := func(reason string) error {
		_, err := economy.NewReversal(first, ada, 1, reason)
		return err
	}
	claim := func(p economy.Person) error {
		_, err := economy.NewDailyClaim(first, p)
		return err
	}
	one, all := economy.Coins(1), economy.Quantity{Share: economy.All}
	long := strings.Repeat("🪙", economy.MaxNote)
	for name, c := range map[string]struct {
		got  error
		want *problem.Error
	}{
		"claim":                  {claim(ada), nil},
		"claim by a bot":         {claim(robot), economy.ErrBotMember},
		"transfer":               {transfer(ada, bob, one, ""), nil},
		"transfer of all":        {transfer(ada, bob, all, long), nil},
		"transfer of the most":   {transfer(ada, bob, economy.Coins(economy.MaxMovement), ""), nil},
		"transfer to a bot":      {transfer(ada, robot, one, ""), economy.ErrBotMember},
		"transfer by a bot":      {transfer(robot, ada, one, ""), economy.ErrBotMember},
		"transfer to oneself":    {transfer(ada, ada, one, ""), economy.ErrSelfTransfer},
		"transfer of nothing":    {transfer(ada, bob, economy.Coins(0), ""), economy.ErrAmountRange},
		"transfer of a debt":     {transfer(ada, bob, economy.Coins(-1), ""), economy.ErrAmountRange},
		"transfer of too much":   {transfer(ada, bob, economy.Coins(economy.MaxMovement+1), ""), economy.ErrAmountRange},
		"long note":              {transfer(ada, bob, one, long+"!"), economy.ErrNote},
		"note in two lines":      {transfer(ada, bob, one, "a\nb"), economy.ErrNote},
		"note with NUL":          {transfer(ada, bob, one, "\x00"), economy.ErrNote},
		"note with DEL":          {transfer(ada, bob, one, "\x7f"), economy.ErrNote},
		"note that is no text":   {transfer(ada, bob, one, "\xff"), economy.ErrNote},
		"give":                   {adjust(bob, economy.KindGive, 1, long), nil},
		"give to oneself":        {adjust(ada, economy.KindGive, 1, ""), nil},
		"give the most":          {adjust(bob, economy.KindGive, economy.MaxMovement, ""), nil},
		"give too much":          {adjust(bob, economy.KindGive, economy.MaxMovement+1, ""), economy.ErrAmountRange},
		"give nothing":           {adjust(bob, economy.KindGive, 0, ""), economy.ErrAmountRange},
		"take":                   {adjust(bob, economy.KindTake, 1, ""), nil},
		"take nothing":           {adjust(bob, economy.KindTake, 0, ""), economy.ErrAmountRange},
		"set to nothing":         {adjust(bob, economy.KindSet, 0, ""), nil},
		"set to the most":        {adjust(bob, economy.KindSet, economy.MaxBalance, ""), nil},
		"set to a debt":          {adjust(bob, economy.KindSet, -1, ""), economy.ErrAmountRange},
		"set to too much":        {adjust(bob, economy.KindSet, economy.MaxBalance+1, ""), economy.ErrAmountRange},
		"give to a bot":          {adjust(robot, economy.KindGive, 1, ""), economy.ErrBotMember},
		"long reason":            {adjust(bob, economy.KindGive, 1, long+"!"), economy.ErrNote},
		"reversal":               {reverse(long), nil},
		"reversal, long reason":  {reverse(long + "!"), economy.ErrNote},
		"reversal, two lines":    {reverse("a\rb"), economy.ErrNote},
		"note with C1 character": {transfer(ada, bob, one, "\u0085"), economy.ErrNote},
	} {
		if (c.got == nil) != (c.want == nil) || c.want != nil && !errors.Is(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
	}
	for _, kind := range []economy.Kind{"", economy.KindDaily, economy.KindOpening, economy.KindTransfer, economy.KindReversal} {
		if err := adjust(bob, kind, 1, ""); problem.Of(err).Kind != problem.Internal || err == nil {
			t.Errorf("adjustment of kind %q: got %v, want a defect", kind, err)
		}
	}
}

func TestChange(t *testing.T) {
	const moves, most = economy.MaxMovement, economy.MaxBalance
	for _, c := range []struct {
		kind         economy.Kind
		n            economy.Amount
		balance, max economy.Amount
		want         economy.Amount
		err          *problem.Error
	}{
		{economy.KindGive, 5, 10, 100, 5, nil},
		{economy.KindGive, 90, 10, 100, 90, nil},
		{economy.KindGive, 91, 10, 100, 0, economy.ErrWalletFull},
		{economy.KindGive, 1, 500, 100, 0, economy.ErrWalletFull},
		{economy.KindGive, moves, most - moves, most, moves, nil},
		{economy.KindTake, 10, 10, 100, -10, nil},
		{economy.KindTake, 11, 10, 100, 0, economy.ErrInsufficientFunds},
		{economy.KindTake, 1, 500, 100, -1, nil},
		{economy.KindSet, 10, 10, 100, 0, nil},
		{economy.KindSet, 0, 10, 100, -10, nil},
		{economy.KindSet, 100, 10, 100, 90, nil},
		{economy.KindSet, 101, 10, 100, 0, economy.ErrWalletFull},
		{economy.KindSet, 500, 500, 100, 0, nil},
		{economy.KindSet, 400, 500, 100, -100, nil},
		{economy.KindSet, 501, 500, 100, 0, economy.ErrWalletFull},
		{economy.KindSet, moves, 0, most, moves, nil},
		{economy.KindSet, moves + 1, 0, most, 0, economy.ErrAmountRange},
		{economy.KindSet, 0, moves, most, -moves, nil},
		{economy.KindSet, 0, moves + 1, most, 0, economy.ErrAmountRange},
		{economy.KindSet, most, 0, 100, 0, economy.ErrWalletFull},
	} {
		s := economy.DefaultSettings()
		s.MaxBalance = c.max
		a, err := economy.NewAdjustment(first, ada, bob, c.kind, c.n, "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Change(c.balance, s)
		if got != c.want || (err == nil) != (c.err == nil) || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s %d of %d (max %d): got %d, %v, want %d, %v", c.kind, c.n, c.balance, c.max, got, err, c.want, c.err)
		}
	}
}
