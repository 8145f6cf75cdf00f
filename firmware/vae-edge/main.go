// Vae-edge shows digits that a variational autoencoder's int8 decoder generates: on an SPI panel, in a terminal, in PNG and GIF
// files.
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
	"syscall"
	"time"

	"github.com/vae-edge/vae-edge/firmware/panel"
)

func main() { os.Exit(realMain()) }

// realMain returns the exit status: 0 done, 1 failed, 2 wrong usage.
func realMain() int {
	// The first signal ends the program in good order. Another one kills it, but not while the first may still have its effect: Ctrl-C
	// is easily pressed twice, and a closing window or a service manager sends two at once.
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP) // the terminal is gone, but a panel would stay lit
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, func() { time.AfterFunc(stopTime, stop) })
	context.AfterFunc(ctx, func() { newNotifier().stopping() })
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "vae-edge: %v\n", err)
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

// run does what the arguments say.
func run(ctx context.Context, args []string, stdin, stdout *os.File) error {
	c, err := parse(args)
	if err != nil {
		return err
	}
	var out io.Writer = stdout
	switch c.action {
	case actionHelp:
		return printUsage(out, c.command)
	case actionVersion:
		return printVersion(out, c)
	case actionPanels:
		return panel.List(out)
	case actionGenerate:
		return generators()[c.text](out)
	}
	switch c.command {
	case "verify":
		return verify(ctx, out, c)
	case "bench":
		return bench(ctx, out, c, localSystem(c))
	case "info":
		return info(out, c, localSystem(c))
	case "probe":
		sys, err := hostSystem(c)
		if err != nil {
			return err
		}
		return probe(ctx, c, stdin, out, sys)
	}
	return show(ctx, c, stdin, stdout)
}
