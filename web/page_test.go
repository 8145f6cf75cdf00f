package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/panel"
	"github.com/vae-edge/vae-edge/kernels"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/web/folder"
)

// built is the folder of the page, written once.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "vae-edge-page")
	if err == nil {
		err = folder.Write(context.Background(), dir)
	}
	return dir, err
})

func TestMain(m *testing.M) {
	status := m.Run()
	if dir := builtDir; dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(status)
}

var builtDir string

// written returns the folder of the page.
func written(t *testing.T) string {
	t.Helper()
	if os.Getenv("VAE_EDGE_BROWSER") == "" && os.Getenv("VAE_EDGE_LONG") == "" {
		t.Skip("[long]: builds the page: VAE_EDGE_BROWSER=1")
	}
	dir, err := built()
	builtDir = dir
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestSize: with the model that it begins with and its encoder, the page has less than 2 MB
// compressed, and of that the first picture needs what has no encoder.
func TestSize(t *testing.T) {
	dir := written(t)
	all, encoder := 0, 0
	if err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(filepath.Dir(name)) == "models" && !strings.HasPrefix(d.Name(), "mnist-2.") {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		size := len(data)
		if filepath.Ext(name) != ".gz" {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			w.Write(data)
			w.Close()
			size = b.Len()
		}
		all += size
		if strings.Contains(name, "encoder") {
			encoder += size
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d without the encoder", all, all-encoder)
	if all > 2_000_000 || all-encoder > 1_650_000 {
		t.Errorf("%d bytes, %d without the encoder: more than 2,000,000, or 1,650,000", all, all-encoder)
	}
}

// open serves the page and opens it in a browser.
func open(t *testing.T, width, height int, flags ...string) *browser {
	t.Helper()
	dir := written(t)
	chromium(t)
	s := httptest.NewServer(folder.Handler(dir))
	t.Cleanup(s.Close)
	b := newBrowser(t, width, height, flags...)
	t.Cleanup(func() {
		for _, url := range b.requested() {
			if !strings.HasPrefix(url, s.URL+"/") && !strings.HasPrefix(url, "blob:"+s.URL) {
				t.Errorf("the page asked for %s", url)
			}
		}
		for _, c := range b.complaints() {
			t.Errorf("the browser complains: %s", c)
		}
	})
	if os.Getenv("VAE_EDGE_LONG") != "" {
		// It measures: what belongs to the browser's start must be over.
		time.Sleep(5 * time.Second)
	}
	b.do("Page.navigate", map[string]any{"url": s.URL}, nil)
	b.until("document.getElementById('picture')?.dataset.point")
	// The first picture does not wait for this.
	b.until("document.getElementById('backend').textContent !== 'starting…'")
	return b
}

// golden is the SHA-256 of what generic code draws at a latent point, as red, green, blue and
// alpha.
func golden(t *testing.T, name string, coordinates []float64) string {
	t.Helper()
	m, err := decoder.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := decoder.NewOn(m, kernels.Backends()[0])
	if err != nil {
		t.Fatal(err)
	}
	picture := make([]byte, m.PictureSize())
	d.Decode(picture, m.FixedPoint(nil, coordinates...))
	sum := sha256.New()
	for i := 0; i < len(picture); i += m.Image[2] {
		if m.Image[2] == 1 {
			sum.Write([]byte{picture[i], picture[i], picture[i], 255})
		} else {
			sum.Write([]byte{picture[i], picture[i+1], picture[i+2], 255})
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// canvas returns the latent point that a canvas says it shows, and the hash of its pixels.
func (b *browser) canvas(id string) (point []float64, hash string) {
	b.t.Helper()
	var data struct{ Point, Pixels string }
	b.eval(`(() => { const c = document.getElementById("`+id+`"), d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
		let s = ""; for (const v of d) s += String.fromCharCode(v);
		return {point: c.dataset.point, pixels: btoa(s)}; })()`, &data)
	if err := json.Unmarshal([]byte(data.Point), &point); err != nil {
		b.t.Fatal(err)
	}
	pixels, err := base64.StdEncoding.DecodeString(data.Pixels)
	if err != nil {
		b.t.Fatal(err)
	}
	sum := sha256.Sum256(pixels)
	return point, hex.EncodeToString(sum[:])
}

// exact holds a canvas to what generic code draws at the point that it says it shows.
func (b *browser) exact(id, model string) []float64 {
	b.t.Helper()
	point, hash := b.canvas(id)
	if want := golden(b.t, model, point); hash != want {
		b.t.Errorf("%s at %v: %s, want %s", model, point, hash, want)
	}
	return point
}

// settled waits until nothing is being decoded.
func (b *browser) settled() {
	b.t.Helper()
	b.eval("new Promise((r) => setTimeout(r, 300))", nil)
}

// The hash of what mnist-2 draws in the middle of the map.
const middle = "9d0aca165bab796d056cc894a26a18b9ca5f7d7d86edc309fa877283e472589c"

// TestPage is a visit: the map, keys, a drawn digit and its edit, files good and bad, a panel,
// other models and the golden hashes.
func TestPage(t *testing.T) {
	b := open(t, 1280, 900)
	if got := b.text("backend"); !strings.Contains(got, "simd128") {
		t.Errorf("the backend is %q", got)
	}
	b.exact("picture", "mnist-2")
	if _, hash := b.canvas("picture"); hash != middle {
		t.Errorf("in the middle of the map: %s, want %s", hash, middle)
	}
	b.until("document.getElementById('dots').dataset.complete === 'mnist-2'")

	// To given points: the map reaches from -3.5 to 3.5.
	for _, at := range [][2]float64{{.3, .3}, {.61, .24}, {.8, .75}, {.5, .5}} {
		b.drag("dots", [2]float64{.1, .9}, [2]float64{.4, .6}, at)
		b.settled()
		point := b.exact("picture", "mnist-2")
		for k, want := range []float64{(2*at[0] - 1) * 3.5, (1 - 2*at[1]) * 3.5} {
			if d := point[k] - want; d < -.02 || d > .02 {
				t.Errorf("dragged to %v, the picture is at %v", at, point)
			}
		}
	}
	b.eval("document.getElementById('dots').focus()", nil)
	b.key("Home")
	for range 3 {
		b.key("ArrowRight")
	}
	b.settled()
	if point := b.exact("picture", "mnist-2"); point[0] < .149 || point[0] > .151 || point[1] != 0 {
		t.Errorf("three keys to the right of the middle is %v", point)
	}

	b.screenshot("desktop")

	// A seven, and what it would be as a 4
	seven := [][2]float64{{.25, .2}, {.5, .2}, {.75, .2}, {.65, .4}, {.55, .6}, {.45, .85}}
	b.drag("pad", seven...)
	b.until("document.getElementById('found').textContent.includes('It lies at')")
	if got := b.text("found"); !strings.HasPrefix(got, "Nearest to 7.") {
		t.Errorf("the drawn 7: %s", got)
	}
	b.exact("rebuilt", "mnist-2")
	b.eval("document.querySelectorAll('#toward button')[4].click()", nil)
	b.settled()
	b.exact("picture", "mnist-2")
	if got := b.text("place"); !strings.HasSuffix(got, "nearest to 4") {
		t.Errorf("the 7 as a 4 is %s", got)
	}
	b.screenshot("drawn")

	// Files, good and bad
	b.eval("document.getElementById('found').textContent = ''", nil)
	b.choose("photo", "../docs/photo.jpg")
	b.until("document.getElementById('found').textContent.startsWith('Nearest to 3.')")
	bad := filepath.Join(t.TempDir(), "bad.png")
	if err := os.WriteFile(bad, []byte("\x89PNG\r\n\x1a\n and no picture"), 0o666); err != nil {
		t.Fatal(err)
	}
	b.choose("photo", bad)
	b.until("!document.getElementById('error').hidden")
	good, err := os.ReadFile("../decoder/pretrained/mnist-2.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	good[len(good)/2] ^= 1
	flipped := filepath.Join(t.TempDir(), "flipped.safetensors")
	if err := os.WriteFile(flipped, good, 0o666); err != nil {
		t.Fatal(err)
	}
	b.choose("weights", flipped)
	b.until("document.getElementById('error').textContent.includes('checksum')")
	b.choose("weights", "../decoder/pretrained/mnist-2.safetensors")
	b.until("document.getElementById('dropped').textContent.includes('same pixels') && document.getElementById('error').hidden")
	b.settled()
	b.exact("picture", "mnist-2")

	// The panel, and the board that has it
	for _, look := range []string{"panel 160 128", "dots 128 64", "round 240 240", "panel 240 240"} {
		b.set("look", look)
		var command string
		b.eval("document.getElementById('panel-command').value", &command)
		words := strings.Fields(command)
		for i, known := range map[string]func(string) (image.Point, bool){
			"--panel": func(name string) (image.Point, bool) { p, ok := panel.Find(name); return p.Size, ok },
			"--board": func(name string) (image.Point, bool) {
				board, _ := panel.FindBoard(name)
				p, ok := panel.Find(board.Panel)
				return p.Size, ok && p.Round == strings.HasPrefix(look, "round")
			},
		} {
			if at := slices.Index(words, i); at >= 0 {
				size, ok := known(words[at+1])
				if wide := fmt.Sprintf(" %d %d", size.X, size.Y); !ok || !strings.HasSuffix(look, wide) && !strings.Contains(command, "--rotate 90") {
					t.Errorf("%s: %s", look, command)
				}
			}
		}
		if !strings.Contains(command, "--panel ") && !strings.Contains(command, "--board ") {
			t.Errorf("%s: %s", look, command)
		}
	}
	b.set("scene", "manifold")
	b.click("#play")
	b.until("document.getElementById('play').textContent === 'Pause'")
	b.settled()
	b.click("#play")

	// Other models
	for _, name := range []string{"mnist-16", "faces"} {
		b.set("model", name)
		b.until("document.getElementById('dots').dataset.complete === '" + name + "'")
		b.exact("picture", name)
		var inked bool
		b.eval("document.getElementById('pad').getContext('2d').getImageData(0, 0, 280, 280).data.some((v) => v !== 255)", &inked)
		if inked {
			t.Errorf("%s: the digit that another model has read is still on the pad", name)
		}
		b.eval(`(() => { const s = document.querySelector("#dims input"); s.value = 1.5; s.dispatchEvent(new Event("input")); })()`, nil)
		b.settled()
		if point := b.exact("picture", name); point[0] != 1.5 {
			t.Errorf("%s: the slider's dimension is at %v", name, point[0])
		}
		b.screenshot(name)
	}
	b.eval(`(() => { const s = document.querySelector("#attributes input"); s.value = 1; s.dispatchEvent(new Event("input")); })()`, nil)
	b.settled()
	b.exact("picture", "faces")

	b.click("#verify")
	b.until("document.getElementById('verdict').textContent.includes(' ok: ')")
	if got := b.text("verdict"); got != "24 of 24 ok: this browser is exact, it draws the same pixels as every board." {
		t.Error(got)
	}
	b.screenshot("verified")
}

// TestHostile: whatever is dropped ends in a sentence, and the page goes on.
func TestHostile(t *testing.T) {
	b := open(t, 1280, 900)
	b.until("document.getElementById('dots').dataset.complete === 'mnist-2'")
	weights, err := os.ReadFile("../decoder/pretrained/mnist-2.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	photo, err := os.ReadFile("../docs/photo.jpg")
	if err != nil {
		t.Fatal(err)
	}
	torch, err := os.ReadFile("../internal/foreign/testdata/pt-meta-f32.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	// A PNG of no more than its head, which claims 4 thousand million pixels
	vast := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), 0, 0, 255, 255, 0, 0, 255, 255, 8, 2, 0, 0, 0)
	vast = binary.BigEndian.AppendUint32(vast, crc32.ChecksumIEEE(vast[12:]))
	claim := func(n uint64, rest string) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), rest...) }
	const shape = `{"a":{"dtype":"I8","shape":[1099511627776,1099511627776],"data_offsets":[0,1099511627776]}}`
	for name, files := range map[string][]file{
		"cut":        {{"decoder.safetensors", weights[:len(weights)/3]}},
		"empty":      {{"decoder.safetensors", nil}},
		"a claim":    {{"decoder.safetensors", claim(1<<62, "{}")}},
		"no header":  {{"decoder.safetensors", claim(2, "{}")}},
		"a shape":    {{"decoder.safetensors", claim(uint64(len(shape)), shape)}},
		"PyTorch's":  {{"decoder.safetensors", torch}},
		"a zip":      {{"model.safetensors", []byte("PK\x03\x04 and more of a file of PyTorch's")}},
		"three":      {{"a.safetensors", weights}, {"b.safetensors", weights}, {"c.safetensors", weights}},
		"both":       {{"a.safetensors", weights}, {"photo.jpg", photo}},
		"two":        {{"decoder.safetensors", weights}, {"encoder.safetensors", weights}},
		"pictures":   {{"photo.jpg", photo}, {"photo.jpg", photo}},
		"vast":       {{"vast.png", vast}},
		"cut JPEG":   {{"photo.jpg", photo[:len(photo)/2]}},
		"HEIC":       {{"photo.heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")}},
		"nothing":    {{"photo.png", nil}},
		"text":       {{"photo.png", []byte("this is no picture")}},
		"SVG":        {{"photo.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)}},
		"ONNX":       {{"model.onnx", []byte("\x08\x08\x12\x07pytorch\x1a\x05")}},
		"no file":    nil,
		"its markup": {{"<img src=x onerror=alert(1)>.safetensors", weights[:100]}},
	} {
		b.eval("document.getElementById('error').hidden = true", nil)
		b.drop(files...)
		b.until("!document.getElementById('error').hidden")
		t.Logf("%s: %s", name, b.text("error"))
		if got := b.text("error"); len(got) < 20 || strings.Contains(got, "should not have happened") {
			t.Errorf("%s: %q", name, got)
		}
	}
	b.drop(file{"photo.jpg", photo})
	b.until("document.getElementById('found').textContent.startsWith('Nearest to 3.') && document.getElementById('error').hidden")
	b.settled()
	b.exact("picture", "mnist-2")

	// Models of other kinds
	b.set("model", "gan")
	b.until("document.getElementById('dots').dataset.complete === 'gan'")
	b.exact("picture", "gan")
	b.drop(file{"photo.jpg", photo})
	b.until("document.getElementById('error').textContent.includes('no encoder')")
	b.screenshot("gan")
	b.drop(file{"decoder.safetensors", weights})
	b.until("document.getElementById('dropped').textContent.includes('same pixels') && document.getElementById('error').hidden")
	b.settled()
	b.exact("picture", "mnist-2")
	for _, m := range []*model.Model{model.Synthetic(), model.SyntheticDense(), model.SyntheticLeaky()} {
		data, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		b.drop(file{"it's $(imported).safetensors", data})
		b.until("document.getElementById('dropped').textContent.includes('model " + m.Name + ",') && document.getElementById('error').hidden")
		b.until("document.getElementById('dots').dataset.complete === document.getElementById('model').value")
		var size [2]int
		b.eval("[document.getElementById('picture').height, document.getElementById('picture').width]", &size)
		if size != [2]int(m.Image[:2]) {
			t.Errorf("%s: pictures of %d", m.Name, size)
		}
		var command string
		b.eval("document.getElementById('panel-command').value", &command)
		if want := `vae-edge --model './it'\''s $(imported).safetensors' --scene `; !strings.HasPrefix(command, want) {
			t.Errorf("%s, want %s", command, want)
		}
		if got := b.text("edit-help"); got != "This model has no concepts that an edit could go toward." {
			t.Error(got)
		}
		b.drop(file{"photo.jpg", photo})
		b.until("!document.getElementById('error').hidden")
		t.Log(b.text("error"))
	}
	b.screenshot("imported")
}

// TestReader: to those who do not see it every control has a name, and keys reach all of them.
func TestReader(t *testing.T) {
	b := open(t, 1280, 900)
	for _, name := range []string{"mnist-2", "faces"} {
		b.set("model", name)
		b.until("document.getElementById('dots').dataset.complete === '" + name + "'")
		var tree struct {
			Nodes []struct {
				Role, Name struct{ Value any }
				Ignored    bool
				Properties []struct {
					Name  string
					Value struct{ Value any }
				}
			}
		}
		b.do("Accessibility.getFullAXTree", nil, &tree)
		controls := 0
		for _, n := range tree.Nodes {
			focusable := slices.ContainsFunc(n.Properties, func(p struct {
				Name  string
				Value struct{ Value any }
			}) bool {
				return p.Name == "focusable" && p.Value.Value == true
			})
			if n.Ignored || !focusable && n.Role.Value != "image" || n.Role.Value == "RootWebArea" {
				continue
			}
			controls++
			if text, _ := n.Name.Value.(string); text == "" {
				t.Errorf("%s: a %v has no name", name, n.Role.Value)
			}
		}
		if controls < 25 {
			t.Errorf("%s: %d controls", name, controls)
		}
		// All that a key can reach, one after another, and each is seen to be reached.
		var want int
		b.eval(`[...document.querySelectorAll("a, button, input, select, [tabindex='0']")].filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility()).length`, &want)
		b.eval("document.activeElement.blur(); window.reached = new Set(); window.unseen = []", nil)
		for range want + 5 {
			b.tab()
			b.eval(`(() => { const e = document.activeElement; if (e === document.body) return; window.reached.add(e);
				const seen = e.matches(".file") ? document.querySelector("label[for=" + e.id + "]") : e;
				if (getComputedStyle(seen).outlineStyle === "none") window.unseen.push(e.outerHTML.slice(0, 60)); })()`, nil)
		}
		var got int
		var unseen []string
		b.eval("window.reached.size", &got)
		b.eval("window.unseen", &unseen)
		if got != want || len(unseen) > 0 {
			t.Errorf("%s: keys reach %d of %d controls; not to be seen: %q", name, got, want, unseen)
		}
	}
}

// TestPhone: on a small screen nothing is wider than it.
func TestPhone(t *testing.T) {
	b := open(t, 390, 844, "--blink-settings=preferredColorScheme=0")
	b.until("document.getElementById('dots').dataset.complete === 'mnist-2'")
	var wide float64
	b.eval("document.documentElement.scrollWidth", &wide)
	if wide > 390 {
		t.Errorf("the page is %v wide", wide)
	}
	b.do("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": "dark"}}}, nil)
	b.screenshot("phone")
}

// TestFirst: how soon there is a picture, and how long one takes, on a machine that has nothing
// else to do.
func TestFirst(t *testing.T) {
	if os.Getenv("VAE_EDGE_LONG") == "" {
		t.Skip("measures: VAE_EDGE_LONG=1")
	}
	b := open(t, 1280, 900)
	b.until("document.getElementById('dots').dataset.complete === 'mnist-2'")
	var first string
	b.eval("document.getElementById('picture').dataset.first", &first)
	var loaded float64 // navigation, which may start a process of the browser, and the page's files
	b.eval("performance.getEntriesByType('navigation')[0].loadEventEnd", &loaded)
	var took, frames float64
	b.eval(`(async () => { const { ask } = await import("./rpc.js"), n = 2000, start = performance.now();
		for (let i = 0; i < n; i++) await ask({op: "decode", model: "mnist-2", point: [i / n, 0], palette: "grey"});
		return (performance.now() - start) / n; })()`, &took)
	b.eval(`(async () => { const { ask } = await import("./rpc.js"), start = performance.now();
		let n = 0;
		while (performance.now() - start < 2000) { await ask({op: "decode", model: "mnist-2", point: [n / 500, 0], palette: "grey"}); await new Promise(requestAnimationFrame); n++; }
		return n / 2; })()`, &frames)
	t.Logf("the first picture after %s ms, of which %.0f until the page was loaded; one takes %.2f ms, there and back; %.0f frames a second", first, loaded, took, frames)
}
