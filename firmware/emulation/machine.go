package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/internal/cpio"
)

//go:embed virt.dtsi
var virtTree []byte

const emulator = "qemu-system-aarch64"

// hardware is what QEMU emulates: a board with the processor of a Raspberry Pi 3 and a PL061, whose
// lines are the header.
func hardware(more string) []string {
	return []string{"-machine", "virt" + more, "-cpu", "cortex-a53", "-smp", "2", "-m", "512", "-nic", "none", "-display", "none"}
}

// A job is a run of vae-edge on the emulated machine.
type job struct {
	args  []string
	panel panel.Panel // what is connected to the wire then
	board panel.Board
	noCS  bool   // its chip select is not connected
	key   string // the line of a key that is pressed for a while; empty: none
	steps []step // what is done while it runs
	// What it is shown on in place of the panel; nil: that
	screen *screen
	bus    *bus // the panel's, in place of SPI; nil: there is none
	// After so many lines of figures the power is cut; 0: it is not
	cutAfter int

	// What came of it.
	began, ended bool
	status       int
	output       bytes.Buffer
	wire         *wire
	looks        []look // at the screen
	mode         int    // of the console in the end
}

// A step is something that the machine's init does while a job runs. Its fields are taken in their
// order.
type step struct {
	Until  string // waits until the program has printed a line with that text,
	Times  int    // or so many of them; 0: one
	Put    string // puts the file of that name in /models where the service's model is
	Signal int    // sends a signal
	Look   bool   // has the glass, or the screen, looked at
	Switch int    // changes to the console of that number
	Type   string // types on the first console
}

// A machine listens to what happens on its pins and its console, and gives every job its share of
// it.
type machine struct {
	jobs    []*job
	current *job // nil between two
	level   [8]bool
	line    []byte // of the console, as far as it goes
	other   bytes.Buffer
	err     error
	path    string   // of the PL061 in QEMU
	modules []string // of the kernel's, in the order in which they are loaded
	input   func(path, line string, high bool) error
	memory  func(address uint64, size int) ([]byte, error)
	looked  func() error // tells the machine's init, which waits for it
	cut     func()       // cuts the power
	off     bool         // it was cut
}

func (m *machine) pin(at time.Time, path []byte, line int, high bool) {
	if m.path == "" {
		m.path = string(path)
		// Keys are not pressed. They have pull-ups, which are not emulated.
		for _, j := range m.jobs {
			if j.key != "" {
				m.err = errors.Join(m.err, m.input(m.path, j.key, true))
			}
		}
	}
	m.level[line] = high
	if m.current != nil && m.current.wire != nil {
		m.current.wire.pin(at, line, high)
	}
}

func (m *machine) register(at time.Time, offset, value uint64) {
	if m.current != nil && m.current.bus != nil {
		m.current.bus.register(at, offset, value)
	}
}

func (m *machine) console(b byte) {
	switch b {
	case '\r':
	case '\n':
		m.text(string(m.line))
		m.line = m.line[:0]
	default:
		m.line = append(m.line, b)
	}
}

// text takes a line of the console.
func (m *machine) text(line string) {
	var n int
	switch {
	case m.current == nil && scan(line, "@start %d", &n) && n < len(m.jobs) && !m.jobs[n].began:
		j := m.jobs[n]
		if j.began, m.current = true, j; j.bus != nil {
			return
		}
		w, err := newWire(j.panel, j.board, m.level)
		if err != nil {
			m.err = errors.Join(m.err, err)
			return
		}
		w.noCS = j.noCS
		if j.key != "" {
			w.lit = func() { go m.press(j.key) }
		}
		j.wire = w
	case m.current != nil && scan(line, "@console %d", &n):
		m.current.mode = n
	case m.current != nil && scan(line, "@exit %d", &n):
		m.current.status, m.current.ended = n, true
		m.current = nil
	case m.current != nil && scan(line, "@look %d", &n):
		m.err = errors.Join(m.err, m.look(n == 0), m.looked())
	case m.current != nil:
		m.current.output.WriteString(line + "\n")
		if w := m.current.wire; m.current.cutAfter > 0 && strings.Contains(line, shown) {
			if m.current.cutAfter--; m.current.cutAfter == 0 {
				w.look()
				m.cut()
			}
		}
	default:
		m.other.WriteString(line + "\n")
	}
}

// look keeps what the job's glass or screen shows now; text: the console draws.
func (m *machine) look(text bool) error {
	s := m.current.screen
	if s == nil {
		m.current.wire.look()
		return nil
	}
	memory, err := m.memory(s.address, s.bytes())
	if err != nil {
		return err
	}
	m.current.looks = append(m.current.looks, look{s.image(memory), text})
	return nil
}

