package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/firmware/diagnose"
	"github.com/vae-edge/vae-edge/internal/gate"
	"github.com/vae-edge/vae-edge/model"
)

// aPi adds to the fake system what a Raspberry Pi tells of itself.
func (s *fakeSystem) aPi(throttled string) {
	for name, text := range map[string]string{
		"etc/os-release":                                       "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
		"proc/sys/kernel/osrelease":                            "6.12.25+rpt-rpi-v8\n",
		"sys/class/thermal/thermal_zone0/type":                 "soc-thermal\n",
		"sys/class/thermal/thermal_zone0/temp":                 "11000\n",
		"sys/class/thermal/thermal_zone1/type":                 "cpu-thermal\n",
		"sys/class/thermal/thermal_zone1/temp":                 "61234\n",
		"sys/class/thermal/thermal_zone2/type":                 "gpu\n",
		"sys/class/thermal/thermal_zone2/temp":                 "99000\n",
		"sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "1400000\n",
	} {
		s.files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	if throttled != "" {
		s.files["sys/devices/platform/soc/soc:firmware/get_throttled"] = &fstest.MapFile{Data: []byte(throttled + "\n")}
	}
}

// TestInfo: the report of a Raspberry Pi has what it must, as text and as JSON.
func TestInfo(t *testing.T) {
	s := newFakeSystem(t)
	s.aPi("0")
	s.denied["/dev/spidev0.1"] = fs.ErrPermission
	run := func(args ...string) string {
		c, err := parse(append([]string{"info"}, args...))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := diagnose.Info(&b, c.diagnosis(), &s.System); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	weights, err := os.ReadFile(filepath.Join("..", "..", "decoder", "pretrained", "mnist-2.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	text := run("--board", "display-hat-mini")
	for _, want := range []string{
		"system    Debian GNU/Linux 12 (bookworm), Linux 6.12.25+rpt-rpi-v8\n",
		"machine   Raspberry Pi 3 Model B Rev 1.2\n",
		"backend   generic: VAE_EDGE_BACKEND says so; there is generic",
		fmt.Sprintf("model     %d bytes, SHA-256 %x\n", len(weights), sha256.Sum256(weights)),
		"board     display-hat-mini: ",
		"panel     st7789-240x320: ST7789, 240x320 pixels, 60MHz\n",
		"port      /dev/spidev0.0: usable\n",
		"port      /dev/spidev0.1: permission denied\n",
		"bufsiz    4096 bytes a transfer\n",
		"gpio      /dev/gpiochip0: usable\n",
		"state     61.2 °C; 1400 MHz; not slowed down\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if text := run("--display", "i2c1", "--panel", "sh1106-128x64"); strings.Contains(text, "bufsiz") {
		t.Errorf("spidev's bufsiz, for a panel on I2C:\n%s", text)
	}
	var r diagnose.InfoReport
	if err := json.Unmarshal([]byte(run("--json", "--model", "mnist-16")), &r); err != nil {
		t.Fatal(err)
	}
	if r.Machine != "Raspberry Pi 3 Model B Rev 1.2" || r.Model.Name != "mnist-16" || r.Model.Latent != 16 || r.Transfer != 4096 || len(r.Ports) != 2 ||
		r.Vitals == nil || *r.Vitals.Celsius != 61.234 || r.Vitals.Now == nil || !slices.Contains(pretrained.Names(), r.Model.Name) {
		t.Errorf("%+v", r)
	}
}

// TestBench: every backend is measured, and frames on the panel of the command line: at the clock
// that the board's divider leaves where the wire is emulated, on its port where that is named; and
// what has slowed the processor down is noted.
func TestBench(t *testing.T) {
	weights, err := model.Synthetic().Marshal() // which every backend decodes in no time
	if err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(t.TempDir(), "synthetic.safetensors")
	if err := os.WriteFile(model, weights, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		want   diagnose.WireRate
		frames [2]float64 // at least and at most
	}{
		// The core's 400 MHz over 8; the frames are those of the emulated wire alone, because
		// drawing takes no fake time.
		{"", diagnose.WireRate{Port: "emulated", Board: "waveshare-1.3", Panel: "st7789-240x240", Clock: 50_000_000}, [2]float64{54, 200}},
		{"--hz 10M", diagnose.WireRate{Port: "emulated", Board: "waveshare-1.3", Panel: "st7789-240x240", Clock: 10_000_000}, [2]float64{10.8, 40}},
		{"--display spi0 --hz 40M", diagnose.WireRate{Port: "/dev/spidev0.0", Board: "waveshare-1.3", Panel: "st7789-240x240", Clock: 40_000_000}, [2]float64{43, 160}},
	} {
		t.Run(c.args, func(t *testing.T) {
			if !gate.All() && c.args != "--hz 10M" {
				t.Skip("the one with the fewest frames is enough")
			}
			synctest.Test(t, func(t *testing.T) {
				machine := func() *fakeSystem {
					s := newFakeSystem(t)
					s.aPi("50005")
					s.module.WireTime, s.module.Blind, s.module.MaxTx = true, true, 1<<16
					return s
				}
				s := machine()
				conf, err := parse(append([]string{"bench", "--model", model}, strings.Fields(c.args)...))
				if err != nil {
					t.Fatal(err)
				}
				var text, data bytes.Buffer
				if err := diagnose.Bench(t.Context(), conf.diagnosis(), &s.System, &text); err != nil {
					t.Fatal(err)
				}
				if s.module.Backlight() != 0 {
					t.Error("the light is on")
				}
				s, conf.json = machine(), true
				start := time.Now()
				if err := diagnose.Bench(t.Context(), conf.diagnosis(), &s.System, &data); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < s.Wire || took > 2*s.Wire {
					t.Errorf("it took %v", took)
				}
				var b diagnose.BenchReport
				if err := json.Unmarshal(data.Bytes(), &b); err != nil {
					t.Fatal(err)
				}
				if got := b.Wire.Frames; got < c.frames[0] || got > c.frames[1] || b.Wire.Share < 0.9 || b.Wire.Share > 1.01 {
					t.Errorf("%.1f frames a second, %.2f of the time", got, b.Wire.Share)
				}
				if b.Wire.Frames, b.Wire.Share, b.Wire.Bytes = 0, 0, 0; b.Wire != c.want {
					t.Errorf("%+v, want %+v", b.Wire, c.want)
				}
				if len(b.Decode) == 0 || b.Decode[0] != (diagnose.DecodeRate{Backend: "generic", Images: 800}) || b.Render.Frames != 800 || b.After == nil || !b.After.Slowed() {
					t.Errorf("%+v", b)
				}
				for _, want := range []string{"before  61.2 °C; 1400 MHz; now: under-voltage, throttled", "after   61.2", "note    these are the figures of a processor that was slowed down"} {
					if !strings.Contains(text.String(), want) {
						t.Errorf("no %q in\n%s", want, text.String())
					}
				}
			})
		})
	}
}
