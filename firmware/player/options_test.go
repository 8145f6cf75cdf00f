package player

import (
	"flag"
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/palette"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/model"
)

// A saying is what a test says of a show, in the words that a command would have for it.
type saying struct {
	Options
	mount      panel.Opts
	chipSelect int
	giveUp     time.Duration
}

// say reads the words.
func say(t testing.TB, args ...string) (s saying) {
	t.Helper()
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&s.Scene, "scene", scene.Default, "")
	fs.StringVar(&s.Path, "path", "", "")
	fs.StringVar(&s.Digit, "digit", "", "")
	fs.StringVar(&s.Model, "model", "", "")
	fs.StringVar(&s.Edit.Image, "image", "", "")
	fs.StringVar(&s.Edit.Toward, "toward", "", "")
	fs.Uint64Var(&s.Seed, "seed", 1, "")
	fs.Uint64Var(&s.Frames, "frames", 0, "")
	fs.IntVar(&s.FPS, "fps", 0, "")
	fs.DurationVar(&s.giveUp, "give-up", 30*time.Second, "")
	fs.BoolFunc("stats", "", func(v string) error {
		s.Stats = map[string]Stats{"true": StatsLine, "overlay": StatsOverlay}[v]
		return nil
	})
	fs.Func("time-zone", "", func(v string) (err error) {
		s.Clock.Zone, err = time.LoadLocation(v)
		return err
	})
	size := fs.String("size", "240x240", "")
	colours := fs.String("palette", scene.Grey.Name, "")
	board := fs.String("board", "", "")
	name := fs.String("panel", "", "")
	rotate := fs.String("rotate", "", "")
	if err := fs.Parse(args); err != nil || fs.NArg() > 0 {
		t.Fatalf("%q: error %v", args, err)
	}
	if s.Digit != "" {
		s.Scene = "sample"
	}
	if _, err := fmt.Sscanf(*size, "%dx%d", &s.Size.X, &s.Size.Y); err != nil {
		t.Fatal(err)
	}
	var known bool
	if s.Palette, known = palette.Lookup(*colours); !known {
		t.Fatalf("no palette %s", *colours)
	}
	wiring := panel.Boards[0]
	if *board != "" {
		if wiring, known = panel.FindBoard(*board); !known {
			t.Fatalf("no board %s", *board)
		}
	} else if *name != "" {
		p, known := panel.Find(*name)
		if !known {
			t.Fatalf("no panel %s", *name)
		}
		wiring = p.Wiring()
	}
	p, _ := panel.Find(wiring.Panel)
	s.chipSelect = wiring.ChipSelect
	s.mount = panel.Opts{Panel: p, Rotation: wiring.Rotation, Mode: wiring.Mode, Clock: wiring.Clock, Brightness: 100}
	if *rotate != "" {
		var err error
		if s.mount.Rotation, err = strconv.Atoi(*rotate); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// newTestPlayer returns a player of the synthetic model, and what else was said.
func newTestPlayer(t testing.TB, args ...string) (*Player, saying) {
	t.Helper()
	s := say(t, args...)
	p := newPlayer(s.Options, terminal.NewConsole(io.Discard, terminal.ConsoleOptions{}))
	p.own = false
	var err error
	if p.decoder.decoder, err = decoder.New(withDigits(model.Synthetic())); err != nil {
		t.Fatal(err)
	}
	return p, s
}

// testPlayer returns a player of the synthetic model.
func testPlayer(t testing.TB, args ...string) *Player {
	t.Helper()
	p, _ := newTestPlayer(t, args...)
	return p
}
