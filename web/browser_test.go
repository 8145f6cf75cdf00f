package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A browser is a headless Chromium, spoken to by its own protocol through pipes.
type browser struct {
	t       *testing.T
	in      *os.File
	session string
	size    any // of the window

	mu      sync.Mutex
	next    int
	waiting map[int]chan answer
	events  []event
}

type answer struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

type event struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	answer
}

// chromium is the browser's name. The test is skipped where there is none, unless CI is set.
func chromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no chromium")
	}
	t.Skip("there is no chromium")
	return ""
}

// newBrowser starts one, with an empty page.
func newBrowser(t *testing.T, width, height int, flags ...string) *browser {
	t.Helper()
	toBrowser, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(chromium(t), append([]string{
		"--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-dev-shm-usage",
		"--disable-background-networking", "--remote-debugging-pipe", "--user-data-dir=" + t.TempDir(), fmt.Sprintf("--window-size=%d,%d", width, height),
	}, append(flags, "about:blank")...)...) // its own first page takes a second
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	b := &browser{t: t, in: in, waiting: map[int]chan answer{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.read(out)
	}()
	t.Cleanup(func() {
		in.Close() // which ends it
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			cmd.Process.Kill()
		}
		cmd.Wait()
		out.Close()
	})
	var target struct{ TargetID string }
	b.do("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.do("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "Log", "DOM"} {
		b.do(domain+".enable", nil, nil)
	}
	b.size = map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
	b.do("Emulation.setDeviceMetricsOverride", b.size, nil)
	return b
}

func (b *browser) read(out *os.File) {
	r := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := r.ReadBytes(0)
		if err != nil {
			b.mu.Lock()
			for _, c := range b.waiting {
				close(c)
			}
			b.waiting = nil
			b.mu.Unlock()
			return
		}
		var e event
		if json.Unmarshal(line[:len(line)-1], &e) != nil {
			continue
		}
		b.mu.Lock()
		if e.ID != 0 {
			b.waiting[e.ID] <- e.answer
			delete(b.waiting, e.ID)
		} else {
			b.events = append(b.events, e)
		}
		b.mu.Unlock()
	}
}

