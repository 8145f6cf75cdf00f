//go:build linux

// Init is the first process on the emulated machine. It runs vae-edge with the command lines that
// /jobs lists, one after the other, does meanwhile what they list besides, and says on the console
// where each begins and how it ends.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
)

func main() {
	if err := run(); err != nil {
		say("init: %v", err)
	}
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		say("init: %v", err)
	}
	select {} // the kernel panics when its init ends
}

func run() error {
	for _, fs := range []struct{ kind, at string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}} {
		if err := unix.Mount(fs.kind, fs.at, fs.kind, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", fs.at, err)
		}
	}
	if err := loadModules(); err != nil {
		return err
	}
	data, err := os.ReadFile("/jobs")
	if err != nil {
		return err
	}
	var jobs []struct {
		Args   []string
		Steps  []step
		Screen bool
	}
	if err := json.Unmarshal(data, &jobs); err != nil {
		return err
	}
	for i, job := range jobs {
		say("@start %d", i)
		status, err := carryOut(job.Args, job.Steps, job.Screen)
		if err != nil {
			return err
		}
		if job.Screen {
			say("@console %d", endMode())
		}
		say("@exit %d", status)
	}
	return nil
}

// loadModules loads the kernel's modules that there are, in the order of their names.
func loadModules() error {
	all, err := os.ReadDir("/modules")
	if err != nil {
		return err
	}
	for _, m := range all {
		f, err := os.Open("/modules/" + m.Name())
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(f.Fd()), "", 0)
		f.Close()
		if err != nil {
			return fmt.Errorf("module %s: %w", m.Name(), err)
		}
	}
	return nil
}

// A step is one of package main in the folder above.
type step struct {
	Until  string
	Times  int
	Put    string
	Signal int
	Look   bool
	Switch int
	Type   string
}

const modelPath = "/var/model.safetensors"

// patience is how long a step waits for a line: very long, because the emulation may be very slow.
const patience = 5 * time.Minute

// carryOut runs vae-edge as a service manager would, without a terminal, and the steps. The keys of
// a screen's console are its input.
func carryOut(args []string, steps []step, screen bool) (status int, err error) {
	cmd := exec.Command("/vae-edge", args...)
	if screen {
		tty, err := os.OpenFile(firstConsole, os.O_RDWR|unix.O_NOCTTY, 0)
		if err != nil {
			return 0, err
		}
		defer tty.Close()
		cmd.Stdin = tty
	}
	out, in, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	cmd.Stdout, cmd.Stderr = in, in
	err = cmd.Start()
	in.Close()
	if err != nil {
		return 0, err
	}
	lines := make(chan string, 1000)
	printed := make(chan struct{})
	go func() {
		defer close(printed)
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			fmt.Println(s.Text())
			select {
			case lines <- s.Text():
			default: // nobody waits for them
			}
		}
	}()
	for _, s := range steps {
		if err := s.do(cmd.Process, lines); err != nil {
			say("init: %v", err)
			cmd.Process.Kill()
			break
		}
	}
	err = cmd.Wait()
	<-printed
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		return 0, err
	}
	if s := cmd.ProcessState.Sys().(syscall.WaitStatus); s.Signaled() { // as shells have it
		return 128 + int(s.Signal()), nil
	}
	return cmd.ProcessState.ExitCode(), nil
}

func (s step) do(p *os.Process, lines <-chan string) error {
	limit := time.After(patience)
	for n := max(s.Times, 1); s.Until != "" && n > 0; {
		select {
		case line, ok := <-lines:
			if !ok {
				return fmt.Errorf("it has ended without a line with %q", s.Until)
			}
			if strings.Contains(line, s.Until) {
				n--
			}
		case <-limit:
			return fmt.Errorf("no line with %q after %v", s.Until, patience)
		}
	}
	if s.Put != "" {
		data, err := os.ReadFile("/models/" + s.Put)
		if err == nil {
			err = atomicfile.WriteBytes(modelPath, data)
		}
		if err != nil {
			return err
		}
	}
	if s.Switch != 0 {
		if err := change(s.Switch); err != nil {
			return err
		}
	}
	for _, b := range []byte(s.Type) {
		if err := onConsole(firstConsole, func(fd int) error { return unix.IoctlSetPointerInt(fd, unix.TIOCSTI, int(b)) }); err != nil {
			return fmt.Errorf("type on %s: %w", firstConsole, err)
		}
	}
	if s.Look {
		mode, err := consoleMode()
		if err != nil {
			mode = 0 // there is none
		}
		say("@look %d", mode)
		// What is looked at stays until it was seen.
		if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
			return fmt.Errorf("wait until it was looked at: %w", err)
		}
	}
	if s.Signal != 0 {
		return p.Signal(syscall.Signal(s.Signal))
	}
	return nil
}

// The console that is there from the start, and the one that is seen.
const firstConsole, seenConsole = "/dev/tty1", "/dev/tty0"

// onConsole does something with a console.
func onConsole(path string, do func(fd int) error) error {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return do(int(f.Fd()))
}

// consoleMode is 0 where the console that is seen draws text, and 1 where it does not.
func consoleMode() (mode int, err error) {
	const getMode = 0x4b3b
	err = onConsole(seenConsole, func(fd int) (err error) {
		mode, err = unix.IoctlGetInt(fd, getMode)
		return err
	})
	return mode, err
}

// endMode is the mode of the console some time after a program has ended.
func endMode() (mode int) {
	for range 50 {
		var err error
		if mode, err = consoleMode(); err != nil {
			return 9
		}
		if mode == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return mode
}

// change changes to a console, and waits until it is seen.
func change(number int) error {
	const activate, waitActive = 0x5606, 0x5607
	return onConsole(seenConsole, func(fd int) error {
		if err := uninterrupted(func() error { return unix.IoctlSetInt(fd, activate, number) }); err != nil {
			return fmt.Errorf("change to console %d: %w", number, err)
		}
		return uninterrupted(func() error { return unix.IoctlSetInt(fd, waitActive, number) })
	})
}

// uninterrupted does what waits in the kernel again while a signal, of Go's own or of a child,
// ends it.
func uninterrupted(do func() error) (err error) {
	for {
		if err = do(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// say prints a line and waits until the console has sent it, so that it is in its place among what
// happens on the pins.
func say(format string, args ...any) {
	fmt.Printf("\n"+format+"\n", args...)
	// What tcdrain is to C
	uninterrupted(func() error { return unix.IoctlSetInt(1, unix.TCSBRK, 1) })
}
