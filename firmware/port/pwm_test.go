package port

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

func TestParseChannel(t *testing.T) {
	for v, want := range map[string]Channel{"pwm0.1": {0, 1}, "pwm12.0": {12, 0}} {
		if got, ok := ParseChannel(v); !ok || got != want || got.String() != v {
			t.Errorf("%q is %v, %v", v, got, ok)
		}
	}
	for _, v := range []string{"", "pwm", "pwm0", "pwm0.", "pwm.1", "pwm0.1.2", "pwm-1.0", "pwm0.2560", "0.1", "GPIO18"} {
		if got, ok := ParseChannel(v); ok {
			t.Errorf("%q is %v", v, got)
		}
	}
}

// TestPWMPin runs the pin on files in place of the kernel's.
func TestPWMPin(t *testing.T) {
	class := t.TempDir()
	chip := filepath.Join(class, "pwmchip0")
	channel := filepath.Join(chip, "pwm1")
	if _, err := openPWM(class, Channel{0, 1}); err == nil || !errors.As(err, new(SetupError)) || !strings.Contains(err.Error(), "dtoverlay=pwm") {
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

	// The kernel makes the channel when it is exported, and udev its files writable, some time
	// later.
	files(chip, "export", "unexport")
	synctest.Test(t, func(t *testing.T) {
		if _, err := openPWM(class, Channel{0, 1}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("no channel after its export: error %v", err)
		}
	})
	want(chip, "export", "1")
	want(chip, "unexport", "1")

	files(chip, "export", "unexport")
	files(channel, "period", "duty_cycle", "enable")
	p, err := openPWM(class, Channel{0, 1})
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
