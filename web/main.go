// Command web builds the page in which the decoder runs in a browser, and serves it to this machine
// alone.
//
//	go run ./web              builds it and serves it on 127.0.0.1
//	go run ./web --out DIR    writes the folder, which any web server can serve as it is
//
// What runs in the page is web/app, compiled to WebAssembly; what it does is in web/play.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/web/folder"
)

// options are what flags say.
type options struct {
	out  string
	port int
}

var table = cli.Program[options]{
	Name: "go run ./web",
	Commands: []cli.Command{{Text: `The page is built from this repository with the go command, and served on
127.0.0.1: on this machine alone. A folder that --out writes can be put on any
web server as it is. Nothing in it asks any other host for anything.`}},
	Flags: []cli.Flag[options]{
		{Name: "out", Value: "DIR", Help: "writes the folder and serves nothing", Commands: []string{""}, Set: cli.Text(func(o *options) *string { return &o.out })},
		{Name: "port", Value: "N", Help: "to serve on; 0: any that is free", Default: "8042", Commands: []string{""}, Set: cli.Whole(func(o *options) *int { return &o.port }, 0, 65535)},
	},
}

func main() { os.Exit(realMain(os.Args[1:], os.Stdout, os.Stderr)) }

// realMain carries out a command line and returns the exit status.
func realMain(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, args, stdout)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "web: %v\n", err)
	if errors.As(err, new(cli.UsageError)) {
		return 2
	}
	return 1
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	l, err := table.Read(args)
	if err != nil {
		return err
	}
	if l.Help {
		return table.PrintHelp(stdout, l.Command)
	}
	var o options
	table.SetDefaults(&o, "")
	if err := table.Apply(&o, "", l.Settings); err != nil {
		return err
	}
	if o.out != "" && l.Has("port") {
		return cli.Usagef("--out serves nothing, and --port is for serving: leave one out")
	}
	dir := o.out
	if dir == "" {
		if dir, err = os.MkdirTemp("", "vae-edge-web"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	fmt.Fprintln(stdout, "building the page, half a minute the first time")
	if err := folder.Write(ctx, dir); err != nil {
		return err
	}
	if o.out != "" {
		_, err := fmt.Fprintf(stdout, "%s: written; put it on any web server as it is\n", dir)
		return err
	}
	return serve(ctx, dir, o.port, stdout)
}

// serve serves the folder to this machine until the context ends.
func serve(ctx context.Context, dir string, port int, stdout io.Writer) error {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("%w; --port 0 takes one that is free", err)
	}
	server := http.Server{Handler: folder.Handler(dir), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	fmt.Fprintf(stdout, "http://%s/ shows it, until Ctrl-C\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return cmp.Or(err, errors.New("the server has ended"))
	}
	return nil
}
