// Emulation shows frames with the whole command on a Raspberry Pi's kernel, without a board. It
// boots the kernel in QEMU with an SPI port that the kernel bit-bangs on pins, runs vae-edge there
// with periph's drivers for the kernel's SPI and GPIO devices, reads the bytes off the pins, and
// has an emulated panel execute them. What its glass shows then must be the very picture that
// vae-edge writes to a PNG on this machine.
//
// Run firmware/emulation/run, which finds a kernel. Nothing is said about speed: the clock of the
// wire is not emulated.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/scene"
)

// limit is for everything together, ten times what it takes on two cores.
const limit = 10 * time.Minute

func main() {
	kernel := flag.String("kernel", "", "a `FILE` with a Raspberry Pi's kernel for arm64")
	card := flag.String("card", "", "build a card of the `FOLDERS` KERNEL:FIRMWARE, and start from that alone")
	bus := flag.String("i2c", "", "show panels on an I2C bus, with the kernel of Debian that is unpacked in `FOLDER`")
	only := flag.String("only", "", "run the check `NAME` alone")
	keep := flag.String("keep", "", "leave the pictures and what the command said in `DIR`")
	flag.Parse()
	if *kernel == "" && *bus == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: firmware/emulation/run [--only NAME] [--keep DIR] [--card] [--i2c FOLDER]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done after %v", limit))
	defer cancel()
	check := func() error { return run(ctx, *kernel, *keep, *only) }
	if *bus != "" {
		check = func() error { return runI2C(ctx, *bus) }
	}
	if folders, firmware, ok := strings.Cut(*card, ":"); ok {
		check = func() error { return runCard(ctx, folders, firmware) }
	}
	if err := check(); err != nil {
		fmt.Fprintf(os.Stderr, "FAIL  %v\n", err)
		os.Exit(1)
	}
}

// A check is a job together with what must come of it.
type check struct {
	job
	name string
	// The picture is turned by so many degrees
	turn int
	// Holds what the glass showed at the end to what it must; nil: the wire is not used
	want  func(ctx context.Context, c *check, got image.Image) error
	says  []string // what the command must print
	frame []string // flags that make the frame
	seen  []bool   // at each look, whether the screen shows the frame
	ends  int      // the exit status
}

// checks lists what is run.
func checks() ([]*check, error) {
	walk := []string{"--scene", "walk", "--seed", "5"}
	service, err := unitCommand()
	if err != nil {
		return nil, err
	}
	all := []*check{
		{
			name: "verify", job: job{args: []string{"verify"}},
			says: []string{"generic ", "neon ", "ok     mnist-2, as committed"},
		},
		{
			name: "probe", job: job{args: []string{"probe", "--board", "waveshare-1.44"}, steps: []step{{Until: "if        wrong corners", Signal: int(syscall.SIGTERM)}}},
			want: isTestCard,
			says: []string{"port      /dev/spidev0.0: usable\n", "pin       data/command: GPIO25, free\n", "bufsiz    4096 bytes a transfer, 8 for a frame", "card      sent"},
		},
		{
			name: "frame", job: job{args: []string{"--board", "waveshare-1.3", "--frames", "1"}},
			want: isFrame, frame: []string{"--scene", "manifold", "--palette", "ember"},
		},
		{
			name: "mode3", job: job{args: []string{"--display", "spi0", "--board", "waveshare-1.44", "--mode", "3", "--rotate", "270", "--hz", "10M", "--frames", "1"}, noCS: true},
			want: isFrame, frame: walk, turn: 270,
		},
		{
			name: "key", job: job{args: []string{"--board", "waveshare-1.44", "--keys", "a=5", "--fps", "4", "--frames", "16"}, key: "GPIO5"},
			want: isNextScene, frame: walk,
		},
		{
			// The service, without a terminal, and with a model that is not there yet, then bad,
			// then good.
			name: "service", job: job{args: service, steps: []step{
				{Until: shown, Times: 4, Look: true, Put: "bad", Signal: int(syscall.SIGHUP)},
				{Until: "checksum"}, {Until: shown, Times: 4, Look: true, Put: "good", Signal: int(syscall.SIGHUP)},
				{Until: "model " + otherModel + " from "}, {Until: shown, Times: 4, Look: true, Signal: int(syscall.SIGTERM)},
			}},
			want: isService, frame: []string{"--scene", serviceScene},
			says: []string{"there is no such file; mnist-2 is shown until it is right", `; model mnist-2 stays"`, "model " + otherModel + " from " + modelPath + " is shown"},
		},
	}
	still := []string{"--at", "0.5:-1.2", "--palette", "ember"}
	for _, c := range []struct {
		name    string
		number  int
		turn    int
		status  int
		endedBy step
	}{
		{"screen32", 0, 0, 0, step{Type: "q"}},
		{"screen16", 1, 90, 0, step{Signal: int(syscall.SIGTERM)}},
		{"screen24", 2, 270, 0, step{Signal: int(syscall.SIGINT)}},
		// This signal ends a Go program as a panic does
		{"panic", 0, 180, 2, step{Signal: int(syscall.SIGQUIT)}},
		{"killed", 0, 0, 128 + int(syscall.SIGKILL), step{Signal: int(syscall.SIGKILL)}},
	} {
		steps, seen := []step{{Until: " fps", Look: true}}, []bool{true}
		if c.number == 0 { // the one with the consoles
			steps, seen = append(steps, step{Switch: 2}, step{Until: " fps", Look: true}, step{Switch: 1}, step{Until: " fps", Times: 2, Look: true}), append(seen, false, true)
		}
		all = append(all, &check{
			name: c.name, turn: c.turn, ends: c.status, frame: still, seen: seen,
			job: job{
				screen: &screens[c.number], steps: append(steps, c.endedBy),
				args: []string{"--display", fmt.Sprint("fb", c.number), "--rotate", fmt.Sprint(c.turn), "--fps", "4", "--stats"},
			},
		})
	}
	for _, c := range all {
		c.board = panel.Boards[0]
		name := ""
		if i := slices.Index(c.args, "--board"); i >= 0 {
			name = c.args[i+1]
		} else if c.name == "service" {
			name = serviceBoard
		}
		if name != "" {
			var ok bool
			if c.board, ok = panel.FindBoard(name); !ok {
				return nil, fmt.Errorf("no board %q", name)
			}
		}
		var ok bool
		if c.panel, ok = panel.Find(c.board.Panel); !ok {
			return nil, fmt.Errorf("board %s: no panel %q", c.board.Name, c.board.Panel)
		}
		if c.turn == 0 && c.screen == nil {
			c.turn = c.board.Rotation
		}
		if c.name != "service" { // whose configuration has them
			c.args = append(c.args, c.frame...)
		}
	}
	return all, nil
}

