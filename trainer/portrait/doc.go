// Package portrait finds the faces in a photograph, and crops it to one as CelebA's usual crop
// does, which is how models of faces know them.
package portrait
