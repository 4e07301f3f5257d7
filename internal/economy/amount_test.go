package economy_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

func TestParseAmountReadsWhatPeopleWrite(t *testing.T) {
	for text, want := range map[string]economy.Amount{
		"1": 1, "250": 250, "1000": 1000, "007": 7, " 42\t": 42,
		"1k": 1000, "1K": 1000, "2m": 2_000_000, "2M": 2_000_000, "1b": 1_000_000_000, "1B": 1_000_000_000,
		"1 k": 1000, "1.5k": 1500, "1.25k": 1250, "0.01k": 10, "0.5k": 500, "00.5k": 500, "1.05m": 1_050_000, "0.01b": 10_000_000,
		"1,000": 1000, "1 000": 1000, "1'000": 1000, "1_000": 1000, "12,345,678": 12_345_678, "1,000k": 1_000_000, "1 000.5k": 1_000_500,
		"1000000000000": economy.MaxMovement, "1,000,000,000,000": economy.MaxMovement, "1000b": economy.MaxMovement, "999.99b": 999_990_000_000,
		"0000000000000000000000000001": 1,
	} {
		got, err := economy.ParseAmount(text)
		if err != nil || got != want {
			t.Errorf("ParseAmount(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
}

func TestParseAmountRefusesTheRest(t *testing.T) {
	for want, texts := range map[*problem.Error][]string{
		economy.ErrAmountFormat: {
			"", " ", "-5", "+5", "−5", "--5", "1.000", "1.5", "0.5", "1.", ".5k", "1.k", ".", ".k", "1..5k", "1.5.5k",
			"1,00", "1,000.5", "1,000,00", "1,0000", ",000", "1,", "1,,000", "1000,000", "0001,000", "1,000 000", "1'000,000", "1_000 000",
			"1  000", "1e3", "1e300", "0x10", "1.255k", "1.5 5k", "1.5,5k", "k", "K", " m", "1kk", "1km", "k1", "1t", "1k1", "1k.5",
			"١٢", "１２", "²", "Ⅷ", "1\u00a0000", "1\u202f000", "NaN", "nan", "Inf", "-Inf", "null", "ten", "all", "half", "1/2", "50%", "$5", "5 coins",
			"1\x00", "\xff", "1\xff", "1\u200b", "🪙", "1\u212a", strings.Repeat("k", 100_000),
		},
		economy.ErrAmountRange: {
			"0", "00", "0k", "0.00k", "0,000", "1000000000001", "1,000,000,000,001", "99999999999999999999", "1000.01b", "1001b", "1000001m",
			"9223372036854775807", "9223372036854775808", "18446744073709551617", "99999999999999999999b", strings.Repeat("9", 100_000),
		},
	} {
		for _, text := range texts {
			got, err := economy.ParseAmount(text)
			if !errors.Is(err, want) || got != 0 {
				t.Errorf("ParseAmount(%.40q) = %d, %v, want %s", text, got, err, want.Code)
			}
		}
	}
}

func TestParseQuantityKnowsShares(t *testing.T) {
	for text, want := range map[string]economy.Quantity{
		"all": {Share: economy.All}, "ALL": {Share: economy.All}, " All ": {Share: economy.All},
		"half": {Share: economy.Half}, "HALF": {Share: economy.Half}, "1.5k": economy.Coins(1500), "7": {Share: economy.Exact, Amount: 7},
	} {
		got, err := economy.ParseQuantity(text)
		if err != nil || got != want {
			t.Errorf("ParseQuantity(%q) = %+v, %v, want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"": economy.ErrAmountFormat, "alll": economy.ErrAmountFormat, "all 5": economy.ErrAmountFormat, "halves": economy.ErrAmountFormat,
		"0": economy.ErrAmountRange, "1001b": economy.ErrAmountRange,
	} {
		if got, err := economy.ParseQuantity(text); !errors.Is(err, want) || got != (economy.Quantity{}) {
			t.Errorf("ParseQuantity(%q) = %+v, %v, want %v", text, got, err, want)
		}
	}
}

func TestAnAmountInAnySpellingIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, int64(economy.MaxMovement)).Draw(t, "n")
		digits := strconv.FormatInt(n, 10)
		spellings := []string{digits, "000" + digits, " " + digits + " "}
		for _, separator := range []string{",", "'", "_", " "} {
			spellings = append(spellings, grouped(digits, separator))
		}
		for suffix, scale := range map[string]int64{"k": 1_000, "m": 1_000_000, "B": 1_000_000_000} {
			if n%scale == 0 {
				spellings = append(spellings, strconv.FormatInt(n/scale, 10)+suffix)
			}
		}
		for _, text := range spellings {
			if got, err := economy.ParseAmount(text); err != nil || int64(got) != n {
				t.Fatalf("ParseAmount(%q) = %d, %v, want %d", text, got, err, n)
			}
		}
	})
}

func grouped(digits, separator string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return digits
}

func FuzzParseAmount(f *testing.F) {
	for _, text := range []string{"", "1", "1,000", "1.5k", "all", "1'000 000", "999.99b", "1e3", "١٢", "\xff", "0.01k", "99999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := economy.ParseAmount(text)
		if err != nil {
			if n != 0 || !errors.Is(err, economy.ErrAmountFormat) && !errors.Is(err, economy.ErrAmountRange) {
				t.Fatalf("ParseAmount(%q) = %d, %v", text, n, err)
			}
			return
		}
		if n < 1 || n > economy.MaxMovement {
			t.Fatalf("ParseAmount(%q) = %d, out of range", text, n)
		}
		if again, err := economy.ParseAmount(strconv.FormatInt(int64(n), 10)); err != nil || again != n {
			t.Fatalf("ParseAmount(%q) = %d, and that parses to %d, %v", text, n, again, err)
		}
		if q, err := economy.ParseQuantity(text); err != nil || q != economy.Coins(n) {
			t.Fatalf("ParseQuantity(%q) = %+v, %v, want exactly %d", text, q, err, n)
		}
	})
}

