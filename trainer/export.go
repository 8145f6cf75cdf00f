package main

import (
	"path/filepath"

	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/interop/exporter"
)

// export is the command that writes a model for other programs.
func export(o *options, c *console.Console) error {
	e := o.export
	if e.C+e.ONNX+e.Exact+e.SafeTensors == "" {
		return cli.Usagef("nothing to write: say --c DIR, --onnx FILE, --onnx-exact FILE or --safetensors FILE; see %s export --help", command)
	}
	for _, f := range []struct{ flag, file, extension string }{
		{"onnx", e.ONNX, ".onnx"}, {"onnx-exact", e.Exact, ".onnx"}, {"safetensors", e.SafeTensors, ".safetensors"},
	} {
		if f.file != "" && filepath.Ext(f.file) != f.extension {
			return cli.Usagef("--%s %s: its name must end in %s", f.flag, f.file, f.extension)
		}
	}
	if e.ONNX != "" && e.ONNX == e.Exact {
		return cli.Usagef("--onnx and --onnx-exact name one file, %s: name two", e.ONNX)
	}
	e.Model = o.model
	return exporter.Export(e, c)
}
