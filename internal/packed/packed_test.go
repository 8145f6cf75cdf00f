package packed

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestPack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 100_000} {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(10 * r.NormFloat64())
		}
		packed, err := Pack(data)
		if err != nil {
			t.Fatal(err)
		}
		if n > 1000 && len(packed) > n*4/5 {
			t.Errorf("%d bytes of weights are packed into %d", n, len(packed))
		}
		got, err := Unpack(packed)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes are %d, unpacked: %v", n, len(got), err)
		}
		for _, bad := range [][]byte{packed[:len(packed)-5], packed[:3], append([]byte{1}, packed...)} {
			if _, err := Unpack(bad); err == nil {
				t.Errorf("%d bytes: damage is unpacked", n)
			}
		}
	}
}
