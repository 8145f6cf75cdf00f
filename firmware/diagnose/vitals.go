package diagnose

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Vitals are what may slow a processor down. What the machine does not tell is nil.
type Vitals struct {
	Celsius *float64 `json:"celsius,omitempty"`
	MHz     *float64 `json:"mhz,omitempty"`
	// Of a Raspberry Pi; empty where nothing is wrong.
	Now       []string `json:"throttled_now,omitzero"`
	SinceBoot []string `json:"throttled_since_boot,omitzero"`
}

// throttling are the bits of the firmware's answer to get_throttled: as it is now, and 16 bits
// further up as it has been since booting.
var throttling = []string{"under-voltage", "frequency capped", "throttled", "soft temperature limit"}

// vitals reads them; nil where there are none.
func (s *System) vitals() *Vitals {
	v := &Vitals{}
	zones, _ := fs.Glob(s.Files, "sys/class/thermal/thermal_zone*")
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
	files, _ := fs.Glob(s.Files, "sys/devices/platform/soc*/soc*:firmware/get_throttled")
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
		alarms, _ := fs.Glob(s.Files, "sys/class/hwmon/hwmon*/in0_lcrit_alarm")
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

// Slowed reports whether the processor is slower than it could be.
func (v *Vitals) Slowed() bool { return v != nil && len(v.Now) > 0 }

func (v *Vitals) String() string {
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
