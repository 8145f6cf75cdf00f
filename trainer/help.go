package main

// What the help of each command begins and ends with.

const trainText = `
Trains a convolutional variational autoencoder, on the MNIST digits, which are part of the
module, or on faces or pictures of your own, and an int8 decoder that draws what it draws, and
writes both, with pictures, to out/.
`

const trainTail = `
Written to --out: vae.safetensors (float32 weights), decoder.safetensors (int8 weights for
vae-edge --model), encoder.safetensors (int8 weights that its edit scene finds beside those),
index.html, which shows it all in a browser, manifold.png, samples.png, reconstructions.png,
latent.png, loss.png and run.json; training.gif with --animate. manifold.png and
reconstructions.png are redrawn every epoch.

Ctrl-C stops after the current batch, writes a checkpoint and prints the command that
continues from it, to the same result; a second Ctrl-C stops at once.

Examples:
  go run ./trainer
  go run ./trainer --quick --animate --out out/quick
  go run ./trainer --latent 16 --out out/16
  go run ./trainer --network mine.json --out out/mine
  go run ./trainer --loss book --optimizer rmsprop --batch 16
  go run ./trainer --kl-weight 0 --out out/classical
  go run ./trainer --data fashion-mnist/ --out out/fashion
  go run ./trainer --data faces --out out/faces
  go run ./trainer --resume

Exit status: 0 done, 1 failed or interrupted, 2 wrong usage.
`

const evalText = `
Measures a float32 model and its int8 decoder and encoder on the test images, and the latent
space that they share. Where images have attributes, as those of --data faces, edits toward some
are measured, too, as a classifier reads them that is trained for it.
`

const evalTail = `
The keys of the JSON, figures being means over images and those in nats for a whole image:
  float_elbo_nats   -ELBO of the float32 model, float_bce_nats + kl_nats: less is better
  int8_elbo_nats    the same with the int8 decoder at the same latent points
  int8_cost_nats    int8_elbo_nats - float_elbo_nats
  int8_psnr_db      int8 pixels against float32 pixels at the posterior means; 100 if equal
  float_bce_nats    cross-entropy of grey levels, summed over pixels
  kl_nats           divergence of the posterior from the prior
  book_loss         the loss of section 8.4 of Chollet's book, a mean over pixels
  images            how many test images there were
  kl_nats_per_dimension  kl_nats by latent dimension
  active_dimensions      those whose posterior mean varies over the images, with a variance
                         above 0.01 (Burda et al., 2016)
  continuity_mean_grey, continuity_max_grey
                         how much the picture of the int8 decoder changes from a cell of a 60 x 60
                         grid to its right or lower neighbour: the mean over all pixels of the
                         absolute difference in grey levels of 0 to 255; the mean and the largest
                         of all 7,080 pairs. The grid stands at quantiles 0.05 to 0.95 of the normal
                         distribution in the first two dimensions, any other being 0
  float_iwae_nats        with --iwae: -log p(x) is at most this; less is better, and no more than
                         float_elbo_nats but for noise
  iwae_samples           N of --iwae
  encoder_error_sd       how far the codes of the int8 encoder are from the float32 one's means: root
                         mean square over images and dimensions, in standard deviations of the
                         posterior, by which the decoder's points were scattered in training
                         (of a classical autoencoder, which has none, in units)
  encoder_error_units    the same in units of the latent space
                         (both are missing where the model has no int8 encoder)

For the built-in digits, as a classifier reads them that knows nothing of the models:
  classified_same   share of the reconstructions at the posterior means that int8 and float32
                    decoder draw as the same digit
  classified_right  share of the int8 reconstructions that show the digit that the image does
  encoder_classified_same
                    share of the images whose codes by int8 and float32 encoder the int8
                    decoder draws as the same digit
  manifold_digits   how many tiles of the int8 manifold show a 0, a 1, and so on

For images with attributes, edited, as a classifier reads them. It has learnt from up to 10,000
training images and from what the int8 decoder draws of them, images with and without an attribute
weighing the same; shares are of 1:
  amount            --amount: that of the edits of which it is told what else they change
  classifier_images training images that the classifier has learnt from
  attributes        for each: how many test images have it, how well it is read in test images and
                    in what int8 draws of their codes (balanced accuracy: a guess has 0.5), and the
                    share of these that it is read alike in int8 and float32 drawings
  edits             toward each of --toward, of the test images without it: the share that is read
                    as having it at several amounts, 0 being no edit; and moved, the share read as
                    having each other attribute before and after. bound are those of which too few
                    images have the one and not the other: they follow from it, or exclude it;
                    unread those that it reads in int8 drawings with less than 0.8, so that what
                    moves says little; redrawn, for --data faces, the share where it is the face
                    that gets the attribute, and nothing else, and its picture is encoded and drawn
  factors           for --data faces, on up to 50 of these images: the factors that faces are drawn
                    by are found in the int8 pictures before and after an edit. share of them in
                    which the attribute is found after it, and before; and the mean change of each
                    factor as a share of its range, of choices the share that changes; aim marks
                    those that the attribute depends on, and redrawn is the change that is found
                    where it is the face that gets the attribute, and nothing else

Examples:
  go run ./trainer eval
  go run ./trainer eval --iwae 1000 --limit 1000
  go run ./trainer eval --model out --json
  go run ./trainer eval --model out/fashion --data fashion-mnist/
  go run ./trainer eval --model out/faces --data faces --toward Smiling

Exit status: 0 done, 1 failed, 2 wrong usage.
`

