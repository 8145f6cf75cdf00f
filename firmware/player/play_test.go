package player

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/model"
)

// withDigits is the model with the ten digits as concepts, somewhere.
func withDigits(m *model.Model) *model.Model {
	for i := range 10 {
		c := model.Concept{Name: strconv.Itoa(i), Mean: make([]int16, m.Latent), Direction: make([]int16, m.Latent)}
		c.Mean[i%m.Latent], c.Direction[0] = int16(300*i), 1
		m.Concepts = append(m.Concepts, c)
	}
	return m
}

// A screen is a display that remembers when it was shown frames.
type screen struct {
	size   image.Point
	grows  time.Time // when it gets wider, if not zero
	asked  image.Point
	show   func(n int) error // told how many frames came before
	shown  []time.Time
	closed int
	fails  error // of Close
}

func (s *screen) Close() error { s.closed++; return s.fails }
func (s *screen) Size() image.Point {
	s.asked = s.size
	if !s.grows.IsZero() && time.Now().After(s.grows) {
		s.asked.X += 10
	}
	return s.asked
}
func (s *screen) Show(frame image.Image) error {
	if size := frame.Bounds().Size(); size != s.asked {
		return fmt.Errorf("a frame of %v for a screen of %v", size, s.asked)
	}
	s.shown = append(s.shown, time.Now())
	return s.show(len(s.shown) - 1)
}

// TestPacing checks the times of frames when showing one takes time, and that no error adds up.
func TestPacing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := testPlayer(t, "--frames", "7001", "--scene", "manifold")
		start := time.Now()
		s := &screen{size: image.Pt(9, 9), show: func(n int) error {
			time.Sleep(time.Duration(n%20) * time.Millisecond)
			return nil
		}}
		if err := r.play(t.Context(), s, 7); err != nil {
			t.Fatal(err)
		}
		if got := s.shown[7000].Sub(start); got != 1000*time.Second {
			t.Errorf("frame 7000 at 7 a second came after %v", got)
		}
		if got := s.shown[10].Sub(start); got != 10*time.Second/7 {
			t.Errorf("frame 10 came after %v", got)
		}
	})
}

// TestPacingLate: a display that stalls once is caught up with a little, not for ever, and one that
// is too slow is never made to hurry.
func TestPacingLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := testPlayer(t, "--frames", "40")
		start := time.Now()
		s := &screen{size: image.Pt(9, 9), show: func(n int) error {
			switch n {
			case 10:
				time.Sleep(150 * time.Millisecond) // 1.5 frames
			case 20:
				time.Sleep(time.Hour)
			}
			return nil
		}}
		if err := r.play(t.Context(), s, 10); err != nil {
			t.Fatal(err)
		}
		at := func(n int) time.Duration { return s.shown[n].Sub(start) }
		if at(11) != 1150*time.Millisecond || at(12) != 1200*time.Millisecond {
			t.Errorf("after a stall at 1 s frames came at %v and %v", at(11), at(12))
		}
		if at(21) != 2*time.Second+time.Hour || at(39) != at(21)+1800*time.Millisecond {
			t.Errorf("after an hour frame 21 came at %v, 39 at %v", at(21), at(39))
		}
	})
}

// TestPlayEnds checks that the display is closed exactly once whatever ends the show, and what is
// returned.
func TestPlayEnds(t *testing.T) {
	broken, closing := errors.New("broken"), errors.New("closing")
	for _, c := range []struct {
		name   string
		fps    int
		frames string
		show   func(n int, cancel func()) error
		close  error
		shown  int
		want   error
	}{
		{"frames", 0, "3", func(int, func()) error { return nil }, nil, 3, nil},
		{"signal", 0, "1000", func(n int, cancel func()) error { cancel(); return nil }, nil, 1, nil},
		{"signal while waiting", 1, "1000", func(n int, cancel func()) error { time.AfterFunc(time.Millisecond, cancel); return nil }, nil, 1, nil},
		{"error", 0, "1000", func(n int, _ func()) error {
			if n == 2 {
				return broken
			}
			return nil
		}, closing, 3, broken},
		{"error at the end", 0, "2", func(int, func()) error { return nil }, closing, 2, closing},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := &screen{size: image.Pt(5, 5), fails: c.close, show: func(n int) error { return c.show(n, cancel) }}
				start := time.Now()
				err := testPlayer(t, "--frames", c.frames).play(ctx, s, c.fps)
				if err != c.want || len(s.shown) != c.shown || s.closed != 1 {
					t.Errorf("error %v after %d frames, closed %d times; want %v after %d", err, len(s.shown), s.closed, c.want, c.shown)
				}
				if took := time.Since(start); took > time.Millisecond {
					t.Errorf("ended after %v", took)
				}
			})
		})
	}
	t.Run("panic", func(t *testing.T) {
		s := &screen{size: image.Pt(5, 5), show: func(int) error { panic("bug") }}
		defer func() {
			if recover() != "bug" || s.closed != 1 {
				t.Errorf("closed %d times by a panic", s.closed)
			}
		}()
		testPlayer(t).play(t.Context(), s, 0)
	})
}

