// Package onnx reads ONNX files: the graph of a network, its operators by name, and its constants.
//
// It knows the wire format and what makes a graph one, and nothing of what operators compute:
// package fold does. A file is taken for hostile. What it claims is compared with what is there
// before memory is taken for it, and what is read keeps to a small multiple of the file's size.
// Refused are values kept in other files, sparse constants, cycles, and names that are given twice.
//
// The format is that of https://onnx.ai/onnx/repo-docs/IR.html; field numbers are those of
// onnx.proto3.
package onnx

import (
	"fmt"
	"slices"
)

// A Graph is the graph of a model. Nodes are in an order in which they can be computed.
type Graph struct {
	Opset   int64 // version of the standard operators, those of the domain ""
	Nodes   []Node
	Inputs  []Value // without those that have constant values
	Outputs []Value
	Inner   []Value // what the file says of other values; may be empty

	constants map[string]*Tensor
}

// Constant is the constant of a name; nil if there is none.
func (g *Graph) Constant(name string) *Tensor { return g.constants[name] }

// Bind gives an input constant values, by its name.
func (g *Graph) Bind(t *Tensor) {
	g.constants[t.Name] = t
	g.Inputs = slices.DeleteFunc(g.Inputs, func(v Value) bool { return v.Name == t.Name })
}

// A Value describes a tensor between nodes.
type Value struct {
	Name string
	Type Type
	Dims []Dim
	// Shaped says that there is a shape. That of a scalar has no Dims.
	Shaped bool
}

// A Dim is the size of a tensor in one direction: a number, or a name for what is known only when
// it is computed, such as that of a batch. Neither: unknown.
type Dim struct {
	Size int64
	Name string
}

// A Node is an operator with its operands.
type Node struct {
	Name, Op, Domain string
	Inputs, Outputs  []string // "" is one that is left out
	Attributes       []Attribute
}

// String names the node as an error does: its operator, and its name or that of what it gives.
func (n *Node) String() string {
	op := n.Op
	if n.Domain != "" && n.Domain != "ai.onnx" {
		op = n.Domain + "." + op
	}
	switch {
	case n.Name != "":
		return fmt.Sprintf("%s %q", op, n.Name)
	case len(n.Outputs) > 0:
		return fmt.Sprintf("%s that gives %q", op, n.Outputs[0])
	}
	return op
}

// Attribute is the attribute of that name; nil if there is none.
func (n *Node) Attribute(name string) *Attribute {
	for i := range n.Attributes {
		if n.Attributes[i].Name == name {
			return &n.Attributes[i]
		}
	}
	return nil
}

// Ints is an attribute of several whole numbers, or standard where it is left out.
func (n *Node) Ints(name string, standard ...int64) []int64 {
	if a := n.Attribute(name); a != nil {
		return a.Ints
	}
	return standard
}

// Int is an attribute of a whole number, or standard where it is left out.
func (n *Node) Int(name string, standard int64) int64 {
	if a := n.Attribute(name); a != nil {
		return a.Int
	}
	return standard
}

// Float is an attribute of a number, or standard where it is left out.
func (n *Node) Float(name string, standard float32) float32 {
	if a := n.Attribute(name); a != nil {
		return a.Float
	}
	return standard
}

// Text is an attribute of text, or standard where it is left out.
func (n *Node) Text(name, standard string) string {
	if a := n.Attribute(name); a != nil {
		return a.Text
	}
	return standard
}

// An Attribute of a node has the value that its Kind says.
type Attribute struct {
	Name   string
	Kind   Kind
	Float  float32
	Int    int64
	Text   string
	Tensor *Tensor
	Floats []float32
	Ints   []int64
}

// A Kind is that of an attribute's value.
type Kind int64

// The kinds that are read. Others are kept by name, without their values.
const (
	KindFloat  Kind = 1
	KindInt    Kind = 2
	KindText   Kind = 3
	KindTensor Kind = 4
	KindFloats Kind = 6
	KindInts   Kind = 7
)

// sorted reports a graph whose nodes are in no order in which they can be computed, or in which a
// name stands for two values.
func (g *Graph) sorted() error {
	known := map[string]bool{}
	for _, v := range g.Inputs {
		if known[v.Name] || g.constants[v.Name] != nil {
			return fmt.Errorf("onnx: two inputs have the name %q", v.Name)
		}
		known[v.Name] = true
	}
	given := map[string]int{}
	for i, n := range g.Nodes {
		for _, name := range n.Outputs {
			if name == "" {
				continue
			}
			if _, twice := given[name]; twice || known[name] || g.constants[name] != nil {
				return fmt.Errorf("onnx: %v: %q is given already", &n, name)
			}
			given[name] = i
		}
	}
	for i, n := range g.Nodes {
		for _, name := range n.Inputs {
			if name == "" || known[name] || g.constants[name] != nil {
				continue
			}
			switch by, ok := given[name]; {
			case !ok:
				return fmt.Errorf("onnx: %v reads %q, which nothing gives", &n, name)
			case by >= i:
				return fmt.Errorf("onnx: %v reads %q, which is given later: the graph has a cycle, or is not sorted", &n, name)
			}
		}
	}
	for _, v := range g.Outputs {
		if _, ok := given[v.Name]; !ok && !known[v.Name] && g.constants[v.Name] == nil {
			return fmt.Errorf("onnx: the output %q is given by no node", v.Name)
		}
	}
	return nil
}
