package vaeedge_test

import (
	"testing"

	"github.com/vae-edge/vae-edge/bench"
)

// `go test -bench ./bench` takes ./bench for a pattern, not for a folder: its first element matches
// this benchmark and its second the one within.
func Benchmark(b *testing.B) { b.Run("bench", bench.All) }
