package economy_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
)

type fingerprinted interface{ Fingerprint() string }

// variants returns an operation and versions of it: the same under another
// clock, key, edge and names, and others that each differ in one field.
func variants() map[string]struct {
	op     fingerprinted
	same   []fingerprinted
	others []fingerprinted
} {
	second := economy.Request{Guild: "8", Source: economy.FromSystem, Key: "other", At: first.At.Add(time.Hour)}
	lady, sir, cyd := ada, bob, economy.Person{User: "4", Name: "Ada"}
	lady.Name, sir.Name = "Lady Ada", "Sir Bob"
	one := economy.Coins(1)
	return map[string]struct {
		op     fingerprinted
		same   []fingerprinted
		others []fingerprinted
	}{
		"claim": {
			economy.DailyClaim{Request: first, Member: ada},
			[]fingerprinted{economy.DailyClaim{Request: second, Member: lady}},
			[]fingerprinted{economy.DailyClaim{Request: first, Member: cyd}},
		},
		"transfer": {
			economy.Transfer{Request: first, From: ada, To: bob, Quantity: one, Note: "n"},
			[]fingerprinted{economy.Transfer{Request: second, From: lady, To: sir, Quantity: one, Note: "n"}},
			[]fingerprinted{
				economy.Transfer{Request: first, From: cyd, To: bob, Quantity: one, Note: "n"},
				economy.Transfer{Request: first, From: ada, To: cyd, Quantity: one, Note: "n"},
				economy.Transfer{Request: first, From: bob, To: ada, Quantity: one, Note: "n"},
				economy.Transfer{Request: first, From: ada, To: bob, Quantity: economy.Coins(2), Note: "n"},
				economy.Transfer{Request: first, From: ada, To: bob, Quantity: economy.Quantity{Share: economy.All, Amount: 1}, Note: "n"},
				economy.Transfer{Request: first, From: ada, To: bob, Quantity: economy.Quantity{Share: economy.Half}, Note: "n"},
				economy.Transfer{Request: first, From: ada, To: bob, Quantity: one, Note: "N"},
				economy.Transfer{Request: first, From: ada, To: bob, Quantity: one},
			},
		},
		"adjustment": {
			economy.Adjustment{Request: first, Admin: ada, Member: bob, Kind: economy.KindGive, Amount: 1, Reason: "r"},
			[]fingerprinted{economy.Adjustment{Request: second, Admin: lady, Member: sir, Kind: economy.KindGive, Amount: 1, Reason: "r"}},
			[]fingerprinted{
				economy.Adjustment{Request: first, Admin: economy.Person{Admin: 1}, Member: bob, Kind: economy.KindGive, Amount: 1, Reason: "r"},
				economy.Adjustment{Request: first, Admin: economy.Person{Admin: 2}, Member: bob, Kind: economy.KindGive, Amount: 1, Reason: "r"},
				economy.Adjustment{Request: first, Admin: cyd, Member: bob, Kind: economy.KindGive, Amount: 1, Reason: "r"},
				economy.Adjustment{Request: first, Admin: ada, Member: cyd, Kind: economy.KindGive, Amount: 1, Reason: "r"},
				economy.Adjustment{Request: first, Admin: ada, Member: bob, Kind: economy.KindTake, Amount: 1, Reason: "r"},
				economy.Adjustment{Request: first, Admin: ada, Member: bob, Kind: economy.KindSet, Amount: 1, Reason: "r"},
				economy.Adjustment{Request: first, Admin: ada, Member: bob, Kind: economy.KindGive, Amount: 2, Reason: "r"},
				economy.Adjustment{Request: first, Admin: ada, Member: bob, Kind: economy.KindGive, Amount: 1},
			},
		},
		"import": {
			economy.BulkAdjustment{Request: first, Admin: ada, Kind: economy.KindSet, Reason: "r", Rows: []economy.BulkRow{{User: "1", Amount: 2}, {User: "3", Amount: 4, Name: "x"}}},
			[]fingerprinted{economy.BulkAdjustment{Request: second, Admin: lady, Kind: economy.KindSet, Reason: "r", Rows: []economy.BulkRow{{User: "1", Amount: 2}, {User: "3", Amount: 4, Name: "x"}}}},
			[]fingerprinted{
				economy.BulkAdjustment{Request: first, Admin: bob, Kind: economy.KindSet, Reason: "r", Rows: []economy.BulkRow{{User: "1", Amount: 2}, {User: "3", Amount: 4, Name: "x"}}},
				economy.BulkAdjustment{Request: first, Admin: ada, Kind: economy.KindSet, Rows: []economy.BulkRow{{User: "1", Amount: 2}, {User: "3", Amount: 4, Name: "x"}}},
				economy.BulkAdjustment{Request: first, Admin: ada, Kind: economy.KindSet, Reason: "r", Rows: []economy.BulkRow{{User: "1", Amount: 2}, {User: "3", Amount: 4}}},
				economy.BulkAdjustment{Request: first, Admin: ada, Kind: economy.KindSet, Reason: "r", Rows: []economy.BulkRow{{User: "1", Amount: 2}, {User: "3", Amount: 4, Name: "y"}}},
				economy.BulkAdjustment{Request: first, Admin: ada, Kind: economy.KindSet, Reason: "r", Rows: []economy.BulkRow{{User: "1", Amount: 2, Name: "x"}, {User: "3", Amount: 4}}},
				economy.BulkAdjustment{Request: first, Admin: ada, Kind: economy.KindSet, Reason: "r", Rows: []economy.BulkRow{{User: "1", Amount: 2}}},
				economy.BulkAdjustment{Request: first, Admin: ada, Kind: economy.KindSet, Reason: "r", Rows: []economy.BulkRow{{User: "3", Amount: 4, Name: "x"}, {User: "1", Amount: 2}}},
			},
		},
		"reversal": {
			economy.Reversal{Request: first, Admin: ada, Transaction: 1, Reason: "r"},
			[]fingerprinted{economy.Reversal{Request: second, Admin: lady, Transaction: 1, Reason: "r"}},
			[]fingerprinted{
				economy.Reversal{Request: first, Admin: economy.Person{Admin: 1}, Transaction: 1, Reason: "r"},
				economy.Reversal{Request: first, Admin: bob, Transaction: 1, Reason: "r"},
				economy.Reversal{Request: first, Admin: ada, Transaction: 2, Reason: "r"},
				economy.Reversal{Request: first, Admin: ada, Transaction: 1, Reason: ""},
			},
		},
		"settings": {
			economy.SettingsChange{Request: first, Admin: ada, Settings: economy.DefaultSettings()},
			[]fingerprinted{economy.SettingsChange{Request: second, Admin: lady, Settings: economy.DefaultSettings()}},
			append(settingsInEachField(), economy.SettingsChange{Request: first, Admin: bob, Settings: economy.DefaultSettings()}),
		},
	}
}

