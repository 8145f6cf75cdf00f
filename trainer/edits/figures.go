package edits

// Figures are what is measured. Shares are of 1.
type Figures struct {
	Amount     float64     `json:"amount"`
	Learnt     int         `json:"classifier_images"` // that the classifier has learnt from
	Images     int         `json:"images"`            // that all else is measured on
	Attributes []Attribute `json:"attributes"`
	Edits      []Edit      `json:"edits"`
	Factors    []Factors   `json:"factors,omitempty"` // of drawn faces
}

// An Attribute is how well the classifier reads one on held-out images, and how far it reads the
// same in what both decoders draw of their codes.
type Attribute struct {
	Name   string `json:"name"`
	Images int    `json:"images"` // that have it
	// Balanced accuracies, the mean of the share of the images with it and of the share of those
	// without that are taken for what they are; nil where all or none have it
	Pictures *float64 `json:"accuracy_pictures"`
	Drawn    *float64 `json:"accuracy_drawn"`  // by the int8 decoder
	Agree    float64  `json:"int8_as_float32"` // answers that are the same for both decoders
}

// An Edit is what edits toward an attribute do to the images that do not have it.
type Edit struct {
	Toward string  `json:"toward"`
	Images int     `json:"images"`
	Read   []Read  `json:"read"`
	Moved  []Moved `json:"moved"` // at Figures.Amount, the most first
}

// Read is the share of the images that are read as having an attribute after an edit that far.
type Read struct {
	Amount float64 `json:"amount"`
	Share  float64 `json:"share"`
}

// Moved is the share of the images that are read as having another attribute, before and after an
// edit.
type Moved struct {
	Name   string  `json:"name"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// Redrawn is the share, of drawn faces, where it is the face that gets what the edit is toward,
	// and nothing else, and its picture is encoded and drawn: a hat hides hair
	Redrawn *float64 `json:"redrawn,omitempty"`
	// Bound: too few images have the one and not the other, so that an edit cannot keep them apart
	Bound bool `json:"bound,omitempty"`
	// Unread: the classifier cannot tell who has it in what int8 draws, so that its answers are no
	// more than guesses, which any change of a picture turns
	Unread bool `json:"unread,omitempty"`
}

// Points is by how many percentage points the share changes.
func (m Moved) Points() float64 { return 100 * (m.After - m.Before) }

// Excess is by how many points more it changes than where the face is drawn anew, if that is known.
func (m Moved) Excess() float64 {
	if m.Redrawn == nil {
		return m.Points()
	}
	return 100 * (m.After - *m.Redrawn)
}

// Factors are what edits toward an attribute do to the factors of drawn faces, as they are found in
// the pictures of the int8 decoder.
type Factors struct {
	Toward string  `json:"toward"`
	Images int     `json:"images"` // faces that have not the attribute before
	Share  float64 `json:"share"`  // of them have it after
	// Before is the share of them in whose drawing before an edit the attribute is found
	Before float64 `json:"before"`
	// Moved are the factors, those first that the attribute depends on, then those that change most
	Moved []Factor `json:"moved"`
}

// A Factor is by how much one changes: the mean absolute change, as a share of its range; of a
// choice the share of faces in which it becomes another.
type Factor struct {
	Name   string  `json:"name"`
	Aim    bool    `json:"aim,omitempty"` // the attribute depends on it
	Change float64 `json:"change"`
	Faces  int     `json:"faces"` // in which it shows, before and after
	// Redrawn is the change that is found where it is the face that gets what the edit is toward,
	// and nothing else: what the search itself is wrong by
	Redrawn float64 `json:"redrawn"`
}

// Excess is by how much more it changes.
func (f Factor) Excess() float64 { return f.Change - f.Redrawn }

// readable is the balanced accuracy from which on the classifier is taken to read an attribute.
const readable = 0.8
