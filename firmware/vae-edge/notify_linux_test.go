package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNotifySocket: the program as a service manager starts it, with a socket by path and by
// abstract name.
func TestNotifySocket(t *testing.T) {
	needProgram(t)
	dir, err := os.MkdirTemp("", "") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, socket := range []string{filepath.Join(dir, "notify"), "@vae-edge" + filepath.Base(dir)} {
		conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		cmd := exec.Command("vae-edge", "--display", "none", "--fps", "50", "--size", "8x8")
		cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+socket, "WATCHDOG_USEC=200000")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var told []string
		buf := make([]byte, 100)
		for len(told) == 0 || told[len(told)-1] != "STOPPING=1" {
			n, err := conn.Read(buf)
			if err != nil {
				cmd.Process.Kill()
				t.Fatalf("%v after %q", err, told)
			}
			if told = append(told, string(buf[:n])); len(told) == 3 {
				cmd.Process.Signal(syscall.SIGTERM)
			}
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("ended with %v", err)
		}
		if got := strings.Join(told, " "); !strings.HasPrefix(got, "READY=1 WATCHDOG=1 WATCHDOG=1 ") {
			t.Errorf("told %s", got)
		}
	}
}
