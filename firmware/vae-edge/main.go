// Vae-edge shows digits that a variational autoencoder's int8 decoder generates: on an SPI panel,
// in a terminal, in PNG and GIF files.
//
// Run vae-edge --help for its usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/vae-edge/vae-edge/firmware/diagnose"
	"github.com/vae-edge/vae-edge/firmware/framebuffer"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/firmware/port"
	"github.com/vae-edge/vae-edge/firmware/supervise"
	"github.com/vae-edge/vae-edge/firmware/terminal"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/internal/plain"
	"github.com/vae-edge/vae-edge/internal/zones"
)

func main() { os.Exit(realMain()) }

// realMain returns the exit status: 0 done, 1 failed, 2 wrong usage.
func realMain() int {
	if framebuffer.Keep() {
		return 0
	}
	zones.SetLocal() // a board may have no time zones
	// The first signal ends the program in good order. Another one kills it, but not while the
	// first may still have its effect: Ctrl-C is easily pressed twice, and a closing window or a
	// service manager sends two at once.
	ctx, end := context.WithCancel(context.Background())
	defer end()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() {
		time.AfterFunc(supervise.StopTime, func() { signal.Reset(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP) })
	})
	told := make(chan struct{})
	context.AfterFunc(ctx, func() { supervise.FromEnvironment().Stopping(); close(told) })
	hangups := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) || !terminal.Attended() { // nohup has it ignored
		signal.Notify(hangups, syscall.SIGHUP)
	}
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, hangups, end)
	if ctx.Err() != nil {
		select {
		case <-told:
		case <-time.After(supervise.StopTime):
		}
	}
	return exitStatus(err, os.Stderr)
}

// exitStatus says what is wrong, if it has not been logged, and returns the exit status.
func exitStatus(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if !errors.As(err, new(loggedError)) {
		fmt.Fprintf(stderr, "vae-edge: %s\n", plain.Text(err.Error()))
	}
	if errors.As(err, new(cli.UsageError)) {
		return 2
	}
	return 1
}

// run does what the arguments say.
func run(ctx context.Context, args []string, stdin, stdout *os.File, hangups <-chan os.Signal, end func()) error {
	c, err := parse(args)
	if err != nil {
		return err
	}
	again := hangups // has the model read again
	if !c.unattended() {
		again = nil
		go func() {
			select {
			case <-hangups: // the terminal is gone, but a panel would stay lit
				end()
			case <-ctx.Done():
			}
		}()
	}
	var out io.Writer = stdout
	switch c.action {
	case actionHelp:
		return table().PrintHelp(out, c.command)
	case actionVersion:
		return cured(diagnose.Version(out, c.play.Model))
	case actionPanels:
		return panel.List(out)
	case actionScenes:
		_, err := io.WriteString(out, sceneHelp())
		return err
	case actionGenerate:
		return generators(c.given)[c.text](out)
	}
	switch c.command {
	case "draw":
		return cured(draw(ctx, c))
	case "verify":
		return cured(diagnose.Verify(ctx, out, c.play.Model))
	case "bench":
		return cured(diagnose.Bench(ctx, c.diagnosis(), localSystem(), out))
	case "info":
		return cured(diagnose.Info(out, c.diagnosis(), localSystem()))
	case "probe":
		// Nothing to look at where there is no spidev: the error says so
		if runtime.GOOS != "linux" {
			_, err := opened(port.Open(c.portOptions()))
			return err
		}
		return cured(diagnose.Probe(ctx, c.diagnosis(), localSystem(), stdin, out))
	}
	return show(ctx, c, stdin, stdout, again)
}
