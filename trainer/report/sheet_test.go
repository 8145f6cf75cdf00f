package report

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
)

// A page of any run has its texts, escaped, its pictures and its tables.
func TestSheet(t *testing.T) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	s := &Sheet{
		Title: "a <model>", Kind: "A run", Says: []Sentence{{Text: "It draws", Command: "vae-edge --model 'a b'"}}, Facts: [][2]string{{"seed", "<1>"}},
		Sections: []Section{
			{Title: "Pictures", Text: []string{"One & more."}, Picture: Picture{File: "p.png", Data: picture.Bytes()}, Alt: "a \"picture\""},
			{Title: "Figures", Table: [][]string{{"epoch", "loss"}, {"1", "<2>"}}},
		},
		Files: []File{{Name: "p.png", Bytes: 1234, What: "a picture"}},
	}
	var page bytes.Buffer
	if err := WriteSheet(&page, s); err != nil {
		t.Fatal(err)
	}
	if !Is(page.Bytes()) {
		t.Error("it is not known for a page")
	}
	for _, want := range []string{
		"<h1>a &lt;model&gt;</h1>", "It draws <code>vae-edge --model &#39;a b&#39;</code>", "<dt>seed</dt><dd>&lt;1&gt;</dd>", "<p>One &amp; more.</p>",
		`src="data:image/png;base64,`, `width="3" height="2" alt="a &#34;picture&#34;"`, `<th class="n">loss</th></tr></thead><tbody>`, `<td class="n">&lt;2&gt;</td>`, `<a href="./p.png">`, "1,234",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page.String(), "http") {
		t.Error("the page needs the network")
	}
	for _, bad := range []*Sheet{{Kind: "A run"}, {Title: "model", Kind: "A run", Sections: []Section{{Picture: Picture{File: "p.png", Data: []byte("GIF")}}}}} {
		page.Reset()
		if err := WriteSheet(&page, bad); err == nil || page.Len() > 0 {
			t.Errorf("%+v is written: %v", bad, err)
		}
	}
}
