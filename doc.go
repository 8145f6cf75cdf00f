// Package vaeedge is the root of vae-edge: a trainer for a convolutional variational autoencoder on
// handwritten digits, and an int8 decoder that draws the same digits, bit for bit, on every CPU.
//
// The rooms of the house, from the bottom up; imports run in this direction only:
//
//	kernels              the integer arithmetic and its backends
//	latent               latent points in integers: quantiles, draws, walks, paths, planes, edits
//	model                what a network is, as data; int8 models and their weights file
//	model/safetensors    the file format under it and under the trainer's files
//	decoder              a latent point to pixels
//	decoder/pretrained   the built-in models
//	encoder              a picture to a latent point
//	encoder/fit          how far a picture is from what a model has learnt from
//	encoder/pretrained   the encoders of the built-in models
//	digit                a photographed digit to a picture as the models know it
//	firmware/panel       SPI displays, and in paneltest emulated ones
//	firmware/framebuffer a screen that the kernel drives
//	firmware/scene       what is shown
//	firmware/palette     grey levels as colours
//	firmware/night       how bright a display is at what time of day
//	firmware/target      where frames can be shown, by name
//	firmware/pipeline    frame after frame of it on a display, at the speed of the wire
//	firmware/bulk        many random pictures, and one machine's share of them
//	firmware/keys        switches, a knob and a keyboard, which steer a scene
//	firmware/touch       a touch screen, which steers, too
//	firmware/terminal    a terminal as a display, and where a program says what happens
//	firmware/port        the SPI port, the pins and the backlight of a panel, and what cures them
//	firmware/supervise   a panel that outlives faults, and what a service manager is told
//	firmware/player      a scene on a panel, in a terminal or a file, with a model that may change
//	firmware/diagnose    what is asked where something does not work, or how fast it goes
//	firmware/vae-edge    the command for the board
//	firmware/appliance   a card that boots into the command alone
//	firmware/emulation   the command on an emulated board: a real kernel, an emulated panel
//	trainer/dataset/mnist        the data set
//	trainer/dataset      what can be learnt from: in faces, faces that it draws itself
//	trainer/sgemm        float32 matrix multiplication
//	trainer/nn           float networks compiled from a description, gradients, optimisers
//	trainer/internal     what trainings share: threads, seeded order, files of weights
//	trainer/pretrained   the float32 weights of the built-in models, and the built-in classifier
//	trainer/vae          the autoencoder: two networks, sampling, its losses and training
//	trainer/gan          a generator against a critic: losses, spectral norms and training
//	trainer/gan/duel     a run of it: checkpoint, what goes wrong, pictures, figures
//	trainer/compare      generators beside each other: distances, continuity, inversion
//	trainer/classify     a classifier of digits or attributes, to judge what is drawn
//	trainer/concept      directions of a latent space that mean something
//	trainer/quantize     float32 weights to int8, by distillation
//	trainer/picture      sheets of images, plots and frames
//	trainer/pair         a trained model: its float32 and int8 files
//	trainer/interop/cgen         int8 decoders as C
//	trainer/interop/exporter     a trained model's files for other programs
//	trainer/interop/nchw         weights in the layouts of PyTorch and ONNX
//	trainer/interop/onnxwrite    decoders as ONNX, float32 and exact
//	trainer/interop/statedict    float models as PyTorch's weights
//	trainer/measure      what a model costs and draws, float32 against int8
//	trainer/edits        what edits toward attributes reach, and what else they change
//	trainer/run          a training run: checkpoint, pictures, figures
//	trainer/interop      decoders trained elsewhere: reads ONNX files, makes layers of graphs
//	trainer/doubts       photographs that are refused
//	trainer/portrait     the faces in a photograph
//	trainer/mixture      where the codes of a model lie
//	trainer/pca          principal component analysis, to compare with
//	trainer/console      what a command prints, and its progress
//	trainer/report       the page of a training run, and its verdict in plain words
//	trainer              the table of commands, and what each does
//	web                  the page for browsers: what builds and serves it
//	web/app              the program in the page, for WebAssembly
//	web/play             what it does, without a browser
//	web/page             what of the page is written by hand
//	web/folder           the folder that a web server serves
//	bench                the benchmarks
//	docs                 the pages that README.md leads to, and their pictures
//	release              what is released: a script that builds it, and the Debian package
//	internal/cli         commands and flags, and all that is made of their table
//	internal/build       what a program was built from
//	internal/golden      files of committed hashes
//	internal/lcg         numbers that golden hashes are about
//	internal/atomicfile  files that are written whole or not at all
//	internal/regular     files that are opened only if they are regular ones
//	internal/plain       text for people, which a terminal shows and does not obey
//	internal/photo       pictures as cameras and people make them
//	internal/foreign     files of other programs, told by what they are
//	internal/packed      weights that programs have built in
//	internal/zones       time zones, where the system has none
//	internal/cpio        the archives of which a kernel makes its first files
//	internal/gate        how much a test does
//
// The root itself holds no code but a test of all imports and a benchmark, so that `go test -bench
// ./bench` works as typed.
package vaeedge