func run(ctx context.Context, kernel, keep, only string) error {
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
	if only != "" {
		if all = slices.DeleteFunc(all, func(c *check) bool { return c.name != only }); len(all) == 0 {
			return fmt.Errorf("no check %q", only)
		}
	}
	m := &machine{}
	for _, c := range all {
		m.jobs = append(m.jobs, &c.job)
	}
	if err := m.run(ctx, kernel, dir); err != nil {
		return err
	}
	failed := 0
	for _, c := range all {
		text, err := c.compare(ctx, keep)
		if err != nil {
			failed++
			fmt.Printf("FAIL  %s: vae-edge %s\n%v\nit printed:\n%s", c.name, strings.Join(c.args, " "), err, &c.output)
			continue
		}
		fmt.Printf("ok    %-7s %s: %s\n", c.name, text, strings.Join(append([]string{"vae-edge"}, c.args...), " "))
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d", failed, len(all))
	}
	fmt.Println("ok    the panels show what vae-edge draws")
	return nil
}

// runCard starts the machine from the card of the appliance, twice, and compares what the panel
// shows before the power is cut with what vae-edge draws on this machine.
func runCard(ctx context.Context, kernel, firmware string) error {
	dir, err := os.MkdirTemp("", "emulation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	board, _ := panel.FindBoard(applianceBoard)
	p, _ := panel.Find(board.Panel)
	m := &machine{jobs: []*job{{board: board, panel: p}, {board: board, panel: p}}}
	if err := m.bootCard(ctx, kernel, firmware, dir); err != nil {
		return err
	}
	for i, j := range m.jobs {
		if len(j.wire.looks) != 1 || len(j.wire.faults) > 0 {
			return fmt.Errorf("start %d: %d looks, faults: %q\n%s", i+1, len(j.wire.looks), j.wire.faults, &j.output)
		}
		got := paneltest.Turned(j.wire.looks[0], board.Rotation)
		want, err := draw(ctx, got.Bounds().Size(), applianceFrame...)
		if err == nil {
			err = same(got, want)
		}
		if err != nil {
			return fmt.Errorf("start %d: %w\n%s", i+1, err, &j.output)
		}
		fmt.Printf("ok    start %d from the card: %dx%d pixels right, from %d bytes on the wire\n", i+1, got.Rect.Dx(), got.Rect.Dy(), j.wire.bytes)
	}
	fmt.Println("ok    the power was cut twice, and the card is as it was")
	return nil
}

// runI2C shows frames on panels on a bus of a kernel of Debian's, unpacked in a folder, that can
// bit-bang I2C, and compares what their glass shows with what vae-edge draws on this machine.
func runI2C(ctx context.Context, folder string) error {
	dir, err := os.MkdirTemp("", "emulation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	one := func(pattern string) string {
		found, _ := filepath.Glob(filepath.Join(folder, pattern))
		if len(found) != 1 {
			err = errors.Join(err, fmt.Errorf("%d files are %s in %s", len(found), pattern, folder))
			return ""
		}
		return found[0]
	}
	m, kernel, drivers := &machine{}, one("boot/vmlinuz-*"), "lib/modules/*/kernel/drivers/i2c/"
	for _, name := range []string{"algos/i2c-algo-bit.ko", "busses/i2c-gpio.ko", "i2c-dev.ko"} {
		m.modules = append(m.modules, one(drivers+name))
	}
	if err != nil {
		return err
	}
	checks := []struct {
		panel   string
		address byte
		turn    int
	}{{"ssd1306-128x64", 0x3d, 90}, {"ssd1306-128x32", 0x3c, 0}, {"sh1106-128x64", 0x3c, 180}}
	frame := []string{"--scene", "manifold"}
	for _, c := range checks {
		p, _ := panel.Find(c.panel)
		m.jobs = append(m.jobs, &job{bus: newBus(p, c.address), args: append([]string{
			"--display", "i2c1", "--panel", c.panel, "--i2c-address", fmt.Sprintf("0x%02x", c.address), "--rotate", strconv.Itoa(c.turn), "--frames", "1",
		}, frame...)})
	}
	tree, err := deviceTree(ctx, dir, i2cTree)
	if err != nil {
		return err
	}
	if err := m.boot(ctx, kernel, tree, dir, "-trace", "pl061_write"); err != nil {
		return err
	}
	for i, c := range checks {
		j := m.jobs[i]
		b := j.bus
		if faults := append(b.faults, b.module.Faults()...); j.status != 0 || len(faults) > 0 || b.picture == nil || !black(b.module.Image()) {
			return fmt.Errorf("%s: status %d, a picture %t, blank in the end %t, faults %q\n%s", c.panel, j.status, b.picture != nil, black(b.module.Image()), faults, &j.output)
		}
		got := paneltest.Turned(b.picture, c.turn)
		want, err := draw(ctx, got.Rect.Size(), frame...)
		if err == nil {
			err = sameDots(got, want)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.panel, err)
		}
		fmt.Printf("ok    %s at 0x%02x, turned by %d degrees: %dx%d dots right, from %d bytes on the bus\n", c.panel, c.address, c.turn, got.Rect.Dx(), got.Rect.Dy(), b.bytes)
	}
	fmt.Println("ok    the panels on I2C show what vae-edge draws")
	return nil
}

