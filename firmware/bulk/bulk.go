// Package bulk draws many random pictures of a model into a file, or a part of them, so that
// several machines can share the work: picture k depends on the seed and on k alone, is the one
// that scene sample shows as its k-th, and has the same bits wherever it is drawn.
package bulk

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/latent"
	"github.com/vae-edge/vae-edge/model"
)

// A Shard is one of Of parts of a whole, Part of 1 to Of.
type Shard struct{ Part, Of int }

// maxShards is how many parts there can be.
const maxShards = 1_000_000

// ParseShard reads a shard such as "2/4".
func ParseShard(s string) (Shard, error) {
	part, of, _ := strings.Cut(s, "/")
	i, _ := strconv.Atoi(part)
	n, _ := strconv.Atoi(of)
	if s != fmt.Sprintf("%d/%d", i, n) || i < 1 || i > n || n > maxShards {
		return Shard{}, fmt.Errorf("want PART/PARTS, such as 1/4 to 4/4, of at most %d", maxShards)
	}
	return Shard{i, n}, nil
}

// Range returns which of n things are the shard's: those from first up to, but not including, end.
// Shards differ by at most one thing, and all together are all n.
func (s Shard) Range(n uint32) (first, end uint64) {
	part := func(i int) uint64 { return uint64(n) * uint64(i) / uint64(s.Of) }
	return part(s.Part - 1), part(s.Part)
}

// Options say what is drawn.
type Options struct {
	Seed    uint64
	Count   uint32 // of pictures, of all shards together
	Shard   Shard  // the zero value is the whole
	IDX     bool   // the whole begins with the header of an IDX file
	Threads int    // at least 1
}

// block is how many pictures are drawn before they are written.
const block = 256

// Draw writes the pictures of a shard: height x width x channels bytes each, one after another.
// Before the first of all stands, if IDX is set, the header of the whole; so what the shards write,
// one after another, are the bytes of the whole. It ends with the context's error when that ends.
func Draw(ctx context.Context, w io.Writer, m *model.Model, o Options) error {
	if o.Shard == (Shard{}) {
		o.Shard = Shard{1, 1}
	}
	d, err := decoder.New(m)
	if err != nil {
		return err
	}
	if o.IDX && o.Shard.Part == 1 {
		if _, err := w.Write(header(m, o.Count)); err != nil {
			return err
		}
	}
	prior := m.Prior()
	first, end := o.Shard.Range(o.Count)
	points := make([]int16, block*m.Latent)
	pixels := make([]uint8, block*m.PictureSize())
	for first < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(block, end-first)
		for k := range n {
			prior.Draw(points[int(k)*m.Latent:][:m.Latent], latent.NewStream(o.Seed, first+k))
		}
		part := pixels[:int(n)*m.PictureSize()]
		d.DecodeBatch(part, points[:int(n)*m.Latent], o.Threads)
		if _, err := w.Write(part); err != nil {
			return err
		}
		first += n
	}
	return nil
}

// header is that of an IDX file of bytes: pictures, rows, columns and, unless it is one, channels.
func header(m *model.Model, count uint32) []byte {
	dims := []uint32{count, uint32(m.Image[0]), uint32(m.Image[1])}
	if m.Image[2] != 1 {
		dims = append(dims, uint32(m.Image[2]))
	}
	out := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, d)
	}
	return out
}

// WriteFile draws to a file, which is there when it is whole.
func WriteFile(ctx context.Context, name string, m *model.Model, o Options) error {
	return atomicfile.Write(name, func(w io.Writer) error { return Draw(ctx, w, m, o) })
}