// press presses a key for a moment, a while after the panel went on.
func (m *machine) press(key string) {
	time.Sleep(keyDelay)
	for _, high := range []bool{false, true} {
		if err := m.input(m.path, key, high); err != nil {
			fmt.Fprintln(os.Stderr, err) // the picture will tell, too
		}
		time.Sleep(keyTime)
	}
}

const (
	keyDelay = 500 * time.Millisecond
	keyTime  = 300 * time.Millisecond // less than a key that is held
)

func scan(line, format string, n *int) bool {
	got, err := fmt.Sscanf(line, format, n)
	return got == 1 && err == nil && *n >= 0
}

// run boots the kernel and has it run the jobs; the files that it needs are made in dir.
func (m *machine) run(ctx context.Context, kernel, dir string) error {
	tree, err := deviceTree(ctx, dir, virtTree)
	if err != nil {
		return err
	}
	return m.boot(ctx, kernel, tree, dir)
}

// boot is run on a machine with that device tree, and with more of QEMU's arguments.
func (m *machine) boot(ctx context.Context, kernel, tree, dir string, more ...string) error {
	archive := filepath.Join(dir, "initramfs")
	if err := m.initramfs(ctx, archive, dir); err != nil {
		return err
	}
	return m.start(ctx, dir, "console=ttyAMA0 rdinit=/init panic=1 quiet", append(more, "-kernel", kernel, "-dtb", tree, "-initrd", archive)...)
}

// start starts the machine with a command line for its kernel, and more of QEMU's arguments, and
// returns when it has ended or its power was cut.
func (m *machine) start(ctx context.Context, dir, commandLine string, more ...string) error {
	// The trace goes through a pipe and is read as it comes: it would be hundreds of megabytes.
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	// Levels of input pins are set by QEMU's protocol for tests, and memory is read.
	socket := filepath.Join(dir, "qtest")
	ask := asks(socket)
	m.input, m.memory = inputs(ask), memories(ask)
	serial := filepath.Join(dir, "serial")
	m.looked = enters(serial)
	var said bytes.Buffer
	q := exec.CommandContext(ctx, emulator, append(hardware(""),
		"-monitor", "none", "-serial", "unix:"+serial+",server=on,wait=off", "-no-reboot",
		"-append", commandLine,
		"-qtest", "unix:"+socket+",server=on,wait=off", "-qtest-log", "none",
		"-D", "/dev/fd/3", "-trace", "pl061_set_output", "-trace", "pl011_write", "-msg", "timestamp=on")...)
	q.Args = append(q.Args, more...)
	m.cut = func() { m.off = true; q.Process.Kill() }
	q.Stdout, q.Stderr, q.ExtraFiles = &said, &said, []*os.File{w}
	err = q.Start()
	w.Close()
	if err != nil {
		return err
	}
	reading := readTrace(r, m)
	if reading != nil {
		q.Process.Kill()
		io.Copy(io.Discard, r)
	}
	ended := q.Wait()
	if m.off { // in the middle of a line of the trace, too
		reading, ended = nil, nil
	}
	if err := errors.Join(context.Cause(ctx), m.err, reading, ended); err != nil {
		return fmt.Errorf("%w\n%s%s%s", err, &said, &m.other, m.line)
	}
	for i, j := range m.jobs {
		if !j.ended && !m.off {
			return fmt.Errorf("the machine stopped before the end of job %d, vae-edge %s\n%s%s%s%s", i, strings.Join(j.args, " "), &said, &m.other, &j.output, m.line)
		}
	}
	return nil
}

// asks returns a function that makes a request of QEMU and returns what follows OK in the answer.
func asks(socket string) func(request string) (string, error) {
	connect := sync.OnceValues(func() (*bufio.ReadWriter, error) {
		c, err := net.Dial("unix", socket)
		if err != nil {
			return nil, err
		}
		return bufio.NewReadWriter(bufio.NewReader(c), bufio.NewWriter(c)), nil
	})
	var one sync.Mutex
	return func(request string) (string, error) {
		one.Lock()
		defer one.Unlock()
		c, err := connect()
		if err != nil {
			return "", err
		}
		c.WriteString(request + "\n")
		if err := c.Flush(); err != nil {
			return "", err
		}
		answer, err := c.ReadString('\n')
		text, ok := strings.CutPrefix(answer, "OK")
		if err != nil || !ok {
			return "", fmt.Errorf("QEMU was asked to %.60s: %.60q, %w", request, answer, err)
		}
		return strings.TrimSpace(text), nil
	}
}

