package model

// Models of tests outside the package: they compute with what it reads, which the package itself
// does not know.
var (
	SyntheticWithConcepts = syntheticWithConcepts
	SyntheticWithNormals  = syntheticWithNormals
	SyntheticEncoder      = syntheticEncoder
	SyntheticMixed        = syntheticMixed
	MarshalOf             = marshal
)
