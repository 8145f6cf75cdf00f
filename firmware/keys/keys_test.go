package keys

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"

	"github.com/vae-edge/vae-edge/firmware/keys/keystest"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/scene"
)

// TestDebounce presses a switch that bounces, and one that gets spikes.
func TestDebounce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s, r := keystest.New(), rand.New(rand.NewPCG(1, 2))
		type change struct {
			pressed bool
			at      time.Time
		}
		var mu sync.Mutex
		var got []change
		go debounce(ctx, s, func(pressed bool) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, change{pressed, time.Now()})
		})
		var want []time.Time
		for i := range 200 {
			time.Sleep(time.Duration(40+r.IntN(60)) * time.Millisecond)
			want = append(want, time.Now())
			s.Bounce(r, i%2 == 1, time.Duration(r.IntN(8))*time.Millisecond)
		}
		time.Sleep(3 * time.Second)
		mu.Lock()
		if len(got) != len(want) {
			t.Fatalf("%d changes, want %d", len(got), len(want))
		}
		for i, c := range got {
			if c.pressed != (i%2 == 0) || c.at.Sub(want[i]) > time.Millisecond {
				t.Fatalf("change %d: pressed: %t after %v", i, c.pressed, c.at.Sub(want[i]))
			}
		}
		got = nil
		mu.Unlock()

		// A spike ends before anybody can look.
		for range 20 {
			s.Set(gpio.Low)
			s.Set(gpio.High)
			time.Sleep(5 * time.Millisecond)
		}
		mu.Lock()
		if len(got) != 0 {
			t.Errorf("spikes counted: %v", got)
		}
		mu.Unlock()

		// A press that is over within the time to settle counts, as both.
		s.Set(gpio.Low)
		time.Sleep(3 * time.Millisecond)
		s.Set(gpio.High)
		time.Sleep(100 * time.Millisecond)
		mu.Lock()
		if len(got) != 2 || !got[0].pressed || got[1].pressed {
			t.Errorf("a short press: %v", got)
		}
		mu.Unlock()

		// A switch that never gets quiet does not stop the others, and its level counts in the end.
		s.Bounce(r, gpio.Low, 500*time.Millisecond)
		time.Sleep(200 * time.Millisecond)
		mu.Lock()
		if !got[len(got)-1].pressed {
			t.Error("a noisy switch that is pressed is not")
		}
		mu.Unlock()
		cancel()
		time.Sleep(2 * edgeWait)
	})

	// A switch that is closed at the start, or a line that is always low, is no key that is
	// pressed.
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := keystest.New()
		s.Set(gpio.Low)
		var got []bool
		go debounce(ctx, s, func(pressed bool) { got = append(got, pressed) })
		time.Sleep(5 * edgeWait)
		if synctest.Wait(); len(got) != 0 {
			t.Errorf("a line that is low: %v", got)
		}
		s.Set(gpio.High)
		time.Sleep(edgeWait)
		s.Set(gpio.Low)
		time.Sleep(edgeWait)
		if synctest.Wait(); len(got) != 2 || got[0] || !got[1] {
			t.Errorf("opened and closed: %v", got)
		}
		cancel()
		time.Sleep(2 * edgeWait)
	})
}

// TestKnob turns a rotary knob whose contacts bounce, back and forth.
func TestKnob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r := rand.New(rand.NewPCG(3, 4))
		a, b := keystest.New(), keystest.New()
		var mu sync.Mutex
		sum := 0
		newKnob(a, b, func(i Intent) {
			mu.Lock()
			defer mu.Unlock()
			if i == TurnRight {
				sum++
			} else {
				sum--
			}
		}).start(ctx)
		want := 0
		for range 100 {
			first, second := a, b
			if want++; r.IntN(3) == 0 {
				first, second = b, a
				want -= 2
			}
			for _, l := range []gpio.Level{gpio.Low, gpio.High} {
				first.Bounce(r, l, time.Millisecond)
				time.Sleep(3 * time.Millisecond)
				second.Bounce(r, l, time.Millisecond)
				time.Sleep(3 * time.Millisecond)
			}
			synctest.Wait()
			mu.Lock()
			if sum != want {
				t.Fatalf("%d clicks to the right, want %d", sum, want)
			}
			mu.Unlock()
		}
		// Half a click and back is none.
		a.Set(gpio.Low)
		time.Sleep(time.Millisecond)
		a.Set(gpio.High)
		synctest.Wait()
		mu.Lock()
		if sum != want {
			t.Error("half a click counted")
		}
		mu.Unlock()
		cancel()
		time.Sleep(2 * edgeWait)
	})
}

