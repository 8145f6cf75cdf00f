package diagnose

import (
	"strings"
	"testing"
	"testing/fstest"
)

// aPi is a system of what a Raspberry Pi tells of itself.
func aPi(throttled string) *System {
	files := fstest.MapFS{}
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
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	if throttled != "" {
		files["sys/devices/platform/soc/soc:firmware/get_throttled"] = &fstest.MapFile{Data: []byte(throttled + "\n")}
	}
	return &System{Files: files}
}

func TestVitals(t *testing.T) {
	for throttled, want := range map[string]string{
		"":       "61.2 °C; 1400 MHz",
		"0":      "61.2 °C; 1400 MHz; not slowed down",
		"0x4":    "61.2 °C; 1400 MHz; now: throttled",
		"50005":  "61.2 °C; 1400 MHz; now: under-voltage, throttled; since booting: under-voltage, throttled",
		"e0000":  "61.2 °C; 1400 MHz; not slowed down; since booting: frequency capped, throttled, soft temperature limit",
		"broken": "61.2 °C; 1400 MHz",
	} {
		s := aPi(throttled)
		if got := s.vitals(); got.String() != want || got.Slowed() != strings.Contains(want, "now: ") {
			t.Errorf("%s: %v, want %s", throttled, got, want)
		}
	}
	s := &System{Files: fstest.MapFS{}}
	if v := s.vitals(); v != nil || v.Slowed() {
		t.Errorf("%v of a machine that tells nothing", v)
	}
	s.Files.(fstest.MapFS)["sys/class/hwmon/hwmon1/name"] = &fstest.MapFile{Data: []byte("rpi_volt\n")}
	s.Files.(fstest.MapFS)["sys/class/hwmon/hwmon1/in0_lcrit_alarm"] = &fstest.MapFile{Data: []byte("1\n")}
	if v := s.vitals(); v.String() != "now: under-voltage" {
		t.Errorf("%v", v)
	}
	// A Raspberry Pi 5 has another address in the name.
	s.Files.(fstest.MapFS)["sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled"] = &fstest.MapFile{Data: []byte("2\n")}
	if v := s.vitals(); v.String() != "now: frequency capped" {
		t.Errorf("%v", v)
	}
}

// TestArmCores: Arm's cores have numbers in /proc/cpuinfo.
func TestArmCores(t *testing.T) {
	s := &System{Files: fstest.MapFS{}}
	s.Files.(fstest.MapFS)["proc/cpuinfo"] = &fstest.MapFile{Data: []byte("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\n")}
	if got := s.armCore(); got != "Cortex-A76" {
		t.Errorf("%q", got)
	}
	s.Files.(fstest.MapFS)["proc/cpuinfo"] = &fstest.MapFile{Data: []byte("CPU implementer\t: 0x41\nCPU part\t: 0xfff\n")}
	if got := s.armCore(); got != "Arm's part 0xfff" {
		t.Errorf("%q", got)
	}
	delete(s.Files.(fstest.MapFS), "proc/cpuinfo")
	if got := s.armCore(); got != "" {
		t.Errorf("%q", got)
	}
}
