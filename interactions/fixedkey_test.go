package interactions

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/hex"
	"math/big"
	"slices"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
)

// order is the prime order of the base point.
var order, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

// strange encodings of points: of small order, canonical or not, and such as
// stand for no point at all.
var strange = map[string]string{
	"identity":                      "0100000000000000000000000000000000000000000000000000000000000000",
	"identity, sign set":            "0100000000000000000000000000000000000000000000000000000000000080",
	"identity beyond the field":     "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"identity beyond, sign set":     "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"order 2":                       "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"order 2, sign set":             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"order 4":                       "0000000000000000000000000000000000000000000000000000000000000000",
	"order 4, negative":             "0000000000000000000000000000000000000000000000000000000000000080",
	"order 4 beyond the field":      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"order 4 beyond, negative":      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"order 8":                       "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"order 8, negative":             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"order 8, the other":            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"order 8, the other, negative":  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"y = 2, no point":               "0200000000000000000000000000000000000000000000000000000000000000",
	"y = 3":                         "0300000000000000000000000000000000000000000000000000000000000000",
	"y = 3 beyond the field":        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"y = 18 beyond, the largest":    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"everything set":                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"the base point":                "5866666666666666666666666666666666666666666666666666666666666666",
	"the base point, the other way": "58666666666666666666666666666666666666666666666666666666666666e6",
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// little is n in 32 bytes, as scalars are written.
func little(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

// agree checks that both verifiers say the same, and returns it.
func agree(t *testing.T, name string, key, message, signature []byte) bool {
	t.Helper()
	return newFixedKey(key).agree(t, name, message, signature)
}

func (f *fixedKey) agree(t *testing.T, name string, message, signature []byte) bool {
	t.Helper()
	key, want := f.key, ed25519.Verify(f.key, message, signature)
	if got := f.verify(message, signature); got != want {
		t.Errorf("%s: got %v, want %v\nkey %x\nmessage %x\nsignature %x", name, got, want, key, message, signature)
	}
	return want
}

// forge makes a signature for the key A = a·B + T, with R = r·B + U, where T and
// U are of small order: S = r + k·a. It satisfies the equation times 8, and
// without that only where the small parts happen to cancel.
func forge(a, r *scalar.Scalar, T, U *curve.EdwardsPoint, message []byte) (key, signature []byte) {
	encode := func(p *curve.EdwardsPoint) []byte {
		var c curve.CompressedEdwardsY
		return bytes.Clone(c.SetEdwardsPoint(p)[:])
	}
	var A, R curve.EdwardsPoint
	A.MulBasepoint(curve.ED25519_BASEPOINT_TABLE, a)
	R.MulBasepoint(curve.ED25519_BASEPOINT_TABLE, r)
	key, commitment := encode(A.Add(&A, T)), encode(R.Add(&R, U))
	h := sha512.Sum512(slices.Concat(commitment, key, message))
	var k, s scalar.Scalar
	_, _ = k.SetBytesModOrderWide(h[:])
	s.Add(r, s.Mul(&k, a))
	last := make([]byte, 32)
	_ = s.ToBytes(last)
	return key, append(commitment, last...)
}

func TestSignaturesOfOddKinds(t *testing.T) {
	message := []byte("1700000000" + `{"type":1}`)
	genuine := ed25519.Sign(private, message)
	public := private.Public().(ed25519.PublicKey)
	if !agree(t, "genuine", public, message, genuine) {
		t.Error("the genuine signature is refused")
	}
	refused := func(name string, key, message, signature []byte) {
		if agree(t, name, key, message, signature) {
			t.Errorf("%s is accepted", name)
		}
	}
	for i := range 512 {
		bent := bytes.Clone(genuine)
		bent[i/8] ^= 1 << (i % 8)
		refused("a bit of the signature", public, message, bent)
	}
	for i := range 256 {
		bent := bytes.Clone(public)
		bent[i/8] ^= 1 << (i % 8)
		refused("a bit of the key", bent, message, genuine)
	}
	refused("another message", public, message[1:], genuine)
	refused("one byte short", public, message, genuine[:63])
	refused("one byte long", public, message, append(bytes.Clone(genuine), 0))
	refused("nothing", public, message, nil)
	refused("zeros", public, message, make([]byte, 64))

	s := new(big.Int).SetBytes(func() []byte { b := bytes.Clone(genuine[32:]); slices.Reverse(b); return b }())
	for n := s; n.BitLen() <= 256; n = new(big.Int).Add(n, order) {
		if same := n.Cmp(s) == 0; agree(t, "S and multiples of the order", public, message, append(bytes.Clone(genuine[:32]), little(n)...)) != same {
			t.Errorf("S = %v is accepted: %v", n, !same)
		}
	}
	for _, n := range []*big.Int{order, new(big.Int).Sub(order, big.NewInt(1)), new(big.Int).Add(order, big.NewInt(1)),
		new(big.Int).Lsh(big.NewInt(1), 252), new(big.Int).Lsh(big.NewInt(1), 253), new(big.Int).Lsh(big.NewInt(1), 255)} {
		refused("S at an edge", public, message, append(bytes.Clone(genuine[:32]), little(n)...))
	}
}

func TestStrangePoints(t *testing.T) {
	public := private.Public().(ed25519.PublicKey)
	accepted := 0
	for keyName, key := range strange {
		v := newFixedKey(unhex(key))
		for rName, r := range strange {
			for n := range 16 {
				message := []byte{byte(n)}
				for _, s := range [][]byte{make([]byte, 32), little(big.NewInt(1)), little(order)} {
					if v.agree(t, keyName+" signs with "+rName, message, append(unhex(r), s...)) {
						accepted++
					}
				}
			}
		}
		genuine := ed25519.Sign(private, []byte(keyName))
		agree(t, keyName+" as R", public, []byte(keyName), append(unhex(key), genuine[32:]...))
		agree(t, keyName+" as key", unhex(key), []byte(keyName), genuine)
	}
	if accepted == 0 {
		t.Error("keys of small order accept nothing: the table does not reach what it is about")
	}
}

func TestMixedOrders(t *testing.T) {
	accepted, refused := 0, 0
	for tName, small := range strange {
		for uName, other := range strange {
			var c curve.CompressedEdwardsY
			var T, U curve.EdwardsPoint
			_, _ = c.SetBytes(unhex(small))
			if _, err := T.SetCompressedY(&c); err != nil || !T.IsSmallOrder() {
				continue
			}
			_, _ = c.SetBytes(unhex(other))
			if _, err := U.SetCompressedY(&c); err != nil || !U.IsSmallOrder() {
				continue
			}
			for n := range 4 {
				var a, r scalar.Scalar
				a.SetUint64(uint64(n)*7 + 5)
				r.SetUint64(uint64(n)*11 + 3)
				message := []byte{byte(n)}
				key, signature := forge(&a, &r, &T, &U, message)
				if agree(t, tName+" in the key, "+uName+" in R", key, message, signature) {
					accepted++
				} else {
					refused++
				}
			}
		}
	}
	if accepted == 0 || refused == 0 {
		t.Errorf("%d accepted and %d refused, want some of each", accepted, refused)
	}
}

// FuzzSignatures holds that fixedKey and crypto/ed25519 agree on any key,
// message and signature. kind turns what comes into something close to valid,
// which chance alone would not reach.
func FuzzSignatures(f *testing.F) {
	public := []byte(private.Public().(ed25519.PublicKey))
	message := []byte("1700000000{}")
	genuine := ed25519.Sign(private, message)
	for kind := range byte(5) {
		f.Add(kind, public, message, genuine)
	}
	for _, key := range strange {
		f.Add(byte(0), unhex(key), message, append(unhex(key), make([]byte, 32)...))
		f.Add(byte(2), unhex(key), message, genuine)
		f.Add(byte(3), unhex(key), message, append(unhex(key), genuine[32:]...))
	}
	f.Fuzz(func(t *testing.T, kind byte, key, message, signature []byte) {
		if len(key) != ed25519.PublicKeySize {
			return
		}
		switch kind % 5 {
		case 1: // a genuine one of the fuzzed seed
			k := ed25519.NewKeyFromSeed(key)
			if !agree(t, "genuine", k.Public().(ed25519.PublicKey), message, ed25519.Sign(k, message)) {
				t.Error("a genuine signature is refused")
			}
			return
		case 2: // a genuine one with changes
			k := ed25519.NewKeyFromSeed(key)
			bent := ed25519.Sign(k, message)
			for i := range min(len(signature), len(bent)) {
				bent[i] ^= signature[i] & 1
			}
			key, signature = k.Public().(ed25519.PublicKey), bent
		case 3: // of mixed order
			if len(signature) < 64 {
				return
			}
			var c curve.CompressedEdwardsY
			var T, U curve.EdwardsPoint
			_, _ = c.SetBytes(key)
			if _, err := T.SetCompressedY(&c); err != nil || !T.IsSmallOrder() {
				return
			}
			_, _ = c.SetBytes(signature[:32])
			if _, err := U.SetCompressedY(&c); err != nil || !U.IsSmallOrder() {
				return
			}
			var a, r scalar.Scalar
			_, _ = a.SetBytesModOrder(signature[32:64])
			r.SetUint64(uint64(len(message)) + 1)
			key, signature = forge(&a, &r, &T, &U, message)
		case 4: // with S beyond the order
			k := ed25519.NewKeyFromSeed(key)
			signature = ed25519.Sign(k, message)
			s := bytes.Clone(signature[32:])
			slices.Reverse(s)
			if n := new(big.Int).Add(new(big.Int).SetBytes(s), order); n.BitLen() <= 256 {
				signature = append(signature[:32], little(n)...)
			}
			key = k.Public().(ed25519.PublicKey)
		}
		agree(t, "fuzzed", key, message, signature)
	})
}
