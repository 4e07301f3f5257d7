package interactions

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
)

// fixedKey verifies signatures of one key by crypto/ed25519's rules, at less
// than half of its cost. The equation is S·B = R + k·A. A, the key, is as fixed
// as the base point B, so both products come from tables of multiples made
// beforehand, and nothing is doubled. FuzzSignatures holds that the answers
// are crypto/ed25519's, for keys and signatures of every odd kind.
type fixedKey struct {
	key    ed25519.PublicKey
	negate *curve.EdwardsBasepointTable // of −A; nil if the key is no point: it has signed nothing
}

func newFixedKey(key ed25519.PublicKey) *fixedKey {
	f := &fixedKey{key: bytes.Clone(key)}
	var compressed curve.CompressedEdwardsY
	var a curve.EdwardsPoint
	if _, err := compressed.SetBytes(key); err != nil {
		return f
	}
	if _, err := a.SetCompressedY(&compressed); err != nil {
		return f
	}
	f.negate = curve.NewEdwardsBasepointTable(a.Neg(&a))
	return f
}

func (f *fixedKey) verify(message, signature []byte) bool {
	if len(signature) != ed25519.SignatureSize || f.negate == nil {
		return false
	}
	r, s := signature[:32], signature[32:]
	if !scalar.ScMinimalVartime(s) { // else S plus the group's order would be another signature
		return false
	}
	h := sha512.New()
	_, _ = h.Write(r)
	_, _ = h.Write(f.key)
	_, _ = h.Write(message)
	var room [sha512.Size]byte
	var k, S scalar.Scalar
	if _, err := k.SetBytesModOrderWide(h.Sum(room[:0])); err != nil {
		return false
	}
	if _, err := S.SetBytesModOrder(s); err != nil {
		return false
	}
	var sb, ka curve.EdwardsPoint
	sb.MulBasepoint(curve.ED25519_BASEPOINT_TABLE, &S)
	ka.MulBasepoint(f.negate, &k)
	var got curve.CompressedEdwardsY
	got.SetEdwardsPoint(sb.Add(&sb, &ka))
	return bytes.Equal(got[:], r) // an encoding that is not canonical is never equal
}
