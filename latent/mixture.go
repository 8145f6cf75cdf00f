package latent

import "errors"

// A Prior is a distribution of latent points.
type Prior interface {
	// Draw fills dst with a point of it, which follows from the state of r alone.
	Draw(dst []int16, r *Rand)
}

// Normal is the standard normal distribution with that many steps a unit.
type Normal int

// Draw implements [Prior].
func (steps Normal) Draw(dst []int16, r *Rand) { r.Normal(dst, int(steps)) }

// A Mixture is a mixture of normal distributions that have one covariance: where codes lie that do
// not have the standard normal distribution they were trained toward. What is decoded of its points
// is more like what was learnt from. (Dai and Wipf, "Diagnosing and Enhancing VAE Models", 2019,
// draw from a second model of the codes for the same reason.)
type Mixture struct {
	Shares []int16 // of the components, in parts of ShareWhole, which they add up to
	Means  []int16 // [component][dimension], in latent steps
	// Factor is the lower triangle of the Cholesky factor of the covariance, row by row, in parts
	// of FactorUnit
	Factor []int16
	Steps  int // latent steps in a unit
}

const (
	// ShareWhole is the sum of the shares.
	ShareWhole = 1 << shareBits
	shareBits  = 14
	// FactorUnit is one in the factor.
	FactorUnit = 1 << factorBits
	factorBits = 14
)

// Check reports whether it is a mixture in a space of dims dimensions.
func (m *Mixture) Check(dims int) error {
	sum := 0
	for _, s := range m.Shares {
		if s < 1 {
			return errors.New("a mixture whose shares are not all above 0")
		}
		sum += int(s)
	}
	if sum != ShareWhole || len(m.Means) != len(m.Shares)*dims || len(m.Factor) != Triangle(dims) {
		return errors.New("a mixture whose shares do not add up to the whole, or whose means or factor are not of its components and dimensions")
	}
	return nil
}

// Triangle is how many numbers a lower triangle of n rows has.
func Triangle(n int) int { return n * (n + 1) / 2 }

// Draw implements [Prior].
func (m *Mixture) Draw(dst []int16, r *Rand) {
	share := int(r.next() >> (64 - shareBits))
	k := 0
	for share >= int(m.Shares[k]) {
		share -= int(m.Shares[k])
		k++
	}
	r.Normal(dst, m.Steps)
	mean := m.Means[k*len(dst):][:len(dst)]
	// From the last: a coordinate follows from its own draw and those before.
	for i := len(dst) - 1; i >= 0; i-- {
		var sum int64
		for j, f := range m.Factor[Triangle(i):][:i+1] {
			sum += int64(f) * int64(dst[j])
		}
		dst[i] = clamp(int64(mean[i]) + (sum+FactorUnit/2)>>factorBits)
	}
}
