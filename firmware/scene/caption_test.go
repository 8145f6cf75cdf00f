package scene

import (
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/firmware/palette"
	"github.com/vae-edge/vae-edge/model"
)

const stats = "58.9 fps  12.3 kB  97 % wire  0.04 ms"

// TestCutLine: lines break where two spaces are, and what is too long for any line is cut off.
func TestCutLine(t *testing.T) {
	for _, c := range []struct {
		most int
		want []string
	}{
		{50, []string{stats}},
		{37, []string{stats}},
		{36, []string{"58.9 fps  12.3 kB  97 % wire", "0.04 ms"}},
		{28, []string{"58.9 fps  12.3 kB  97 % wire", "0.04 ms"}},
		{27, []string{"58.9 fps  12.3 kB", "97 % wire  0.04 ms"}},
		{18, []string{"58.9 fps  12.3 kB", "97 % wire  0.04 ms"}},
		{11, []string{"58.9 fps", "12.3 kB", "97 % wire", "0.04 ms"}},
		{8, []string{"58.9 fps", "12.3 kB", "97 % wir", "0.04 ms"}},
		{1, []string{"5", "1", "9", "0"}},
	} {
		var got []string
		for rest := []byte(stats); len(rest) > 0; {
			var line []byte
			line, rest = cutLine(rest, c.most)
			got = append(got, string(line))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("lines of %d: %q, want %q", c.most, got, c.want)
		}
	}
}

// TestCaption checks the letters, where they are, and that all else stays.
func TestCaption(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 24, 20))
	for i := range img.Pix {
		img.Pix[i] = 100
	}
	Caption(img, []byte("7/\xff"))
	var got strings.Builder
	for y := range 20 {
		for x := range 24 {
			got.WriteString(map[uint8]string{100: "-", 0: ".", 255: "#"}[img.GrayAt(x, y).Y])
		}
		got.WriteString("\n")
	}
	const want = `------------------------
------------------------
------------------------
------------------------
------------------------
------------------------
------------------------
.....................---
.....................---
######......#..####..---
.....#......#.#....#.---
....#......#..#....#.---
...#.......#.......#.---
...#......#.......#..---
..#......#.......#...---
..#......#.......#...---
.#......#............---
.#......#........#...---
.....................---
.....................---
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}

	for _, m := range []*model.Model{model.Synthetic(), greyModel()} {
		for _, p := range palette.All()[:2] {
			for _, size := range []image.Point{{1, 1}, {6, 13}, {128, 128}, {40, 20}, {240, 240}, {900, 800}} {
				img := NewImage(m, size, p)
				if allocs := testing.AllocsPerRun(3, func() { Caption(img, []byte(stats)) }); allocs != 0 {
					t.Errorf("%v: %v allocations", size, allocs)
				}
				Caption(img, nil)
				white := strings.Count(string(pixels(img)), "\xff")
				if m.Image[2] == 3 {
					white = (white - size.X*size.Y) / 3 // without alpha
				}
				// As many dots as the letters have, if they all fit.
				scale := max(1, min(size.X, size.Y)/captionSide)
				if want := 426 * scale * scale; size.X >= 128 && white != want {
					t.Errorf("%s, %s, %v: %d bright pixels, want %d", m.Name, p.Name, size, white, want)
				}
			}
		}
	}
}
