package report

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
)

// A Sheet is a page of any kind of run: what is said first, facts, sections, and files. Its texts
// are plain: the page escapes them.
type Sheet struct {
	Title, Kind string // both needed
	Says        []Sentence
	Facts       [][2]string // names and what they are
	Sections    []Section
	Files       []File
}

// A Section has what it has.
type Section struct {
	Title   string
	Text    []string // paragraphs
	Picture Picture
	Alt     string     // says what the picture shows
	Table   [][]string // the first row is its head
}

//go:embed sheet.html
var sheetText string

var sheetTemplate = template.Must(template.Must(pageTemplate.Clone()).New("sheet").Parse(sheetText))

// WriteSheet writes the page: HTML that needs nothing else. It writes nothing where it returns an
// error of its own, because something that is needed is missing.
func WriteSheet(w io.Writer, s *Sheet) error {
	if s.Title == "" || s.Kind == "" {
		return errors.New("report: a page needs a title and a kind")
	}
	type section struct {
		Section
		Picture *embedded
	}
	page := struct {
		*Sheet
		Sections []section
	}{Sheet: s}
	for _, of := range s.Sections {
		e, err := embed(of.Picture, math.MaxInt)
		if err != nil {
			return err
		}
		if e != nil {
			e.Alt = of.Alt
		}
		page.Sections = append(page.Sections, section{of, e})
	}
	var b bytes.Buffer
	if err := sheetTemplate.Execute(&b, page); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
