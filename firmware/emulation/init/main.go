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
	data, err := os.ReadFile("/jobs")
	if err != nil {
		return err
	}
	var jobs []struct {
		Args  []string
		Steps []step
	}
	if err := json.Unmarshal(data, &jobs); err != nil {
		return err
	}
	for i, job := range jobs {
		say("@start %d", i)
		status, err := carryOut(job.Args, job.Steps)
		if err != nil {
			return err
		}
		say("@exit %d", status)
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
}

const modelPath = "/var/model.safetensors"

// patience is how long a step waits for a line: very long, because the emulation may be very slow.
const patience = 5 * time.Minute

// carryOut runs vae-edge as a service manager would, without a terminal, and the steps.
func carryOut(args []string, steps []step) (status int, err error) {
	cmd := exec.Command("/vae-edge", args...)
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
	if s.Look {
		say("@look")
	}
	if s.Signal != 0 {
		return p.Signal(syscall.Signal(s.Signal))
	}
	return nil
}

// say prints a line and waits until the console has sent it, so that it is in its place among what
// happens on the pins.
func say(format string, args ...any) {
	fmt.Printf("\n"+format+"\n", args...)
	unix.IoctlSetInt(1, unix.TCSBRK, 1) // what tcdrain is to C
}
