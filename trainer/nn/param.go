package nn

// Param is a named array of weights or of an optimiser's state.
type Param struct {
	Name  string
	Shape []int // row-major, the last dimension fastest
	Data  []float32
}
