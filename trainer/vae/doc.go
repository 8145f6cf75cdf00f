// Package vae is the convolutional variational autoencoder of section 8.4 of
// Chollet's "Deep Learning with Python" (first edition, 2017), with the book's network or any
// other that package model describes: its losses, training on all cores and evaluation.
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
// [LossSigma] is the same bound for pixels that are normally distributed around
// what is drawn, all with the one variance that explains the images best: D/2 ·
// (1 + log 2πσ²) + KLWeight · KL, for D pixels in grey levels of 0 to 255 and σ² the mean
// square of their errors (Rybkin, Daniilidis and Levine, "Simple and Effective VAE
// Training with Calibrated Decoders", 2021). What the pixels weigh beside the KL
// term so follows from how well they are drawn. A step weighs them by the
// variance of the steps before it.
//
// KLWeight 0 makes each a classical autoencoder (section 8.4.3): z = mean,
// and log_var is never trained.
//
// With every loss the encoder's dense layers to ReLUs learn at a fifth of the learning
// rate, lest these die.
//
// # Quantization noise
//
// The decoder will be rounded to int8, so that it is trained with more noise than that makes, where
// the KL term keeps codes together: with [Options].QuantizationNoise the activations of its layers
// but the last are off by a uniform error, and so are the losses that Step reports. Evaluation is
// without it. [Options].WeightRange clips weights that would make the
// steps of int8 coarse for the others.
//
// # What does not depend on the machine's cores
//
// A batch is cut into shards of a few images, whatever the number of threads,
// and shards are dealt to at most 16 accumulators of gradients, which are
// summed in a fixed order. The noise of an image follows from the seed, the
// step and its place in the batch. So the same seed gives the same weights
// byte for byte on the same kind of CPU, with any number of threads.
package vae
