package faces

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"testing"

	"github.com/vae-edge/vae-edge/internal/gate"
)

// golden is the SHA-256 of the pictures of New(1, 0, 200), on every CPU.
const golden = "a8c0a5b6592e973732fe0d0878f7b5220540008ab927611821c92e2f8eb2c746"

func TestGolden(t *testing.T) {
	sum := sha256.Sum256(New(1, 0, 200).Images)
	if got := hex.EncodeToString(sum[:]); got != golden {
		t.Errorf("200 faces have the SHA-256 %s, want %s", got, golden)
	}
}

// TestNoFusedProducts: a compiler for CPUs that can multiply and add in one operation, rounding
// once, finds nowhere to do so.
func TestNoFusedProducts(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the package twice")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip(err)
	}
	fused := regexp.MustCompile(`.*\t(FN?M(ADD|SUB)|VFN?M(ADD|SUB)).*`)
	for _, env := range []string{"GOARCH=arm64", "GOARCH=amd64 GOAMD64=v3"} {
		cmd := exec.Command(tool, "build", "-gcflags=-S", "-o", os.DevNull, ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
		for _, v := range bytes.Fields([]byte(env)) {
			cmd.Env = append(cmd.Env, string(v))
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", env, err, out)
		}
		if !bytes.Contains(out, []byte("artist")) {
			t.Fatalf("%s: no assembly:\n%s", env, out)
		}
		for _, line := range fused.FindAll(out, -1) {
			t.Errorf("%s: %s", env, bytes.TrimSpace(line))
		}
	}
}

// plain is a face to change a factor of. Nothing hides anything.
func plain() Face {
	return Face{Smile: 0.2, MouthOpen: 0.3, BrowThickness: 0.5, Skin: 0.3, LipSize: 0.5, Hair: ShortHair, HairColour: BrownHair,
		ClothesHue: 0.6, ClothesLight: 0.4, LightX: -0.5, LightStrength: 0.6, BackHue: 0.5, BackLight: 0.5}
}

func drawn(f Face) []byte {
	pixels := make([]byte, Size)
	f.Draw(pixels)
	return pixels
}

// changed is the rectangle of the pixels that two pictures do not share, and how far they are apart
// at most.
func changed(a, b []byte) (r image.Rectangle, most int) {
	for y := range Side {
		for x := range Side {
			for c := range 3 {
				i := (y*Side+x)*3 + c
				if d := int(a[i]) - int(b[i]); d != 0 {
					r = r.Union(image.Rect(x, y, x+1, y+1))
					most = max(most, d, -d)
				}
			}
		}
	}
	return r, most
}

// numeric are the names of the factors that are numbers.
func numeric() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Face]()) {
		if f.Type.Kind() == reflect.Float64 {
			names = append(names, f.Name)
		}
	}
	return names
}

