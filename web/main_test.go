package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	for line, want := range map[string]struct {
		status int
		text   string
	}{
		"--help":              {0, "--out DIR"},
		"--port 99999":        {2, "from 0 to 65535"},
		"--prot 1":            {2, "did you mean --port"},
		"--out x --port 8000": {2, "leave one out"},
		"serve":               {2, `unknown command "serve"`},
	} {
		var out bytes.Buffer
		if status := realMain(strings.Fields(line), &out, &out); status != want.status || !strings.Contains(out.String(), want.text) {
			t.Errorf("%s: status %d\n%s", line, status, &out)
		}
	}
}
