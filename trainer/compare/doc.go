// Package compare measures what generators draw against images: distances of distributions on the
// features of a classifier, what classes there are, how sharp and how varied pictures are, how
// continuous the latent space is, and what it takes to find the latent point of a given image.
//
// Features are what the last layer of the classifier reads. So figures compare only under one
// classifier: they are not those of the literature, which has Inception's.
package compare