// TestFactors: each factor changes the pixels where it should, and nowhere else.
func TestFactors(t *testing.T) {
	all := image.Rect(0, 0, Side, Side)
	eyes := image.Rect(12, 20, 52, 43)
	brows := image.Rect(14, 17, 50, 31)
	mouth := image.Rect(20, 44, 44, 58)
	cheeks := image.Rect(10, 34, 54, 52)
	skin := image.Rect(5, 13, 59, 64)
	head := image.Rect(3, 0, 61, 61)
	hair := image.Rect(7, 0, 57, 37)
	body := image.Rect(0, 55, Side, Side)
	where := map[string]image.Rectangle{
		"Smile": image.Rect(10, 30, 54, 58), "MouthOpen": mouth,
		"BrowAngle": brows, "BrowThickness": brows, "BrowHeight": brows,
		"EyeSize": eyes, "EyeSpacing": eyes, "GazeX": eyes, "GazeY": eyes, "Lids": eyes, "Lashes": eyes,
		"Skin": skin, "SkinWarmth": skin, "HeadWidth": head, "Jaw": head,
		"NoseSize": image.Rect(24, 25, 40, 46), "LipSize": mouth, "Lipstick": mouth,
		"Blush": cheeks, "Freckles": cheeks, "Wrinkles": image.Rect(11, 13, 53, 42),
		"GlassesColour": image.Rect(8, 24, 56, 43), "HairTone": hair, "HairVolume": hair, "Parting": hair,
		"HatHue": image.Rect(0, 0, Side, 28), "ClothesHue": body, "ClothesLight": body,
		"Turn": image.Rect(5, 0, 59, 61), "Roll": image.Rect(1, 0, 63, 61), "ShiftX": all, "ShiftY": all, "Scale": all,
		"LightX": all, "LightStrength": all, "BackHue": all, "BackLight": all, "BackGradient": all,
	}
	for _, name := range numeric() {
		low, high := plain(), plain()
		switch name {
		case "GlassesColour":
			low.Glasses, high.Glasses = RoundGlasses, RoundGlasses
		case "HatHue":
			low.Hat, high.Hat = Beanie, Beanie
		}
		// Half of a ring of colours is the far side of it
		reflect.ValueOf(&low).Elem().FieldByName(name).SetFloat(-1)
		low = low.within()
		reflect.ValueOf(&high).Elem().FieldByName(name).SetFloat(map[bool]float64{true: 0.5, false: 1}[regexp.MustCompile("Hue$").MatchString(name)])
		r, most := changed(drawn(low), drawn(high))
		if !r.In(where[name]) || r.Empty() {
			t.Errorf("%s changes the pixels in %v, should in %v", name, r, where[name])
		}
		if most < 16 {
			t.Errorf("%s changes no pixel by more than %d", name, most)
		}
		// A quarter of its range is seen, too
		quarter := low
		v := reflect.ValueOf(&quarter).Elem().FieldByName(name)
		v.SetFloat(v.Float() + (reflect.ValueOf(high).FieldByName(name).Float()-v.Float())/4)
		if r, _ := changed(drawn(low), drawn(quarter)); r.Empty() {
			t.Errorf("%s does not change a pixel in a quarter of its range", name)
		}
	}
	for name, n := range map[string]int{"Glasses": 4, "Hair": 6, "HairColour": 5, "Beard": 5, "Hat": 4, "Iris": 5, "Clothes": 3} {
		var pictures [][]byte
		for i := range n {
			f := plain()
			reflect.ValueOf(&f).Elem().FieldByName(name).SetUint(uint64(i))
			if f.within() != f {
				t.Errorf("%s has no choice %d", name, i)
			}
			pictures = append(pictures, drawn(f))
			for k := range i {
				if _, most := changed(pictures[k], pictures[i]); most < 16 {
					t.Errorf("%s: choices %d and %d look the same", name, k, i)
				}
			}
		}
		f := plain()
		reflect.ValueOf(&f).Elem().FieldByName(name).SetUint(uint64(n))
		if f.within() == f {
			t.Errorf("%s has a choice %d, which is not tested", name, n)
		}
	}
	for _, name := range []string{"Earrings", "Stripes"} {
		f := plain()
		reflect.ValueOf(&f).Elem().FieldByName(name).SetBool(true)
		if _, most := changed(drawn(plain()), drawn(f)); most < 16 {
			t.Errorf("%s are not seen", name)
		}
	}
}

// TestSmile: a smile is in the mouth, the cheeks and the eyes.
func TestSmile(t *testing.T) {
	smile, not := plain(), plain()
	smile.Smile, not.Smile = 1, 0
	a, b := drawn(smile), drawn(not)
	for name, r := range map[string]image.Rectangle{"mouth": image.Rect(24, 44, 40, 51), "cheeks": image.Rect(16, 38, 23, 44), "eyes": image.Rect(20, 34, 28, 38)} {
		most := 0
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for i := (y*Side + r.Min.X) * 3; i < (y*Side+r.Max.X)*3; i++ {
				most = max(most, int(a[i])-int(b[i]), int(b[i])-int(a[i]))
			}
		}
		if most < 12 {
			t.Errorf("a smile changes the %s by no more than %d", name, most)
		}
	}
}

