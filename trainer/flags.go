package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/decoder"
	"github.com/vae-edge/vae-edge/decoder/pretrained"
	"github.com/vae-edge/vae-edge/internal/cli"
	"github.com/vae-edge/vae-edge/model"
	"github.com/vae-edge/vae-edge/trainer/edits"
	"github.com/vae-edge/vae-edge/trainer/portrait"
)

// table is the one of commands and flags.
var table = cli.Program[options]{
	Name: command,
	Commands: []cli.Command{
		{Alias: "train", Help: "train a model on the MNIST digits, and an int8 decoder that draws what it draws", Text: helpText("train")},
		{Name: "eval", Help: "measure a trained model", Text: helpText("eval")},
		{Name: "concepts", Help: "directions of the latent space that mean something", Text: helpText("concepts")},
		{Name: "edit", Help: "turn the digit of a picture into another, a frown into a smile", Text: helpText("edit"), Operands: "[FILE]"},
		{Name: "interpolate", Help: "what is between two pictures", Text: helpText("interpolate"), Operands: "[FILE FILE]"},
		{Name: "swap", Help: "two faces, each with the expression and the pose of the other", Text: helpText("swap"), Operands: "FILE FILE"},
		{Name: "average", Help: "the mean of pictures", Text: helpText("average"), Operands: "FILE..."},
		{Name: "walk", Help: "an animation from digit to digit", Text: helpText("walk")},
		{Name: "reconstruct", Help: "pictures, encoded and decoded", Text: helpText("reconstruct"), Operands: "FILE..."},
		{Name: "encoder", Help: "the int8 encoder of a trained model, anew", Text: helpText("encoder")},
		{Name: "export", Help: "a trained model for other programs: C, ONNX, safetensors", Text: helpText("export")},
		{Name: "import", Help: "an int8 model of a decoder trained elsewhere: ONNX or Keras", Text: helpText("import"), Operands: "FILE"},
		{Name: "gan", Help: "train a generator against a critic: sharper pictures, a space without structure", Text: helpText("gan")},
		{Name: "compare", Help: "autoencoders and GANs of digits beside each other, in figures", Text: helpText("compare"), Operands: "[MODEL...]"},
		{Name: "pretrained", Help: "train the built-in models anew", Text: helpText("pretrained")},
	},
	Flags: flags(),
	Meant: map[string]string{
		"test": "say eval to measure a model", "show": "vae-edge shows a model",
		"manifold": "training draws it: manifold.png", "sample": "training draws some: samples.png",
		"version": "go version -m of the program tells it", "resume": "say --resume", "quick": "say --quick", "verify": "say vae-edge verify", "bench": "say vae-edge bench", "clock": "say vae-edge --scene clock",
	},
	Tail: map[string]string{
		"": helpText("train-end"), "eval": helpText("eval-end"), "concepts": helpText("concepts-end"), "edit": helpText("picture-end"), "interpolate": helpText("picture-end"), "average": helpText("picture-end"), "swap": helpText("picture-end"),
		"reconstruct": helpText("picture-end"), "walk": helpText("walk-end"), "import": helpText("import-end"), "encoder": helpText("done-end"), "export": helpText("export-end"), "pretrained": helpText("done-end"), "gan": helpText("gan-end"), "compare": helpText("compare-end"),
	},
}

