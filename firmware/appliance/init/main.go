//go:build linux

// Init is the first process of the appliance, and the only one beside vae-edge. It mounts the
// card's partition, to read alone, and runs vae-edge with the configuration there, again whenever
// it ends. Nothing is written to the card and no network is brought up: power may be cut at any
// time, and there is nothing that listens.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	card          = "/boot" // where the card's partition is
	configuration = card + "/vae-edge.conf"
	program       = "/vae-edge"

	// cardTime is how long a card may take to come.
	cardTime = 30 * time.Second
	// restTime is from an end to the next start, and wrongTime from that of a configuration that
	// makes no sense, which nothing mends but another one.
	restTime, wrongTime = 2 * time.Second, time.Minute
	wrongUsage          = 2
)

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "init is the first process of an appliance")
		os.Exit(2)
	}
	for _, fs := range []struct{ kind, at string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"}} {
		if err := unix.Mount(fs.kind, fs.at, fs.kind, unix.MS_NOSUID|unix.MS_NOEXEC, ""); err != nil {
			say("mount %s: %v", fs.at, err)
		}
	}
	for start := time.Now(); !mount(); time.Sleep(200 * time.Millisecond) {
		if time.Since(start) > cardTime {
			say("no partition has %s: is the card's system whole?", filepath.Base(configuration))
			break
		}
	}
	for {
		rest := restTime
		if status := run(); status == wrongUsage {
			say("mend %s on the card, on another computer", filepath.Base(configuration))
			rest = wrongTime
		}
		time.Sleep(rest)
	}
}

func say(format string, args ...any) { fmt.Printf("vae-edge appliance: "+format+"\n", args...) }

// mount mounts the partition with the configuration, if it is there yet.
func mount() bool {
	for _, pattern := range []string{"/dev/mmcblk?p1", "/dev/sd?1", "/dev/nvme?n1p1", "/dev/vd?1"} {
		found, _ := filepath.Glob(pattern)
		for _, device := range found {
			if unix.Mount(device, card, "vfat", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "iocharset=ascii") != nil {
				continue
			}
			if _, err := os.Stat(configuration); err == nil {
				return true
			}
			unix.Unmount(card, 0)
		}
	}
	return false
}

// run runs vae-edge to its end, and returns its exit status, or -1. A keyboard that is plugged in
// steers it.
func run() int {
	in, err := os.OpenFile("/dev/tty1", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		if in, err = os.Open(os.DevNull); err != nil {
			say("%v", err)
			return -1
		}
	}
	defer in.Close()
	p, err := os.StartProcess(program, []string{program, "--config", configuration}, &os.ProcAttr{Dir: card, Files: []*os.File{in, os.Stdout, os.Stderr}})
	if err != nil {
		say("%v", err)
		return -1
	}
	defer p.Release()
	// All processes are waited for: those whose parent has ended are this one's
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			say("wait: %v", err)
			return -1
		case pid == p.Pid && status.Exited():
			say("vae-edge has ended with status %d", status.ExitStatus())
			return status.ExitStatus()
		case pid == p.Pid:
			say("vae-edge was ended: %v", status.Signal())
			return -1
		}
	}
}
