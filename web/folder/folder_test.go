package folder

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/web/page"
)

// TestHandler: the page is kept to itself, and served to this machine alone.
func TestHandler(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"index.html": "<p>page", "app.wasm.gz": "code"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	h := Handler(dir)
	get := func(host, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "http://"+host+path, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for path, kind := range map[string]string{"/": "text/html; charset=utf-8", "/app.wasm.gz": "application/octet-stream"} {
		w := get("127.0.0.1:8042", path)
		if w.Code != 200 || w.Header().Get("Content-Type") != kind || w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: %d, %v", path, w.Code, w.Header())
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
	}
	// A name of elsewhere that leads here, as in DNS rebinding
	for _, host := range []string{"example.org", "127.0.0.1.example.org:8042", "example.org:8042"} {
		if w := get(host, "/"); w.Code != 403 {
			t.Errorf("host %s: %d", host, w.Code)
		}
	}
	if w := get("127.0.0.1:8042", "/../folder.go"); w.Code == 200 {
		t.Error("a file outside the folder is served")
	}
}

// TestPolicy: a server that sends no header of its own serves a page with the same policy.
func TestPolicy(t *testing.T) {
	files, err := page.Files()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(files["index.html"]), `content="`+page.Policy+`"`) {
		t.Error("index.html has another policy than page.Policy")
	}
	for name, text := range files {
		if strings.HasSuffix(name, ".html") && (strings.Contains(string(text), "style=") || strings.Contains(string(text), " onclick")) {
			t.Errorf("%s: the policy forbids what stands in it", name)
		}
	}
}

func TestUncommented(t *testing.T) {
	const script = "// What it is\nconst a = 'http://b'; // c\n\n\t// more\n\t// of it\n\treturn a;\n"
	if got, want := string(uncommented([]byte(script))), "const a = 'http://b'; // c\n\treturn a;\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
