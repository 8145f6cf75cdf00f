package concept

import (
	"math"
	"slices"
)

// Exchanged returns two codes with the parts exchanged that they have in the space of axes, which
// is orthonormalized by Gram and Schmidt.
func Exchanged(a, b []float64, axes [][]float64) (na, nb []float64) {
	na, nb = slices.Clone(a), slices.Clone(b)
	var basis [][]float64
	for _, axis := range axes {
		v := slices.Clone(axis)
		length := dot(v, v)
		for range 2 { // once leaves what rounding makes of it
			for _, u := range basis {
				along := dot(u, v)
				for i := range v {
					v[i] -= along * u[i]
				}
			}
		}
		rest := dot(v, v)
		if !(rest > 1e-6*length) {
			continue // it says nothing that the others do not
		}
		for i := range v {
			v[i] /= math.Sqrt(rest)
		}
		basis = append(basis, v)
	}
	for _, u := range basis {
		apart := dot(u, b) - dot(u, a)
		for i := range u {
			na[i] += apart * u[i]
			nb[i] -= apart * u[i]
		}
	}
	return na, nb
}