// TestControls holds what frames are told to what keys said.
func TestControls(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	c := &Controls{}
	check := func(what string, ms int, want scene.Input, next int) {
		t.Helper()
		if in, n := c.Take(at(ms)); in != want || n != next {
			t.Errorf("%s: %+v and %d scenes, want %+v and %d", what, in, n, want, next)
		}
	}
	check("nothing", 0, scene.Input{}, 0)
	c.Press(MoveLeft, at(1))
	c.Release(MoveLeft, at(2))
	check("a press shorter than a frame", 33, scene.Input{DX: -1}, 0)
	check("after it", 66, scene.Input{}, 0)
	c.Press(MoveUp, at(70))
	c.Press(MoveCloser, at(70))
	check("held", 100, scene.Input{DY: 1, Step: 1, Zoom: 1}, 0)
	c.Press(MoveDown, at(110))
	check("opposite", 133, scene.Input{Step: -1, Zoom: 1}, 0)
	c.Release(MoveUp, at(140))
	c.Release(MoveCloser, at(140))
	check("the other one", 166, scene.Input{DY: -1}, 0)
	c.Release(MoveDown, at(170))

	c.Press(NextScene, at(200))
	check("not yet", 233, scene.Input{}, 0)
	c.Release(NextScene, at(240))
	check("short", 266, scene.Input{}, 1)
	c.Press(NextScene, at(300))
	check("not yet", 800, scene.Input{}, 0)
	check("held", 950, scene.Input{Auto: true}, 0)
	check("once", 983, scene.Input{}, 0)
	c.Release(NextScene, at(1000))
	check("released", 1033, scene.Input{}, 0)
	c.Press(NextScene, at(1100))
	c.Release(NextScene, at(1100+int(holdTime/time.Millisecond)))
	check("held, and no frame came in between", 2000, scene.Input{Auto: true}, 0)

	c.Press(TurnRight, at(2000))
	c.Press(TurnRight, at(2000))
	c.Press(TurnLeft, at(2000))
	for range clickFrames {
		check("a click", 2033, scene.Input{DX: 1}, 0)
	}
	check("clicked", 2300, scene.Input{}, 0)
	c.Press(NextScene, at(2400))
	c.Press(TurnLeft, at(2410))
	c.Release(NextScene, at(2420))
	for i := range clickFrames {
		want := scene.Input{DY: -1}
		if i == 0 {
			want.Step = -1
		}
		check("a click with the key pressed", 2433, want, 0)
	}
	check("clicked", 2500, scene.Input{}, 0)
	for range 1000 {
		c.Press(TurnRight, at(2500))
	}
	n := 0
	for in, _ := c.Take(at(2500)); in.DX == 1; in, _ = c.Take(at(2500)) {
		n++
	}
	if n != mostClicks*clickFrames {
		t.Errorf("a wild turn moves for %d frames", n)
	}

	var seen []scene.Input
	for range 4 {
		c.Press(MoveAround, at(3000))
		in, _ := c.Take(at(3000))
		seen = append(seen, in)
		c.Release(MoveAround, at(3001))
		check("released", 3001, scene.Input{}, 0)
	}
	for _, want := range []scene.Input{{DX: 1}, {DX: -1}, {DY: 1, Step: 1}, {DY: -1, Step: -1}} {
		if !slices.Contains(seen, want) {
			t.Errorf("the key that moves around went %v", seen)
		}
	}

	c.Tap(MoveRight, at(4000))
	check("tapped", 4010, scene.Input{DX: 1}, 0)
	check("tapped", 4140, scene.Input{DX: 1}, 0)
	c.Tap(MoveLeft, at(4141))
	check("turned back", 4145, scene.Input{DX: -1}, 0)
	check("over", 4300, scene.Input{}, 0)
	c.Tap(NextScene, at(4400))
	c.Tap(NextScene, at(4400))
	c.Tap(GoOn, at(4400))
	c.Tap(Explain, at(4400))
	check("tapped", 4433, scene.Input{Auto: true}, 2)
	if !c.Asked() || c.Asked() {
		t.Error("nobody has asked what keys are for, or for ever")
	}
	check("over", 4466, scene.Input{}, 0)
	c.Tap(MoveDown, at(4600))
	check("tapped", 4601, scene.Input{DY: -1, Step: -1}, 0)
	c.Tap(MoveDown, at(4690))
	check("repeated while it is held", 4691, scene.Input{DY: -1}, 0)
	check("over", 4860, scene.Input{}, 0)
}