// TestResize: frames have the size that the display has when they are drawn.
func TestResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &screen{size: image.Pt(20, 20), grows: time.Now().Add(time.Second), show: func(int) error { return nil }}
		if err := testPlayer(t, "--scene", "manifold", "--frames", "60").play(t.Context(), s, 30); err != nil {
			t.Fatal(err)
		}
		if want := image.Pt(30, 20); s.asked != want {
			t.Errorf("the last frame was of %v, want %v", s.asked, want)
		}
	})
}

// TestFiles reads back what is written: the pixels of the frames, their number and their times.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	r := testPlayer(t, "--frames", "18", "--size", "60x40")
	file := filepath.Join(dir, "x.png")
	if err := r.WritePNG(file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	want, err := testPlayer(t).render(17, image.Pt(60, 40))
	if err != nil {
		t.Fatal(err)
	}
	if !samePixels(got, want) {
		t.Error("the PNG's pixels are not those of the last frame")
	}

	for _, c := range []struct {
		model   *model.Model
		palette string
	}{{model.Synthetic(), "grey"}, {greyOf(model.Synthetic()), "grey"}, {greyOf(model.Synthetic()), "ember"}} {
		r := testPlayer(t, "--frames", "31", "--fps", "30", "--size", "30x40", "--palette", c.palette)
		if r.decoder.decoder, err = decoder.New(c.model); err != nil {
			t.Fatal(err)
		}
		file = filepath.Join(dir, "x.gif")
		if err := r.WriteGIF(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		if data, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		anim, err := gif.DecodeAll(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, d := range anim.Delay {
			total += d
		}
		if len(anim.Image) != 31 || total != 103 || anim.LoopCount != 0 {
			t.Errorf("%d frames in %d/100 s, loop count %d", len(anim.Image), total, anim.LoopCount)
		}
		if want, err = r.render(30, image.Pt(30, 40)); err != nil {
			t.Fatal(err)
		}
		if c.model.Image[2] == 1 && !samePixels(anim.Image[30], want) {
			t.Errorf("palette %s: the pixels of the GIF's last frame are not those of the scene's", c.palette)
		}
		// 256 colours are not those of the scene, but their mean is
		const most = 2.5 // levels of 255; without dithering it is 5
		got, mean := meanColour(anim.Image[30]), meanColour(want)
		for k := range got {
			if math.Abs(got[k]-mean[k]) > most {
				t.Errorf("the GIF's last frame is %.1f on average, the scene's %.1f", got, mean)
			}
		}
	}

	fresh := testPlayer(t, "--frames", "2")
	if err := fresh.WriteGIF(t.Context(), filepath.Join(dir, "nowhere", "x.gif")); !errors.Is(err, fs.ErrNotExist) || fresh.frame != nil {
		t.Errorf("error %v, drawn before: %v", err, fresh.frame != nil)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.WriteGIF(ctx, filepath.Join(dir, "y.gif")); err == nil || !strings.HasPrefix(err.Error(), "interrupted: ") {
		t.Errorf("interrupted: error %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 2 {
		t.Errorf("left behind: %q", left)
	}
}

// greyOf is the model with the first of its channels alone.
func greyOf(m *model.Model) *model.Model {
	last := &m.Decoder[len(m.Decoder)-1]
	last.Weight, last.Bias, last.Scale = last.Weight[:len(last.Weight)/3], last.Bias[:1], last.Scale[:1]
	last.Out[2], m.Image[2], m.Encoder = 1, 1, nil
	return m
}

func samePixels(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r, g, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if r != r2 || g != g2 || b1 != b2 {
				return false
			}
		}
	}
	return true
}

// TestChange: a key goes on from scene to scene.
func TestChange(t *testing.T) {
	// To the scenes as the options have them, and over those that the model has nothing for: three
	// classes are a path, but no clock.
	r := testPlayer(t, "--digit", "7")
	r.decoder.decoder.Model().Concepts = r.decoder.decoder.Model().Concepts[:3]
	if err := r.make(image.Pt(9, 9)); err == nil {
		t.Error("a 7 is drawn of a model that knows none")
	}
	r.info = scene.All()[0]
	if err := r.make(image.Pt(9, 9)); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for n := range uint64(4) {
		r.change(1, n)
		seen = append(seen, r.info.Name)
	}
	if want := []string{"manifold", "morph", "walk", "manifold"}; !slices.Equal(seen, want) {
		t.Errorf("scenes %v, want %v", seen, want)
	}
}

// TestChangeModel: where no model is said, a key goes on to scenes with their own; that which is
// said stays.
func TestChangeModel(t *testing.T) {
	for _, c := range []struct {
		said string
		want []string
	}{
		{"", []string{"mnist-2", "mnist-2", "mnist-16", "mnist-16", "mnist-2"}},
		{"mnist-2", []string{"mnist-2", "mnist-2", "mnist-2", "mnist-2", "mnist-2"}},
	} {
		o := say(t).Options
		o.Model = c.said
		p := newPlayer(o, terminal.NewConsole(io.Discard, terminal.ConsoleOptions{}))
		if err := p.open(); err != nil {
			t.Fatal(err)
		}
		if err := p.make(image.Pt(40, 20)); err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			p.change(1, 0)
			next := scene.All()[(i+1)%len(scene.All())].Name
			if got := p.decoder.Model().Name; got != want || p.Model != want || p.info.Name != next {
				t.Errorf("model said %q: %s is shown of %s (%s), want %s of %s", c.said, p.info.Name, got, p.Model, next, want)
			}
			p.shown.Render(p.frame, 0)
		}
	}
}

// meanColour is red, green and blue, 0 to 255.
func meanColour(m image.Image) (mean [3]float64) {
	b := m.Bounds()
	share := 1 / float64(257*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, b, _ := m.At(x, y).RGBA()
			for k, v := range []uint32{r, g, b} {
				mean[k] += share * float64(v)
			}
		}
	}
	return mean
}

