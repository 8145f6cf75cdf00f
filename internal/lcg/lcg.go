// Package lcg generates what golden hashes are about: models, latent points and pictures that are
// the same everywhere and for ever.
package lcg

// A Generator is the linear congruential generator x = 1664525 x + 1013904223 mod 2^32 (Numerical
// Recipes), whose upper bits are used. The number is its seed.
type Generator uint32

// Next returns a number in [0, n), n at most 65,536.
func (g *Generator) Next(n int) int {
	*g = *g*1664525 + 1013904223
	return int(uint64(*g>>16) * uint64(n) >> 16)
}

// Between returns a number in [low, high].
func (g *Generator) Between(low, high int) int { return low + g.Next(high-low+1) }
