package scene

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// A testClock is a clock scene whose time is set.
type testClock struct {
	*clock
	decodes *counter
	time    time.Time
	img     *image.Gray
}

func newTestClock(t *testing.T, size image.Point, o ClockOptions) *testClock {
	t.Helper()
	m := classed(greyModel())
	c := &testClock{decodes: &counter{Decoder: newDecoder(t, m)}, img: NewImage(m, size, Grey).(*image.Gray)}
	o.Now = func() time.Time { return c.time }
	s, err := Clock(o).New(c.decodes, 1, size)
	if err != nil {
		t.Fatal(err)
	}
	c.clock = s.(*clock)
	return c
}

// at shows the time, and returns how many digits were decoded for that.
func (c *testClock) at(now time.Time) int {
	c.time, c.decodes.n = now, 0
	c.Render(c.img, 0)
	return c.decodes.n
}

// reads returns what the digits would be if they were those of the means, in the order in which
// they are read.
func (c *testClock) reads() string {
	var b strings.Builder
	places := slices.Clone(c.places)
	slices.SortFunc(places, func(a, b place) int { return a.digit - b.digit })
	for _, p := range places {
		if p.level == 0 {
			b.WriteByte(' ')
			continue
		}
		best, least := 0, int64(math.MaxInt64)
		for i, concept := range c.concepts {
			far := int64(0)
			for k, v := range c.decoder.Model().Concepts[concept].Mean {
				d := int64(v) - int64(p.shown[k])
				far += d * d
			}
			if far < least {
				best, least = i, far
			}
		}
		b.WriteByte(byte('0' + best))
	}
	return b.String()
}

