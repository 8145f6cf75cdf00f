package player

import (
	"fmt"
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
	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/keys"
	"github.com/vae-edge/vae-edge/firmware/keys/keystest"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/scene"
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

// TestSoak shows frame after frame without wire time, steers, goes from scene to scene and from
// model to model: the heap, goroutines, open files and the time of a frame do not grow.
// VAE_EDGE_SOAK has the number of frames: 108,000 are an hour at 30 a second.
func TestSoak(t *testing.T) {
	const parts = 10 // in each of them the same happens
	frames := howMany(t, "VAE_EDGE_SOAK", 300/gate.Step(3))
	part := frames / parts
	mnist, err := decoder.Open(decoder.DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	inverted := *mnist
	inverted.Name, inverted.Table = "inverted", negative().Table
	models := [][]byte{marshal(t, mnist), marshal(t, &inverted)}
	f := newField(t, models[0], "--panel", "st7735-80x160", "--stats=overlay", "--frames", strconv.Itoa(frames))
	f.module.Blind = true
	f.pins = []keys.Pin{{Key: panel.Key{Meaning: panel.Left}, PinIn: keystest.New()}}

	type sample struct {
		heap              uint64
		goroutines, files int
	}
	var samples []sample
	times := make([]time.Duration, 0, frames)
	last, shown := time.Now(), -1
	writes := make(chan []byte, 1)
	var writing sync.WaitGroup
	writing.Go(func() {
		for data := range writes {
			f.write(data)
			select {
			case f.hangups <- syscall.SIGHUP:
			default:
			}
		}
	})
	cycle := part / len(scene.All())
	do := func(n int) {
		switch k := n % part; {
		case k == part/2:
			select {
			case writes <- models[n/part%2]:
			default: // frames are faster than models here
			}
		case k == part-1:
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			open, _ := os.ReadDir("/proc/self/fd") // where there is one
			samples = append(samples, sample{m.HeapAlloc, runtime.NumGoroutine(), len(open)})
			f.r.keys.Tap(keys.NextScene, time.Now()) // the first one
		case k > 0 && k%cycle == 0 && k/cycle < len(scene.All()):
			f.r.keys.Tap(keys.NextScene, time.Now())
		case k%50 == 25:
			f.r.keys.Tap([]keys.Intent{keys.MoveLeft, keys.MoveUp, keys.MoveCloser, keys.GoOn}[rand.N(4)], time.Now())
		}
	}
	f.port = func(w *port.Wires) {
		w.Port = countingPort{w.Port, func() {
			if f.r.meter.read == nil {
				return // the panel is being initialised
			}
			n := int(f.r.meter.read().Frames)
			if n == shown {
				return
			}
			// Else some have changed nothing, after which the pipeline waits, or the panel was
			// initialised
			if n == shown+1 && n > 0 {
				times = append(times, time.Since(last))
			}
			for ; shown < n; shown++ {
				do(shown + 1)
			}
			last = time.Now()
		}}
	}
	if err := f.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(writes)
	writing.Wait()
	switches := strings.Count(f.log.String(), " is shown")
	if strings.Contains(f.log.String(), "trying again") || strings.Contains(f.log.String(), "; model ") {
		t.Errorf("logged\n%s", f.log)
	}
	if len(samples) < parts-1 {
		t.Fatalf("%d samples", len(samples))
	}
	// Not the first: it has begun before all was there.
	first, end := samples[2], samples[len(samples)-1]
	if end.heap > first.heap+1<<20 || end.goroutines > first.goroutines+3 || end.files > first.files+1 {
		t.Errorf("after %d frames: %+v, in the end %+v", 3*part, first, end)
	}
	n := len(times)
	median := func(d []time.Duration) time.Duration { return quantile(d, 0.5) }
	early, late := median(times[n/10:n/5]), median(times[n-n/10:])
	// Of fewer on a busy machine it says nothing
	if frames >= 10_000 && late > 3*early+time.Millisecond {
		t.Errorf("frames took %v, and %v in the end", early, late)
	}
	t.Logf("%d frames that changed something, %d models shown; one took %v (median), %v (p99.9), %v (most); heap %d kB to %d kB, %d goroutines to %d, %d open files to %d",
		n, switches, median(times), quantile(times, 0.999), quantile(times, 1), first.heap>>10, end.heap>>10, first.goroutines, end.goroutines, first.files, end.files)
}

func quantile(d []time.Duration, q float64) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[min(int(q*float64(len(d))), len(d)-1)]
}

// TestUnpluggedAnywhere takes the panel away at everything that happens, and gives it back with
// noise in its memory: it shows the frame in the end.
func TestUnpluggedAnywhere(t *testing.T) {
	for _, name := range []string{"st7735-80x160", "gc9a01-240x240", "ili9488-320x480", "ssd1351-128x128", "ssd1306-128x64", "sh1106-128x64"} {
		dots, i2c := strings.HasSuffix(name, "-128x64"), name == "sh1106-128x64"
		args := []string{"--scene", "sample", "--frames", "2"}
		run := func(t *testing.T, at int) (g *rig, err error) {
			synctest.Test(t, func(t *testing.T) {
				g = newRig(t, append([]string{"--panel", name}, args...)...)
				g.shrink()
				done := at == 0
				unplug := func() {
					if !done && g.module.Events()+1 >= at {
						done = true
						g.module.Unplug()
						time.AfterFunc(250*time.Millisecond, g.module.Replug)
					}
				}
				g.port = func(w *port.Wires) {
					w.Port = countingPort{w.Port, unplug}
					if i2c {
						w.Port, w.DC = nil, nil
						w.I2C = countingDevice{g.module.I2C(paneltest.I2CAddress, 400*physic.KiloHertz), unplug}
					}
				}
				if err = g.run(t.Context()); err == nil {
					what := fmt.Sprintf("%s unplugged at event %d", name, at)
					if !dots { // its glass has two colours
						g.checkGlass(what, args...)
					}
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
		glass, shown := g.glass, g.out
		step := gate.Step(6)
		if name == "gc9a01-240x240" || name == "ili9488-320x480" {
			step *= every(name)
		}
		for n := 1; n < shown; n += step {
			g, err := run(t, n)
			if err != nil {
				t.Errorf("%s unplugged at event %d: %v", name, n, err)
				continue
			}
			if !samePixels(g.glass, glass) {
				t.Errorf("%s unplugged at event %d: the glass shows another picture", name, n)
			}
			if f := g.module.Faults(); len(f) > 0 {
				t.Errorf("%s unplugged at event %d: %q", name, n, f)
			}
		}
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
