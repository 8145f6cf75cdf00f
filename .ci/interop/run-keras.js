// Makes models in TensorFlow.js's layers API, which has Keras's layers and semantics, saves them as its files are, NAME/model.json and
// NAME/weights.bin, and writes points, NAME.z.f32, and what predict gives there, NAME.out.f32.
//
// usage: node run-keras.js DIGITS OUT STEPS, with @tensorflow/tfjs where node finds it, or in the folder TFJS
//
// DIGITS is images of MNIST, gzipped. vae is the decoder of Keras's example of a VAE, trained on them as the second half of an autoencoder; edges/
// has small ones with random weights, of all kernels, strides, paddings and layers that are read.
const fs = require('fs')
const path = require('path')
const zlib = require('zlib')
const tf = require(require.resolve('@tensorflow/tfjs', {paths: [process.env.TFJS || process.cwd()]}))

const L = tf.layers
const [digits, out, steps] = process.argv.slice(2)

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

async function train() {
  const pictures = zlib.gunzipSync(fs.readFileSync(digits)).subarray(16)
  const d = decoder()
  const e = tf.sequential({layers: [L.dense({units: 128, activation: 'relu', inputShape: [784]}), L.dense({units: 4})]})
  const adam = tf.train.adam(2e-3)
  const batch = 12
  let loss
  for (let step = 0; step < steps; step++) {
    const pick = Array.from({length: batch}, (_, i) => (step * batch + i) * 97 % 60000)
    tf.tidy(() => {
      const x = tf.tensor2d(Float32Array.from(pick.flatMap(p => [...pictures.subarray(784 * p, 784 * p + 784)].map(v => v / 255))), [batch, 784])
      const cost = adam.minimize(() => {
        const [mean, logVar] = tf.split(e.apply(x), 2, 1)
        const y = d.apply(mean.add(logVar.div(2).exp().mul(tf.randomNormal(mean.shape)))).reshape(x.shape).clipByValue(1e-6, 1 - 1e-6)
        const entropy = x.mul(y.log()).add(x.mul(-1).add(1).mul(y.mul(-1).add(1).log())).sum().mul(-1 / batch)
        return entropy.add(logVar.add(1).sub(mean.square()).sub(logVar.exp()).sum().mul(-0.5 / batch))
      }, true)
      loss = cost.dataSync()[0]
    })
  }
  console.log(`vae: loss ${loss.toFixed(1)} after ${steps} steps`)
  await write(d, path.join(out, 'vae'), 8)
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
  await train()
}

main().catch(e => { console.error(e); process.exit(1) })
