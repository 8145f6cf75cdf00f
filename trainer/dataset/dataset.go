// Package dataset has what all data sets have in common: a number of pictures of one size, and what
// is known of each. The packages below it read some and draw others.
package dataset

import "slices"

// A Set is a number of pictures of one size, of each of which its class or its attributes are
// known, or both.
type Set struct {
	// Name of the data set: "mnist" for the embedded digits, otherwise that of its directory
	Name     string
	Embedded bool   // the digits that are part of the program
	Images   []byte // N x Height x Width x Channels pixels
	Labels   []byte // N classes; all 0 where pictures have attributes alone
	N        int
	Height   int
	Width    int
	Channels int // 1, or 3 for red, green and blue

	Attributes []Attribute

	// Notes are what was done to the pictures as they were read, and what is unusual about them
	Notes []string
	// BrightGround says that what is drawn in grey pictures is darker than the ground it is on
	BrightGround bool
}

// An Attribute is a property that pictures have or have not, such as a smile.
type Attribute struct {
	Name string
	Has  []bool // by picture
}

// Image returns the pixels of picture i, which alias the set's.
func (s *Set) Image(i int) []byte {
	size := s.Height * s.Width * s.Channels
	return s.Images[i*size : (i+1)*size : (i+1)*size]
}

// Shape is the height, width and number of channels of a picture.
func (s *Set) Shape() [3]int { return [3]int{s.Height, s.Width, s.Channels} }

// Classes are the labels that there are, in order.
func (s *Set) Classes() []byte { return slices.Compact(slices.Sorted(slices.Values(s.Labels))) }

// First returns the set of the first n pictures, or all if there are fewer. It aliases s.
func (s *Set) First(n int) *Set {
	n = min(n, s.N)
	first := *s
	first.N = n
	first.Images = s.Images[:n*s.Height*s.Width*s.Channels]
	first.Labels = s.Labels[:n]
	first.Attributes = slices.Clone(s.Attributes)
	for i := range first.Attributes {
		first.Attributes[i].Has = first.Attributes[i].Has[:n]
	}
	return &first
}
