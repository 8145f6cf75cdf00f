// Runs an ONNX file on raw points in onnxruntime-node and writes the raw pixels:
//
//	node run.js FOLDER-WITH-node_modules MODEL int16|float32 LATENT POINTS PIXELS
const fs = require('fs');
const [folder, model, type, latent, points, pixels] = process.argv.slice(2);
const ort = require(require.resolve('onnxruntime-node', {paths: [folder]}));

(async () => {
	const session = await ort.InferenceSession.create(model);
	const raw = fs.readFileSync(points);
	const array = type === 'int16' ? Int16Array : Float32Array;
	const values = new array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
	const out = fs.openSync(pixels, 'w');
	// A whole batch of activations would take gigabytes.
	for (let at = 0; at < values.length; at += 100 * latent) {
		const part = values.slice(at, at + 100 * latent);
		const {pixels} = await session.run({point: new ort.Tensor(type, part, [part.length / latent, +latent])});
		fs.writeSync(out, Buffer.from(pixels.data.buffer, pixels.data.byteOffset, pixels.data.byteLength));
	}
})();
