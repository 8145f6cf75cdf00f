// Makes models in TensorFlow.js's layers API, which has Keras's layers and semantics, saves them as its files are, NAME/model.json and
// NAME/weights.bin, and writes points, NAME.z.f32, and what predict gives there, NAME.out.f32.
//
// usage: node run-keras.js WEIGHTS OUT, with @tensorflow/tfjs where node finds it, or in the folder TFJS
//
// vae is the decoder of Keras's example of a VAE, with the weights of a file: training it here would take an hour. edges/ has small ones with random
// weights, of all kernels, strides, paddings and layers that are read.
const fs = require('fs')
const path = require('path')
const tf = require(require.resolve('@tensorflow/tfjs', {paths: [process.env.TFJS || process.cwd()]}))

const L = tf.layers
const [weights, out] = process.argv.slice(2)

async function save(model, dir) {
  await model.save(tf.io.withSaveHandler(async a => {
    fs.mkdirSync(dir, {recursive: true})
    const {modelTopology, format, generatedBy, convertedBy} = a
    const weightsManifest = [{paths: ['weights.bin'], weights: a.weightSpecs}]
    fs.writeFileSync(path.join(dir, 'model.json'), JSON.stringify({modelTopology, format, generatedBy, convertedBy, weightsManifest}))
    fs.writeFileSync(path.join(dir, 'weights.bin'), Buffer.from(tf.io.CompositeArrayBuffer.join(a.weightData)))
    return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}}
  }))
}

const floats = (file, values) => fs.writeFileSync(file, Buffer.from(Float32Array.from(values).buffer))

async function write(model, dir, n) {
  const z = tf.randomNormal([n, ...model.inputs[0].shape.slice(1)], 0, 1, 'float32', 7)
  await save(model, dir)
  floats(dir + '.z.f32', await z.data())
  floats(dir + '.out.f32', await model.predict(z).data())
}

// The decoder of keras.io/examples/generative/vae
function decoder() {
  const z = tf.input({shape: [2]})
  let x = L.dense({units: 7 * 7 * 64, activation: 'relu'}).apply(z)
  x = L.reshape({targetShape: [7, 7, 64]}).apply(x)
  x = L.conv2dTranspose({filters: 64, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu'}).apply(x)
  x = L.conv2dTranspose({filters: 32, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu'}).apply(x)
  x = L.conv2dTranspose({filters: 1, kernelSize: 3, padding: 'same', activation: 'sigmoid'}).apply(x)
  return tf.model({inputs: z, outputs: x, name: 'decoder'})
}

async function vae() {
  const model = decoder()
  const bytes = fs.readFileSync(weights)
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  let at = 0
  model.setWeights(model.getWeights().map(w => tf.tensor(values.slice(at, at += w.size), w.shape)))
  if (at !== values.length) throw new Error(`${values.length} weights, of which ${at} are read`)
  await write(model, path.join(out, 'vae'), 8)
}

// What stands between a dense layer of 4 x 3 x 5 and the pixels
const middles = {}
for (const padding of ['same', 'valid']) {
  for (let kernelSize = 1; kernelSize <= 5; kernelSize++) {
    for (const strides of [1, 2]) {
      middles[`transposed-${padding}-k${kernelSize}-s${strides}`] = () => [L.conv2dTranspose({filters: 3, kernelSize, strides, padding})]
      if (padding === 'same' || kernelSize < 4) {
        middles[`plain-${padding}-k${kernelSize}-s${strides}`] = () => [L.conv2d({filters: 3, kernelSize, strides, padding})]
      }
    }
  }
}
Object.assign(middles, {
  'oblong': () => [L.conv2dTranspose({filters: 2, kernelSize: [2, 3], padding: 'same', useBias: false})],
  'dilated': () => [L.conv2d({filters: 2, kernelSize: 3, dilationRate: 2, padding: 'same'})],
  'enlarged': () => [L.upSampling2d({size: [2, 2]}), L.conv2d({filters: 3, kernelSize: 3, padding: 'same'})],
  'normalized': () => [L.conv2dTranspose({filters: 3, kernelSize: 3, padding: 'same'}), L.batchNormalization(), L.leakyReLU(), L.conv2d({filters: 1, kernelSize: 1})],
  'not-scaled': () => [L.conv2dTranspose({filters: 3, kernelSize: 4, strides: 2, padding: 'same'}), L.batchNormalization({scale: false, epsilon: 0.1}),
    L.reLU(), L.dropout({rate: 0.4}), L.conv2d({filters: 1, kernelSize: 3, padding: 'same'})],
  'moved': () => [L.permute({dims: [2, 1, 3]}), L.conv2d({filters: 3, kernelSize: [3, 2], padding: 'same'})],
  'dense': () => [L.flatten(), L.dense({units: 7, activation: 'relu'}), L.dense({units: 48, useBias: false}), L.reshape({targetShape: [4, -1]})],
})

async function edges() {
  for (const [name, middle] of Object.entries(middles)) {
    const model = tf.sequential()
    model.add(L.dense({units: 60, inputShape: [3]}))
    model.add(L.batchNormalization())
    model.add(L.activation({activation: 'relu'}))
    model.add(L.reshape({targetShape: [4, 3, 5]}))
    for (const l of middle()) model.add(l)
    model.add(L.activation({activation: name.endsWith('k3-s2') ? 'tanh' : 'sigmoid'}))
    // Biases and statistics, too; variances are above 0
    model.setWeights(model.getWeights().map(w => tf.randomNormal(w.shape, 0, 0.5)))
    for (const l of model.layers.filter(l => l.getClassName() === 'BatchNormalization')) {
      const w = l.getWeights()
      w[w.length - 1] = w[w.length - 1].abs().add(0.1)
      l.setWeights(w)
    }
    await write(model, path.join(out, 'edges', name), 2)
  }
}

async function main() {
  await tf.setBackend('cpu')
  fs.mkdirSync(path.join(out, 'edges'), {recursive: true})
  await edges()
  await vae()
}

main().catch(e => { console.error(e); process.exit(1) })
