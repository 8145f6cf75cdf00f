// Package folder writes the folder that a web server serves for the page, and serves it.
package folder

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	decoders "github.com/vae-edge/vae-edge/decoder/pretrained"
	encoders "github.com/vae-edge/vae-edge/encoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/atomicfile"
	"github.com/vae-edge/vae-edge/web/page"
)

const module = "github.com/vae-edge/vae-edge"

// A builtIn is what models.json says of a built-in model: its name and its files in the folder. Its
// weights are compressed.
type builtIn struct {
	Name    string `json:"name"`
	Decoder string `json:"decoder"`
	Encoder string `json:"encoder,omitempty"`
	Codes   string `json:"codes,omitempty"` // where test pictures lie, by class; see page/gen.go
}

// Write builds the program and writes all files into the folder, which it makes. It runs the go
// command, in a folder of this module.
func Write(ctx context.Context, dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "models"), 0o777); err != nil {
		return err
	}
	files, err := page.Files()
	if err != nil {
		return err
	}
	for name, data := range files {
		if path.Ext(name) == ".js" {
			files[name] = uncommented(data)
		}
	}
	if files["worker.js"], err = worker(ctx, files["worker.js"]); err != nil {
		return err
	}
	if files["app.wasm.gz"], err = build(ctx); err != nil {
		return err
	}
	var all []builtIn
	for _, name := range decoders.Names() {
		b := builtIn{Name: name, Decoder: "models/" + name + ".decoder.gz"}
		data, _ := decoders.Weights(name)
		if files[b.Decoder], err = compress(data); err != nil {
			return err
		}
		if data, err = encoders.Weights(name); err == nil {
			b.Encoder = "models/" + name + ".encoder.gz"
			if files[b.Encoder], err = compress(data); err != nil {
				return err
			}
		}
		if codes := name + ".codes.bin"; files[codes] != nil {
			b.Codes = "models/" + codes
			files[b.Codes] = files[codes]
			delete(files, codes)
		}
		all = append(all, b)
	}
	if files["models.json"], err = json.Marshal(all); err != nil {
		return err
	}
	for name, data := range files {
		if err := atomicfile.Write(filepath.Join(dir, filepath.FromSlash(name)), func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// worker returns the worker's script with those before it that it needs: each file of its own would
// be one that is waited for. The one that starts Go's programs comes with Go; that which gives them
// the kernels is beside these.
func worker(ctx context.Context, script []byte) ([]byte, error) {
	root, err := command(ctx, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	kernels, err := command(ctx, "list", "-f", "{{.Dir}}", module+"/kernels")
	if err != nil {
		return nil, err
	}
	start, err := os.ReadFile(filepath.Join(root, "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, err
	}
	host, err := os.ReadFile(filepath.Join(kernels, "host_wasm.js"))
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{start, uncommented(host), script}, []byte("\n")), nil
}

var comments = regexp.MustCompile(`(?m)^\s*//.*\n`)

// uncommented returns a script of ours without the lines that are comments, which every visitor
// would wait for.
func uncommented(script []byte) []byte { return comments.ReplaceAll(script, nil) }

// build compiles the program and returns it compressed.
func build(ctx context.Context) ([]byte, error) {
	temporary, err := os.MkdirTemp("", "vae-edge-wasm")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temporary)
	name := filepath.Join(temporary, "app.wasm")
	if _, err := command(ctx, "build", "-buildvcs=false", "-trimpath", "-tags=simd128", "-ldflags=-s -w", "-o", name, module+"/web/app"); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if data, err = joined(data); err != nil {
		return nil, err
	}
	return compress(data)
}

// command runs the go command, for the browser, and returns what it prints.
func command(ctx context.Context, args ...string) (string, error) {
	var out, wrong bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	cmd.Stdout, cmd.Stderr = &out, &wrong
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s\nThe page is built in a folder of the repository, with Go", strings.Join(args, " "), err, bytes.TrimSpace(wrong.Bytes()))
	}
	return strings.TrimSpace(out.String()), nil
}

func compress(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// Handler serves the folder. Browsers are told to keep the page to itself and to ask each time
// whether a file has changed.
func Handler(dir string) http.Handler {
	files := http.FileServerFS(os.DirFS(dir))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", page.Policy+"; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		// What is compressed is unpacked by the page, not on the way.
		if strings.HasSuffix(r.URL.Path, ".gz") {
			h.Set("Content-Type", "application/octet-stream")
		}
		if host := r.Host; !strings.HasPrefix(host, "127.0.0.1:") && !strings.HasPrefix(host, "localhost:") {
			http.Error(w, "this server is for this machine alone", http.StatusForbidden)
			return
		}
		files.ServeHTTP(w, r)
	})
}
