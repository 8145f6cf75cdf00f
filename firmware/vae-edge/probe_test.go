package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/firmware/diagnose"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/panel/paneltest"
	"github.com/vae-edge/vae-edge/firmware/port"
)

// A fakeSystem is a Raspberry Pi 3 with a Waveshare 1.3" LCD HAT. Tests change it before they probe
// it.
type fakeSystem struct {
	diagnose.System
	files   fstest.MapFS
	denied  map[string]error  // devices that cannot be opened
	used    map[string]string // lines with a consumer
	module  *paneltest.Module
	glass   *image.RGBA // when Enter is pressed
	unwired bool        // there is no chip
}

func newFakeSystem(t *testing.T) *fakeSystem {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	link := func(to string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(to), Mode: fs.ModeSymlink} }
	s := &fakeSystem{
		files: fstest.MapFS{
			"proc/device-tree/model":              file("Raspberry Pi 3 Model B Rev 1.2\x00"),
			"dev/spidev0.0":                       file(""),
			"dev/spidev0.1":                       file(""),
			"dev/gpiochip0":                       file(""),
			"sys/module/spidev/parameters/bufsiz": file("4096\n"),
			"sys/class/spi_master/spi0/device/of_node/compatible": file("brcm,bcm2835-spi\x00"),
			"sys/bus/spi/devices/spi0.0/driver":                   link("../../../bus/spi/drivers/spidev"),
			"sys/bus/spi/devices/spi0.1/driver":                   link("../../../bus/spi/drivers/spidev"),
		},
		denied: map[string]error{},
		used:   map[string]string{"GPIO8": "spi0 CS0", "GPIO7": "spi0 CS1"},
	}
	p, _ := panel.Find("st7789-240x240")
	s.module = paneltest.New(p)
	s.System = diagnose.System{
		Files: s.files,
		Open:  func(device string) error { return s.denied[device] },
		Chips: func() ([]port.Chip, error) {
			if s.unwired {
				return nil, nil
			}
			chip := port.Chip{Path: "/dev/gpiochip0", Label: "pinctrl-bcm2835"}
			for i := range 28 {
				name := fmt.Sprintf("GPIO%d", i)
				chip.Lines = append(chip.Lines, port.Line{Name: name, Consumer: s.used[name]})
			}
			return []port.Chip{chip}, nil
		},
		Wires: func(port.Options) (*port.Wires, error) {
			return &port.Wires{Port: s.module.Port(), DC: s.module.DC(), Reset: s.module.Reset(), Backlight: s.module.Light()}, nil
		},
		Rate: func(_ context.Context, f func(n uint64)) (float64, error) { f(0); return 800, nil },
		Wire: time.Second,
	}
	t.Setenv("VAE_EDGE_BACKEND", "generic")
	return s
}

// Read is somebody who looks at the panel and presses Enter.
func (s *fakeSystem) Read(b []byte) (int, error) {
	s.glass = s.module.Image()
	return copy(b, "\n"), nil
}

// probe runs the command line.
func (s *fakeSystem) probe(t *testing.T, args ...string) (string, error) {
	t.Helper()
	c, err := parse(append([]string{"probe"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) { err = diagnose.Probe(t.Context(), c.diagnosis(), &s.System, s, &out) })
	return out.String(), err
}

const goodReport = `machine   Raspberry Pi 3 Model B Rev 1.2
port      /dev/spidev0.0: usable
port      /dev/spidev0.1: usable
bufsiz    4096 bytes a transfer, 29 for a frame; for 2 put spidev.bufsiz=65536 in /boot/firmware/cmdline.txt
gpio      /dev/gpiochip0: pinctrl-bcm2835, 28 lines
pin       data/command: GPIO25, free
pin       reset: GPIO27, free
pin       backlight: GPIO24, free
pin       chip select: GPIO8, in use by spi0 CS0
key       a: GPIO5, free
board     waveshare-1.3: Waveshare 1.3" LCD HAT, turned by 90 degrees, SPI mode 0
panel     st7789-240x240: ST7789, 240x240 pixels
decode    1.250 ms a picture: mnist-2 on generic
clock     62.500MHz asked for, 50MHz on the wire: the core's 400MHz, unless config.txt has another core_freq, over 8
clock     31.250MHz while the core idles at 250MHz: core_freq_min=400 in /boot/firmware/config.txt keeps it up
wire      115200 bytes a frame, at most 54.3 frames a second
card      sent; Enter or Ctrl-C ends
look      a white line along all four edges
look      TL red, TR green, BL blue, BR yellow in their corners, an arrow upwards
look      bars that are as they say, and one from black to white
if        dark:                 --bl (now GPIO24); is the panel's power connected?
if        white:                --dc (now GPIO25), --rst (now GPIO27), --display (now spi0)
if        white, no CS line:    --mode 3 (now 0)
if        snow, torn, shifted:  --hz, lower (now 62.500MHz); shorter wires
if        line missing, noise:  --offset (now 0,0) or --size (now 240x240); there is 240x320 at 0,0, 135x240 at 52,40, 170x320 at 35,0, 172x320 at 34,0, 240x280 at 0,20
if        red is blue:          --color-order bgr (now rgb)
if        negative:             --invert off (now on)
if        mirror writing:       --mirror on (now off)
if        wrong corners:        --rotate (now 90)
`

// TestProbe: all is well, the card is on the glass, and the panel is left blank.
func TestProbe(t *testing.T) {
	s := newFakeSystem(t)
	out, err := s.probe(t, "--board", "waveshare-1.3", "--keys", "a=5")
	if err != nil || out != goodReport {
		t.Errorf("error %v, report\n%swant\n%s", err, out, goodReport)
	}
	want := image.NewRGBA(image.Rect(0, 0, 240, 240))
	panel.TestCard(want)
	if s.glass == nil || !shows(paneltest.Turned(s.glass, 90), want) {
		t.Error("the test card is not on the panel")
	}
	if f := s.module.Faults(); len(f) > 0 || s.module.Backlight() != 0 {
		t.Errorf("faults %q, backlight at %v", f, s.module.Backlight())
	}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if strings.TrimRight(line, " ") != line || line[9] != ' ' || line[10] == ' ' {
			t.Errorf("not in columns: %q", line)
		}
	}
}

