// Runs a Go program or test for WebAssembly in node as Go's own go_js_wasm_exec does, with the host
// of package kernels: go test -tags simd128 -exec "node /…/.ci/node_exec.js".
"use strict";
const { execFileSync } = require("child_process");
const path = require("path");
globalThis.require = require;
globalThis.fs = require("fs");
globalThis.path = path;
globalThis.crypto ??= require("crypto");
require(path.join(execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim(), "lib/wasm/wasm_exec.js"));
require("../kernels/host_wasm.js");
const go = new Go();
go.argv = process.argv.slice(2);
// A stack of its own is all that arguments and environment may fill
go.env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("VAE_EDGE_") || name === "TMPDIR" || name === "GOROOT" || name === "PATH"));
go.exit = process.exit;
vaeEdgeKernels(go);
WebAssembly.instantiate(fs.readFileSync(process.argv[2]), go.importObject).then(({ instance }) => {
	process.on("exit", (code) => {
		if (code === 0 && !go.exited) { // a deadlock: have Go say so
			go._pendingEvent = { id: 0 };
			go._resume();
		}
	});
	return go.run(instance);
}).catch((error) => {
	console.error(error);
	process.exit(1);
});
