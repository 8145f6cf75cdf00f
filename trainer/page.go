package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/report"
	"github.com/vae-edge/vae-edge/trainer/run"
)

// page adds to the page of a run what the command line has for it.
func (o *options) page(p *report.Run, c run.Config) {
	for i, s := range p.Settings {
		if f := table.Find("", s.Name); f != nil {
			p.Settings[i].Name, p.Settings[i].Meaning = "--"+s.Name, strings.ReplaceAll(strings.TrimSpace(f.Help), "\n", "; ")
		}
	}
	model, data := quoted(filepath.Join(o.out, pair.Int8File)), ""
	if c.Data != "" {
		data = " --data " + quoted(c.Data)
	}
	p.Commands = report.Commands{
		Show: "vae-edge --model " + model,
		Board: fmt.Sprintf("scp %s %s pi:\nssh -t pi ./vae-edge --board waveshare-1.3 --model %s",
			model, quoted(filepath.Join(o.out, encoder.File)), pair.Int8File),
		Measure: fmt.Sprintf("%s eval --model %s%s", command, quoted(o.out), data),
	}
	if c.Data == "" {
		p.Commands.Edit = fmt.Sprintf("%s edit docs/photo.jpg --toward 4 --model %s", command, quoted(o.out))
	}
	if c.Latent == 2 {
		p.Commands.MoreDims = fmt.Sprintf("%s --latent 16%s --out out/16", command, data)
	}
	if o.quick {
		p.Commands.Full = command + " --out out/full"
	}
	for _, b := range builtIn {
		like, err := readLine(b.flags)
		if err != nil || like.Config != c {
			continue
		}
		want, _ := pretrained.Weights(b.name)
		got, err := os.ReadFile(filepath.Join(o.out, pair.Int8File))
		p.BuiltIn = &report.BuiltIn{Name: b.name, Same: err == nil && bytes.Equal(got, want)}
	}
}
