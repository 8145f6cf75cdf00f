package scene

import (
	"fmt"
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/model"
)

// TestRandomPilot steers every scene at odd sizes by whatever keys say, and goes on to another
// model now and then. The clock jumps about in all years and in a zone with odd offsets. Nothing
// panics.
func TestRandomPilot(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err) // the command has the database, its scenes do not
	}
	m, err := decoder.Open("mnist-2")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	fast := instant{m}
	for _, size := range []image.Point{{1, 1}, {1, MaxSide}, {MaxSide, 1}, {3, 7}, {160, 80}, {61, 240}} {
		now := time.Unix(0, 0)
		clock := Clock(ClockOptions{Now: func() time.Time { return now }, Zone: zone, Seconds: true, Hours12: size.X%2 == 1})
		for _, info := range append(All()[:len(All())-1:len(All())-1], clock) {
			make := func() Scene {
				s, err := info.New(fast, r.Uint64(), size)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			t.Run(fmt.Sprintf("%s %v", info.Name, size), func(t *testing.T) {
				img := NewImage(m, size, Grey)
				p := NewPilot(make(), r.Uint64()>>r.IntN(64))
				in := Input{}
				for n := range 200 {
					if n%7 == 0 {
						in = Input{DX: r.IntN(3) - 1, DY: r.IntN(3) - 1, Zoom: r.IntN(3) - 1, Auto: r.IntN(4) == 0}
					}
					if n%67 == 0 {
						p = p.On(make())
					}
					now = time.Unix(r.Int64()>>r.IntN(64)>>2, r.Int64N(1e9))
					if n%2 == 0 {
						now = time.Unix(-r.Int64N(1<<40), 0)
					}
					p.Render(img, in)
				}
			})
		}
	}
}

// instant draws nonsense at once.
type instant struct{ m *model.Model }

func (d instant) Model() *model.Model { return d.m }
func (d instant) Decode(picture []uint8, point []int16) {
	for i := range picture {
		picture[i] = uint8(i) * uint8(point[0])
	}
}