// enters returns a function that types Enter on the machine's console. What the console prints is
// read from the trace.
func enters(socket string) func() error {
	connect := sync.OnceValues(func() (net.Conn, error) {
		c, err := net.Dial("unix", socket)
		if err == nil {
			go io.Copy(io.Discard, c)
		}
		return c, err
	})
	return func() error {
		c, err := connect()
		if err == nil {
			_, err = c.Write([]byte{'\r'})
		}
		return err
	}
}

// inputs returns a function that sets the level of an input line; path is that of the PL061 in
// QEMU.
func inputs(ask func(string) (string, error)) func(path, line string, high bool) error {
	return func(path, line string, high bool) error {
		level := 0
		if high {
			level = 1
		}
		_, err := ask(fmt.Sprintf("set_irq_in %s unnamed-gpio-in %d %d", path, slices.Index(lines[:], line), level))
		return err
	}
}

// memories returns a function that reads the machine's memory.
func memories(ask func(string) (string, error)) func(address uint64, size int) ([]byte, error) {
	return func(address uint64, size int) ([]byte, error) {
		answer, err := ask(fmt.Sprintf("read 0x%x 0x%x", address, size))
		if err != nil {
			return nil, err
		}
		return decodeMemory(answer, size)
	}
}

// command runs a program and returns what it writes to its standard output; the error has what it
// says besides.
func command(ctx context.Context, env []string, name string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), env...)
	out, err := c.Output()
	if e := (*exec.ExitError)(nil); errors.As(err, &e) {
		return out, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, e.Stderr)
	}
	return out, err
}

// deviceTree makes the emulated machine's device tree, with the panel's port added.
func deviceTree(ctx context.Context, dir string, port []byte) (string, error) {
	plain, source, tree := filepath.Join(dir, "virt.dtb"), filepath.Join(dir, "spi.dts"), filepath.Join(dir, "spi.dtb")
	if _, err := command(ctx, nil, emulator, hardware(",dumpdtb="+plain)...); err != nil {
		return "", err
	}
	text, err := command(ctx, nil, "dtc", "-q", "-I", "dtb", "-O", "dts", plain)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(source, append(text, port...), 0o644); err != nil {
		return "", err
	}
	_, err = command(ctx, nil, "dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree, source)
	return tree, err
}

// initramfs makes the file system: the command under test, and an init that runs it.
func (m *machine) initramfs(ctx context.Context, file, dir string) error {
	type order struct {
		Args   []string
		Steps  []step
		Screen bool
	}
	jobs := []order{}
	for _, j := range m.jobs {
		jobs = append(jobs, order{j.args, j.steps, j.screen != nil})
	}
	list, err := json.Marshal(jobs)
	if err != nil {
		return err
	}
	good, err := decoder.Open(otherModel)
	if err != nil {
		return err
	}
	weights, err := good.Marshal()
	if err != nil {
		return err
	}
	bad := bytes.Clone(weights)
	bad[len(bad)/2] ^= 1
	unit, err := unitCommand()
	if err != nil {
		return err
	}
	config := strings.TrimPrefix(unit[1], "/")
	nodes := []cpio.Node{
		{Name: "var", Mode: cpio.Directory}, {Name: "models", Mode: cpio.Directory},
		{Name: "models/good", Mode: cpio.Program, Data: weights}, {Name: "models/bad", Mode: cpio.Program, Data: bad},
		{Name: "etc", Mode: cpio.Directory}, {Name: filepath.Dir(config), Mode: cpio.Directory}, {Name: config, Mode: cpio.Program, Data: []byte(serviceConfig)},
		{Name: "dev", Mode: cpio.Directory}, {Name: "proc", Mode: cpio.Directory}, {Name: "sys", Mode: cpio.Directory},
		{Name: "dev/console", Mode: cpio.Device, Major: 5, Minor: 1},
		{Name: "dev/null", Mode: cpio.Device, Major: 1, Minor: 3},
		{Name: "jobs", Mode: cpio.Program, Data: list},
	}
	for name, from := range map[string]string{"init": "./firmware/emulation/init", "vae-edge": "./firmware/vae-edge"} {
		out := filepath.Join(dir, name+"-arm64")
		if _, err := command(ctx, []string{"GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0"}, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, from); err != nil {
			return err
		}
		data, err := os.ReadFile(out)
		if err != nil {
			return err
		}
		nodes = append(nodes, cpio.Node{Name: name, Mode: cpio.Program, Data: data})
	}
	nodes = append(nodes, cpio.Node{Name: "modules", Mode: cpio.Directory})
	for i, from := range m.modules {
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		nodes = append(nodes, cpio.Node{Name: fmt.Sprintf("modules/%d", i), Mode: cpio.Program, Data: data})
	}
	return os.WriteFile(file, cpio.Archive(nodes), 0o644)
}
