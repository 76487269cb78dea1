// Exported models in the runtimes they are made for, against `haltere model run` on the same inputs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';

import tf from '@tensorflow/tfjs';
import ort from 'onnxruntime-node';

const root = process.env.HALTERE_ROOT;
const folder = mkdtempSync(join(tmpdir(), 'haltere-exports-'));
after(() => rmSync(folder, { recursive: true }));

const haltere = (...words) => execFileSync(join(root, 'build/haltere'), words, { encoding: 'utf8' });
const at = (name) => join(folder, name);

/** A copy of a file's bytes as an array of `type`. */
function read(path, type) {
  const bytes = readFileSync(path);
  return new type(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator). */
function* numbers(seed) {
  for (let state = seed; ; yield state / 2 ** 31) state = (state * 1103515245 + 12345) % 2 ** 31;
}

/** Within half of int8, so that what one net cuts off and another does not stays out of it. */
function inputs(count) {
  const random = numbers(7);
  return Int8Array.from({ length: count }, () => Math.floor(128 * random.next().value) - 64);
}

/** What `haltere model run` answers. */
function answers(model, values) {
  writeFileSync(at('in.bin'), Buffer.from(values.buffer));
  haltere('model', 'run', model, '--input', at('in.bin'), '--output', at('out.bin'));
  return read(at('out.bin'), values.constructor);
}

async function onnxAnswers(model, values, rows) {
  haltere('model', 'export', model, '--format', 'onnx', '-o', at('model.onnx'));
  const session = await ort.InferenceSession.create(at('model.onnx'));
  const type = values instanceof Int8Array ? 'int8' : 'float32';
  const tensor = new ort.Tensor(type, values, [rows, values.length / rows]);
  return (await session.run({ input: tensor })).output.data;
}

async function tfjsModel(model) {
  haltere('model', 'export', model, '--format', 'tfjs', '-o', at('model.json'));
  const { modelTopology, weightsManifest, userDefinedMetadata } = JSON.parse(readFileSync(at('model.json'), 'utf8'));
  assert.equal(weightsManifest.length, 1);
  const weightData = read(join(folder, weightsManifest[0].paths[0]), Uint8Array).buffer;
  const weightSpecs = weightsManifest[0].weights;
  const net = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  return { net, facts: userDefinedMetadata.haltere };
}

function compare(ours, theirs) {
  assert.equal(ours.length, theirs.length);
  const off = Array.from(ours, (value, i) => Math.abs(value - theirs[i]));
  return { share: off.filter((value) => value > 0).length / off.length, most: Math.max(...off) };
}

const model = at('model.hb');
const imported = (file) => haltere('model', 'import', file, '-o', model);
const rows = 256;

/** Which of each row's `width` numbers is the greatest. */
const classes = (values, width) =>
  Array.from({ length: values.length / width }, (_, row) => {
    const part = Array.from(values.slice(row * width, (row + 1) * width));
    return part.indexOf(Math.max(...part));
  });
const agreement = (a, b) => a.filter((value, i) => value === b[i]).length / a.length;

// Both round otherwise than TensorFlow Lite Micro does, which we follow: onnxruntime's sums are rescaled in
// float, TensorFlow.js computes in float throughout.
async function checkInt8(t, width, outputs) {
  const q = inputs(width * rows);
  const ours = answers(model, q);
  const onnx = compare(ours, await onnxAnswers(model, q, rows));
  const { net, facts } = await tfjsModel(model);
  const real = (values, { scale, zero_point }) => Float32Array.from(values, (v) => (v - zero_point) * scale);
  const predicted = net.predict(tf.tensor2d(real(q, facts.input), [rows, width])).dataSync();
  const tfjs = compare(real(ours, facts.output), predicted);
  const same = agreement(classes(real(ours, facts.output), outputs), classes(predicted, outputs));
  t.diagnostic(`onnxruntime: ${(100 * onnx.share).toFixed(2)} % of outputs differ, by ${onnx.most} of 256 at most`);
  t.diagnostic(`TensorFlow.js: off by ${tfjs.most.toFixed(4)} at most, same class in ${(100 * same).toFixed(2)} %`);
  assert.ok(onnx.share <= 0.05 && onnx.most <= 8);
  assert.ok(same >= 0.98 && tfjs.most <= 0.05);
}

test('a learned classifier', async (t) => {
  const random = numbers(3);
  const centres = { red: [0, 2, -1], green: [2, 0, 1], blue: [-2, -1, 0] };
  const names = Object.keys(centres);
  const lines = Array.from({ length: 900 }, (_, i) => {
    const name = names[i % names.length];
    return [...centres[name].map((c) => c + 3 * random.next().value - 1.5), name].join(',');
  });
  writeFileSync(at('table.csv'), ['x,y,z,colour', ...lines].join('\n'));
  haltere('learn', at('table.csv'), '--task', 'classify', '--target', 'colour', '--state', at('state'));
  haltere('model', 'export', 'table', '--state', at('state'), '-o', model);
  await checkInt8(t, 3, 3);
});

for (const [name, width, outputs] of [
  ['syn_odd_7_5_3', 7, 3],
  ['syn_pc_33_17_9_2', 33, 2],
  ['syn_tanh_18_10_4', 18, 4],
]) {
  test(`${name}, imported`, async (t) => {
    imported(join(root, 'tests/fuzz/corpus/tflite_fuzz', `${name}.tflite`));
    await checkInt8(t, width, outputs);
  });
}

const data = join(process.env.HALTERE_DATA ?? join(root, '../shared/data'), 'tflite');
const floats = existsSync(data) ? readdirSync(data).filter((name) => /float.*\.tflite$/.test(name)) : [];
test('float models', { skip: floats.length === 0 && `no float models in ${data}` }, async (t) => {
  for (const name of floats) {
    imported(join(data, name));
    const stem = join(data, basename(name, '.tflite'));
    const values = read(`${stem}.in.bin`, Float32Array);
    const expected = read(`${stem}.tflm.bin`, Float32Array);
    const count = 64;
    const { net } = await tfjsModel(model);
    const predicted = net.predict(tf.tensor2d(values, [count, values.length / count])).dataSync();
    const most = [
      compare(expected, await onnxAnswers(model, values, count)).most,
      compare(expected, predicted).most,
    ];
    t.diagnostic(`${name}: off by ${most[0]} in onnxruntime, ${most[1]} in TensorFlow.js`);
    assert.ok(Math.max(...most) <= 1e-5);
  }
});
