package player

import (
	"cmp"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/touch"
	"github.com/vae-edge/vae-edge/firmware/touch/touchtest"
	"github.com/vae-edge/vae-edge/internal/gate"
)

// howMany is the number that an environment variable has, or the short form's.
func howMany(t *testing.T, name string, short int) int {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return short
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a number", name, v)
	}
	return n
}

// TestSoak shows frame after frame without wire time, steers by keys and touch, goes from scene to
// scene and from model to model: the heap, goroutines, open files and the time of a frame do not
// grow. VAE_EDGE_SOAK has the number of frames of the first display: 108,000 are an hour at 30 a
// second. Others have a tenth of them, and all if VAE_EDGE_LONG is set.
func TestSoak(t *testing.T) {
	frames := howMany(t, "VAE_EDGE_SOAK", 300/gate.Step(3))
	for _, name := range append(displays[:len(displays):len(displays)], "fb0") {
		t.Run(name, func(t *testing.T) {
			frames := frames
			if name != displays[0] && os.Getenv("VAE_EDGE_LONG") == "" {
				if gate.Only(t); frames >= 3000 {
					frames /= 10
				}
			}
			args := []string{"--stats=overlay", "--frames", strconv.Itoa(frames)}
			s := newSoaking(t, frames)
			if name == "fb0" {
				s.field = newField(t, s.models[0], args...)
				s.r.FPS = 1000
				k := &soakedScreen{s: s}
				s.ends(onScreen(t, t.Context(), s.r, ScreenOptions{Touch: s.touch(), Open: func() (Screen, error) { return k, nil }}))
				return
			}
			panel, i2c := strings.CutSuffix(name, onI2C)
			s.field = newField(t, s.models[0], append(args, "--panel", panel)...)
			s.i2c, s.module.Blind = i2c, true
			s.port = func(w *port.Wires) {
				count(w, func() {
					if s.r.meter.read != nil { // else the panel is being initialised
						s.has(int(s.r.meter.read().Frames))
					}
				})
			}
			o := s.panelOptions()
			o.Touch = s.touch()
			s.ends(s.r.OnPanel(t.Context(), o))
		})
	}
}

// A soakedScreen is a screen on which nothing is seen.
type soakedScreen struct {
	s *soaking
	n int
}

func (*soakedScreen) Size() image.Point { return image.Pt(160, 90) }
func (*soakedScreen) Close() error      { return nil }
func (*soakedScreen) Forget()           {}
func (*soakedScreen) Power(bool)        {}
func (*soakedScreen) Written() int64    { return 0 }

func (d *soakedScreen) Show(image.Image) error {
	d.s.has(d.n)
	d.n++
	return nil
}

// soakParts are parts of the frames in each of which the same happens.
const soakParts = 10

// A soaking is a display that shows frames, and what that takes.
type soaking struct {
	*field
	part    int // frames of one
	models  [][]byte
	writes  chan []byte // models for the file
	writing sync.WaitGroup
	chip    *touchtest.Chip
	shown   int
	last    time.Time
	samples []sample
	times   []time.Duration
}

type sample struct {
	heap              uint64
	goroutines, files int
}

func newSoaking(t *testing.T, frames int) *soaking {
	mnist, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	inverted := *mnist
	inverted.Name, inverted.Table = "inverted", negative().Table
	s := &soaking{
		part: frames / soakParts, models: [][]byte{marshal(t, mnist), marshal(t, &inverted)}, writes: make(chan []byte, 1),
		chip: touchtest.New(), shown: -1, last: time.Now(), times: make([]time.Duration, 0, frames),
	}
	s.writing.Go(func() {
		for data := range s.writes {
			s.write(data)
			select {
			case s.hangups <- syscall.SIGHUP:
			default:
			}
		}
	})
	return s
}

func (s *soaking) touch() *touch.Options {
	return &touch.Options{Calibration: touch.DefaultCalibration, Open: func() (*port.Wires, error) { return &port.Wires{Port: s.chip}, nil }}
}

// has takes note of how many frames have been shown.
func (s *soaking) has(n int) {
	if n == s.shown {
		return
	}
	// Else some have changed nothing, after which the pipeline waits, or the panel was initialised
	if n == s.shown+1 && n > 0 {
		s.times = append(s.times, time.Since(s.last))
	}
	for ; s.shown < n; s.shown++ {
		s.do(s.shown + 1)
	}
	s.last = time.Now()
}

// do does what is to happen with a frame.
func (s *soaking) do(n int) {
	keysNow, cycle := s.r.keys, s.part/len(scene.All())
	switch k := n % s.part; {
	case k == s.part/2:
		select {
		case s.writes <- s.models[n/s.part%2]:
		default: // frames are faster than models here
		}
	case k == s.part-1:
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		open, _ := os.ReadDir("/proc/self/fd") // where there is one
		s.samples = append(s.samples, sample{m.HeapAlloc, runtime.NumGoroutine(), len(open)})
		keysNow.Tap(keys.NextScene, time.Now()) // the first one
	case k > 0 && k%cycle == 0 && k/cycle < len(scene.All()):
		keysNow.Tap(keys.NextScene, time.Now())
	case k%50 == 25:
		keysNow.Tap([]keys.Intent{keys.MoveLeft, keys.MoveUp, keys.MoveCloser, keys.GoOn}[rand.N(4)], time.Now())
	case k%50 == 40:
		s.chip.Do(func(c *touchtest.Chip) {
			if c.Finger = nil; rand.N(2) == 0 {
				c.Finger = &touchtest.Finger{X: rand.N(4096), Y: rand.N(4096), Ohms: 300}
			}
		})
	}
}

