// Package play is what the page in the browser can do, but for the page: models, pictures, edits,
// scenes and golden hashes behind requests and replies in JSON, with pixels and files as bytes
// beside them. It knows no browser, so that its tests run everywhere.
//
// A request that cannot be carried out is answered with an error, a sentence for people, whatever
// its bytes are.
package play
