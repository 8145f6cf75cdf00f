package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/run"
)

// train is the command that trains.
func train(o *options, c *console.Console) error {
	ctx, stop := untilInterrupt(c)
	defer stop()
	return run.Train(ctx, o.run(), c)
}

// run are the options of the run that a command line asks for.
func (o *options) run() run.Options {
	return run.Options{
		Config: o.Config, Out: o.out, Threads: o.threads, Resume: o.resume, Animated: o.animated,
		Quick: o.quick, Said: o.said(), Name: builtInOf(o.Config), Again: resumeCommand(o), FillPage: o.page,
		Wake: "train for more --epochs, with a smaller --kl-weight, such as 0.3, or with more images",
	}
}

// said are the settings that are given.
func (o *options) said() map[string]bool {
	said := map[string]bool{}
	for _, s := range o.line.Settings {
		said[s.Name] = true
	}
	return said
}

// untilInterrupt returns a context that the first interrupt ends. A second one ends the process.
func untilInterrupt(c *console.Console) (ctx context.Context, stop func()) {
	// SIGPIPE: nobody reads what is printed any more.
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP) // the terminal is gone
	}
	// With a second taker of SIGPIPE, a second one does not end the process
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, release := signal.NotifyContext(context.Background(), signals...)
	quiet := context.AfterFunc(ctx, func() {
		release()
		c.Warnf("interrupted: stopping after this step; interrupt again to stop at once")
	})
	return ctx, func() {
		quiet()
		release()
	}
}

// resumeCommand is the command line that continues a run with these options.
func resumeCommand(o *options) string {
	s, usual := command, "out"
	if o.line.Command == "gan" {
		s, usual = s+" gan", ganOut
	}
	s += " --resume"
	if o.out != usual {
		s += " --out " + cli.Quoted(o.out)
	}
	if o.Data != "" {
		s += " --data " + cli.Quoted(o.Data)
	}
	if o.threads != 0 {
		s += fmt.Sprintf(" --threads %d", o.threads)
	}
	return s
}

// checkWritable reports a file that could not be written, before the work that is to be in it. It
// makes its folder.
func checkWritable(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("%w: choose another --out", err)
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil // who reads from a pipe would see its end
	}
	writable := errors.New("writable") // keeps what there is
	if err := atomicfile.Write(name, func(io.Writer) error { return writable }); err != writable {
		return fmt.Errorf("%w: choose another --out", err)
	}
	return nil
}