// TestProbeProblems: what is wrong is reported with its cure, the panel is not touched, and the
// status is a failure.
func TestProbeProblems(t *testing.T) {
	denied := func(path string) error { return &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission} }
	for name, c := range map[string]struct {
		change func(s *fakeSystem)
		args   []string
		want   []string // lines
	}{
		"no port": {
			change: func(s *fakeSystem) {
				for _, n := range []string{"0", "1"} {
					delete(s.files, "dev/spidev0."+n)
					delete(s.files, "sys/bus/spi/devices/spi0."+n+"/driver")
				}
			},
			want: []string{"port      none", "problem   no SPI port spi0: enable it with dtparam=spi=on in /boot/firmware/config.txt and reboot"},
		},
		"second bus": {
			args: []string{"--display", "spi1.2"},
			want: []string{"problem   no SPI port spi1.2: enable it with dtoverlay=spi1-3cs in /boot/firmware/config.txt and reboot"},
		},
		"permission": {
			change: func(s *fakeSystem) { s.denied["/dev/spidev0.0"] = denied("/dev/spidev0.0") },
			want: []string{"port      /dev/spidev0.0: permission denied", "port      /dev/spidev0.1: usable",
				"problem   open /dev/spidev0.0: permission denied: " + port.PermissionCure},
		},
		"broken": {
			change: func(s *fakeSystem) { s.denied["/dev/spidev0.0"] = errors.New("input/output error") },
			want:   []string{"port      /dev/spidev0.0: input/output error", "problem   input/output error"},
		},
		"busy port": {
			change: func(s *fakeSystem) {
				s.denied["/dev/spidev0.0"] = &fs.PathError{Op: "open", Path: "/dev/spidev0.0", Err: syscall.EBUSY}
			},
			want: []string{"problem   open /dev/spidev0.0: " + syscall.EBUSY.Error() + `: another program has it: see who with "sudo fuser -v /dev/spidev0.0" and stop it`},
		},
		"permission for pins": {
			change: func(s *fakeSystem) { s.denied["/dev/gpiochip0"] = denied("/dev/gpiochip0"); s.unwired = true },
			want: []string{"gpio      /dev/gpiochip0: permission denied", "pin       reset: GPIO27, not to be seen",
				"problem   open /dev/gpiochip0: permission denied: " + port.PermissionCure},
		},
		"no pins": {
			change: func(s *fakeSystem) { delete(s.files, "dev/gpiochip0"); s.unwired = true },
			want:   []string{"gpio      none", "problem   no GPIO chip: the pins beside the port need a kernel with a driver for them"},
		},
		"other driver": {
			change: func(s *fakeSystem) {
				delete(s.files, "dev/spidev0.0")
				s.files["sys/bus/spi/devices/spi0.0/driver"].Data = []byte("../../../bus/spi/drivers/fb_st7789v")
			},
			want: []string{"port      spi0.0: fb_st7789v",
				"problem   spi0.0 belongs to the kernel's driver fb_st7789v: remove the overlay of that panel from /boot/firmware/config.txt and reboot"},
		},
		"no driver": {
			change: func(s *fakeSystem) {
				delete(s.files, "dev/spidev0.0")
				delete(s.files, "sys/bus/spi/devices/spi0.0/driver")
				s.files["sys/bus/spi/devices/spi0.0/modalias"] = &fstest.MapFile{}
			},
			want: []string{"port      spi0.0: no driver", `problem   spi0.0 has no driver, not even spidev: load it with "sudo modprobe spidev"`},
		},
		"busy pin": {
			change: func(s *fakeSystem) { s.used["GPIO27"] = "onewire@1b" },
			want: []string{"pin       reset: GPIO27, in use by onewire@1b",
				"problem   GPIO27, the panel's reset pin, is in use by onewire@1b: stop it, or remove the overlay that claims the pin from /boot/firmware/config.txt"},
		},
		"chip select as pin": {
			args: []string{"--panel", "st7789-240x240", "--dc", "7"},
			want: []string{"pin       data/command: GPIO7, in use by spi0 CS1",
				"problem   GPIO7, the panel's data/command pin, is in use by spi0 CS1, a chip select: take another pin, or free it in /boot/firmware/config.txt with dtoverlay=spi0-1cs (GPIO7) or dtoverlay=spi0-0cs (GPIO7 and GPIO8)"},
		},
		"no such line": {
			args: []string{"--panel", "st7789-240x240", "--rst", "40"},
			want: []string{"pin       reset: GPIO40, no such line",
				"problem   no GPIO line GPIO40, the panel's reset pin: the wiring is for the header of a Raspberry Pi; another pin may do"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFakeSystem(t)
			if c.change != nil {
				c.change(s)
			}
			out, err := s.probe(t, c.args...)
			if err == nil || !strings.HasPrefix(err.Error(), "no panel can be driven at spi") || s.module.Events() > 0 {
				t.Errorf("error %v, %d events at the panel", err, s.module.Events())
			}
			for _, line := range c.want {
				if !strings.Contains("\n"+out, "\n"+line+"\n") {
					t.Errorf("no line %q in\n%s", line, out)
				}
			}
			problems := 0
			for _, line := range c.want {
				if strings.HasPrefix(line, "problem") {
					problems++
				}
			}
			if got := strings.Count(out, "\nproblem "); got != problems {
				t.Errorf("%d problems, want %d, in\n%s", got, problems, out)
			}
		})
	}
}