func TestQuantityOfABalance(t *testing.T) {
	all, half := economy.Quantity{Share: economy.All}, economy.Quantity{Share: economy.Half}
	for _, c := range []struct {
		q       economy.Quantity
		balance economy.Amount
		want    economy.Amount
		err     *problem.Error
	}{
		{economy.Coins(5), 5, 5, nil},
		{economy.Coins(5), 4, 0, economy.ErrInsufficientFunds},
		{economy.Coins(1), 0, 0, economy.ErrInsufficientFunds},
		{economy.Coins(0), 5, 0, economy.ErrAmountRange},
		{economy.Coins(-1), 5, 0, economy.ErrAmountRange},
		{economy.Coins(economy.MaxMovement), economy.MaxBalance, economy.MaxMovement, nil},
		{economy.Coins(economy.MaxMovement + 1), economy.MaxBalance, 0, economy.ErrAmountRange},
		{all, 7, 7, nil},
		{all, 0, 0, economy.ErrInsufficientFunds},
		{all, economy.MaxMovement, economy.MaxMovement, nil},
		{all, economy.MaxMovement + 1, 0, economy.ErrAmountRange},
		{half, 7, 3, nil},
		{half, 2, 1, nil},
		{half, 1, 0, economy.ErrInsufficientFunds},
		{half, 0, 0, economy.ErrInsufficientFunds},
		{half, 2*economy.MaxMovement + 1, economy.MaxMovement, nil},
		{half, 2*economy.MaxMovement + 2, 0, economy.ErrAmountRange},
	} {
		got, err := c.q.Of(c.balance)
		if got != c.want || (err == nil) != (c.err == nil) || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%+v of %d = %d, %v, want %d, %v", c.q, c.balance, got, err, c.want, c.err)
		}
		if errors.Is(err, economy.ErrInsufficientFunds) && problem.Of(err).Args["balance"] != c.balance {
			t.Errorf("%+v of %d: arguments %v", c.q, c.balance, problem.Of(err).Args)
		}
	}
}

func TestParseBalanceReadsNothingAndMore(t *testing.T) {
	for text, want := range map[string]economy.Amount{"0": 0, "0k": 0, " 12 ": 12, "1.5m": 1_500_000, "1000000b": economy.MaxBalance} {
		if got, err := economy.ParseBalance(text); err != nil || got != want {
			t.Errorf("ParseBalance(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "all", "1000001b", "99999999999999999999999b"} {
		if got, err := economy.ParseBalance(text); err == nil || got != 0 {
			t.Errorf("ParseBalance(%q) = %d, %v, want an error", text, got, err)
		}
	}
}

func TestAQuantityOfNoKnownShareIsRefused(t *testing.T) {
	_, err := economy.NewTransfer(economy.Request{}, economy.Person{User: "1"}, economy.Person{User: "2"}, economy.Quantity{Amount: 5}, "")
	if !errors.Is(err, economy.ErrAmountFormat) {
		t.Errorf("err = %v, want %v", err, economy.ErrAmountFormat)
	}
}
