package touch

import (
	"errors"
	"fmt"
	"slices"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/physic"
)

// Clock is that of the chip's wire: 16 periods a conversion, of which it makes 125,000 a second.
const Clock = 2 * physic.MegaHertz

// Control bytes: a start bit, what is converted (three bits), twelve bits, against the plate's own
// voltage, and in the last two what goes on afterwards. While the converter stays on, the pen's
// interrupt is off.
const (
	convertY  = 0x91
	convertZ1 = 0xb1
	convertZ2 = 0xc1
	convertX  = 0xd1
	sleep     = 0x03 // without these bits the converter goes off, and the interrupt on
)

const (
	full = 1<<12 - 1
	// A finger presses if the current through the contact is not nothing and the contact has at
	// most so many times the resistance of the plate for X. Below that a place is made of noise.
	leastCurrent, mostPlates = 100, 4
	samples                  = 7 // of each coordinate; an odd number
)

// program is what is sent for a reading: the pressure, both coordinates in turn, and the pressure
// again, for a finger that has gone up meanwhile. The first coordinate settles the plates.
var program = func() []byte {
	order := []byte{convertZ1, convertZ2, convertX}
	for range samples {
		order = append(order, convertY, convertX)
	}
	order = append(order, convertZ1, convertZ2&^sleep)
	var all []byte
	for _, control := range order {
		all = append(all, control, 0)
	}
	return append(all, 0)
}()

// A Reading is what the chip says at a moment.
type Reading struct {
	Touched bool
	X, Y    int // 0 to 4095, by the chip's axes
}

// ErrSilent is the error of a chip that does not answer.
var ErrSilent = errors.New("the touch controller does not answer")

// A chip is an XPT2046 behind a connection of mode 0.
type chip struct {
	conn conn.Conn
	in   []byte
	x, y []int
}

func newChip(c conn.Conn) *chip {
	return &chip{c, make([]byte, len(program)), make([]int, 0, samples), make([]int, 0, samples)}
}

// read takes a reading.
func (c *chip) read() (Reading, error) {
	clear(c.in)
	if err := c.conn.Tx(program, c.in); err != nil {
		return Reading{}, err
	}
	// A conversion's twelve bits come after the control byte and one more period.
	value := func(n int) int { return (int(c.in[2*n+1])<<8 | int(c.in[2*n+2])) >> 3 & full }
	first, same := value(0), true
	for n := range len(program) / 2 {
		same = same && value(n) == first
	}
	if same && (first == 0 || first == full) { // of no touch, the pressures are at either end
		return Reading{}, fmt.Errorf("%w: all its bits are %d; are its chip select, power and data line (MISO) connected?", ErrSilent, first&1)
	}
	last := len(program)/2 - 2
	c.x, c.y = c.x[:0], c.y[:0]
	for n := 3; n < last; n += 2 {
		c.y, c.x = append(c.y, value(n)), append(c.x, value(n+1))
	}
	slices.Sort(c.x)
	slices.Sort(c.y)
	x := c.x[samples/2]
	if !presses(x, value(0), value(1)) || !presses(x, value(last), value(last+1)) {
		return Reading{}, nil
	}
	return Reading{true, x, c.y[samples/2]}, nil
}

// presses reports whether there is a contact, from where it is and the voltages on its two sides.
// Its resistance is x/4096 (z2/z1 - 1) times that of the plate.
func presses(x, z1, z2 int) bool {
	return z1 > 0 && z2 >= z1 && z1+full-z2 >= leastCurrent && x*(z2-z1) <= mostPlates*(full+1)*z1
}
