package main

import (
	"fmt"
	"os"
	"strings"
)

// The packaged service, which runs without a terminal.

const (
	// modelPath is where the model of a service is.
	modelPath = "/var/model.safetensors"
	// otherModel is the one that the service goes on to.
	otherModel = "mnist-16"
	// serviceScene rests now and then.
	serviceScene = "sample"
	// serviceBoard and the rest are in the configuration file.
	serviceBoard  = "waveshare-1.44"
	serviceConfig = "board = " + serviceBoard + "\nscene = " + serviceScene + "\nmodel = " + modelPath + "\ngive-up = 0\nlog = json\nstats\nfps = 1\n"
	// shown is in the lines of figures. Of the frames that are drawn before four of them, two have
	// gone over the wire.
	shown = `"msg":"figures"`
)

// unitCommand returns the arguments of the packaged systemd unit.
func unitCommand() ([]string, error) {
	const unit, start = "release/vae-edge.service", "ExecStart="
	data, err := os.ReadFile(unit)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(data)) {
		if command, ok := strings.CutPrefix(line, start); ok {
			if fields := strings.Fields(command); len(fields) == 3 && fields[1] == "--config" {
				return fields[1:], nil
			}
		}
	}
	return nil, fmt.Errorf("%s has no %s with --config FILE", unit, start)
}
