//go:build js

// Command app is the program in the page's worker: it hands requests to package play.
package main

import (
	"syscall/js"

	"github.com/vae-edge/vae-edge/web/play"
)

func main() {
	s, err := play.New()
	if err != nil {
		panic(err)
	}
	// vaeEdge(request, data, more) returns [reply, bytes]; data, more and bytes may be null.
	js.Global().Set("vaeEdge", js.FuncOf(func(_ js.Value, args []js.Value) any {
		reply, out := s.Do(args[0].String(), taken(args[1]), taken(args[2]))
		if out == nil {
			return js.ValueOf([]any{reply, nil})
		}
		bytes := js.Global().Get("Uint8Array").New(len(out))
		js.CopyBytesToJS(bytes, out)
		return js.ValueOf([]any{reply, bytes})
	}))
	js.Global().Call("vaeEdgeReady")
	select {}
}

// taken copies the bytes of an array.
func taken(array js.Value) []byte {
	if array.IsNull() || array.IsUndefined() {
		return nil
	}
	data := make([]byte, array.Length())
	js.CopyBytesToGo(data, array)
	return data
}