// settingsInEachField returns a change for each field of Settings, also for
// those to come.
func settingsInEachField() []fingerprinted {
	var list []fingerprinted
	for i := range reflect.TypeFor[economy.Settings]().NumField() {
		s := economy.DefaultSettings()
		switch field := reflect.ValueOf(&s).Elem().Field(i); {
		case field.CanInt():
			field.SetInt(field.Int() + 1)
		case field.Kind() == reflect.String:
			field.SetString(field.String() + "!")
		default:
			panic(fmt.Sprintf("a setting of type %s", field.Type()))
		}
		list = append(list, economy.SettingsChange{Request: first, Admin: ada, Settings: s})
	}
	return list
}

func TestFingerprintsTellOperationsApart(t *testing.T) {
	for name, v := range variants() {
		want := v.op.Fingerprint()
		for _, again := range v.same {
			if got := again.Fingerprint(); got != want {
				t.Errorf("%s: %+v has fingerprint %s, want that of %+v, %s", name, again, got, v.op, want)
			}
		}
		seen := map[string]fingerprinted{want: v.op}
		for _, other := range v.others {
			got := other.Fingerprint()
			if twin, taken := seen[got]; taken {
				t.Errorf("%s: %+v and %+v share the fingerprint %s", name, other, twin, got)
			}
			seen[got] = other
		}
	}
}

func TestFingerprintsDoNotRunFieldsTogether(t *testing.T) {
	a := economy.Reversal{Admin: economy.Person{User: "1,11:transaction"}, Reason: "x"}
	b := economy.Reversal{Admin: economy.Person{User: "1"}, Reason: "11:transactionx"}
	if a.Fingerprint() == b.Fingerprint() {
		t.Errorf("%+v and %+v share a fingerprint", a, b)
	}
	note := "the secret of the note"
	if got := (economy.Transfer{From: ada, To: bob, Note: note}).Fingerprint(); strings.Contains(got, note) || len(got) != 32 {
		t.Errorf("fingerprint %q", got)
	}
}