// TestGIFClock: the clock of a GIF goes as it will be seen, however long it takes to write.
func TestGIFClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // at midnight, UTC
		time.Sleep(58 * time.Second)
		r := testPlayer(t, "--scene", "clock", "--time-zone", "UTC", "--frames", "30", "--fps", "10", "--size", "60x20")
		file := filepath.Join(t.TempDir(), "x.gif")
		if err := r.WriteGIF(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		anim, err := gif.DecodeAll(f)
		if err != nil {
			t.Fatal(err)
		}
		changes := ""
		for i := range 29 {
			if samePixels(anim.Image[i], anim.Image[i+1]) {
				changes += "."
			} else {
				changes += "x"
			}
		}
		// Still for a second, changing for one, still for one; smoothly, so that the first and the
		// last step may show nothing.
		if !strings.HasPrefix(changes, "..........") || !strings.HasSuffix(changes, ".........") || strings.Count(changes, "x") < 7 {
			t.Errorf("frames change %s", changes)
		}
	})
}

// TestChangeFromEdit: the next scenes after an edit are the others, and then the edit again.
func TestChangeFromEdit(t *testing.T) {
	r := testPlayer(t)
	m := r.decoder.Model()
	r.info = scene.Edit{Code: make([]int16, m.Latent), Means: [][]int16{make([]int16, m.Latent)}}.Scene()
	r.scenes = append(slices.Clone(scene.All()), r.info)
	if err := r.make(image.Pt(20, 20)); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for range len(scene.All()) + 1 {
		r.change(1, 0)
		seen = append(seen, r.info.Name)
	}
	want := []string{}
	for _, s := range scene.All() {
		want = append(want, s.Name)
	}
	if want = append(want, scene.EditName); !slices.Equal(seen, want) {
		t.Errorf("scenes %v, want %v", seen, want)
	}
}
