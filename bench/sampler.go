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
	others []other
	every  int // calls of the operation in a block
	calls  int
	spent  time.Duration // by the benchmark, at the start of the block
}

// other is what an operation is compared with.
type other struct {
	run    func() int // does some of it and says how much
	before float64    // its rate before the block, per nanosecond
	ratios []float64
}

// newSampler prepares to compare calls of op with calls of others. It calls op, so that caches are
// warm and pages touched.
func newSampler(op func(), others ...func() int) *sampler {
	op()
	start := time.Now()
	calls := 0
	for ; calls == 0 || time.Since(start) < opBlock/4; calls++ {
		op()
	}
	s := &sampler{every: max(1, int(time.Duration(calls)*opBlock/time.Since(start)))}
	for _, run := range others {
		o := other{run: run}
		o.rate()
		o.before = o.rate()
		s.others = append(s.others, o)
	}
	return s
}

// rate is how much of the other is done in a nanosecond.
func (o *other) rate() float64 {
	amount := 0
	start := time.Now()
	for amount == 0 || time.Since(start) < otherBlock {
		amount += o.run()
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
	for i := range s.others {
		o := &s.others[i]
		after := o.rate()
		o.ratios = append(o.ratios, float64(s.calls)/float64(took.Nanoseconds())/((o.before+after)/2))
		o.before = after
	}
	s.spent, s.calls = b.Elapsed(), 0
	b.StartTimer()
}

// ratio is the median of the operation's calls a nanosecond over the i-th other's amount a
// nanosecond. It is NaN where the benchmark ended before a block.
func (s *sampler) ratio(i int) float64 {
	ratios := s.others[i].ratios
	if len(ratios) == 0 {
		return math.NaN()
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}
