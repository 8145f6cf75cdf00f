package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
)

// printVersion prints what was built, what it runs on and what it would decode.
func printVersion(w io.Writer, c *config) error {
	version, commit := buildVersion()
	backend, err := kernels.Select("")
	if err != nil {
		return err
	}
	m, err := decoder.Open(cmp.Or(c.play.Model, decoder.DefaultModel))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "vae-edge %s\ncommit   %s\nbuilt    %s %s/%s\nbackend  %v\nmodel    %s\n",
		version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, backend, describe(m))
	return err
}

// buildVersion returns the version of the module and the commit that it was built from.
func buildVersion() (version, commit string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", "unknown"
	}
	commit = "unknown"
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			commit += " with changes"
		}
	}
	return info.Main.Version, commit
}

// describe is a model in a few words.
func describe(m *model.Model) string {
	return fmt.Sprintf("%s: %d latent dimensions to %dx%dx%d pixels", m.Name, m.Latent, m.Image[0], m.Image[1], m.Image[2])
}
