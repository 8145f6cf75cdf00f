package port

import (
	"testing"

	"periph.io/x/conn/v3/physic"
)

// TestDividedClock: the clock is the core's over an even number, and not above what was asked for.
func TestDividedClock(t *testing.T) {
	for _, c := range []struct {
		model       string
		asked, want int64 // kHz
	}{
		{"Raspberry Pi 3 Model B Rev 1.2", 62500, 50000},
		{"Raspberry Pi Zero 2 W Rev 1.0", 40000, 40000},
		{"Raspberry Pi 4 Model B Rev 1.4", 62500, 62500},
		{"Raspberry Pi 4 Model B Rev 1.4", 60000, 50000},
		{"Raspberry Pi 5 Model B Rev 1.0", 60000, 50000},
		{"Raspberry Pi Model B Plus", 24000, 20833},
		{"Some other board", 24000, 0},
	} {
		got := DividedClock(CoreClock(c.model), physic.Frequency(c.asked)*physic.KiloHertz)
		if int64(got/physic.KiloHertz) != c.want {
			t.Errorf("%s, %d kHz: %v, want %d kHz", c.model, c.asked, got, c.want)
		}
	}
}
