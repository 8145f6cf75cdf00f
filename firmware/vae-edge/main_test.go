package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"vae-edge": main,
		"vae-edge-quick": func() { // which looks at its model all the time
			modelPoll = 20 * time.Millisecond
			main()
		},
		"replace-model": replaceModel,
	})
}

// TestScript runs the command as a user does. Every script finds the synthetic model as synthetic.safetensors.
func TestScript(t *testing.T) {
	needProgram(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "")
			e.Setenv("TERM", "xterm-256color")
			data, err := decoder.Synthetic().Marshal()
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(e.WorkDir, "synthetic.safetensors"), data, 0o644)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status},
		Condition: func(name string) (bool, error) {
			switch name {
			case "spidev":
				ports, err := filepath.Glob("/dev/spidev*")
				return len(ports) > 0, err
			case "golden":
				for _, name := range pretrained.Names() {
					if _, ok := decoder.Golden(name); !ok {
						return false, nil
					}
				}
				return true, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}

// needProgram skips a test that starts the program where that cannot be: an emulator of another CPU runs the test, but
// not its children.
func needProgram(t *testing.T) {
	t.Helper()
	if err := exec.Command("vae-edge", "--help").Run(); errors.Is(err, syscall.ENOEXEC) {
		t.Skip(err)
	}
}

// status is "status N command args...": the command must end with exit status N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
