package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"periph.io/x/conn/v3/physic"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// A report is what info prints.
type report struct {
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
	Model    modelReport `json:"model"`
	Board    string      `json:"board"`
	Panel    string      `json:"panel"`
	Clock    int64       `json:"clock_hz"`
	Ports    []device    `json:"ports"`
	Transfer int         `json:"bytes_a_transfer,omitempty"` // spidev.bufsiz
	GPIO     []device    `json:"gpio"`
	Vitals   *vitals     `json:"state,omitempty"`
}

// A modelReport tells which model it is.
type modelReport struct {
	Name   string `json:"name"`
	Latent int    `json:"latent"`
	Image  [3]int `json:"image"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"` // of the weights file
}

func newModelReport(m *model.Model) (modelReport, error) {
	data, err := m.Marshal() // is the file: a model has but one
	return modelReport{m.Name, m.Latent, m.Image, len(data), fmt.Sprintf("%x", sha256.Sum256(data))}, err
}

// A device is a device node and whether it can be used.
type device struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// features are those that the backends need.
var features = []cpuid.FeatureID{
	cpuid.AVX2, cpuid.AVXVNNI, cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512VNNI, cpuid.ASIMD, cpuid.ASIMDDP,
}

// info prints what somebody who is to help has to know.
func info(w io.Writer, c *config, sys *system) error {
	m, err := decoder.Open(c.play.Model)
	if err != nil {
		return err
	}
	backend, err := kernels.Select("")
	if err != nil {
		return err
	}
	p := &prober{config: c, sys: sys, w: io.Discard}
	p.machine()
	r := &report{
		Built: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH, System: sys.name(), Machine: p.model, CPU: sys.cpu(), Features: []string{},
		Backend: backend.String(), Board: c.board.Name, Panel: c.panel.Name, Clock: int64(c.spiClock() / physic.Hertz),
		Ports: sys.devices("dev/spidev*"), GPIO: sys.devices("dev/gpiochip*"), Vitals: sys.vitals(),
	}
	r.Version, r.Commit = buildVersion()
	if r.Model, err = newModelReport(m); err != nil {
		return err
	}
	for _, f := range features {
		if cpuid.CPU.Has(f) {
			r.Features = append(r.Features, f.String())
		}
	}
	for _, b := range kernels.Backends() {
		r.Backends = append(r.Backends, b.String())
	}
	r.Why = "the fastest of " + strings.Join(r.Backends, ", ")
	if os.Getenv(kernels.EnvBackend) != "" {
		r.Why = kernels.EnvBackend + " says so; there is " + strings.Join(r.Backends, ", ")
	}
	r.Transfer, _ = strconv.Atoi(sys.text("sys/module/spidev/parameters/bufsiz"))
	if c.json {
		e := json.NewEncoder(plain.JSON(w))
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.print(w, c, m)
}

// print prints the report, a line for each thing.
func (r *report) print(w io.Writer, c *config, m *model.Model) error {
	var b strings.Builder
	say := func(about, format string, args ...any) {
		fmt.Fprintf(&b, "%-9s %s\n", about, plain.Text(fmt.Sprintf(format, args...)))
	}
	devices := func(about string, all []device) {
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
	if c.wanted.board == "" && c.wanted.panel == "" {
		chosen = ", which no flag has chosen"
	}
	say("board", "%s: %s%s", cmp.Or(r.Board, "none"), c.board.Text, chosen)
	say("panel", "%s: %s, %dx%d pixels, %v", r.Panel, c.panel.Controller.Name, c.panel.Size.X, c.panel.Size.Y, c.spiClock())
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

// name is the operating system with its kernel.
func (s *system) name() string {
	name := runtime.GOOS
	for line := range strings.SplitSeq(s.text("etc/os-release"), "\n") {
		if pretty, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			name = strings.Trim(pretty, `"`)
		}
	}
	if release := s.text("proc/sys/kernel/osrelease"); release != "" {
		name += ", Linux " + release
	}
	return name
}

// devices lists device nodes.
func (s *system) devices(pattern string) []device {
	all := []device{}
	nodes, _ := fs.Glob(s.files, pattern)
	for _, node := range nodes {
		all = append(all, device{"/" + node, usable(s.open("/" + node))})
	}
	return all
}
