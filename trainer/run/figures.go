package run

import "github.com/vae-edge/vae-edge/trainer/vae"

// figures are means over images. Those in nats are sums over the pixels of an image; neg_elbo_nats
// is the negative of the evidence lower bound, so less is better. objective is what is minimised.
type figures struct {
	NegELBO        float64 `json:"neg_elbo_nats"`
	Reconstruction float64 `json:"reconstruction_nats"`
	KL             float64 `json:"kl_nats"`
	BookLoss       float64 `json:"book_loss,omitempty"`
	Objective      float64 `json:"objective"`
	MSE            float64 `json:"mse,omitempty"` // of pixels of 0 to 1, with the loss sigma
}

// add adds weight times what a batch or a set gave.
func (f *figures) add(s vae.Stats, weight float64) {
	f.NegELBO += weight * s.NegELBO
	f.Reconstruction += weight * s.Reconstruction
	f.KL += weight * s.KL
	f.BookLoss += weight * s.BookLoss
	f.Objective += weight * s.Objective
	f.MSE += weight * s.MSE
}

func (f figures) over(n float64) figures {
	return figures{f.NegELBO / n, f.Reconstruction / n, f.KL / n, f.BookLoss / n, f.Objective / n, f.MSE / n}
}

// epochFigures are those of an epoch: on the training images while they were learnt from, on the
// test images after it.
type epochFigures struct {
	Epoch           int     `json:"epoch"`
	Train           figures `json:"train"`
	Test            figures `json:"test"`
	ImagesPerSecond float64 `json:"images_per_second"`
	// LimitShare is the share of the multiply-accumulates a second that loops on registers alone
	// made right after the epoch
	LimitShare float64 `json:"limit_share"`
	Seconds    float64 `json:"seconds"` // of training
}

// progress is what a checkpoint carries beside weights and optimiser state.
type progress struct {
	Done    []epochFigures `json:"epochs"`  // those that are done
	Sums    figures        `json:"sums"`    // over the images of the epoch under way
	Seconds float64        `json:"seconds"` // that it has taken so far
	// From is after how many epochs a run that was done was taken up again; 0: it was not
	From int `json:"from,omitempty"`
}