// TestAlone: a face is the same whatever is drawn before and beside it, and on however many cores.
func TestAlone(t *testing.T) {
	s := New(7, 100, 50)
	if s.N != 50 || s.Shape() != [3]int{64, 64, 3} || len(s.Images) != 50*64*64*3 {
		t.Fatalf("a set of %d faces of %v, %d bytes", s.N, s.Shape(), len(s.Images))
	}
	pixels := bytes.Repeat([]byte{77}, Size+3)
	for i := range slices.Backward(make([]int, s.N)) {
		if s.Face(i) != Random(7, 100+i) {
			t.Errorf("face %d has not the factors of its index", i)
		}
		Random(7, 100+i).Draw(pixels)
		if !bytes.Equal(pixels[:Size], s.Image(i)) {
			t.Errorf("face %d is drawn otherwise alone", i)
		}
	}
	if !bytes.Equal(pixels[Size:], []byte{77, 77, 77}) {
		t.Error("drawn beyond the picture")
	}
	if !bytes.Equal(New(7, 110, 20).Images, s.Images[10*Size:30*Size]) {
		t.Error("a set depends on where it begins")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !bytes.Equal(New(7, 100, 50).Images, s.Images) {
		t.Error("a set depends on the number of cores")
	}
	if s := New(1, 0, -1); s.N != 0 || len(s.Images) != 0 {
		t.Errorf("a set of -1 faces has %d", s.N)
	}
}

// TestDifferent: no two faces are alike, neither of a seed nor of two, so that held-out faces are.
func TestDifferent(t *testing.T) {
	seen := map[Face]bool{}
	for seed := range uint64(3) {
		for i := range 2000 {
			seen[Random(seed, i)] = true
		}
	}
	if len(seen) != 6000 {
		t.Errorf("%d faces of 6000 are different", len(seen))
	}
}

func TestRange(t *testing.T) {
	const n = 4000
	low, high := map[string]float64{}, map[string]float64{}
	for i := range n {
		f := Random(2, i)
		if f != f.within() {
			t.Fatalf("face %d has a factor out of its range: %+v", i, f)
		}
		for _, name := range numeric() {
			v := reflect.ValueOf(f).FieldByName(name).Float()
			low[name], high[name] = min(low[name], v), max(high[name], v)
		}
	}
	for i := range new(Face).numbers() { // all of them, and each used from end to end
		f := plain()
		number := f.numbers()[i]
		*number.at = 9
		for _, name := range numeric() {
			if reflect.ValueOf(f).FieldByName(name).Float() == 9 {
				if low[name] > number.least+0.06 || high[name] < 0.94 {
					t.Errorf("%s is between %.3f and %.3f", name, low[name], high[name])
				}
				delete(low, name)
			}
		}
	}
	if len(low) > 0 {
		t.Errorf("without a range: %v", low)
	}
}

// TestAttributes: attributes follow from factors, are neither rare nor common, and do not follow
// from each other unless they are about the same factor.
func TestAttributes(t *testing.T) {
	const n = 6000
	names := Attributes()
	if !slices.IsSorted(names[:22]) || !slices.IsSorted(names[22:]) || names[21] != "Wearing_Lipstick" {
		t.Errorf("not in order: %q", names)
	}
	labels := map[string][]bool{}
	drawn := New(3, 1000, 50)
	set := &Set{Seed: 3, First: 1000} // of which no pictures are needed
	for k, name := range names {
		if a := drawn.Attributes[k]; a.Name != name {
			t.Fatalf("attribute %d is %q, want %q", k, a.Name, name)
		}
		for i := range n {
			labels[name] = append(labels[name], set.Face(i).Attribute(name))
		}
		if !slices.Equal(drawn.Attributes[k].Has, labels[name][:50]) {
			t.Errorf("%s: the labels of the set are others", name)
		}
		count := 0
		for _, is := range labels[name] {
			if is {
				count++
			}
		}
		if share := float64(count) / n; share < 0.05 || share > 0.65 {
			t.Errorf("%s is true of %.1f %%", name, 100*share)
		}
	}
	for i := range n {
		f := set.Face(i)
		for name, want := range map[string]bool{
			"Smiling": f.Smile > 0.25, "Frowning": f.Smile < -0.25, "Mouth_Slightly_Open": f.MouthOpen > 0.15,
			"Eyeglasses": f.Glasses != NoGlasses, "Sunglasses": f.Glasses == DarkGlasses, "Round_Glasses": f.Glasses == RoundGlasses,
			"Wearing_Hat": f.Hat != NoHat, "No_Beard": f.Beard == NoBeard, "Mustache": f.Beard == Moustache || f.Beard == FullBeard,
			"Bald": f.Hair == Bald, "Gray_Hair": f.Hair != Bald && f.HairColour == GrayHair,
		} {
			if labels[name][i] != want {
				t.Fatalf("%s is %v of %+v", name, labels[name][i], f)
			}
		}
	}
	independent := []string{"Smiling", "Eyeglasses", "Wearing_Hat", "No_Beard", "Dark_Skin", "Long_Hair", "Mouth_Slightly_Open", "Wearing_Earrings", "Turned_Left", "Light_From_Left", "Wrinkles", "Freckles", "Big_Nose", "Wide_Face", "Dark_Background"}
	for i, a := range independent {
		for _, b := range independent[:i] {
			if phi := correlation(labels[a], labels[b]); math.Abs(phi) > 0.05 {
				t.Errorf("%s and %s are correlated: %.3f", a, b, phi)
			}
		}
	}
	if plain().Attribute("Smirking") {
		t.Error("there is no attribute Smirking")
	}
	if !(Face{Smile: 5}).Attribute("Smiling") || (Face{Hair: 99}).Attribute("Bangs") {
		t.Error("attributes of factors out of range are not those of what is drawn")
	}
}

// TestApart: but for tones, which are even, nobody is so near to having an attribute or not that it
// could not be seen.
func TestApart(t *testing.T) {
	tones := []string{"Skin", "BackLight"}
	fields := reflect.TypeFor[Face]()
	for index := range 2000 {
		f := Random(1, index)
		for k := range fields.NumField() {
			if fields.Field(k).Type.Kind() != reflect.Float64 || slices.Contains(tones, fields.Field(k).Name) {
				continue
			}
			for _, by := range []float64{-0.04, 0.04} {
				changed := f
				v := reflect.ValueOf(&changed).Elem().Field(k)
				v.SetFloat(v.Float() + by)
				for _, a := range attributes {
					if a.is(&changed) != a.is(&f) {
						t.Fatalf("%s of %+v is another if %s changes by %.2f", a.name, f, fields.Field(k).Name, by)
					}
				}
			}
		}
	}
}

func correlation(a, b []bool) float64 {
	var both, as, bs, n float64
	for i := range a {
		n++
		if a[i] {
			as++
		}
		if b[i] {
			bs++
		}
		if a[i] && b[i] {
			both++
		}
	}
	return (both/n - as/n*bs/n) / math.Sqrt(as/n*(1-as/n)*bs/n*(1-bs/n))
}

func TestAllocations(t *testing.T) {
	pixels, i := make([]byte, Size), 0
	if n := testing.AllocsPerRun(50, func() { Random(1, i).Draw(pixels); i++ }); n != 0 {
		t.Errorf("a face allocates %v times", n)
	}
}

func FuzzDraw(f *testing.F) {
	f.Add(uint64(1), 0, uint8(3), math.NaN(), uint8(9), math.Inf(-1), []byte{255, 0, 7})
	f.Add(uint64(2), 5, uint8(30), 1e300, uint8(12), -1e-300, []byte{1, 2, 3, 4, 5, 6, 7})
	a := make([]byte, Size)
	b := make([]byte, Size)
	f.Fuzz(func(t *testing.T, seed uint64, index int, i uint8, x float64, k uint8, y float64, kinds []byte) {
		face := Random(seed, index)
		numbers := face.numbers()
		*numbers[int(i)%len(numbers)].at = x
		*numbers[int(k)%len(numbers)].at = y
		for n, p := range []*uint8{(*uint8)(&face.Hair), (*uint8)(&face.Glasses), (*uint8)(&face.Beard), (*uint8)(&face.Hat), (*uint8)(&face.HairColour), (*uint8)(&face.Iris), (*uint8)(&face.Clothes)} {
			if n < len(kinds) {
				*p = kinds[n]
			}
		}
		face.Draw(a)
		face.within().Draw(b)
		if !bytes.Equal(a, b) {
			t.Errorf("drawn otherwise within the ranges: %+v", face)
		}
		for _, name := range Attributes() {
			if face.Attribute(name) != face.within().Attribute(name) {
				t.Errorf("%s is another within the ranges: %+v", name, face)
			}
		}
	})
}

// TestFit: an edited face is found from the face that was edited.
func TestFit(t *testing.T) {
	gate.Only(t)
	was := Random(5, 4)
	now := was
	now.Smile, now.MouthOpen, now.Glasses = 0.9, 0.2, RoundGlasses
	soft := drawn(now)
	for range 4 {
		blur(soft)
	}
	for name, pixels := range map[string][]byte{"an edit": drawn(now), "a blurred edit": soft} {
		found, mse := Fit(pixels, was)
		if mse > 3 || math.Abs(found.Smile-now.Smile) > 0.1 || math.Abs(found.MouthOpen-now.MouthOpen) > 0.1 || found.Glasses != now.Glasses || found.Hair != now.Hair {
			t.Errorf("%s: found %+v, which is %.2f from %+v", name, found, mse, now)
		}
	}
	if found, mse := Fit(drawn(was), was); found != was || mse != 0 {
		t.Errorf("what is found already becomes %+v", found)
	}
}

// TestSheet: docs/faces.png shows the first hundred faces of seed 1, as sheet.go writes them.
func TestSheet(t *testing.T) {
	file, err := os.Open("../../../docs/faces.png")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	img, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != image.Rect(0, 0, 10*Side, 10*Side) {
		t.Fatalf("the sheet is %v", img.Bounds())
	}
	for i := range 100 {
		pixels := drawn(Random(1, i))
		for k := range Side * Side {
			r, g, b, _ := img.At(i%10*Side+k%Side, i/10*Side+k/Side).RGBA()
			for c, v := range []uint32{r, g, b} {
				if d := int(v>>8) - int(pixels[3*k+c]); d < -3 || d > 3 {
					t.Fatalf("face %d of the sheet is another: write it again with go generate", i)
				}
			}
		}
	}
	if info, err := file.Stat(); err != nil || info.Size() > 400<<10 {
		t.Errorf("the sheet has %d bytes, %v", info.Size(), err)
	}
}

func BenchmarkDraw(b *testing.B) {
	pixels := make([]byte, Size)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Random(1, i%1000).Draw(pixels)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "faces/s")
}

// BenchmarkNew draws on all cores.
func BenchmarkNew(b *testing.B) {
	const n = 1000
	for b.Loop() {
		New(1, 0, n)
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "faces/s")
}

func ExampleFace_Draw() {
	f := Random(1, 0)
	f.Smile = 1
	f.Glasses = RoundGlasses
	pixels := make([]byte, Size)
	f.Draw(pixels)
	fmt.Println(f.Attribute("Smiling"), f.Attribute("Eyeglasses"), f.Attribute("Sunglasses"))
	// Output: true true false
}
