package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

func TestParsePWM(t *testing.T) {
	for v, want := range map[string]pwmChannel{"pwm0.1": {0, 1}, "pwm12.0": {12, 0}} {
		if got, ok := parsePWM(v); !ok || got != want || got.String() != v {
			t.Errorf("%q is %v, %v", v, got, ok)
		}
	}
	for _, v := range []string{"", "pwm", "pwm0", "pwm0.", "pwm.1", "pwm0.1.2", "pwm-1.0", "pwm0.2560", "0.1", "GPIO18"} {
		if got, ok := parsePWM(v); ok {
			t.Errorf("%q is %v", v, got)
		}
	}
}

// TestPWMPin runs the pin on files in place of the kernel's.
func TestPWMPin(t *testing.T) {
	class := t.TempDir()
	chip := filepath.Join(class, "pwmchip0")
	channel := filepath.Join(chip, "pwm1")
	if _, err := openPWM(class, pwmChannel{0, 1}); err == nil || !errors.As(err, new(setupError)) || !strings.Contains(err.Error(), "dtoverlay=pwm") {
		t.Errorf("no chip: error %v", err)
	}
	files := func(dir string, names ...string) {
		t.Helper()
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := func(dir, name, value string) {
		t.Helper()
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != value {
			t.Errorf("%s has %q, error %v; want %q", name, got, err, value)
		}
	}

	// The kernel makes the channel when it is exported, and udev its files writable, some time later.
	files(chip, "export", "unexport")
	synctest.Test(t, func(t *testing.T) {
		if _, err := openPWM(class, pwmChannel{0, 1}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("no channel after its export: error %v", err)
		}
	})
	want(chip, "export", "1")
	want(chip, "unexport", "1")

	files(chip, "export", "unexport")
	files(channel, "period", "duty_cycle", "enable")
	p, err := openPWM(class, pwmChannel{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	want(chip, "export", "") // somebody has done so
	want(channel, "duty_cycle", "0")
	for _, c := range []struct {
		do           func() error
		period, duty string
	}{
		{func() error { return p.Out(gpio.High) }, "1000000", "1000000"},
		{func() error { return p.PWM(gpio.DutyHalf/2, 2*physic.KiloHertz) }, "500000", "125000"},
		{p.Halt, "1000000", "0"},
	} {
		if err := c.do(); err != nil {
			t.Error(err)
		}
		want(channel, "period", c.period)
		want(channel, "duty_cycle", c.duty)
		want(channel, "enable", "1")
	}
	p.Close()
	want(chip, "unexport", "") // it was not ours
}

func TestBrightness(t *testing.T) {
	for args, want := range map[string]int{
		"--board waveshare-2 --bl pwm0.0 --brightness 40": 40,
		"--board waveshare-2 --brightness 100":            100,
		"--board waveshare-2 --bl pwm1.3":                 100,
	} {
		c, err := parse(strings.Fields(args))
		if err != nil {
			t.Errorf("%s: %v", args, err)
		} else if got := c.panelOpts().Brightness; got != want {
			t.Errorf("%s: brightness %d, want %d", args, got, want)
		}
	}
	for args, want := range map[string]string{
		"--board waveshare-2 --brightness 40":           "the backlight, GPIO18, can be on or off only: put dtoverlay=pwm",
		"--board waveshare-2 --bl none --brightness 99": "which the panel is without",
		"--board waveshare-2 --brightness 0":            "want 1 to 100 percent",
		"--dc pwm0.0 --display spi0 --brightness 40%":   "want 1 to 100 percent",
		"--display term --brightness 40":                "--brightness is for SPI panels",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", args, err, want)
		}
	}
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
