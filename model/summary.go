package model

// LayerInfo is a line of a summary.
type LayerInfo struct {
	Name   string
	Kind   string // Keras's name for it
	Output []int  // shape of the output for one picture
	Params int    // weights and biases
}

// Kind is Keras's name for the operation.
func (o Op) Kind() string { return kinds[o] }

var kinds = map[Op]string{Dense: "Dense", Conv: "Conv2D", ConvTranspose: "Conv2DTranspose"}

// Summary lists the network as Keras prints it, from picture to picture, the layers without weights
// included.
func (n *Network) Summary() []LayerInfo {
	infos := []LayerInfo{{"encoder.input", "Input", n.Image[:], 0}}
	line := func(name, kind string, params int, output ...int) {
		infos = append(infos, LayerInfo{name, kind, output, params})
	}
	stack := func(prefix string, s Stack, in [3]int) {
		for i, name := range s.Names() {
			l := s[i]
			if l.Op == Dense && in[0]*in[1] > 1 {
				line(prefix+"flatten", "Flatten", 0, Elements(in))
			}
			switch params := l.weights(in); {
			case l.Target == Latent:
				line(prefix+"mean", Dense.Kind(), params/2, n.Latent)
				line(prefix+"log_var", Dense.Kind(), params/2, n.Latent)
			case l.Op == Dense:
				line(prefix+name, Dense.Kind(), params, Elements(l.Out))
			default:
				line(prefix+name, l.Op.Kind(), params, l.Out[:]...)
			}
			if l.Target == LeakyReLU {
				line(prefix+"leaky_relu", "LeakyReLU", 0, infos[len(infos)-1].Output...)
			}
			if l.Op == Dense && l.Out[0]*l.Out[1] > 1 {
				line(prefix+"reshape", "Reshape", 0, l.Out[:]...)
			}
			in = l.Out
		}
	}
	stack("encoder.", n.Encoder, n.Image)
	line("sampling", "Sampling", 0, n.Latent)
	stack("decoder.", n.Decoder, n.Point())
	return infos
}
