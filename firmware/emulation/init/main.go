//go:build linux

// Init is the first process on the emulated machine. It runs vae-edge with the command lines that /jobs lists, one after the other,
// and says on the console where each begins and how it ends.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
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
	var jobs [][]string
	if err := json.Unmarshal(data, &jobs); err != nil {
		return err
	}
	for i, args := range jobs {
		say("@start %d", i)
		cmd := exec.Command("/vae-edge", args...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
		if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
			return err
		}
		say("@exit %d", cmd.ProcessState.ExitCode())
	}
	return nil
}

// say prints a line and waits until the console has sent it, so that it is in its place among what happens on the pins.
func say(format string, args ...any) {
	fmt.Printf("\n"+format+"\n", args...)
	unix.IoctlSetInt(1, unix.TCSBRK, 1) // what tcdrain is to C
}