// do sends a command and reads its result.
func (b *browser) do(method string, params, result any) {
	b.t.Helper()
	b.mu.Lock()
	if b.waiting == nil {
		b.t.Fatal("the browser has ended")
	}
	b.next++
	c := make(chan answer, 1)
	b.waiting[b.next] = c
	message := map[string]any{"id": b.next, "method": method}
	b.mu.Unlock()
	if params != nil {
		message["params"] = params
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	data, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(data, 0)); err != nil {
		b.t.Fatal(err)
	}
	select {
	case a, ok := <-c:
		if !ok {
			b.t.Fatalf("%s: the browser has ended", method)
		}
		if a.Error != nil {
			b.t.Fatalf("%s: %s", method, a.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(a.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
	case <-time.After(2 * time.Minute):
		b.t.Fatalf("%s: no answer", method)
	}
}

// eval evaluates JavaScript, which may be a promise, and reads its value.
func (b *browser) eval(script string, value any) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.do("Runtime.evaluate", map[string]any{"expression": script, "awaitPromise": true, "returnByValue": true}, &r)
	if e := r.ExceptionDetails; e != nil {
		b.t.Fatalf("%s: %s %s", script, e.Text, e.Exception.Description)
	}
	if value != nil {
		if err := json.Unmarshal(r.Result.Value, value); err != nil {
			b.t.Fatalf("%s: %v: %s", script, err, r.Result.Value)
		}
	}
}

// until waits until a condition holds.
func (b *browser) until(condition string) {
	b.t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for {
		var ok bool
		b.eval("Boolean("+condition+")", &ok)
		if ok {
			return
		}
		if time.Now().After(deadline) {
			var text string
			b.eval("document.body ? document.body.innerText : ''", &text)
			b.t.Fatalf("never: %s\n%s\n%v", condition, text, b.complaints())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// text is what an element shows.
func (b *browser) text(id string) (s string) {
	b.t.Helper()
	b.eval(fmt.Sprintf("document.getElementById(%q).textContent", id), &s)
	return s
}

// drag moves the pointer, between pressing the button and releasing it, along places of an element,
// in parts of its width and height.
func (b *browser) drag(id string, places ...[2]float64) {
	b.t.Helper()
	var box [4]float64
	b.eval(fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()`, id), &box)
	at := func(kind string, p [2]float64, buttons int) {
		b.do("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": box[0] + p[0]*box[2], "y": box[1] + p[1]*box[3], "button": "left", "buttons": buttons, "clickCount": 1}, nil)
	}
	at("mousePressed", places[0], 1)
	for _, p := range places[1:] {
		at("mouseMoved", p, 1)
	}
	at("mouseReleased", places[len(places)-1], 0)
}

// click clicks on what a selector finds.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.eval(fmt.Sprintf("document.querySelector(%q).click()", selector), nil)
}

// set changes the value of a control.
func (b *browser) set(id, value string) {
	b.t.Helper()
	b.eval(fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event("change")); })()`, id, value), nil)
}

// key presses a key.
func (b *browser) key(name string) {
	b.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.do("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": name, "code": name}, nil)
	}
}

// tab presses the key that goes to the next control.
func (b *browser) tab() {
	b.t.Helper()
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		b.do("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}, nil)
	}
}

// choose gives files to an input.
func (b *browser) choose(id string, files ...string) {
	b.t.Helper()
	for i, f := range files {
		path, err := filepath.Abs(f)
		if err != nil {
			b.t.Fatal(err)
		}
		files[i] = path
	}
	var root struct{ Root struct{ NodeID int } }
	b.do("DOM.getDocument", nil, &root)
	var node struct{ NodeID int }
	b.do("DOM.querySelector", map[string]any{"nodeId": root.Root.NodeID, "selector": "#" + id}, &node)
	b.do("DOM.setFileInputFiles", map[string]any{"files": files, "nodeId": node.NodeID}, nil)
}

// screenshot writes what is seen to the folder that VAE_EDGE_SCREENSHOTS names, if it does.
func (b *browser) screenshot(name string) {
	b.t.Helper()
	folder := os.Getenv("VAE_EDGE_SCREENSHOTS")
	if folder == "" {
		return
	}
	var shot struct{ Data []byte }
	b.do("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &shot)
	if err := os.WriteFile(filepath.Join(folder, name+".png"), shot.Data, 0o666); err != nil {
		b.t.Fatal(err)
	}
	// The window had another size meanwhile.
	b.do("Emulation.setDeviceMetricsOverride", b.size, nil)
	b.settled()
}

// A file is what is dropped.
type file struct {
	name string
	data []byte
}

// drop drops files on the page.
func (b *browser) drop(files ...file) {
	b.t.Helper()
	script := "const d = new DataTransfer(); d.setData('text/plain', 'text');"
	for _, f := range files {
		script += fmt.Sprintf("d.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], %q));", base64.StdEncoding.EncodeToString(f.data), f.name)
	}
	b.eval("(() => {"+script+"document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: d, bubbles: true, cancelable: true}));})()", nil)
}

// requested are the addresses that the page has asked for.
func (b *browser) requested() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		var p struct{ Request struct{ URL string } }
		if e.Method == "Network.requestWillBeSent" && json.Unmarshal(e.Params, &p) == nil {
			all = append(all, p.Request.URL)
		}
	}
	return all
}

// complaints are what the browser has logged: exceptions, and breaches of the policy.
func (b *browser) complaints() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		switch e.Method {
		case "Runtime.exceptionThrown", "Log.entryAdded":
			if e.Method != "Log.entryAdded" || strings.Contains(string(e.Params), `"level":"error"`) {
				all = append(all, e.Method+" "+string(e.Params))
			}
		}
	}
	return all
}
