package main

import (
	"path/filepath"
	"slices"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/interop/exporter"
)

// export is the command that writes a model for other programs.
func export(o *options, c *console.Console) error {
	e := o.export
	if e.C+e.ONNX+e.Encoder+e.Exact+e.SafeTensors == "" {
		return cli.Usagef("nothing to write: say --c DIR, --onnx FILE, --onnx-encoder FILE, --onnx-exact FILE or --safetensors FILE; see %s export --help", command)
	}
	for _, f := range []struct{ flag, file, extension string }{
		{"onnx", e.ONNX, ".onnx"}, {"onnx-encoder", e.Encoder, ".onnx"}, {"onnx-exact", e.Exact, ".onnx"}, {"safetensors", e.SafeTensors, ".safetensors"},
	} {
		if f.file != "" && filepath.Ext(f.file) != f.extension {
			return cli.Usagef("--%s %s: its name must end in %s", f.flag, f.file, f.extension)
		}
	}
	if files := slices.DeleteFunc([]string{e.ONNX, e.Encoder, e.Exact}, func(f string) bool { return f == "" }); len(slices.Compact(slices.Sorted(slices.Values(files)))) < len(files) {
		return cli.Usagef("two of --onnx, --onnx-encoder and --onnx-exact name one file: name another")
	}
	e.Model = o.model
	return exporter.Export(e, c)
}
