// Package vae is the convolutional variational autoencoder of section 8.4 of
// Chollet's "Deep Learning with Python" (first edition, 2017), with the book's network or any
// other that package model describes: its two losses, training on all cores and evaluation.
//
// # Objectives
//
// Pixels are grey levels t = p/255, which a decoder's logits l explain by
// binary cross-entropy, -t·log σ(l) - (1-t)·log(1-σ(l)), in nats. The encoder gives a
// mean and a log_var for every latent dimension.
//
// [LossELBO] is the negative evidence lower bound: cross-entropy summed over
// the pixels + KLWeight · KL, KL = -½ Σ (1 + log_var - mean² - exp log_var),
// with z = mean + exp(log_var/2)·ε.
//
// [LossBook] is what the book's listing computes: cross-entropy averaged over the
// pixels - KLWeight · 5e-4 · average over dimensions of (1 + log_var - mean² - exp
// log_var), with z = mean + exp(log_var)·ε. So log_var is the logarithm of the
// standard deviation there; beside the pixels' sum the bracket weighs 784·5e-4/2
// = 0.2 for MNIST and two dimensions, where the ELBO has 0.5.
//
// KLWeight 0 makes either a classical autoencoder (section 8.4.3): z = mean,
// and log_var is never trained.
//
// With either loss the encoder's dense layers to ReLUs learn at a fifth of the learning
// rate, lest these die.
//
// # Quantization noise
//
// The decoder will be rounded to int8, so that it is trained with more noise than that makes, where
// the KL term keeps codes together: with [Options].QuantizationNoise the activations of its layers
// but the last are off by a uniform error, and so are the losses that Step reports. Evaluation is
// without it.
//
// # What does not depend on the machine's cores
//
// A batch is cut into shards of a few images, whatever the number of threads,
// and shards are dealt to at most 16 accumulators of gradients, which are
// summed in a fixed order. The noise of an image follows from the seed, the
// step and its place in the batch. So the same seed gives the same weights
// byte for byte on the same kind of CPU, with any number of threads.
package vae