// TestProbeClock: the clock on the wire, by machine.
func TestProbeClock(t *testing.T) {
	for _, c := range []struct {
		model, controller, rate string
		hz                      string
		want                    string // lines
	}{
		{"Raspberry Pi 4 Model B Rev 1.4", "brcm,bcm2835-spi", "", "62.5M",
			"62.500MHz asked for, 62.500MHz on the wire: the core's 500MHz, unless config.txt has another core_freq, over 8\n"},
		{"Raspberry Pi Zero 2 W Rev 1.0", "brcm,bcm2835-spi", "400000000\n", "40M",
			"40MHz asked for, 40MHz on the wire: the core's 400MHz over 10\n"},
		{"Raspberry Pi 4 Model B Rev 1.4", "brcm,bcm2835-aux-spi", "250000000\n", "125M",
			"125MHz asked for, 125MHz on the wire: the core's 250MHz over 2\n"},
		{"Raspberry Pi 5 Model B Rev 1.0", "snps,dw-apb-ssi", "", "62.5M",
			"62.500MHz asked for, 50MHz on the wire: the RP1's 200MHz over 4\n"},
		{"linux,dummy-virt", "spi-gpio", "", "1M", "1MHz asked for, less on the wire: the kernel sets pins one by one\n"},
		{"Banana", "allwinner,sun8i-h3-spi", "", "1M", "1MHz asked for; what allwinner,sun8i-h3-spi makes of it is not known\n"},
		{"Raspberry Pi 4 Model B Rev 1.4", "", "", "1M", "1MHz asked for; what the port makes of it is not known\n"},
	} {
		s := newFakeSystem(t)
		s.files["proc/device-tree/model"].Data = []byte(c.model + "\x00")
		s.files["sys/class/spi_master/spi0/device/of_node/compatible"].Data = []byte(c.controller + "\x00other\x00")
		if c.rate != "" {
			s.files["sys/kernel/debug/clk/vpu/clk_rate"] = &fstest.MapFile{Data: []byte(c.rate)}
		}
		s.files["sys/module/spidev/parameters/bufsiz"].Data = []byte("65536\n")
		out, err := s.probe(t, "--panel", "st7789-240x240", "--hz", c.hz, "--no-card")
		if err != nil || s.module.Events() > 0 {
			t.Errorf("error %v, %d events at the panel", err, s.module.Events())
		}
		_, got, _ := strings.Cut(out, "\nclock     ")
		got, wire, _ := strings.Cut(got, "wire      ")
		if got != c.want || !strings.HasPrefix(wire, "115200 bytes a frame, at most ") {
			t.Errorf("%s, %s: clock %q, want %q", c.model, c.controller, got, c.want)
		}
		if !strings.Contains(out, "\nbufsiz    65536 bytes a transfer, 2 for a frame\n") {
			t.Error(out)
		}
	}
}