// compare compares what came of a check with what must come of it, and says it in a few words. It
// leaves the picture and what was printed in keep.
func (c *check) compare(ctx context.Context, keep string) (string, error) {
	base := filepath.Join(keep, c.name)
	if err := os.WriteFile(base+".txt", c.output.Bytes(), 0o644); err != nil {
		return "", err
	}
	if c.status != c.ends {
		return "", fmt.Errorf("exit status %d", c.status)
	}
	for _, s := range c.says {
		if !strings.Contains(c.output.String(), s) {
			return "", fmt.Errorf("%q is missing", s)
		}
	}
	if c.screen != nil {
		return c.compareScreen(ctx, base)
	}
	if faults := c.wire.end(); len(faults) > 0 {
		return "", fmt.Errorf("faults:\n%s", strings.Join(faults, "\n"))
	}
	if c.want == nil {
		if c.wire.bytes > 0 {
			return "", fmt.Errorf("%d bytes on the wire", c.wire.bytes)
		}
		return "as it should be", nil
	}
	if len(c.wire.pictures) != 1 {
		return "", fmt.Errorf("the light of the panel went out %d times", len(c.wire.pictures))
	}
	if !black(c.wire.module.Image()) {
		return "", errors.New("the panel is not blank at the end")
	}
	got := paneltest.Turned(c.wire.pictures[0], c.turn)
	if err := writePNG(base+".png", got); err != nil {
		return "", err
	}
	if err := c.want(ctx, c, got); err != nil {
		return "", err
	}
	return fmt.Sprintf("%dx%d pixels right, from %d bytes on the wire", got.Rect.Dx(), got.Rect.Dy(), c.wire.bytes), nil
}