const conceptsText = `
Finds, for every class or attribute of a data set, where its codes are in the latent space of
a model and in which direction a code must move for its picture to come to have it; measures how
well that works, on the test images; and draws, by the int8 decoder, what lies along each
direction, from -3 to +3 standard deviations through the mean of all codes.
`

const conceptsTail = `
Training does the same and writes the concepts. The keys of the JSON:

  images                 how many test images there were
  concepts               for every class with training images, or every attribute:
    name                   the number of the class, or the name
    images                 training images of it
    accuracy_mean_difference, accuracy_linear
                           how well test images of it and others are told apart along the
                           difference of their mean codes and along the normal of a linear
                           classifier, Fisher's discriminant: the mean of the shares of both
                           that are taken for what they are, so that a guess has 0.5
    accuracy_balanced      for attributes, the same along what each adds to a code with the others
                           held fast, so that a smile does not bring along what often comes with it
    direction              which of them was taken
    auc                    how often, of two test images, the one that has it lies further along
                           the direction: 0.5 for a guess, however rare it is
    moved_classified       of the test images of other classes, moved along the direction to
                           where the mean of this one is, the share that is drawn as this class
  edit                   test images edited fully toward another class, as go run ./trainer
                         edit does, each toward one class in turn:
    classified             share that is drawn as the class aimed at
    slant_before, slant_after, stroke_before, stroke_after
                           means over the images and what they were edited to, of the slant
                           (pixels to the right a pixel down) and of the width of strokes, in
                           pixels
    slant_correlation, stroke_correlation
                           of these between image and edited image: how much of the hand is kept

moved_classified and edit are there for the built-in digits, as a classifier reads them that
knows nothing of the models.

Examples:
  go run ./trainer concepts --model mnist-16
  go run ./trainer concepts --model out --data fashion-mnist/ --out fashion.png

Exit status: 0 done, 1 failed, 2 wrong usage.
`

const pictureTail = `
Pictures are PNG or JPEG, photographs of a handwritten digit included. They are made grey,
inverted where the ground is bright, freed of the ground and of other marks, cropped to the
digit, scaled to 20 x 20 pixels and centred by mass in 28 x 28, as MNIST's were. What was done is
printed, and what came of it is in the sheet. Lines of the paper that run through the digit are
taken for a part of it: plain paper is needed.

With a model of faces a photograph is cropped to its largest face, as CelebA's usual crop: upright,
the eyes level and 27 % of its side apart. Where no face is found, a square picture is taken whole
and any other is refused.

The float32 encoder encodes, the int8 decoder decodes.

Exit status: 0 done, 1 failed, 2 wrong usage.
`

