// What a host of a Go program that was built with the tag simd128 does for package kernels: it adds
// to the program's imports, before there is an instance of it, the functions that its vector
// kernels are called by. In a browser and in node:
//
//	const go = new Go();
//	vaeEdgeKernels(go);
//	WebAssembly.instantiate(code, go.importObject).then(({ instance }) => go.run(instance));
//
// The kernels are a module within the program, which hands it to load. Where the host has no vector
// instructions, load returns 0 and the program runs without.
"use strict";

globalThis.vaeEdgeKernels = (go) => {
	let kernels = null;
	go.importObject.vae_edge_kernels = {
		load(at, size) {
			try {
				const memory = go._inst.exports.mem;
				const module = new WebAssembly.Module(new Uint8Array(memory.buffer, at >>> 0, size).slice());
				kernels = new WebAssembly.Instance(module, { host: { memory } }).exports;
				return 1;
			} catch {
				return 0;
			}
		},
		conv(args) { kernels.conv(args); },
		last(args) { kernels.last(args); },
		dense(args) { kernels.dense(args); },
		limit(n) { return kernels.limit(n); },
	};
};
