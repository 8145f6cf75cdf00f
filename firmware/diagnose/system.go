package diagnose

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/vae-edge/vae-edge/firmware/port"
)

// A System is what is looked at. Tests have others than Local.
type System struct {
	Files fs.FS // from the root
	// Tries whether a device can be opened for reading and writing
	Open  func(device string) error
	Chips func() ([]port.Chip, error)             // that could be opened
	Wires func(port.Options) (*port.Wires, error) // opens the panel's
	// How often a second f can be called
	Rate func(ctx context.Context, f func(n uint64)) (float64, error)
	// For how long Local's Rate measures each of its blocks, and Bench shows frames on a panel
	Block, Wire time.Duration
}

// Local is the machine that the program runs on. open opens a panel's port and pins.
func Local(open func(port.Options) (*port.Wires, error)) *System {
	s := &System{Files: os.DirFS("/"), Open: port.TryDevice, Chips: port.Chips, Wires: open, Block: 150 * time.Millisecond, Wire: 3 * time.Second}
	s.Rate = func(ctx context.Context, f func(n uint64)) (float64, error) { return medianRate(ctx, s.Block, f) }
	return s
}

// text reads one of the kernel's small files; empty where there is none.
func (s *System) text(name string) string {
	data, _ := fs.ReadFile(s.Files, name)
	return strings.TrimRight(string(data), "\x00\n")
}

// number reads one of the kernel's files with a number in it.
func (s *System) number(name string, base int) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(s.text(name), "0x"), base, 64)
	return n, err == nil
}

// cores are the names of Arm's processor cores by the part number that they have in /proc/cpuinfo.
var cores = map[string]string{
	"0xb76": "ARM1176", "0xc07": "Cortex-A7", "0xd03": "Cortex-A53", "0xd04": "Cortex-A35", "0xd05": "Cortex-A55", "0xd08": "Cortex-A72", "0xd0b": "Cortex-A76",
}

// armCore is the name of an Arm processor's core; empty where it is none or not known.
func (s *System) armCore() string {
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
func (s *System) cpu() string {
	name := cmp.Or(strings.TrimSpace(cpuid.CPU.BrandName), s.armCore(), runtime.GOARCH)
	unit := "cores"
	if runtime.NumCPU() == 1 {
		unit = "core"
	}
	return fmt.Sprintf("%s, %d %s", name, runtime.NumCPU(), unit)
}

// A Device is a device node and whether it can be used.
type Device struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// name is the operating system with its kernel.
func (s *System) name() string {
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
func (s *System) devices(pattern string) []Device {
	all := []Device{}
	nodes, _ := fs.Glob(s.Files, pattern)
	for _, node := range nodes {
		all = append(all, Device{"/" + node, usable(s.Open("/" + node))})
	}
	return all
}

func usable(err error) string {
	switch {
	case err == nil:
		return "usable"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	return err.Error()
}
