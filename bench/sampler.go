package bench

import (
	"math"
	"slices"
	"testing"
	"time"
)

const (
	opBlock    = time.Millisecond
	otherBlock = opBlock / 2
)

// A sampler compares what a benchmark measures with something else, its limit for instance, while
// the benchmark runs. The clock of a processor drifts, and other programs take their share, so that
// two figures taken a second apart do not belong together: short blocks of both take turns, each
// block is compared with those of the other kind just before and after it, and the median of the
// comparisons counts.
type sampler struct {
	other  func() int // does some of the other and says how much
	every  int        // calls of the operation in a block
	calls  int
	spent  time.Duration // by the benchmark, at the start of the block
	before float64       // rate of the other before the block, per nanosecond
	ratios []float64
}

// newSampler prepares to compare calls of op with calls of other. It calls op, so that caches are
// warm and pages touched.
func newSampler(op func(), other func() int) *sampler {
	op()
	start := time.Now()
	calls := 0
	for ; calls == 0 || time.Since(start) < opBlock/4; calls++ {
		op()
	}
	s := &sampler{other: other, every: max(1, int(time.Duration(calls)*opBlock/time.Since(start)))}
	s.rate()
	s.before = s.rate()
	return s
}

// rate is how much of the other is done in a nanosecond.
func (s *sampler) rate() float64 {
	amount := 0
	start := time.Now()
	for amount == 0 || time.Since(start) < otherBlock {
		amount += s.other()
	}
	return float64(amount) / float64(time.Since(start).Nanoseconds())
}

// next is called after every call of the operation in the benchmark's loop. After a block it stops
// the benchmark's timer and samples the other.
func (s *sampler) next(b *testing.B) {
	if s.calls++; s.calls < s.every {
		return
	}
	b.StopTimer()
	took := b.Elapsed() - s.spent
	after := s.rate()
	s.ratios = append(s.ratios, float64(s.calls)/float64(took.Nanoseconds())/((s.before+after)/2))
	s.before, s.spent, s.calls = after, b.Elapsed(), 0
	b.StartTimer()
}

// ratio is the median of the operation's calls a nanosecond over the other's amount a nanosecond.
// It is NaN where the benchmark ended before a block.
func (s *sampler) ratio() float64 {
	if len(s.ratios) == 0 {
		return math.NaN()
	}
	slices.Sort(s.ratios)
	return s.ratios[len(s.ratios)/2]
}
