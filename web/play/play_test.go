package play

import (
	"bytes"
	"encoding/json"
	"image"
	"image/gif"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/firmware/scene"
	"github.com/vae-edge/vae-edge/internal/packed"
	"github.com/vae-edge/vae-edge/model"
)

// A session for tests, with the two-dimensional digits, their encoder, and the faces.
func session(t *testing.T) *Session {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	m, err := decoder.Open("mnist-2")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.add("mnist-2", m, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.add("synthetic", model.Synthetic(), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// do carries out a request that must succeed and reads its reply.
func do(t *testing.T, s *Session, request string, data []byte, reply any) []byte {
	t.Helper()
	text, out := s.Do(request, data, nil)
	var failed struct{ Error string }
	if json.Unmarshal([]byte(text), &failed) == nil && failed.Error != "" {
		t.Fatalf("%s: %s", request, failed.Error)
	}
	if reply != nil {
		if err := json.Unmarshal([]byte(text), reply); err != nil {
			t.Fatalf("%s: %v in %s", request, err, text)
		}
	}
	return out
}

func TestDecode(t *testing.T) {
	s := session(t)
	var p Picture
	got := do(t, s, `{"op":"decode","model":"mnist-2","point":[0.5,-1.2]}`, nil, &p)
	m, d := s.models["mnist-2"].Model, s.models["mnist-2"].decoder
	want := make([]byte, m.PictureSize())
	point := m.FixedPoint(nil, .5, -1.2)
	d.Decode(want, point)
	for i, v := range want {
		if px := got[4*i:][:4]; px[0] != v || px[1] != v || px[2] != v || px[3] != 255 {
			t.Fatalf("pixel %d is %v, want grey %d", i, px, v)
		}
	}
	// The point that comes back is the very one, and a fixed point of it
	if p.Width != 28 || p.Height != 28 || m.FixedPoint(nil, p.Point...)[1] != point[1] {
		t.Errorf("the reply is %+v", p)
	}
	// A sheet of one is the picture
	if sheet := do(t, s, `{"op":"sheet","model":"mnist-2","from":[0.5,-1.2],"step":[1,1],"size":[2,2]}`, nil, nil); !bytes.Equal(sheet[:4*28], got[:4*28]) {
		t.Error("a sheet has another picture")
	}
}

// TestVerify: hashes are held to what is committed.
func TestVerify(t *testing.T) {
	s := session(t)
	var all []Verdict
	do(t, s, `{"op":"verify","model":"synthetic"}`, nil, &all)
	if len(all) < 2 {
		t.Fatalf("%d verdicts", len(all))
	}
	for _, v := range all {
		if !v.OK || v.Source != "committed" {
			t.Errorf("%+v", v)
		}
	}
	s.models["mnist-2"].Decoder[1].Bias[0]++
	defer func() { s.models["mnist-2"].Decoder[1].Bias[0]-- }()
	v, err := s.verify("mnist-2")
	if err != nil {
		t.Fatal(err)
	}
	if v[0].OK {
		t.Error("another model has the committed hash of mnist-2")
	}
}

// TestRead: a photograph and a drawing are read, and edited.
func TestRead(t *testing.T) {
	s := session(t)
	data, err := os.ReadFile("../../decoder/pretrained/mnist-2.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	gz, err := os.ReadFile("../../encoder/pretrained/mnist-2.safetensors.gz")
	if err != nil {
		t.Fatal(err)
	}
	encoder := unpack(t, gz)
	if text, _ := s.Do(`{"op":"load","model":"mnist-2"}`, data, encoder); !strings.Contains(text, `"encoder":true`) {
		t.Fatal(text)
	}
	photo, err := os.ReadFile("../../docs/photo.jpg")
	if err != nil {
		t.Fatal(err)
	}
	var r Reading
	do(t, s, `{"op":"read","model":"mnist-2"}`, photo, &r)
	if r.Class != 3 || len(r.Sigma) != 2 || !(r.Sigma[0] > 0) {
		t.Errorf("the photograph of a 3 is %+v", r)
	}
	var e Edited
	point, _ := json.Marshal(r.Point)
	do(t, s, `{"op":"edit","model":"mnist-2","point":`+string(point)+`,"toward":4,"amount":1}`, nil, &e)
	if e.Class != 3 || e.Point[0] == r.Point[0] {
		t.Errorf("edited from %d to %v", e.Class, e.Point)
	}
	// A stroke down, as a 1 has
	drawing := bytes.Repeat([]byte{255}, 100*100)
	for y := 15; y < 85; y++ {
		for x := 46; x < 54; x++ {
			drawing[100*y+x] = 0
		}
	}
	do(t, s, `{"op":"read","model":"mnist-2","size":[100,100]}`, drawing, &r)
	if r.Class != 1 {
		t.Errorf("a stroke is %+v", r)
	}
}

// TestRound: on round glass a digit keeps a twelfth of the side away from the edge, as on a board.
func TestRound(t *testing.T) {
	s := session(t)
	do(t, s, `{"op":"start","model":"mnist-2","scene":"walk","seed":7,"size":[50,50]}`, nil, nil)
	within := do(t, s, `{"op":"frame","frame":99}`, nil, nil)
	do(t, s, `{"op":"start","model":"mnist-2","scene":"walk","seed":7,"size":[60,60],"look":"round"}`, nil, nil)
	frame := do(t, s, `{"op":"frame","frame":99}`, nil, nil)
	for y := range 60 {
		for x := range 60 {
			want := byte(0)
			if min(x, y) >= 5 && max(x, y) < 55 {
				want = within[4*((y-5)*50+x-5)]
			}
			if got := frame[4*(y*60+x)]; got != want {
				t.Fatalf("at %d, %d: %d, want %d", x, y, got, want)
			}
		}
	}
	for _, name := range []string{"clock", "manifold", "sample"} {
		do(t, s, `{"op":"start","model":"mnist-2","scene":"`+name+`","size":[240,240],"look":"round"}`, nil, nil)
		do(t, s, `{"op":"frame","frame":3,"look":"round","steer":{"DX":1}}`, nil, nil)
	}
}

// TestScene: a frame is that of package scene, and looks as on a panel.
func TestScene(t *testing.T) {
	s := session(t)
	for _, name := range []string{"walk", "sample", "manifold", "morph", "clock"} {
		text, _ := s.Do(`{"op":"start","model":"mnist-2","scene":"`+name+`","seed":7,"size":[60,60]}`, nil, nil)
		if strings.Contains(text, "error") && name != "clock" && name != "morph" {
			t.Errorf("%s: %s", name, text)
		}
	}
	do(t, s, `{"op":"start","model":"mnist-2","scene":"walk","seed":7,"size":[60,60]}`, nil, nil)
	got := do(t, s, `{"op":"frame","frame":99}`, nil, nil)
	info, _ := scene.Lookup("walk")
	m := s.models["mnist-2"]
	w, err := info.New(m.decoder, 7, image.Pt(60, 60))
	if err != nil {
		t.Fatal(err)
	}
	img := scene.NewImage(m.Model, image.Pt(60, 60), scene.Grey)
	w.Render(img, 99)
	if !bytes.Equal(got, rgba(img)) {
		t.Error("a frame is not that of the scene")
	}
	// Steered to the right, it stays there.
	do(t, s, `{"op":"frame","frame":99,"steer":{"DX":1}}`, nil, nil)
	moved := do(t, s, `{"op":"frame","frame":100,"steer":{}}`, nil, nil)
	if bytes.Equal(moved, got) || !bytes.Equal(moved, do(t, s, `{"op":"frame","frame":500}`, nil, nil)) {
		t.Error("a steered scene does not stay where it was steered")
	}
	do(t, s, `{"op":"start","model":"mnist-2","scene":"walk","seed":7,"size":[60,60]}`, nil, nil)
	dots := do(t, s, `{"op":"frame","frame":99,"look":"dots"}`, nil, nil)
	for i, v := range dots {
		if v != 0 && v != 255 {
			t.Fatalf("dot %d is %d", i/4, v)
		}
	}
	round := do(t, s, `{"op":"frame","frame":99,"look":"round"}`, nil, nil)
	if round[0] != 0 || !bytes.Equal(round[4*(30*60+30):][:4], do(t, s, `{"op":"frame","frame":99,"look":"panel"}`, nil, nil)[4*(30*60+30):][:4]) {
		t.Error("round glass has corners, or another middle")
	}
	g, err := gif.DecodeAll(bytes.NewReader(do(t, s, `{"op":"gif","frame":99,"frames":3,"fps":25}`, nil, nil)))
	if err != nil || len(g.Image) != 3 || !bytes.Equal(rgba(g.Image[0]), got) {
		t.Errorf("an animation of %d frames, %v", len(g.Image), err)
	}
}

// TestRefuses: whatever comes in ends in a sentence.
func TestRefuses(t *testing.T) {
	s := session(t)
	var big bytes.Buffer
	if err := png.Encode(&big, image.NewGray(image.Rect(0, 0, 60, 60))); err != nil {
		t.Fatal(err)
	}
	for request, data := range map[string][]byte{
		`{`:                                nil,
		`{"op":"dance"}`:                   nil,
		`{"op":"dance","model":"mnist-2"}`: nil,
		`{"op":"decode","model":"nobody","point":[1]}`:                          nil,
		`{"op":"decode","model":"mnist-2","point":[1]}`:                         nil,
		`{"op":"decode","model":"mnist-2","point":[1,2],"palette":"loud"}`:      nil,
		`{"op":"decode","model":"mnist-2","point":["a",2]}`:                     nil,
		`{"op":"sheet","model":"mnist-2","size":[0,1]}`:                         nil,
		`{"op":"sheet","model":"mnist-2","size":[1000,1000]}`:                   nil,
		`{"op":"sheet","model":"mnist-2","size":[-1,-1]}`:                       nil,
		`{"op":"read","model":"mnist-2"}`:                                       big.Bytes(),
		`{"op":"read","model":"synthetic","size":[9,9]}`:                        {1, 2},
		`{"op":"read","model":"synthetic","size":[-1,-1]}`:                      {1, 2},
		`{"op":"read","model":"synthetic"}`:                                     []byte("GIF89a"),
		`{"op":"edit","model":"mnist-2","point":[0,0],"toward":10,"amount":1}`:  nil,
		`{"op":"edit","model":"mnist-2","point":[0,0],"toward":1,"amount":1.5}`: nil,
		`{"op":"edit","model":"mnist-2","point":[0,0],"toward":1,"class":-1}`:   nil,
		`{"op":"edit","model":"synthetic","point":[],"turns":[1]}`:              nil,
		`{"op":"frame"}`:                   nil,
		`{"op":"gif","frames":3,"fps":25}`: nil,
		`{"op":"start","model":"mnist-2","scene":"walk","size":[0,9]}`:               nil,
		`{"op":"start","model":"mnist-2","scene":"walk","size":[9999,9]}`:            nil,
		`{"op":"start","model":"mnist-2","scene":"tunnel","size":[9,9]}`:             nil,
		`{"op":"start","model":"mnist-2","scene":"morph","path":"1,x","size":[9,9]}`: nil,
		`{"op":"load","model":"x"}`:                                                  []byte("\x89PNG"),
		`{"op":"load","model":"y"}`:                                                  nil,
		`{"op":"synthetic","model":"real"}`:                                          nil,
		`{"op":"verify","model":"nobody"}`:                                           nil,
	} {
		text, out := s.Do(request, data, nil)
		var r struct{ Error string }
		if err := json.Unmarshal([]byte(text), &r); err != nil || len(r.Error) < 10 || out != nil || strings.Contains(r.Error, "should not have happened") {
			t.Errorf("%s: %s", request, text)
		}
	}
	do(t, s, `{"op":"start","model":"mnist-2","scene":"walk","size":[9,9]}`, nil, nil)
	for _, request := range []string{`{"op":"gif","frames":0,"fps":25}`, `{"op":"gif","frames":100000,"fps":25}`, `{"op":"gif","frames":1,"fps":0}`} {
		if text, _ := s.Do(request, nil, nil); !strings.Contains(text, "error") {
			t.Errorf("%s: %s", request, text)
		}
	}
}

// FuzzDo: any request, with any bytes, is answered in JSON, and never by accident.
func FuzzDo(f *testing.F) {
	f.Add(`{"op":"decode","model":"synthetic","point":[0,0,0]}`, []byte(nil))
	f.Add(`{"op":"sheet","model":"synthetic","from":[-1e9,1],"step":[0.5,-1e308],"size":[3,2]}`, []byte(nil))
	f.Add(`{"op":"read","model":"synthetic","size":[4,2]}`, []byte("\x00\xff\x00\xff\x00\xff\x00\xff"))
	f.Add(`{"op":"edit","model":"synthetic","point":[1,2,3],"toward":1,"amount":0.5,"turns":[1,-3]}`, []byte(nil))
	f.Add(`{"op":"start","model":"synthetic","scene":"walk","seed":3,"size":[9,7]}`, []byte(nil))
	f.Add(`{"op":"start","model":"synthetic","scene":"walk","size":[1,3],"look":"round"}`, []byte(nil))
	f.Add(`{"op":"frame","frame":18446744073709551615,"look":"dots","steer":{"DX":1,"DY":-7,"Zoom":3}}`, []byte(nil))
	f.Add(`{"op":"gif","frames":2,"fps":25,"frame":5}`, []byte(nil))
	f.Add(`{"op":"load","model":"synthetic"}`, []byte("{}"))
	f.Fuzz(func(t *testing.T, request string, data []byte) {
		var r Request
		if json.Unmarshal([]byte(request), &r) == nil && (r.Size[0]*r.Size[1] > 1<<12 || r.Frames > 4 || r.Op == "verify") {
			t.Skip("takes long")
		}
		s, err := New()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.add("synthetic", model.Synthetic(), nil); err != nil {
			t.Fatal(err)
		}
		if r.Op == "frame" || r.Op == "gif" {
			s.Do(`{"op":"start","model":"synthetic","scene":"manifold","size":[9,7]}`, nil, nil)
		}
		text, _ := s.Do(request, data, nil)
		if !json.Valid([]byte(text)) || strings.Contains(text, "should not have happened") {
			t.Errorf("%s: %s", request, text)
		}
	})
}

func unpack(t *testing.T, data []byte) []byte {
	t.Helper()
	unpacked, err := packed.Unpack(data)
	if err != nil {
		t.Fatal(err)
	}
	return unpacked
}
