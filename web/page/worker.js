// The program, in a thread of its own. A message is {id, request, data, more}; the answer is {id,
// reply, bytes}, where reply is an object. When the program has failed, there is {failed: sentence}.
// The scripts that programs of Go need are before this one, in the same file.

// What is asked before the program is ready
const early = [];
self.onmessage = ({ data }) => early.push(data);

function answer({ id, request, data, more }) {
	const [reply, bytes] = self.vaeEdge(JSON.stringify(request), data ?? null, more ?? null);
	self.postMessage({ id, reply: JSON.parse(reply), bytes }, bytes ? [bytes.buffer] : []);
}

self.vaeEdgeReady = () => {
	self.onmessage = ({ data }) => answer(data);
	early.forEach(answer);
};

// unpack fetches a file of this folder that is compressed.
async function unpack(name) {
	const answer = await fetch(name);
	if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
	return answer.body.pipeThrough(new DecompressionStream("gzip"));
}

(async () => {
	const go = new Go();
	vaeEdgeKernels(go);
	const code = new Response(await unpack("app.wasm.gz"), { headers: { "Content-Type": "application/wasm" } });
	const { instance } = await WebAssembly.instantiateStreaming(code, go.importObject);
	await go.run(instance);
	throw new Error("the program has ended");
})().catch((error) => self.postMessage({ failed: String(error.message ?? error) }));
