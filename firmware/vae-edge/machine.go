package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"

	"github.com/vae-edge/vae-edge/firmware/port"
)

// localSystem is the machine that the program runs on.
func localSystem() *system {
	return &system{
		files: os.DirFS("/"),
		open:  port.TryDevice,
		chips: port.Chips,
		wires: func(o port.Options) (*port.Wires, error) { return opened(port.Open(o)) },
		rate:  medianRate,
	}
}

// text reads one of the kernel's small files; empty where there is none.
func (s *system) text(name string) string {
	data, _ := fs.ReadFile(s.files, name)
	return strings.TrimRight(string(data), "\x00\n")
}

// number reads one of the kernel's files with a number in it.
func (s *system) number(name string, base int) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(s.text(name), "0x"), base, 64)
	return n, err == nil
}

// cores are the names of Arm's processor cores by the part number that they have in /proc/cpuinfo.
var cores = map[string]string{
	"0xb76": "ARM1176", "0xc07": "Cortex-A7", "0xd03": "Cortex-A53", "0xd04": "Cortex-A35", "0xd05": "Cortex-A55", "0xd08": "Cortex-A72", "0xd0b": "Cortex-A76",
}

// armCore is the name of an Arm processor's core; empty where it is none or not known.
func (s *system) armCore() string {
	fields := map[string]string{}
	for line := range strings.SplitSeq(s.text("proc/cpuinfo"), "\n") {
		key, value, _ := strings.Cut(line, ":")
		fields[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	part := fields["CPU part"]
	if part == "" || fields["CPU implementer"] != "0x41" {
		return ""
	}
	return cmp.Or(cores[part], "Arm's part "+part)
}

// cpu is the name of the processor and how many cores the program may use.
func (s *system) cpu() string {
	name := cmp.Or(strings.TrimSpace(cpuid.CPU.BrandName), s.armCore(), runtime.GOARCH)
	unit := "cores"
	if runtime.NumCPU() == 1 {
		unit = "core"
	}
	return fmt.Sprintf("%s, %d %s", name, runtime.NumCPU(), unit)
}

// Vitals are what may slow a processor down. What the machine does not tell is nil.
type vitals struct {
	Celsius *float64 `json:"celsius,omitempty"`
	MHz     *float64 `json:"mhz,omitempty"`
	// Of a Raspberry Pi; empty where nothing is wrong.
	Now       []string `json:"throttled_now,omitzero"`
	SinceBoot []string `json:"throttled_since_boot,omitzero"`
}

// throttling are the bits of the firmware's answer to get_throttled: as it is now, and 16 bits further up as it has been since booting.
var throttling = []string{"under-voltage", "frequency capped", "throttled", "soft temperature limit"}

// vitals reads them; nil where there are none.
func (s *system) vitals() *vitals {
	v := &vitals{}
	zones, _ := fs.Glob(s.files, "sys/class/thermal/thermal_zone*")
	for _, zone := range zones {
		kind := strings.ToLower(s.text(zone + "/type"))
		if milli, ok := s.number(zone+"/temp", 10); ok && (v.Celsius == nil || strings.Contains(kind, "cpu") || kind == "x86_pkg_temp") {
			celsius := float64(milli) / 1000
			v.Celsius = &celsius
		}
	}
	if khz, ok := s.number("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", 10); ok {
		mhz := float64(khz) / 1000
		v.MHz = &mhz
	}
	files, _ := fs.Glob(s.files, "sys/devices/platform/soc*/soc*:firmware/get_throttled")
	for _, file := range files {
		if bits, ok := s.number(file, 16); ok {
			v.Now, v.SinceBoot = []string{}, []string{}
			for i, what := range throttling {
				if bits>>i&1 != 0 {
					v.Now = append(v.Now, what)
				}
				if bits>>(16+i)&1 != 0 {
					v.SinceBoot = append(v.SinceBoot, what)
				}
			}
		}
	}
	if v.Now == nil { // kernels without that file may tell of the power
		alarms, _ := fs.Glob(s.files, "sys/class/hwmon/hwmon*/in0_lcrit_alarm")
		for _, alarm := range alarms {
			if on, ok := s.number(alarm, 10); ok && s.text(path.Dir(alarm)+"/name") == "rpi_volt" {
				v.Now = []string{}
				if on != 0 {
					v.Now = append(v.Now, throttling[0])
				}
			}
		}
	}
	if v.Celsius == nil && v.MHz == nil && v.Now == nil {
		return nil
	}
	return v
}

// slowed reports whether the processor is slower than it could be.
func (v *vitals) slowed() bool { return v != nil && len(v.Now) > 0 }

func (v *vitals) String() string {
	var parts []string
	if v.Celsius != nil {
		parts = append(parts, fmt.Sprintf("%.1f °C", *v.Celsius))
	}
	if v.MHz != nil {
		parts = append(parts, fmt.Sprintf("%.0f MHz", *v.MHz))
	}
	switch {
	case v.Now == nil:
	case len(v.Now) > 0:
		parts = append(parts, "now: "+strings.Join(v.Now, ", "))
	default:
		parts = append(parts, "not slowed down")
	}
	if len(v.SinceBoot) > 0 {
		parts = append(parts, "since booting: "+strings.Join(v.SinceBoot, ", "))
	}
	return strings.Join(parts, "; ")
}
