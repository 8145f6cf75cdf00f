package run

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vae-edge/vae-edge/trainer/console"
	"github.com/vae-edge/vae-edge/trainer/dataset"
	"github.com/vae-edge/vae-edge/trainer/dataset/celeba"
	"github.com/vae-edge/vae-edge/trainer/dataset/faces"
	"github.com/vae-edge/vae-edge/trainer/dataset/folder"
	"github.com/vae-edge/vae-edge/trainer/dataset/mnist"
	"github.com/vae-edge/vae-edge/trainer/dataset/pictures"
)

// FacesData is the data set of drawn faces. Those that measure begin where none learns.
const (
	FacesData             = "faces"
	facesSeed             = 1
	facesTrain, facesTest = 20_000, 5_000
	facesTestFirst        = 1 << 30
)

// What a data set begins with that is not a folder of IDX files, before the name of its folder.
const (
	celebaData = "celeba:"
	folderData = "folder:"
)

// colourSide is the height and width of the pictures that are made of colour ones.
const colourSide = 64

// inColour says that the data are pictures in colour, which have a network and a loss of their own.
func (c *Config) inColour() bool {
	return c.Data == FacesData || strings.HasPrefix(c.Data, celebaData) || strings.HasPrefix(c.Data, folderData)
}

// A Loading is how a data set is read: how many threads there are, what is told of it, and what
// ends it.
type Loading struct {
	Console     *console.Console
	Threads     int
	Interrupted func() bool // may be nil
}

// Load reads the data set, or as much of it as the limit says: "faces", drawn ones; "celeba:" or
// "folder:" and a folder of pictures; a folder of IDX files; or, without a name, the embedded
// digits. It returns ErrInterrupted if it is asked to end.
func (c *Config) Load(l Loading) (train, test *dataset.Set, err error) {
	mostTrain, mostTest := c.Limit, cmp.Or(c.TestLimit, c.Limit)
	limited := func(n, limit int) int {
		if limit > 0 {
			n = min(n, limit)
		}
		return n
	}
	progress := func(total int) func(done int) { return l.Console.Progress("reading pictures", total) }
	note := func(text string) { l.Console.Warnf("%s", text) }
	switch {
	case c.Data == "":
		train, test, err = mnist.EmbeddedFirst(mostTrain, mostTest)
	case c.Data == FacesData:
		train = &faces.New(facesSeed, 0, limited(facesTrain, mostTrain)).Set
		test = &faces.New(facesSeed, facesTestFirst, limited(facesTest, mostTest)).Set
	case strings.HasPrefix(c.Data, celebaData):
		train, test, err = celeba.Load(strings.TrimPrefix(c.Data, celebaData), celeba.Options{
			Attributes: c.attributes(), Crop: c.Crop, Side: colourSide, Train: mostTrain, Test: mostTest,
			Threads: l.Threads, Interrupted: l.Interrupted, Note: note, Progress: progress,
		})
	case strings.HasPrefix(c.Data, folderData):
		train, test, err = folder.Load(filepath.Clean(strings.TrimPrefix(c.Data, folderData)), folder.Options{
			Side: colourSide, Train: mostTrain, Test: mostTest,
			Threads: l.Threads, Interrupted: l.Interrupted, Note: note, Progress: progress,
		})
	default:
		train, test, err = mnist.Load(c.Data)
	}
	if errors.Is(err, pictures.ErrInterrupted) {
		err = ErrInterrupted
	}
	if err != nil {
		return nil, nil, err
	}
	if mostTrain > 0 {
		train = train.First(mostTrain)
	}
	if mostTest > 0 {
		test = test.First(mostTest)
	}
	return train, test, nil
}

// attributes are the names of those that are kept, or none for all.
func (c *Config) attributes() []string {
	return slices.DeleteFunc(strings.Split(c.Attributes, ","), func(name string) bool { return name == "" })
}