func utc(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05.999", s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestClockReads: the digits are those of the time: at midnight, where summer time begins and ends,
// and at once after the time was set forwards or backwards.
func TestClockReads(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	kathmandu := time.FixedZone("", 5*3600+45*60)
	monrovia := time.FixedZone("", -44*60-30) // as it was in 1970
	for _, c := range []struct {
		zone       *time.Location
		hours12    bool
		at, digits string
	}{
		{time.UTC, false, "1970-01-01 00:00:12", "000012"},
		{time.UTC, false, "2026-11-25 09:41:07.5", "094107"}, // the time is set by NTP
		{time.UTC, false, "2026-11-25 09:41:03", "094103"},   // and back a little
		{time.UTC, false, "1969-12-31 23:59:58", "235958"},
		{time.UTC, false, "2026-12-31 23:59:59.1", "235959"},
		{time.UTC, false, "2026-12-31 23:59:59.999", "000000"},
		{time.UTC, false, "2027-01-01 00:00:00", "000000"},
		{berlin, false, "2026-03-29 00:59:30", "015930"},
		{berlin, false, "2026-03-29 00:59:59.999", "030000"},
		{berlin, false, "2026-03-29 01:00:00", "030000"},
		{berlin, false, "2026-10-25 00:59:59.1", "025959"},
		{berlin, false, "2026-10-25 00:59:59.999", "020000"},
		{berlin, false, "2026-10-25 01:00:00", "020000"},
		{kathmandu, false, "2026-01-01 18:14:59", "235959"},
		{monrovia, false, "1970-01-01 12:00:29.1", "111559"},
		{monrovia, false, "1970-01-01 12:00:30", "111600"},
		{time.UTC, true, "2026-01-01 00:30:00", "123000"},
		{time.UTC, true, "2026-01-01 09:59:00", " 95900"},
		{time.UTC, true, "2026-01-01 09:59:59.999", "100000"},
		{time.UTC, true, "2026-01-01 12:00:01", "120001"},
		{time.UTC, true, "2026-01-01 12:59:59.999", " 10000"},
		{time.UTC, true, "2026-01-01 13:05:00", " 10500"},
	} {
		s := newTestClock(t, image.Pt(320, 100), ClockOptions{Zone: c.zone, Hours12: c.hours12, Seconds: true})
		s.at(utc(t, "2001-02-03 04:05:06")) // whatever was shown before
		s.at(utc(t, c.at))
		if got := s.reads(); got != c.digits && !(c.digits[0] == ' ' && got[1:] == c.digits[1:] && s.places[0].level < 4) {
			t.Errorf("%s in %v reads %q, want %q", c.at, c.zone, got, c.digits)
		}
	}
}

// TestClockStill: between changes nothing is decoded; all digits change in the last second of a
// minute and are written in new hands, without a jump.
func TestClockStill(t *testing.T) {
	s := newTestClock(t, image.Pt(240, 240), ClockOptions{Zone: time.UTC})
	start := utc(t, "2026-01-01 11:11:00")
	if n := s.at(start); n != 4 {
		t.Errorf("the first frame decodes %d digits, want 4", n)
	}
	first := slices.Clone(s.img.Pix)
	for ms := 0; ms <= 59000; ms += 500 {
		if n := s.at(start.Add(time.Duration(ms) * time.Millisecond)); n != 0 {
			t.Fatalf("%d digits are decoded after %d ms", n, ms)
		}
	}
	if !slices.Equal(first, s.img.Pix) {
		t.Error("the clock does not stand still")
	}
	before := slices.Clone(s.img.Pix)
	for ms := 59040; ms <= 60000; ms += 40 {
		n := s.at(start.Add(time.Duration(ms) * time.Millisecond))
		if n > 4 || n == 0 && ms > 59200 && ms < 59900 {
			t.Errorf("%d digits are decoded after %d ms", n, ms)
		}
		most := 0
		for i, v := range s.img.Pix {
			most = max(most, int(v)-int(before[i]), int(before[i])-int(v))
		}
		if most > 60 {
			t.Errorf("a pixel changes by %d after %d ms", most, ms)
		}
		copy(before, s.img.Pix)
	}
	// 11:12 has two digits of 11:11, in another hand.
	last := slices.Clone(s.places[0].shown)
	s.at(start)
	if slices.Equal(last, s.places[0].shown) || slices.Equal(s.places[0].shown, s.places[1].shown) {
		t.Error("two digits are drawn alike")
	}
	if !slices.Equal(first, s.img.Pix) {
		t.Error("a time is drawn differently after another")
	}
}

// TestClockFits: on every panel, digits are as large as they should be, inside and apart, and the
// colon is a colon.
func TestClockFits(t *testing.T) {
	for _, c := range []struct {
		size    image.Point
		seconds bool
		lines   int
		digit   int // height of its picture
	}{
		{image.Pt(240, 240), false, 2, 140},
		{image.Pt(320, 240), false, 2, 140},
		{image.Pt(320, 170), false, 1, 101},
		{image.Pt(240, 135), false, 1, 76},
		{image.Pt(135, 240), false, 2, 94},
		{image.Pt(80, 160), false, 2, 56},
		{image.Pt(128, 64), false, 1, 40},
		{image.Pt(160, 128), false, 2, 74},
		{image.Pt(240, 240), true, 2, 76},
		{image.Pt(320, 170), true, 2, 99},
		{image.Pt(135, 240), true, 3, 93},
		{image.Pt(128, 64), true, 2, 37},
	} {
		s := newTestClock(t, c.size, ClockOptions{Zone: time.UTC, Seconds: c.seconds})
		s.at(utc(t, "2026-01-01 20:08:20"))
		lines := map[int]bool{}
		for _, p := range s.places {
			lines[p.at.Y] = true
			// The 20 x 20 pixels of 28 x 28 in which digits are.
			in := image.Rectangle{p.at.Add(s.tile.Mul(4).Div(28)), p.at.Add(s.tile.Mul(24).Div(28))}
			if !in.Inset(1).In(image.Rectangle{Max: c.size}) {
				t.Errorf("%v: a digit is at %v", c.size, in)
			}
			for _, q := range s.places {
				other := image.Rectangle{q.at.Add(s.tile.Mul(4).Div(28)), q.at.Add(s.tile.Mul(24).Div(28))}
				if p.digit != q.digit && in.Inset(1).Overlaps(other.Inset(1)) {
					t.Errorf("%v: digits at %v and %v", c.size, in, other)
				}
			}
			for _, d := range s.dots {
				if (image.Rectangle{d, d.Add(s.dot.size)}).Overlaps(in) {
					t.Errorf("%v: a dot at %v is on the digit at %v", c.size, d, in)
				}
			}
		}
		if len(lines) != c.lines || s.tile.Y != c.digit {
			t.Errorf("%v: %d lines of %d, want %d of %d", c.size, len(lines), s.tile.Y, c.lines, c.digit)
		}
		for _, d := range s.dots {
			if v := s.img.GrayAt(d.X+s.dot.size.X/2, d.Y+s.dot.size.Y/2).Y; v != 255 {
				t.Errorf("%v: the middle of a dot is %d", c.size, v)
			}
		}
	}
}

// TestClockGolden holds frames to a committed hash on every backend.
func TestClockGolden(t *testing.T) {
	if testing.Short() {
		t.Skip("starts no goroutine")
	}
	for _, c := range []struct {
		model *model.Model
		want  string
	}{
		{classed(greyModel()), "9ed75143d30a196b"},
		{classed(model.Synthetic()), "5c414ef5ff4bd61b"},
	} {
		for _, b := range kernels.Backends() {
			d, err := decoder.NewOn(c.model, b)
			if err != nil {
				t.Fatal(err)
			}
			now, sum := utc(t, "2026-01-01 12:59:57"), sha256.New()
			size := image.Pt(200, 150)
			for _, o := range []ClockOptions{{}, {Hours12: true, Seconds: true}} {
				o.Zone, o.Now = time.UTC, func() time.Time { return now }
				s, err := Clock(o).New(d, 5, size)
				if err != nil {
					t.Fatal(err)
				}
				img := NewImage(c.model, size, Grey)
				for range 20 {
					s.Render(img, 0)
					sum.Write(pixels(img))
					now = now.Add(173 * time.Millisecond)
				}
			}
			if got := hex.EncodeToString(sum.Sum(nil))[:16]; got != c.want {
				t.Errorf("%s on %v: %s, want %s", c.model.Name, b, got, c.want)
			}
		}
	}
}

// TestLacks: what a model has not got for a scene is an error that says what there is.
func TestLacks(t *testing.T) {
	d := newDecoder(t, greyModel())
	for _, info := range []Info{Morph(model.DefaultPath), Digit("7")} {
		if _, err := info.New(d, 1, image.Pt(20, 20)); !errors.Is(err, model.ErrNoConcepts) {
			t.Errorf("scene %s: error %v", info.Name, err)
		}
	}
	if _, err := DefaultMorph().New(d, 1, image.Pt(20, 20)); err != nil {
		t.Errorf("without a path morph goes from one drawn point to another: %v", err)
	}
	clock := func(m *model.Model) string {
		_, err := Clock(ClockOptions{}).New(newDecoder(t, m), 1, image.Pt(20, 20))
		return fmt.Sprint(err)
	}
	some := classed(greyModel())
	some.Concepts = slices.Delete(some.Concepts, 3, 5)
	hats := classed(greyModel())
	for i := range hats.Concepts {
		hats.Concepts[i].Name = fmt.Sprint("hat-", i)
	}
	const needs = "scene: the clock needs the concepts 0 to 9, model grey "
	for want, m := range map[string]*model.Model{"has none": greyModel(), "has none ": hats, "lacks 3, 4": some} {
		if got, want := clock(m), needs+strings.TrimSpace(want)+": mnist-16 has them"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	has, err := decoder.Open(crispModel)
	if err != nil {
		t.Fatal(err)
	}
	if got := clock(has); got != "<nil>" {
		t.Errorf("the model that the error names: %s", got)
	}
	d = newDecoder(t, classed(greyModel()))
	for _, info := range []Info{Morph("0,11"), Digit("11")} {
		if _, err := info.New(d, 1, image.Pt(20, 20)); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("no concept %q", "11")) {
			t.Errorf("scene %s: error %v", info.Name, err)
		}
	}
}

// TestDefaultMorph: the path of the morph scene is through the digits, or through what the model
// has in their place.
func TestDefaultMorph(t *testing.T) {
	more := classed(greyModel())
	more.Concepts = append([]model.Concept{{Name: "hat", Mean: []int16{1, 2}, Direction: []int16{1, 0}}}, more.Concepts...)
	hats := classed(greyModel())
	hats.Concepts = hats.Concepts[3:6]
	for i, name := range []string{"1-3", "coat", "2"} {
		hats.Concepts[i].Name = name
	}
	hats.SetConcepts(hats.Concepts, true)
	for _, c := range []struct {
		m    *model.Model
		path string
	}{{classed(greyModel()), "0-9"}, {more, "0-9"}, {hats, "1-3,coat,2"}} {
		var sums []string
		for _, info := range []Info{DefaultMorph(), Morph(c.path)} {
			size := image.Pt(28, 28)
			s, err := info.New(newDecoder(t, c.m), 1, size)
			if err != nil {
				t.Fatal(err)
			}
			sum, img := sha256.New(), NewImage(c.m, size, Grey)
			for n := uint64(0); n < 100; n += 5 {
				s.Render(img, n)
				sum.Write(pixels(img))
			}
			sums = append(sums, hex.EncodeToString(sum.Sum(nil)))
		}
		if sums[0] != sums[1] {
			t.Errorf("the default path is not %s", c.path)
		}
	}
	one := classed(greyModel())
	one.Concepts = one.Concepts[:1]
	if _, err := DefaultMorph().New(newDecoder(t, one), 1, image.Pt(20, 20)); err == nil || !strings.Contains(err.Error(), `path "0" leads nowhere`) {
		t.Errorf("one concept: %v", err)
	}
}
