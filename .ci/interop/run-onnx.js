// Computes with onnxruntime-node what each NAME.onnx in a folder gives at the points in NAME.z.f32, and writes NAME.out.f32.
// usage: node run-onnx.js FOLDER, with onnxruntime-node where node finds it
const fs = require('fs')
const path = require('path')
const ort = require(require.resolve('onnxruntime-node', {paths: [process.env.ONNXRUNTIME || process.cwd()]}))

async function main(dir) {
  for (const file of fs.readdirSync(dir).filter(f => f.endsWith('.onnx'))) {
    const name = file.slice(0, -5)
    const bytes = fs.readFileSync(path.join(dir, name + '.z.f32'))
    const z = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    const session = await ort.InferenceSession.create(path.join(dir, file))
    const meta = session.inputMetadata[0]
    const shape = meta.shape.slice(1)
    const size = shape.reduce((a, b) => a * b, 1)
    const batch = typeof meta.shape[0] === 'number' && meta.shape[0] > 0 ? meta.shape[0] : z.length / size
    const parts = []
    for (let at = 0; at < z.length; at += batch * size) {
      const out = await session.run({[session.inputNames[0]]: new ort.Tensor('float32', z.slice(at, at + batch * size), [batch, ...shape])})
      const t = out[session.outputNames[0]]
      parts.push(Buffer.from(t.data.buffer, t.data.byteOffset, t.data.byteLength))
    }
    fs.writeFileSync(path.join(dir, name + '.out.f32'), Buffer.concat(parts))
    console.log(name, 'of', batch, 'points at a time')
  }
}

main(process.argv[2]).catch(e => { console.error(e); process.exit(1) })