// ends holds what was measured to what it was in the beginning.
func (s *soaking) ends(err error) {
	t := s.t
	close(s.writes)
	s.writing.Wait()
	if err != nil {
		t.Fatal(err)
	}
	log := s.log.String()
	if strings.Contains(log, "trying again") || strings.Contains(log, "; model ") || strings.Contains(log, "touch: ") {
		t.Errorf("logged\n%s", log)
	}
	if len(s.samples) < soakParts-1 {
		t.Fatalf("%d samples", len(s.samples))
	}
	if f := s.chip.Faults(); len(f) > 0 {
		t.Errorf("touch: %q", f)
	}
	// Not the first, which have begun before all was there, and the least of several, for at some a
	// model is on its way.
	least := func(all []sample) sample {
		return sample{
			slices.MinFunc(all, func(a, b sample) int { return cmp.Compare(a.heap, b.heap) }).heap,
			slices.MinFunc(all, func(a, b sample) int { return cmp.Compare(a.goroutines, b.goroutines) }).goroutines,
			slices.MinFunc(all, func(a, b sample) int { return cmp.Compare(a.files, b.files) }).files,
		}
	}
	first, end := least(s.samples[1:4]), least(s.samples[len(s.samples)-3:])
	if end.heap > first.heap+1<<20 || end.goroutines > first.goroutines+3 || end.files > first.files+1 {
		t.Errorf("after %d frames: %+v, in the end %+v", 4*s.part, first, end)
	}
	n := len(s.times)
	median := func(d []time.Duration) time.Duration { return quantile(d, 0.5) }
	early, late := median(s.times[n/10:n/5]), median(s.times[n-n/10:])
	// Of fewer on a busy machine it says nothing
	if s.part*soakParts >= 10_000 && late > 3*early+time.Millisecond {
		t.Errorf("frames took %v, and %v in the end", early, late)
	}
	t.Logf("%d frames that changed something, %d models shown; one took %v (median), %v (p99.9), %v (most); heap %d kB to %d kB, %d goroutines to %d, %d open files to %d",
		n, strings.Count(log, " is shown"), median(s.times), quantile(s.times, 0.999), quantile(s.times, 1), first.heap>>10, end.heap>>10, first.goroutines, end.goroutines, first.files, end.files)
}

func quantile(d []time.Duration, q float64) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[min(int(q*float64(len(d))), len(d)-1)]
}

// TestUnpluggedAnywhere takes the panel away at everything that happens, and gives it back with
// noise in its memory: it shows the frame in the end.
func TestUnpluggedAnywhere(t *testing.T) {
	gate.Only(t)
	for _, name := range displays {
		args := []string{"--scene", "sample", "--frames", "2"}
		run := func(t *testing.T, at int) (g *rig, err error) {
			synctest.Test(t, func(t *testing.T) {
				g = newDisplay(t, name, args...)
				done := at == 0
				unplug := func() {
					if !done && g.module.Events()+1 >= at {
						done = true
						g.module.Unplug()
						time.AfterFunc(250*time.Millisecond, g.module.Replug)
					}
				}
				g.port = func(w *port.Wires) { count(w, unplug) }
				if err = g.run(t.Context()); err == nil {
					what := fmt.Sprintf("%s unplugged at event %d", name, at)
					g.checkGlass(what, args...)
					g.checkEnd(what)
				}
				time.Sleep(time.Second)
			})
			return g, err
		}
		g, err := run(t, 0)
		if err != nil {
			t.Fatal(err)
		}
		shown := g.out
		for n, step := 1, every(name, shown); n < shown; n += step {
			if _, err := run(t, n); err != nil {
				t.Errorf("%s unplugged at event %d: %v", name, n, err)
			}
		}
	}
}

// count has a port or a bus tell of its transactions.
func count(w *port.Wires, before func()) {
	if w.I2C != nil {
		w.I2C = countingDevice{w.I2C, before}
	} else {
		w.Port = countingPort{w.Port, before}
	}
}

// A countingDevice tells of transactions on I2C.
type countingDevice struct {
	conn.Conn
	before func()
}

func (c countingDevice) Tx(w, r []byte) error {
	c.before()
	return c.Conn.Tx(w, r)
}

// TestLooseContact: a fault that comes again and again is told of ever more seldom, and counted.
func TestLooseContact(t *testing.T) {
	faults := 70 / gate.Step(5)
	if testing.Short() {
		faults = 7
	}
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, "--panel", "st7735-80x160", "--fps", "10", "--frames", strconv.Itoa(52*faults+160))
		go func() {
			for range faults {
				time.Sleep(5 * time.Second)
				g.module.Unplug()
				time.Sleep(150 * time.Millisecond) // longer than a frame
				g.module.Replug()
			}
		}()
		if err := g.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(g.log.String(), "\n"), "\n")
		wants := []string{
			"unplugged; trying again for 30s", "the panel is back after 0.",
			fmt.Sprintf("the panel works again after %d faults in ", faults),
		}
		for told := 2; told <= faults; told *= 2 {
			wants = append(wants, fmt.Sprintf("; %d faults in ", told))
		}
		for _, want := range wants {
			if !strings.Contains(g.log.String(), want) {
				t.Errorf("no line says %q", want)
			}
		}
		if strings.Contains(g.log.String(), "; 3 faults in ") {
			t.Error("every fault is told of")
		}
		if len(lines) > 12 { // the fault may be met in some more commands
			t.Errorf("%d lines for %d faults", len(lines), faults)
		}
		if t.Failed() {
			t.Log(g.log)
		}
	})
}