// compareScreen compares what was seen on a screen with what must be, at every look.
func (c *check) compareScreen(ctx context.Context, base string) (string, error) {
	if c.mode != 0 {
		return "", errors.New("its console shows no text in the end")
	}
	if len(c.looks) != len(c.seen) {
		return "", fmt.Errorf("the screen was looked at %d times", len(c.looks))
	}
	size := c.screen.size
	if c.turn%180 != 0 {
		size = image.Pt(size.Y, size.X)
	}
	want, err := draw(ctx, size, c.frame...)
	if err != nil {
		return "", err
	}
	for i, l := range c.looks {
		got := paneltest.Turned(l.picture, c.turn)
		if err := writePNG(base+strconv.Itoa(i)+".png", got); err != nil {
			return "", err
		}
		differ := same(got, want)
		if differ == nil && c.screen.pixel > 2 {
			differ = equal(got, want)
		}
		switch {
		case c.seen[i] && differ != nil:
			return "", fmt.Errorf("look %d: %w", i, differ)
		case !c.seen[i] && differ == nil:
			return "", fmt.Errorf("look %d: the picture is seen on another console", i)
		case c.seen[i] == l.text:
			return "", fmt.Errorf("look %d: the console draws text: %t", i, l.text)
		}
	}
	return fmt.Sprintf("%dx%d pixels of %d bits right", size.X, size.Y, 8*c.screen.pixel), nil
}

// equal holds pictures to each other in all bits.
func equal(got *image.RGBA, want image.Image) error {
	b := want.Bounds().Min
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			if g, w := got.RGBAAt(x, y), color.RGBAModel.Convert(want.At(b.X+x, b.Y+y)); g != w {
				return fmt.Errorf("pixel (%d,%d) is %v, want %v", x, y, g, w)
			}
		}
	}
	return nil
}

// isTestCard wants the test card.
func isTestCard(_ context.Context, _ *check, got image.Image) error {
	want := image.NewRGBA(got.Bounds())
	panel.TestCard(want)
	return same(got, want)
}

// isFrame wants the frame that vae-edge writes to a PNG on this machine.
func isFrame(ctx context.Context, c *check, got image.Image) error {
	want, err := draw(ctx, got.Bounds().Size(), c.frame...)
	if err != nil {
		return err
	}
	return same(got, want)
}

// isNextScene wants a frame of the scene after the default one, whichever it was when the show
// ended: the name of the scene is no longer over it then.
func isNextScene(ctx context.Context, c *check, got image.Image) error {
	all := scene.All()
	i := slices.IndexFunc(all, func(s scene.Info) bool { return s.Name == scene.Default })
	next := all[(i+1)%len(all)].Name
	for n := 1; n <= 16; n++ {
		want, err := draw(ctx, got.Bounds().Size(), append(slices.Clone(c.frame), "--scene", next, "--frames", fmt.Sprint(n))...)
		if err != nil {
			return err
		}
		if same(got, want) == nil {
			return nil
		}
	}
	return fmt.Errorf("no frame of scene %s is shown after a key was pressed", next)
}

// isService wants frames of the default model, also after a bad one was offered, and then those of
// the good one. Which frames they are depends on how slow the emulation is.
func isService(ctx context.Context, c *check, got image.Image) error {
	if len(c.wire.looks) != 3 {
		return fmt.Errorf("the glass was looked at %d times", len(c.wire.looks))
	}
	for i, l := range []struct {
		what, model string
		got         image.Image
	}{
		{"without a model", decoder.DefaultModel, c.wire.looks[0]}, {"with a bad one", decoder.DefaultModel, c.wire.looks[1]},
		{"with a good one", otherModel, c.wire.looks[2]}, {"in the end", otherModel, got},
	} {
		if i < 3 {
			l.got = paneltest.Turned(c.wire.looks[i], c.turn)
		}
		n, err := whichFrame(l.model, l.got)
		if err != nil {
			return fmt.Errorf("%s: %w", l.what, err)
		}
		want, err := draw(ctx, got.Bounds().Size(), append(slices.Clone(c.frame), "--model", l.model, "--frames", fmt.Sprint(n+1))...)
		if err != nil {
			return err
		}
		if err := same(l.got, want); err != nil {
			return fmt.Errorf("%s: %w", l.what, err)
		}
	}
	return nil
}

// whichFrame returns the number of the frame of the service's scene that the model draws so.
func whichFrame(model string, got image.Image) (uint64, error) {
	m, err := decoder.Open(model)
	if err != nil {
		return 0, err
	}
	d, err := decoder.New(m)
	if err != nil {
		return 0, err
	}
	size := got.Bounds().Size()
	info, _ := scene.Lookup(serviceScene)
	s, err := info.New(d, 1, size)
	if err != nil {
		return 0, err
	}
	img := scene.NewImage(m, size, scene.Grey)
	const most = 600 // ten minutes
	for n := range uint64(most) {
		if s.Render(img, n); same(got, img) == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("none of the first %d frames of model %s is shown", most, model)
}

// draw has vae-edge draw a picture on this machine.
func draw(ctx context.Context, size image.Point, flags ...string) (image.Image, error) {
	dir, err := os.MkdirTemp("", "emulation")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "frame.png")
	args := append([]string{"run", "./firmware/vae-edge", "--display", "png:" + file, "--size", fmt.Sprintf("%dx%d", size.X, size.Y)}, flags...)
	if _, err := command(ctx, nil, "go", args...); err != nil {
		return nil, err
	}
	return readPNG(file)
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
