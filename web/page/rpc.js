// Requests to the program in the worker. The page runs this before all else: the program takes
// longest.
const worker = new Worker("worker.js");
const waiting = new Map();
let next = 0;
let ended = null; // the error that the program has ended with

function end(reason) {
	ended = new Error(`${reason}: load the page again`);
	for (const { reject } of waiting.values()) reject(ended);
	waiting.clear();
}

worker.onerror = (e) => end(e.message || "the worker could not be started");
worker.onmessage = ({ data }) => {
	if (data.failed) return end(data.failed);
	const { resolve, reject } = waiting.get(data.id);
	waiting.delete(data.id);
	if (data.reply?.error) reject(new Error(data.reply.error));
	else resolve(data);
};

// ask sends a request and returns a promise of {reply, bytes}. Errors are sentences for people. What
// is asked before the program has started waits for it.
export async function ask(request, data, more) {
	if (ended) throw ended;
	return new Promise((resolve, reject) => {
		const id = next++;
		waiting.set(id, { resolve, reject });
		worker.postMessage({ id, request, data, more });
	});
}

// latest returns a function that has work done for its last argument alone: what comes while it is
// busy takes the place of what waits.
export function latest(work) {
	let busy = false, pending = null;
	return async (argument) => {
		if (busy) {
			pending = { argument };
			return;
		}
		busy = true;
		try {
			await work(argument);
			while (pending) {
				const { argument: newer } = pending;
				pending = null;
				await work(newer);
			}
		} finally {
			busy = false;
		}
	};
}

// get fetches a file of this folder.
async function get(name) {
	const answer = await fetch(name);
	if (!answer.ok) throw new Error(`${name} could not be fetched: ${answer.status}`);
	return answer;
}

// fetched returns the bytes of a file.
export async function fetched(name) { return new Uint8Array(await (await get(name)).arrayBuffer()); }

// unpacked returns those of a compressed one.
export async function unpacked(name) {
	const stream = (await get(name)).body.pipeThrough(new DecompressionStream("gzip"));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

// paint puts pixels, red, green, blue and alpha, on a canvas at (x, y).
export function paint(canvas, { width, height }, bytes, x = 0, y = 0) {
	const image = new ImageData(new Uint8ClampedArray(bytes.buffer, bytes.byteOffset, bytes.length), width, height);
	canvas.getContext("2d").putImageData(image, x, y);
}

// save offers a file.
export function save(name, blob) {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(blob);
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