// TestProbePages: a panel with one bit a pixel.
func TestProbePages(t *testing.T) {
	out, err := newFakeSystem(t).probe(t, "--panel", "ssd1306-128x64", "--no-card")
	if err != nil || !strings.Contains(out, "\nwire      1024 bytes a frame, at most 400.2 frames") || !strings.Contains(out, "\npin       backlight: none\n") ||
		!strings.Contains(out, "\nbufsiz    4096 bytes a transfer, 1 for a frame\n") || strings.Contains(out, "checked") {
		t.Errorf("error %v, report\n%s", err, out)
	}
}

// TestProbeNone: without a panel nothing about one is a problem.
func TestProbeNone(t *testing.T) {
	s := newFakeSystem(t)
	for name := range s.files {
		if strings.HasPrefix(name, "dev/") {
			delete(s.files, name)
		}
	}
	s.unwired = true
	out, err := s.probe(t, "--display", "none")
	const want = `machine   Raspberry Pi 3 Model B Rev 1.2
port      none
bufsiz    4096 bytes a transfer
gpio      none
decode    1.250 ms a picture: mnist-2 on generic
`
	if err != nil || out != want {
		t.Errorf("error %v, report\n%swant\n%s", err, out, want)
	}
}

// TestProbeFails: a panel that cannot be reached, a report that cannot be written, a measurement
// that was interrupted.
func TestProbeFails(t *testing.T) {
	s := newFakeSystem(t)
	s.module.FailAt(20)
	if out, err := s.probe(t); !errors.Is(err, paneltest.ErrInjected) || strings.Contains(out, "card ") {
		t.Errorf("error %v, report\n%s", err, out)
	}
	c, err := parse([]string{"probe"})
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	r.Close()
	if err := diagnose.Probe(t.Context(), c.diagnosis(), &s.System, s, w); err != io.ErrClosedPipe {
		t.Errorf("error %v", err)
	}
	s.Rate = func(context.Context, func(uint64)) (float64, error) { return 0, errors.New("interrupted") }
	if _, err := s.probe(t); err == nil || err.Error() != "interrupted" {
		t.Errorf("error %v", err)
	}
	// Nobody presses Enter, but the context ends.
	s = newFakeSystem(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		in, enter := io.Pipe()
		defer enter.Close()
		go func() { synctest.Wait(); cancel() }()
		if err := diagnose.Probe(ctx, c.diagnosis(), &s.System, in, io.Discard); err != nil || s.module.Backlight() != 0 {
			t.Errorf("error %v, backlight at %v", err, s.module.Backlight())
		}
	})
	// Where there is no standard input, either.
	s = newFakeSystem(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if err := diagnose.Probe(ctx, c.diagnosis(), &s.System, strings.NewReader(""), io.Discard); err != nil || time.Since(start) < time.Minute {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
	})
}

func TestProbePWM(t *testing.T) {
	for chip, want := range map[string]string{
		"":    "backlight: pwm0.1, no such chip",
		"1\n": "backlight: pwm0.1, the chip has 1 channels",
		"2\n": "backlight: pwm0.1, channel 1 of 2",
	} {
		s := newFakeSystem(t)
		if chip != "" {
			s.files["sys/class/pwm/pwmchip0/npwm"] = &fstest.MapFile{Data: []byte(chip)}
		}
		out, err := s.probe(t, "--board", "waveshare-2", "--bl", "pwm0.1")
		if !strings.Contains(out, want) || (err == nil) != (chip == "2\n") {
			t.Errorf("chip with %q channels: error %v, report\n%s", chip, err, out)
		}
	}
}

// shows reports whether a picture has the pixels of another, in the colours that a panel has.
func shows(glass, want image.Image) bool {
	if glass.Bounds() != want.Bounds() {
		return false
	}
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			if color.RGBAModel.Convert(glass.At(x, y)) != color.RGBAModel.Convert(panel.RGB565Model.Convert(want.At(x, y))) {
				return false
			}
		}
	}
	return true
}