// TestIntents: every key of every board does something, and every board can move, change the scene
// and be let go on.
func TestIntents(t *testing.T) {
	for _, b := range panel.Boards {
		if len(b.Keys) == 0 {
			continue
		}
		of, has := intents(b.Keys), map[Intent]bool{}
		for _, k := range b.Keys {
			i, ok := of[k.Meaning]
			if !ok {
				t.Errorf("%s: %s does nothing", b.Name, k.Meaning)
			}
			has[i] = true
		}
		if !has[NextScene] || !has[MoveAround] && !(has[MoveLeft] && has[MoveRight] && has[MoveUp] && has[MoveDown]) {
			t.Errorf("%s: keys for %v only", b.Name, has)
		}
	}
}

// TestKeyParser: keys are recognised however the bytes are cut, and sequences that are none are
// skipped whole.
func TestKeyParser(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  []rune
	}{
		{"q", []rune{'q'}},
		{"\x1b[A\x1b[B\x1b[C\x1b[D", []rune{keyUp, keyDown, keyRight, keyLeft}},
		{"\x1bOA\x1bOD", []rune{keyUp, keyLeft}},
		{"\x1b[1;5Cx", []rune{keyRight, 'x'}},
		{"\x1b[3~\x1b[15;2~n", []rune{'n'}},
		{"\x1bq", []rune{'q'}},
		{"\x1b\x1b[A", []rune{keyUp}},
		{"\x1b[\x03", []rune{3}},
		{"\x1b[12\x03", []rune{3}},
		{"\x1b[12\x1a?", []rune{0x1a, '?'}},
		{"\x1b]0;q\x03", []rune{3}},
		{"\x1b]11;rgb:0/q/n\x07+", []rune{'+'}},
		{"\x1bP1$rq\x1b\\-", []rune{'-'}},
		{"\x1b[<0;12;7M ", []rune{' '}},
		{"\x1b[200~\t", []rune{'\t'}},
	} {
		var p parser
		var got []rune
		for i := range len(c.typed) {
			if k := p.next(c.typed[i]); k != 0 {
				got = append(got, k)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: keys %q, want %q", c.typed, got, c.want)
		}
	}
}

// FuzzKeyParser: whatever came before, Ctrl-C is a key.
func FuzzKeyParser(f *testing.F) {
	for _, s := range []string{"", "\x1b", "\x1b[", "\x1b[1;", "\x1b]0;", "\x1bP\x1b", "\x1bO"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, typed []byte) {
		var p parser
		for _, b := range typed {
			p.next(b)
		}
		if k := p.next(3); k != 3 {
			t.Errorf("after %q Ctrl-C is %q", typed, k)
		}
	})
}
