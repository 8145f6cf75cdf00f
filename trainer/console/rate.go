package console

import "math"

// A Rate is how much is done a second, over some minutes before: what happened long ago counts less
// and less, so that the time that is left neither swings with what else the machine does nor lags
// behind for long.
type Rate struct{ done, seconds float64 }

// Add adds what was done in a time.
func (r *Rate) Add(done, seconds float64) {
	const memory = 180 // seconds
	kept := math.Exp(-seconds / memory)
	r.done, r.seconds = r.done*kept+done, r.seconds*kept+seconds
}

// PerSecond is not a number before anything was added.
func (r *Rate) PerSecond() float64 { return r.done / r.seconds }