const editText = `
Turns the digit of a picture into another in the same hand. Its code is moved from the mean
code of its own class to that of the other; what it has beyond the one goes along, as far as
it does not lead to yet another class. With a model of faces a picture goes toward some
attributes and away from others: --model faces --toward Smiling,Wearing_Hat --away Eyeglasses.
`

const reconstructText = `
Encodes pictures and decodes them again.
`

const interpolateText = `
Draws what lies between two pictures in the latent space.
`

const swapText = `
Gives each of two faces the expression and the pose of the other: the parts of their codes that
lie along the concepts for these are exchanged, and the rest, who it is, stays.
`

const averageText = `
Draws the mean of the codes of pictures.
`

const walkText = `
Writes an animation of a way through the latent space, from digit to digit and back to the first,
on which the picture changes at an even rate: from each frame to the next by the same, not by the
same latent distance. vae-edge --scene morph goes the same way.
`

const walkTail = `
It prints how evenly the picture changes and, of a built-in model, in what share of the frames
the classifier of digits is at least 50 % sure of what it sees.

Examples:
  go run ./trainer walk
  go run ./trainer walk --path 3,1,4,1,5,9 --frames 150 --out pi.png
  go run ./trainer walk --model mnist-2 --path 7,0.5:-1.2,2
  go run ./trainer walk --model out --frames 500 --fps 50

Exit status: 0 done, 1 failed, 2 wrong usage.
`

const encoderText = `
Makes the int8 encoder of a model that is trained already anew, from its float32 weights, and
writes it: encoder.safetensors beside the decoder or, for a built-in model, the file and the
hash in encoder/pretrained, for which it is run from the root of the repository. The decoder
stays as it is. Training does the same.
`

const importText = `
Makes an int8 model of a decoder that was trained elsewhere: an ONNX file, as PyTorch and
tf2onnx write it, of nothing but the decoder, from latent point to picture. No images are
needed: points are drawn from the standard normal distribution. What is exact is folded, such as
batch normalization; what the int8 arithmetic does not have is refused by operator and name.
`

const importTail = `
Written to --out: decoder.safetensors (int8 weights for vae-edge --model), vae.safetensors (the
float32 weights that it was made of) and sheet.png (what both draw, the picture that differs
most first).

PyTorch, of a decoder that is an nn.Module: decoder.eval(), then
  torch.onnx.export(decoder, torch.zeros(1, 16), "decoder.onnx")

The keys of the JSON: int8_psnr_db is that of 8-bit pixels of all pictures, int8_worst_psnr_db
that of the one that differs most, largest_difference in grey levels of 0 to 255.

Examples:
  go run ./trainer import decoder.onnx
  go run ./trainer import decoder.onnx --name faces-128 --points 50000 --out out/faces-128
  go run ./trainer import logits.onnx --logits --size 28x28x1
  go run ./trainer import vae.onnx --input z --output reconstruction

Exit status: 0 done, 1 failed or interrupted, 2 wrong usage.
`

const pretrainedText = `
Trains the classifier of digits and the built-in models anew, these with the settings that
go run ./trainer has by default, and writes their weights and the hashes of what they compute:

  trainer/pretrained/digits-classifier.safetensors
  trainer/pretrained/NAME.safetensors
  decoder/pretrained/NAME.safetensors
  decoder/pretrained/golden.txt
  encoder/pretrained/NAME.safetensors.gz
  encoder/pretrained/golden.txt

It is run from the root of the repository, and continues where it was interrupted. --only makes one
of the models, and with --from it is that of a run that is done:

  go run ./trainer --data faces --out out/faces
  go run ./trainer pretrained --only faces --from out/faces
`

const doneTail = `
Exit status: 0 done, 1 failed or interrupted, 2 wrong usage.
`
