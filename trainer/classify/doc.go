// Package classify is a small convolutional network that says what a picture
// shows. It judges what the autoencoder draws and is independent of it: trained
// on the labelled images themselves, by this module's own code.
//
// Pictures of any size from 4 x 4 pixels on, grey or in colour, become grey
// levels 0 to 1; three convolutions of kernel 3 and stride 2 with ReLUs and one dense
// layer give a logit for every class; softmax makes them probabilities or, of classes that do not
// exclude each other, as attributes, the logistic function of each by itself; these have four
// convolutions. What is minimised is the cross-entropy of the labels, with Adam, and every image is
// shifted by a few pixels at random each time that it is learnt from.
//
// The same seed gives the same weights byte for byte on the same kind of CPU, with any
// number of threads, for the reasons that package vae gives.
package classify
