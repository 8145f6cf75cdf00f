package bulk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/vae-edge/vae-edge/model"
)

func TestParseShard(t *testing.T) {
	if s, err := ParseShard("2/4"); err != nil || s != (Shard{2, 4}) {
		t.Errorf("%v, %v", s, err)
	}
	for _, s := range []string{"", "1", "0/4", "5/4", "-1/4", "1/0", "1/4/2", "a/b", "1/1000001", "1/ 4", "+1/4", "01/4"} {
		if got, err := ParseShard(s); err == nil {
			t.Errorf("%q is %v", s, got)
		}
	}
}

// TestRange: shards are consecutive, differ by one at most and are everything.
func TestRange(t *testing.T) {
	for _, n := range []uint32{0, 1, 3, 4, 1003, math.MaxInt32, math.MaxUint32} {
		for _, of := range []int{1, 2, 3, 7, 1000} {
			next := uint64(0)
			for i := range of {
				first, end := Shard{i + 1, of}.Range(n)
				if size := end - first; first != next || end < first || size < uint64(n)/uint64(of) || size > uint64(n)/uint64(of)+1 {
					t.Fatalf("%d of %d of %d: %d to %d after %d", i+1, of, n, first, end, next)
				}
				next = end
			}
			if next != uint64(n) {
				t.Fatalf("%d shards of %d end at %d", of, n, next)
			}
		}
	}
}

func draw(t *testing.T, m *model.Model, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	o.Threads = max(o.Threads, 1)
	if err := Draw(t.Context(), &b, m, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestShards: parts, whoever drew them, are the bytes of the whole, which are the same everywhere.
func TestShards(t *testing.T) {
	const count = block + 30
	m := model.Synthetic()
	for _, idx := range []bool{false, true} {
		whole := draw(t, m, Options{Seed: 7, Count: count, IDX: idx})
		want := count * m.PictureSize()
		if idx {
			want += 4 + 4*3
			if m.Image[2] != 1 {
				want += 4
			}
		}
		if len(whole) != want {
			t.Errorf("%d bytes, want %d", len(whole), want)
		}
		var parts []byte
		for i := range 4 {
			parts = append(parts, draw(t, m, Options{Seed: 7, Count: count, IDX: idx, Shard: Shard{i + 1, 4}, Threads: i + 1})...)
		}
		if !bytes.Equal(parts, whole) {
			t.Error("four shards are not the whole")
		}
		if bytes.Equal(draw(t, m, Options{Seed: 8, Count: count, IDX: idx}), whole) {
			t.Error("another seed draws the same")
		}
		const golden = "949884f6adac6099d543b404fb34abeb60152f46cef211d92dba783c8bf31c60"
		if sum := sha256.Sum256(whole); !idx && hex.EncodeToString(sum[:]) != golden {
			t.Errorf("hash %x, want %s", sum, golden)
		}
	}
}

// TestInterrupted: no file is left where drawing ended early.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	name := filepath.Join(t.TempDir(), "pictures.idx")
	if err := WriteFile(ctx, name, model.Synthetic(), Options{Count: 10, IDX: true, Threads: 1}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
