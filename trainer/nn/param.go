package nn

import (
	"fmt"
	"slices"
)

// Param is a named array of weights or of an optimiser's state.
type Param struct {
	Name  string
	Shape []int // row-major, the last dimension fastest
	Data  []float32
}

// Match returns given arrays by their names if they are those of a state: as many, of the same
// names and shapes. What differs is of another optimiser, network or version.
func Match(state, given []Param) (map[string]Param, error) {
	byName := map[string]Param{}
	for _, p := range given {
		byName[p.Name] = p
	}
	for _, p := range state {
		g, ok := byName[p.Name]
		switch {
		case !ok:
			return nil, fmt.Errorf("has no %q: it is of another optimizer, network or version", p.Name)
		case !slices.Equal(g.Shape, p.Shape) || len(g.Data) != len(p.Data):
			return nil, fmt.Errorf("has %q with shape %v, not %v: it is of another network", p.Name, g.Shape, p.Shape)
		}
	}
	if len(given) != len(state) {
		return nil, fmt.Errorf("has %d arrays, not %d: it is of another optimizer, network or version", len(given), len(state))
	}
	return byName, nil
}

// MostSteps is how many steps an array of float32 can count: every whole number up to this is one.
const MostSteps = 1 << 24

// Step is the number of steps that an array of one element says.
func (p *Param) Step() (int, error) {
	step := p.Data[0]
	if !(step >= 0 && step <= MostSteps && step == float32(int(step))) {
		return 0, fmt.Errorf("is of step %v: must be a whole number from 0 to %d", step, MostSteps)
	}
	return int(step), nil
}
