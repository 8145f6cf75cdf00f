package diagnose

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"golang.org/x/sys/cpu"
	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/build"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// An InfoReport is what Info prints.
type InfoReport struct {
	Version  string      `json:"version"`
	Commit   string      `json:"commit"`
	Built    string      `json:"built"`
	System   string      `json:"system"`
	Machine  string      `json:"machine,omitempty"`
	CPU      string      `json:"cpu"`
	Features []string    `json:"features"` // of those that backends need
	Backend  string      `json:"backend"`
	Why      string      `json:"why"`
	Backends []string    `json:"backends"` // that run on this CPU
	Model    ModelReport `json:"model"`
	Board    string      `json:"board"`
	Panel    string      `json:"panel"`
	Clock    int64       `json:"clock_hz"`
	Ports    []Device    `json:"ports"`
	Transfer int         `json:"bytes_a_transfer,omitempty"` // spidev.bufsiz
	GPIO     []Device    `json:"gpio"`
	Vitals   *Vitals     `json:"state,omitempty"`
}

// features are those that the backends need, but for 32-bit Arm's, of which cpuid knows none.
var features = []cpuid.FeatureID{
	cpuid.AVX2, cpuid.AVXVNNI, cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512VNNI, cpuid.ASIMD, cpuid.ASIMDDP,
}

// Info prints what somebody who is to help has to know.
func Info(w io.Writer, o *Options, sys *System) error {
	m, err := decoder.Open(o.Model)
	if err != nil {
		return err
	}
	backend, err := kernels.Select("")
	if err != nil {
		return err
	}
	p := &prober{o: o, sys: sys, w: io.Discard}
	p.machine()
	r := &InfoReport{
		Built: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH, System: sys.name(), Machine: p.model, CPU: sys.cpu(), Features: []string{},
		Backend: backend.String(), Board: o.Board.Name, Panel: o.Mount.Panel.Name, Clock: int64(o.clock() / physic.Hertz),
		Ports: append(sys.devices("dev/spidev*"), sys.devices("dev/i2c-*")...), GPIO: sys.devices("dev/gpiochip*"), Vitals: sys.vitals(),
	}
	r.Version, r.Commit, _ = build.Info()
	if r.Model, err = newModelReport(m); err != nil {
		return err
	}
	for _, f := range features {
		if cpuid.CPU.Has(f) {
			r.Features = append(r.Features, f.String())
		}
	}
	for _, f := range []struct {
		name string
		has  bool
	}{{"VFP", cpu.ARM.HasVFP}, {"NEON", cpu.ARM.HasNEON}} {
		if f.has {
			r.Features = append(r.Features, f.name)
		}
	}
	for _, b := range kernels.Backends() {
		r.Backends = append(r.Backends, b.String())
	}
	r.Why = "the fastest of " + strings.Join(r.Backends, ", ")
	if os.Getenv(kernels.EnvBackend) != "" {
		r.Why = kernels.EnvBackend + " says so; there is " + strings.Join(r.Backends, ", ")
	}
	if !o.Port.Address.OnI2C() {
		r.Transfer, _ = strconv.Atoi(sys.text("sys/module/spidev/parameters/bufsiz"))
	}
	if o.JSON {
		e := json.NewEncoder(plain.JSON(w))
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.print(w, o, m)
}

// print prints the report, a line for each thing.
func (r *InfoReport) print(w io.Writer, o *Options, m *model.Model) error {
	var b strings.Builder
	say := func(about, format string, args ...any) {
		fmt.Fprintf(&b, "%-9s %s\n", about, plain.Text(fmt.Sprintf(format, args...)))
	}
	devices := func(about string, all []Device) {
		for _, d := range all {
			say(about, "%s: %s", d.Name, d.State)
		}
		if len(all) == 0 {
			say(about, "none")
		}
	}
	say("version", "%s", r.Version)
	say("commit", "%s", r.Commit)
	say("built", "%s", r.Built)
	say("system", "%s", r.System)
	say("machine", "%s", cmp.Or(r.Machine, "unknown: it has no device tree"))
	say("cpu", "%s", r.CPU)
	say("features", "%s", cmp.Or(strings.Join(r.Features, " "), "none that a backend needs"))
	say("backend", "%s: %s", r.Backend, r.Why)
	say("model", "%s", describe(m))
	say("model", "%d bytes, SHA-256 %s", r.Model.Bytes, r.Model.SHA256)
	chosen := ""
	if o.Default {
		chosen = ", which no flag has chosen"
	}
	say("board", "%s: %s%s", cmp.Or(r.Board, "none"), o.Board.Text, chosen)
	say("panel", "%s: %s, %dx%d pixels, %v", r.Panel, o.Mount.Panel.Controller.Name, o.Mount.Panel.Size.X, o.Mount.Panel.Size.Y, o.clock())
	devices("port", r.Ports)
	if r.Transfer > 0 {
		say("bufsiz", "%d bytes a transfer", r.Transfer)
	}
	devices("gpio", r.GPIO)
	if r.Vitals != nil {
		say("state", "%v", r.Vitals)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