// flags are the rows of the table. What a run is trained with comes first.
func flags() []cli.Flag[options] {
	train, pictures := []string{""}, []string{"edit", "interpolate", "swap", "average", "reconstruct"}
	withData, gan := []string{"", "eval", "concepts", "encoder", "import", "gan"}, []string{"gan"}
	models := "a built-in model (" + strings.Join(pretrained.Names(), ", ") + "), the --out directory of a run, or one of its .safetensors files"
	return []cli.Flag[options]{
		setting("epochs", "N", "", train, "passes over the training images (default 10; of faces, celeba and folder as many as make "+
			"400,000 images, 10 to 100). The second half of the last trains the int8 decoder, "+
			"which learns to draw what the float32 one does. Quantization noise is added with a "+
			"--kl-weight of 1 or more and --loss sigma, or elbo from 10,000 steps on"),
		setting("epochs", "N", "8", gan, "passes over the training images"),
		setting("batch", "N", "32", gan, "images a step, and as many drawn pictures"),
		setting("latent", "N", "16", gan, "dimensions of the latent space, 2 or more"),
		setting("lr", "X", "0.001", gan, "learning rate of the generator; the critic's is a multiple of it. It falls to 0 along a cosine"),
		setting("batch", "N", "", train, "images a step (default 32; 16 with --loss book)"),
		setting("network", "NAME", "", train, "book: that of the book's section, for images of even sides; faces: for colour pictures of 64 x "+
			"64 (the default for faces, celeba and folder); or a JSON file of layers, "+
			"such as model/presets/book.json. What follows from the rest may be left out; what the "+
			"board cannot run is refused, by layer"),
		setting("latent", "N", "", train, "dimensions of the latent space, 2 or more (default 2; 64 with the network faces; or what a network's file says)"),
		setting("loss", "NAME", "", train,
			"elbo: the negative evidence lower bound, in nats an image (the default)\nbook: the loss of "+
				"section 8.4 of Chollet's Deep Learning with Python\nsigma: the bound for pixels that are "+
				"normally distributed, with the variance that suits them best (the default for faces, "+
				"celeba and folder)"),
		setting("kl-weight", "X", "1", train, "factor of the loss's KL term, reached over the first 30 % of the steps with elbo; 0 "+
			"trains a classical autoencoder, whose latent space has holes"),
		setting("optimizer", "NAME", "", train, "adam or rmsprop (default adam; rmsprop with --loss book)"),
		setting("lr", "X", "", train, "learning rate (default 0.002 for adam with --loss elbo, 0.003 with --quick besides, "+
			"otherwise 0.001). It rises to this in the first steps and falls to 0 along a cosine. The "+
			"encoder's dense layers learn at a fifth of it"),
		setting("seed", "N", "1", []string{"", "gan"}, "of weights, order and noise. The same seed gives the same files byte for byte on the "+
			"same kind of CPU, with any --threads"),
		setting("seed", "N", "1", []string{"walk"}, "of the faces, where a path begins with them: another seed, others"),
		row("image", "FILE", "", []string{"walk"}, cli.Text(func(o *options) *string { return &o.image }), "a picture whose face the path begins with, of a model of faces"),
		row("image", "FILE", "", []string{"edit"}, cli.Text(func(o *options) *string { return &o.image }), "the picture, where FILE does not name it"),
		row("toward", "NAME", "", []string{"edit"}, cli.Text(func(o *options) *string { return &o.toward }), "a concept of the model, which concepts lists: 4 for instance of digits, Smiling or smile of faces, or several of these, with commas between"),
		row("toward", "NAMES", "", []string{"eval"}, cli.Text(func(o *options) *string { return &o.toward }), "attributes that edits toward are measured of, with commas "+
			"between (default: those of "+strings.Join(edits.Usual, ", ")+" that the data have)"),
		row("away", "NAMES", "", []string{"edit"}, cli.Text(func(o *options) *string { return &o.away }), "concepts that the picture is to lose, with commas between, of a model of faces"),
		row("from", "NAME", "", []string{"edit"}, cli.Text(func(o *options) *string { return &o.from }),
			"the concept that the picture shows (default: with a built-in model what the classifier "+
				"of digits reads, otherwise the one whose mean code is nearest)"),
		row("amount", "X", "1", []string{"edit"}, cli.Real(func(o *options) *float64 { return &o.amount }, 0, 3), "how much of the way, 0 to 1; of faces up to 3, beyond what is usual"),
		row("amount", "X", "1.5", []string{"eval"}, cli.Real(func(o *options) *float64 { return &o.amount }, 0, 3), "of the edits whose side effects are measured"),
		row("factors", "N", "50", []string{"eval"}, cli.Whole(func(o *options) *int { return &o.factors }, 0, 5000), "of drawn faces, how many are searched for their factors before and after an edit, a second or two each; 0 is none"),
		row("from", "FILE", "", []string{"interpolate"}, cli.Text(func(o *options) *string { return &o.from }), "the first picture, where FILE does not name it"),
		row("to", "FILE", "", []string{"interpolate"}, cli.Text(func(o *options) *string { return &o.to }), "the second"),
		row("only", "NAME", "", []string{"pretrained"}, cli.Choice(func(o *options) *string { return &o.only }, builtInNames()...), "make this model alone, and not the classifier"),
		row("from", "DIR", "", []string{"pretrained"}, cli.Text(func(o *options) *string { return &o.from }),
			"the folder of a run that is done: it becomes the model of --only, and nothing is trained"),
		row("steps", "N", "8", []string{"interpolate"}, cli.Whole(func(o *options) *int { return &o.steps }, 1, 100), "steps on the way"),
		row("spherical", "", "", []string{"interpolate"}, cli.On(func(o *options) *bool { return &o.spherical }),
			"on an arc around the origin, where the codes of images are as dense all the way as at "+
				"its ends, and not straight"),
		row("path", "PATH", model.DefaultPath, []string{"walk"}, cli.Text(func(o *options) *string { return &o.path }),
			"the way, where a model without the ten digits goes through all that it has: with commas "+
				"between, concepts of the model (see concepts --help), such as 3; "+
				"ranges of those that are numbers, such as 0-9; and points, a number for each latent "+
				"dimension with colons between, such as 0.5:-1.2. Of a model of faces: what becomes of a face, in "+
				"plain words or by its concepts, such as smile, frown, glasses, no-glasses, hat, beard, "+
				"open; plain, the face as it was; another, the next face"),
		row("frames", "N", "200", []string{"walk"}, cli.Whole(func(o *options) *int { return &o.frames }, 2, 10000), "how many frames"),
		row("fps", "N", "25", []string{"walk"}, cli.Whole(func(o *options) *int { return &o.fps }, 1, mostAPNGRate), "frames a second; at most 50 in a GIF, 120 in an APNG"),
		modelFlag(models, decoder.DefaultModel, "eval", "concepts", "export"),
		row("c", "DIR", "", []string{"export"}, cli.Text(func(o *options) *string { return &o.export.C }),
			"the int8 decoder as portable C99, for microcontrollers: weights, arithmetic without malloc, libm and "+
				"floating point, and a program that prints the golden hash"),
		row("onnx", "FILE", "", []string{"export"}, cli.Text(func(o *options) *string { return &o.export.ONNX }),
			"the float32 decoder as ONNX: point, float32 [N, latent], to pixels, float32 [N, channels, height, width], 0 to 1"),
		row("onnx-encoder", "FILE", "", []string{"export"}, cli.Text(func(o *options) *string { return &o.export.Encoder }),
			"the float32 encoder as ONNX: picture, float32 [N, channels, height, width], 0 to 1, to mean and log_var, float32 [N, latent]"),
		row("onnx-exact", "FILE", "", []string{"export"}, cli.Text(func(o *options) *string { return &o.export.Exact }),
			"the int8 decoder as ONNX of ordinary operators, whose pixels are those of vae-edge, bit for bit: point, int16 [N, latent], "+
				"fixed-point numbers as vae-edge has them (2,048 steps to a unit), to pixels, uint8 [N, height, width, channels]. "+
				"Refused where a sum could leave what float32 holds exactly"),
		row("safetensors", "FILE", "", []string{"export"}, cli.Text(func(o *options) *string { return &o.export.SafeTensors }),
			"the float32 encoder and decoder under PyTorch's names and in its layouts, and their layers as JSON beside it"),
		row("layers", "FILE", "", []string{"import"}, cli.Text(func(o *options) *string { return &o.source.Layers }), "the list of layers, JSON, where FILE is no model but arrays: safetensors, .npz of NumPy, or a state_dict of PyTorch's, .pt"),
		row("encoder", "FILE", "", []string{"import"}, cli.Text(func(o *options) *string { return &o.source.Encoder }), "the ONNX file of the encoder, from picture to the means and the logarithms of the variances of latent points: with it pictures can be edited"),
		row("encoder-outputs", "NAMES", "", []string{"import"}, cli.Text(func(o *options) *string { return &o.source.EncoderOutputs }), "the values of the encoder's graph that are the means and the logarithms of the variances, with a comma between, where it has others, too"),
		row("codes", "FILE", "", []string{"import"}, cli.Text(func(o *options) *string { return &o.source.Codes }), "latent points at which the int8 decoder learns, in place of those of the prior: an array of shape [N, latent] of a .npy, .npz, .pt or safetensors file. One in ten is held back to measure with"),
		row("name", "NAME", "", []string{"import"}, cli.Text(func(o *options) *string { return &o.name }), "the name of the model, of a-z, 0-9, '.' and '-' (default: that of the file)"),
		row("points", "N", "20000", []string{"import"}, cli.Whole(func(o *options) *int { return &o.points }, 0, 10000000), "points at which the int8 decoder learns to draw what the float32 one does: more bring int8 nearer to it, and take longer; with 0 it is done in seconds, and learns nothing"),
		row("logits", "", "", []string{"import"}, cli.On(func(o *options) *bool { return &o.source.Graph.Logits }), "what the decoder gives is logits, of which a sigmoid makes pixels, and the file does not say so"),
		row("two-channels", "", "", []string{"import"}, cli.On(func(o *options) *bool { return &o.source.TwoChannels }), "each channel of leaky ReLU becomes two of ReLU: some decibels nearer to float32, at up to four times the work"),
		row("size", "HxWxC", "", []string{"import"}, cli.Text(func(o *options) *string { return &o.size }), "height, width and channels of the picture, such as 28x28x1, where the decoder gives a vector (default: a grey square)"),
		row("input", "NAME", "", []string{"import"}, cli.Text(func(o *options) *string { return &o.source.Graph.Input }), "the value of the graph that is the latent point, where there are several inputs or a whole autoencoder is in the file"),
		row("output", "NAME", "", []string{"import"}, cli.Text(func(o *options) *string { return &o.source.Graph.Output }), "the value that is the picture, where there are several outputs"),
		setting("seed", "N", "1", []string{"import"}, "of the points. The same seed gives the same files byte for byte on the same kind of CPU"),
		outFlag("DIR", "where files are written", filepath.Join("out", "imported"), "import"),
		modelFlag(models, editModel, slices.Concat(pictures, []string{"walk", "encoder"})...),
		row("as-is", "", "", pictures, cli.On(func(o *options) *bool { return &o.asIs }),
			"pictures are taken as they are; they must be of the size of the model's images, bright "+
				"on dark. Of one in colour the square in the middle is taken, and no face is looked for"),
		row("anyway", "", "", pictures, cli.On(func(o *options) *bool { return &o.anyway }),
			"what is found in a picture is used even if it is hardly one digit, or none such as the model has learnt from"),
		row("cascade", "DIR", "", pictures, cli.Text(func(o *options) *string { return &o.cascade }),
			"with a model in colour: the folder of OpenCV's "+portrait.FaceFile+" and "+portrait.EyeFile+
				", with which faces are found (default: where OpenCV is installed, if the model is of faces)"),
		setting("limit", "N", "0", []string{"", "eval", "concepts", "import", "pretrained", "gan", "compare"}, "only the first N training and the first N test images; 0 is all"),
		setting("test-limit", "N", "0", []string{"", "eval", "gan"}, "only the first N test images; 0 is as many as --limit"),
		row("iwae", "N", "", []string{"eval"}, cli.Whole(func(o *options) *int { return &o.samples }, 1, 1000000),
			"also the importance-weighted bound of N samples an image, with the float32 model. It "+
				"takes N decodings an image: a quarter of an hour on two cores for 1000 samples of 10,000 "+
				"images, less with --limit"),
		setting("data", "DATA", "", withData, "digits: the built-in digits\n"+
			"faces: drawn faces, of which everything is known\n"+
			"celeba:DIR: CelebA, its pictures and its list of attributes, as they were unpacked\n"+
			"folder:DIR: pictures, PNG and JPEG, in a folder for each class, or in one with a list of "+
			"attributes, attributes.csv\n"+
			"DIR: an IDX data set, gzipped or not: MNIST, Fashion-MNIST, KMNIST, EMNIST, QMNIST, or your own, of "+
			"any size that suits the network; in DIR or in folders of it, as archives leave it; or .npz or .csv files\n(default: digits; of the model faces, faces; of import, none)"),
		setting("attributes", "NAMES", "", withData, "of celeba, those that become concepts, with commas between (default: all)"),
		setting("crop", "N", "", withData, "of celeba, the side in pixels of the square that is taken from the middle of pictures of "+
			"178 x 218; of smaller ones in proportion (default 148)"),
		setting("mirror", "yes|no", "", train, "half of the images, others in every epoch, are mirrored left to right: for pictures that "+
			"could as well be so (default: yes for celeba, otherwise no)"),
		outFlag("DIR", "where files are written", "out", ""),
		outFlag("DIR", "where files are written", ganOut, "gan"),
		outFlag("DIR", "where the two pictures are written", filepath.Join("out", "compare"), "compare"),
		row("inverted", "N", "200", []string{"compare"}, cli.Whole(func(o *options) *int { return &o.inverted }, 1, 10000), "of models without an encoder, test images whose latent points are searched"),
		setting("seed", "N", "1", []string{"compare"}, "of the points that are drawn at"),
		outFlag("DIR", "where the runs write", filepath.Join("out", "pretrained"), "pretrained"),
		outFlag("FILE", "the picture", filepath.Join("out", "concepts.png"), "concepts"),
		outFlag("FILE", "the edited picture; a sheet of the whole way is written beside it, edited-sheet.png", filepath.Join("out", "edited.png"), "edit"),
		outFlag("FILE", "a sheet of it", filepath.Join("out", "interpolated.png"), "interpolate"),
		row("concepts", "NAMES", "", []string{"swap"}, cli.Text(func(o *options) *string { return &o.concepts }),
			"what is exchanged, with commas between (default: those of "+strings.Join(expressions, ", ")+" that the model has)"),
		outFlag("FILE", "a sheet of both and of what becomes of them", filepath.Join("out", "swapped.png"), "swap"),
		outFlag("FILE", "the picture; a sheet with all is written beside it, average-sheet.png", filepath.Join("out", "average.png"), "average"),
		outFlag("FILE", "a sheet of both", filepath.Join("out", "reconstructed.png"), "reconstruct"),
		outFlag("FILE", "the animation: FILE.gif, or FILE.png or FILE.apng for an animated PNG, whose pixels are exact in colour, too", filepath.Join("out", "walk.gif"), "walk"),
		row("update", "", "", []string{"concepts"}, cli.On(func(o *options) *bool { return &o.update }),
			"write the concepts to the model's files, in place of those that are there, and to the decoder's the "+
				"mixture that new pictures are drawn from. For a built-in model it is run from the root of the repository"),
		row("resume", "", "", gan, cli.On(func(o *options) *bool { return &o.resume }), "continue the run that was interrupted in --out, with its own settings"),
		row("resume", "", "", train, cli.On(func(o *options) *bool { return &o.resume }), "continue the run that was interrupted in --out, with its own settings; with more --epochs, one that is done"),
		row("quick", "", "", train, cli.On(func(o *options) *bool { return &o.quick }),
			"a manifold to look at in a minute or two on two cores: 5 epochs of 10,500 images in "+
				"batches of 16, measured on 2,000, unless --epochs, --limit, --batch or --test-limit say "+
				"otherwise. It is paid for with blurred digits, one or two of them missing: 14 nats of "+
				"-ELBO"),
		row("animate", "", "", train, cli.On(func(o *options) *bool { return &o.animated }),
			"keep frames of the manifold and of the test images' means, in --out/frames, many in the "+
				"beginning and several an epoch later, and make training.gif of them: the latent space as "+
				"it puts itself in order. It takes up to 120 frames, each as long as training on some 500 "+
				"images"),
		row("threads", "N", "0", []string{"", "eval", "concepts", "encoder", "import", "pretrained", "gan", "compare"}, cli.Whole(func(o *options) *int { return &o.threads }, 0, 1024), "threads that compute; 0 is one per core"),
		row("json", "", "", []string{"eval", "concepts", "import", "compare"}, cli.On(func(o *options) *bool { return &o.json }), "print JSON"),
	}
}

