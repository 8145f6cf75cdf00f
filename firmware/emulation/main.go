// Emulation shows frames with the whole command on a Raspberry Pi's kernel, without a board. It boots the kernel in QEMU with an SPI
// port that the kernel bit-bangs on pins, runs vae-edge there with periph's drivers for the kernel's SPI and GPIO devices, reads the
// bytes off the pins, and has an emulated panel execute them. What its glass shows then must be the very picture that vae-edge writes
// to a PNG on this machine.
//
// Run firmware/emulation/run, which finds a kernel. Nothing is said about speed: the clock of the wire is not emulated.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
)

// limit is for everything together, ten times what it takes on two cores.
const limit = 10 * time.Minute

func main() {
	kernel := flag.String("kernel", "", "a `FILE` with a Raspberry Pi's kernel for arm64")
	keep := flag.String("keep", "", "leave the pictures and what the command said in `DIR`")
	flag.Parse()
	if *kernel == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: firmware/emulation/run [--keep DIR]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done after %v", limit))
	defer cancel()
	if err := run(ctx, *kernel, *keep); err != nil {
		fmt.Fprintf(os.Stderr, "FAIL  %v\n", err)
		os.Exit(1)
	}
}

// A check is a job together with what must come of it.
type check struct {
	job
	name     string
	scene    []string             // flags of the frame that the glass must show, if any
	rotation int                  // that the frame is turned by
	says     func(s string) error // what the command printed, if that matters
}

// checks lists what is run.
func checks() ([]*check, error) {
	var all []*check
	for _, c := range []check{
		{name: "verify", job: job{args: []string{"verify"}}, says: verified},
		{name: "waveshare-1.3", scene: []string{"--scene", "manifold", "--palette", "ember"}},
		{name: "waveshare-1.44", scene: []string{"--scene", "walk", "--seed", "5"}},
	} {
		var ok bool
		if c.board, ok = panel.FindBoard(c.name); !ok {
			c.board = panel.Boards[0] // nothing is to be seen there
		}
		if c.panel, ok = panel.Find(c.board.Panel); !ok {
			return nil, fmt.Errorf("board %s: no panel %q", c.board.Name, c.board.Panel)
		}
		c.rotation = c.board.Rotation
		if c.scene != nil {
			c.args = append([]string{"--display", "spi0", "--panel", c.board.Panel, "--frames", "1"}, c.scene...)
		}
		all = append(all, &c)
	}
	return all, nil
}

// verified wants the pixels of all models right on the backends that the processor has.
func verified(s string) error {
	for _, backend := range []string{"generic", "neon"} {
		if !strings.Contains(s, backend+" ") {
			return fmt.Errorf("nothing about backend %s", backend)
		}
	}
	return nil
}

func run(ctx context.Context, kernel, keep string) error {
	dir, err := os.MkdirTemp("", "emulation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if keep == "" {
		keep = dir
	} else if err := os.MkdirAll(keep, 0o755); err != nil {
		return err
	}
	all, err := checks()
	if err != nil {
		return err
	}
	m := &machine{}
	for _, c := range all {
		m.jobs = append(m.jobs, &c.job)
	}
	if err := m.run(ctx, kernel, dir); err != nil {
		return err
	}
	here := filepath.Join(dir, "vae-edge")
	if _, err := command(ctx, nil, "go", "build", "-o", here, "./firmware/vae-edge"); err != nil {
		return err
	}
	failed := 0
	for _, c := range all {
		text, err := c.judge(ctx, here, keep)
		if err != nil {
			failed++
			fmt.Printf("FAIL  %s: vae-edge %s\n%v\nit printed:\n%s", c.name, strings.Join(c.args, " "), err, &c.output)
			continue
		}
		fmt.Printf("ok    %-14s %s\n", c.name, text)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d", failed, len(all))
	}
	fmt.Println("ok    the panels show what vae-edge draws")
	return nil
}

// judge compares what came of a check with what must come of it, and says it in a few words.
func (c *check) judge(ctx context.Context, here, keep string) (string, error) {
	base := filepath.Join(keep, c.name)
	if err := os.WriteFile(base+".txt", c.output.Bytes(), 0o644); err != nil {
		return "", err
	}
	if c.status != 0 {
		return "", fmt.Errorf("exit status %d", c.status)
	}
	if c.says != nil {
		if err := c.says(c.output.String()); err != nil {
			return "", err
		}
	}
	if faults := c.wire.end(); len(faults) > 0 {
		return "", fmt.Errorf("faults:\n%s", strings.Join(faults, "\n"))
	}
	if c.scene == nil {
		if c.wire.bytes > 0 {
			return "", fmt.Errorf("%d bytes on the wire", c.wire.bytes)
		}
		return "exit status 0", nil
	}
	if len(c.wire.pictures) != 1 {
		return "", fmt.Errorf("the backlight went out %d times, and not at the end alone", len(c.wire.pictures))
	}
	got := paneltest.Turned(c.wire.pictures[0], c.rotation)
	if err := writePNG(base+"-panel.png", got); err != nil {
		return "", err
	}
	size := got.Rect.Size()
	file := base + "-frame.png"
	if _, err := command(ctx, nil, here, append([]string{"--display", "png:" + file, "--size", fmt.Sprintf("%dx%d", size.X, size.Y)}, c.scene...)...); err != nil {
		return "", err
	}
	want, err := readPNG(file)
	if err != nil {
		return "", err
	}
	if err := same(got, want); err != nil {
		return "", err
	}
	if left := c.wire.module.Image(); !black(left) {
		return "", errors.New("the panel is not blank at the end")
	}
	return fmt.Sprintf("%dx%d pixels as vae-edge draws them, from %d bytes on the wire", size.X, size.Y, c.wire.bytes), nil
}

// same holds the picture on the glass to the frame, in the colours that a panel has.
func same(got, want image.Image) error {
	if got.Bounds().Size() != want.Bounds().Size() {
		return fmt.Errorf("the picture is of %v, the frame of %v", got.Bounds().Size(), want.Bounds().Size())
	}
	wrong, first := 0, ""
	a, b := got.Bounds().Min, want.Bounds().Min
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			g := panel.RGB565Model.Convert(got.At(a.X+x, a.Y+y))
			if w := panel.RGB565Model.Convert(want.At(b.X+x, b.Y+y)); g != w {
				if wrong++; wrong == 1 {
					first = fmt.Sprintf("pixel (%d,%d) is %04x, want %04x", x, y, g, w)
				}
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d pixels differ: %s", wrong, got.Bounds().Dx()*got.Bounds().Dy(), first)
	}
	return nil
}

func black(img *image.RGBA) bool {
	for i, v := range img.Pix {
		if i%4 != 3 && v != 0 {
			return false
		}
	}
	return true
}

func writePNG(file string, img image.Image) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, img), f.Close())
}

func readPNG(file string) (image.Image, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return png.Decode(f)
}
