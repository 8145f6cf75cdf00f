package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/encoder"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/trainer/dataset/named"
	"github.com/vae-edge/vae-edge/trainer/pair"
	"github.com/vae-edge/vae-edge/trainer/report"
	"github.com/vae-edge/vae-edge/trainer/run"
	"github.com/vae-edge/vae-edge/trainer/vae"
)

// usualEpochs are enough for digits.
const usualEpochs = 5

// page adds to the page of a run what the command line has for it.
func (o *options) page(p *report.Run, c run.Config) {
	for i, s := range p.Settings {
		if f := table.Find("", s.Name); f != nil {
			p.Settings[i].Name, p.Settings[i].Meaning = "--"+s.Name, strings.ReplaceAll(strings.TrimSpace(f.Help), "\n", "; ")
		}
	}
	local := func(name string) string { // scp takes a colon for the end of a host's name
		if path := filepath.Join(o.out, name); path[0] == '-' || strings.Contains(path, ":") && !filepath.IsAbs(path) {
			return cli.Quoted("." + string(filepath.Separator) + path)
		}
		return cli.Quoted(filepath.Join(o.out, name))
	}
	model, data := local(pair.Int8File), dataFlags(c)
	p.Commands = report.Commands{
		Show: "vae-edge --model " + model,
		Board: fmt.Sprintf("scp %s %s pi:\nssh -t pi ./vae-edge --board waveshare-1.3 --model %s",
			model, local(encoder.File), pair.Int8File),
		Measure: fmt.Sprintf("%s eval --model %s%s", command, cli.Quoted(o.out), data),
	}
	if c.Data == "" {
		p.Commands.Edit = command + " edit docs/photo.jpg --toward 4"
		if c.Latent > 2 { // two dimensions have no room for a hand: the built-in model has sixteen
			p.Commands.Edit += " --model " + cli.Quoted(o.out)
		}
	}
	if c.Data == named.Faces {
		p.Commands.Edit = command + " edit docs/face.png --toward Smiling --amount 1.5 --model " + cli.Quoted(o.out)
	}
	if c.Latent == 2 && c.Layers == nil {
		p.Commands.MoreDims = again(c, "16", "latent", "16")
	}
	if o.quick && !o.resume || c.Data == "" && (c.Limit > 0 || c.Epochs < usualEpochs) {
		like := c
		like.Epochs, like.Limit, like.TestLimit, like.Batch, like.LearningRate = 0, 0, 0, 0, 0
		p.Commands.Full = again(like, "full")
	}
	if name := builtInOf(c); name != "" {
		want, _ := pretrained.Weights(name)
		got, err := os.ReadFile(filepath.Join(o.out, pair.Int8File))
		p.BuiltIn = &report.BuiltIn{Name: name, Same: err == nil && bytes.Equal(got, want)}
	}
}

// builtInOf is the name of the built-in model that is trained with these settings, or "".
func builtInOf(c run.Config) string {
	for _, b := range builtIn {
		if like, err := readLine(b.training()); err == nil && like.Config == c {
			return b.name
		}
	}
	return ""
}

// again is the command that trains with the settings of a run that are not the usual ones, and with
// some others, to a folder in out.
func again(c run.Config, folder string, others ...string) string {
	for ; len(others) > 1; others = others[2:] {
		if err := c.Set(others[0], others[1]); err != nil {
			panic(err) // they are ours
		}
	}
	line := []string{"--loss", c.Loss}
	if named.InColour(c.Data) {
		line = []string{"--data", c.Data}
	}
	usual, err := readLine(line)
	if err != nil {
		panic(err)
	}
	s := command
	values, its := c.Values(), usual.Values()
	for _, name := range []string{"network", "latent", "loss", "kl-weight", "optimizer", "lr", "epochs", "batch", "seed", "limit", "test-limit", "mirror"} {
		value := fmt.Sprint(values[name])
		if value != fmt.Sprint(its[name]) && (value != "0" || name == "kl-weight" || name == "seed") || name == "loss" && value != string(vae.LossELBO) && !named.InColour(c.Data) {
			s += " --" + name + " " + cli.Quoted(value)
		}
	}
	return s + dataFlags(c) + " --out out/" + folder
}

// dataFlags are those that name the data of a run.
func dataFlags(c run.Config) (s string) {
	if c.Data != "" {
		s += " --data " + cli.Quoted(c.Data)
	}
	if c.Attributes != "" {
		s += " --attributes " + cli.Quoted(c.Attributes)
	}
	if c.Crop != 0 {
		s += fmt.Sprintf(" --crop %d", c.Crop)
	}
	return s
}