func row(name, value, standard string, commands []string, set func(*options, string) error, help string) cli.Flag[options] {
	return cli.Flag[options]{Name: name, Value: value, Help: help, Default: standard, Commands: commands, Set: set}
}

// setting is the row of a setting of a run.
func setting(name, value, standard string, commands []string, help string) cli.Flag[options] {
	return row(name, value, standard, commands, func(o *options, v string) error { return o.Set(name, v) }, help)
}

func modelFlag(models, standard string, commands ...string) cli.Flag[options] {
	return row("model", "NAME", standard, commands, cli.Text(func(o *options) *string { return &o.model }), models)
}

func outFlag(value, help, standard, of string) cli.Flag[options] {
	return row("out", value, standard, []string{of}, cli.Text(func(o *options) *string { return &o.out }), help)
}

// readLine reads a command line.
func readLine(args []string) (*options, error) {
	line, err := table.Read(args)
	if err != nil {
		return nil, err
	}
	o := &options{line: line}
	if line.Help {
		return o, nil
	}
	table.SetDefaults(o, line.Command)
	err = table.Apply(o, line.Command, line.Settings)
	if err == nil && o.quick && !o.resume {
		err = o.quickly()
	}
	if err == nil && line.Command == "" {
		err = o.complete()
	}
	return o, err
}

// quickly adds the settings of --quick that are not said: enough for digits that can be told apart,
// in a minute or two on two cores. So few images teach more in many small steps, and a
// measurement of all test images would take a third of the time.
func (o *options) quickly() error {
	for _, s := range []cli.Setting{{Name: "epochs", Value: "5"}, {Name: "limit", Value: "10500"}, {Name: "test-limit", Value: "2000"}, {Name: "batch", Value: "16"}} {
		if !o.line.Has(s.Name) {
			o.line.Settings = append(o.line.Settings, s)
			if err := table.Apply(o, "", []cli.Setting{s}); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete sets what follows from the settings of a training run.
func (o *options) complete() error {
	if o.quick && o.resume {
		return cli.Usagef("--quick conflicts with --resume: a run that is continued keeps its settings, leave --quick out")
	}
	o.Complete(o.quick)
	return nil
}
