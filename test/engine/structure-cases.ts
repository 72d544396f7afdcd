import type { TensorSpec } from '../../src/engine/index.ts'
import { float32, int32 } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'
import type { KernelCase } from './kernel-cases.ts'

type X = tf.Tensor
type X4 = tf.Tensor4D

const bool = (...shape: number[]): TensorSpec => ({ shape, dtype: 'bool' })
const whole = { gradient: false } as const

/**
 * tfjs's own kernels take a wrong row for the gradient of resizeNearestNeighbor beyond the first image, and swap
 * height and width in the gradient of resizeBilinear: those cases have one image, and square ones.
 */

function shapes(): KernelCase[] {
  return [
    { name: 'reshape', run: (x: X) => tf.reshape(x, [6, -1]), inputs: [float32(2, 3, 4)] },
    { name: 'expandDims', run: (x: X) => tf.expandDims(x, -1), inputs: [float32(2, 3)] },
    { name: 'squeeze', run: (x: X) => tf.squeeze(x), inputs: [float32(2, 1, 3)] },
    { name: 'transpose', run: (x: X) => tf.transpose(x, [2, 0, 1]), inputs: [float32(2, 3, 4)] },
    { name: 'slice', run: (x: X) => tf.slice(x, [0, 1, 2], [2, -1, 1]), inputs: [float32(2, 3, 4)] },
    {
      name: 'stridedSlice',
      run: (x: X) => tf.stridedSlice(x, [3, 0], [0, 5], [-1, 2]),
      ...whole,
      inputs: [float32(4, 5)],
    },
    {
      name: 'stridedSlice to the start',
      run: (x: X) => tf.stridedSlice(x, [2], [0], [-1], 0, 1),
      ...whole,
      inputs: [float32(4)],
    },
    { name: 'reverse', run: (x: X) => tf.reverse(x, [0, 2]), inputs: [float32(2, 3, 4)] },
    { name: 'concat', run: (a: X, b: X) => tf.concat([a, b, a], 1), inputs: [float32(2, 3), float32(2, 1)] },
    { name: 'stack', run: (a: X, b: X) => tf.stack([a, b], -1), inputs: [float32(2, 3), float32(2, 3)] },
    { name: 'unstack', run: (x: X) => tf.unstack(x, 1), inputs: [float32(2, 3, 2)] },
    { name: 'split', run: (x: X) => tf.split(x, [1, 3], 1), inputs: [float32(2, 4)] },
    { name: 'split evenly', run: (x: X) => tf.split(x, 2, -1), inputs: [float32(2, 4)] },
    { name: 'tile', run: (x: X) => tf.tile(x, [2, 3]), inputs: [float32(2, 3)] },
    { name: 'broadcastTo', run: (x: X) => tf.broadcastTo(x, [2, 3, 4]), inputs: [float32(3, 1)] },
    {
      name: 'pad',
      run: (x: X) =>
        tf.pad(
          x,
          [
            [1, 2],
            [0, 1],
          ],
          0.5,
        ),
      inputs: [float32(2, 3)],
    },
    { name: 'pad of bool', run: (x: X) => tf.pad(x, [[1, 2]], 1), ...whole, inputs: [bool(4)] },
    {
      name: 'mirrorPad reflect',
      run: (x: X) =>
        tf.mirrorPad(
          x,
          [
            [1, 1],
            [0, 2],
          ],
          'reflect',
        ),
      ...whole,
      inputs: [float32(3, 4)],
    },
    {
      name: 'mirrorPad symmetric',
      run: (x: X) =>
        tf.mirrorPad(
          x,
          [
            [1, 2],
            [0, 3],
          ],
          'symmetric',
        ),
      ...whole,
      inputs: [float32(3, 4)],
    },
    { name: 'depthToSpace', run: (x: X4) => tf.depthToSpace(x, 2), ...whole, inputs: [float32(1, 2, 3, 8)] },
    {
      name: 'fill, range, linspace',
      run: (x: X) => tf.addN([tf.fill([4], 2.5), tf.range(0, 4), tf.linspace(0, 1, 4), x]),
      inputs: [float32(4)],
    },
    { name: 'eye', run: (x: tf.Tensor2D) => tf.matMul(x, tf.eye(3)), inputs: [float32(2, 3)] },
  ]
}

function products(): KernelCase[] {
  const flags: [boolean, boolean][] = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ]
  return [
    ...flags.flatMap(([ta, tb]) => [
      {
        name: `matMul ${ta} ${tb}`,
        run: (a: X, b: X) => tf.matMul(a, b, ta, tb),
        inputs: [ta ? float32(4, 3) : float32(3, 4), tb ? float32(5, 4) : float32(4, 5)],
      },
      {
        name: `batched matMul ${ta} ${tb}`,
        run: (a: X, b: X) => tf.matMul(a, b, ta, tb),
        inputs: [
          ta ? float32(2, 2, 4, 3) : float32(2, 2, 3, 4),
          tb ? float32(2, 2, 5, 4) : float32(2, 2, 4, 5),
        ],
      },
    ]),
    {
      name: 'matMul with one matrix',
      run: (a: X, b: X) => tf.matMul(a, b),
      ...whole,
      inputs: [float32(3, 2, 4), float32(1, 4, 5)],
    },
    {
      name: 'fused matMul',
      run: (a: tf.Tensor2D, b: tf.Tensor2D, bias: X) => tf.fused.matMul({ a, b, bias, activation: 'relu' }),
      inputs: [float32(3, 4), float32(4, 5), float32(5)],
    },
    {
      name: 'einsum',
      run: (a: X, b: X) => tf.einsum('bqd,bkd->bqk', a, b),
      inputs: [float32(2, 3, 4), float32(2, 5, 4)],
    },
    { name: 'dot', run: (a: X, b: X) => tf.dot(a, b), inputs: [float32(4), float32(4, 3)] },
    {
      name: 'batchNorm',
      run: (x: tf.Tensor2D, m: tf.Tensor1D, s: tf.Tensor1D) => tf.batchNorm(x, m, tf.square(s), s, m, 0.01),
      inputs: [float32(3, 4), float32(4), float32(4)],
    },
  ]
}

function convolutions(): KernelCase[] {
  const conv =
    (pad: 'same' | 'valid' | number, stride: number | [number, number], dilation = 1) =>
    (x: X4, w: X4) =>
      tf.conv2d(x, w, stride, pad, 'NHWC', dilation)
  return [
    {
      name: 'conv1d',
      run: (x: tf.Tensor3D, w: tf.Tensor3D) => tf.conv1d(x, w, 1, 'same'),
      inputs: [float32(2, 6, 3), float32(5, 3, 4)],
    },
    {
      name: 'conv1d of even size',
      run: (x: tf.Tensor3D, w: tf.Tensor3D) => tf.conv1d(x, w, 1, 'same'),
      inputs: [float32(2, 6, 3), float32(4, 3, 4)],
    },
    {
      name: 'conv1d with stride',
      run: (x: tf.Tensor3D, w: tf.Tensor3D) => tf.conv1d(x, w, 2, 'same'),
      inputs: [float32(2, 8, 3), float32(3, 3, 4)],
    },
    {
      name: 'conv1d with stride, left over',
      run: (x: tf.Tensor3D, w: tf.Tensor3D) => tf.conv1d(x, w, 3, 'valid'),
      inputs: [float32(2, 9, 2), float32(2, 2, 3)],
    },
    {
      name: 'conv1d with dilation',
      run: (x: tf.Tensor3D, w: tf.Tensor3D) => tf.conv1d(x, w, 1, 'same', 'NWC', 2),
      ...whole,
      inputs: [float32(2, 8, 3), float32(3, 3, 4)],
    },
    { name: 'conv2d same', run: conv('same', 1), inputs: [float32(2, 5, 6, 3), float32(3, 3, 3, 4)] },
    { name: 'conv2d valid', run: conv('valid', 1), inputs: [float32(2, 5, 6, 3), float32(3, 2, 3, 4)] },
    { name: 'conv2d padded', run: conv(2, 1), inputs: [float32(1, 5, 6, 2), float32(3, 3, 2, 4)] },
    {
      name: 'conv2d of few channels',
      run: conv('same', 1),
      inputs: [float32(2, 5, 6, 1), float32(3, 3, 1, 9)],
    },
    {
      name: 'conv2d to few filters',
      run: conv('same', 1),
      inputs: [float32(2, 5, 6, 9), float32(3, 3, 9, 1)],
    },
    {
      name: 'conv2d of a tall window',
      run: conv('valid', [1, 2]),
      inputs: [float32(2, 6, 5, 3), float32(4, 1, 3, 4)],
    },
    { name: 'conv2d with stride', run: conv('same', 2), inputs: [float32(2, 5, 6, 3), float32(3, 3, 3, 4)] },
    {
      name: 'conv2d with stride, left over',
      run: conv('valid', [2, 3]),
      inputs: [float32(1, 6, 9, 2), float32(3, 2, 2, 3)],
    },
    {
      name: 'conv2d with dilation',
      run: conv('same', 1, 2),
      ...whole,
      inputs: [float32(1, 6, 7, 2), float32(3, 3, 2, 3)],
    },
    {
      name: 'conv2d of a large batch',
      run: conv(1, 1),
      inputs: [float32(3, 60, 64, 1), float32(3, 3, 1, 48)],
    },
    {
      name: 'conv2d with a bias',
      run: (x: X4, w: X4, b: tf.Tensor1D) => tf.add(tf.conv2d(x, w, 1, 'same'), b),
      inputs: [float32(2, 5, 6, 3), float32(3, 3, 3, 4), float32(4)],
    },
    { name: 'pointwise conv2d', run: conv('same', 1), inputs: [float32(2, 3, 4, 3), float32(1, 1, 3, 5)] },
    {
      name: 'conv1d transposed',
      run: (x: X4, w: X4) => tf.conv2dTranspose(x, w, [2, 1, 8, 3], [1, 2], 'same'),
      inputs: [float32(2, 1, 4, 2), float32(1, 4, 3, 2)],
    },
    {
      name: 'conv2d transposed',
      run: (x: X4, w: X4) => tf.conv2dTranspose(x, w, [2, 6, 8, 3], 2, 'same'),
      inputs: [float32(2, 3, 4, 2), float32(4, 4, 3, 2)],
    },
    { name: 'maxPool', run: (x: X4) => tf.maxPool(x, 2, 2, 'same'), inputs: [float32(2, 5, 6, 3)] },
    { name: 'maxPool overlapping', run: (x: X4) => tf.maxPool(x, 3, 1, 1), inputs: [float32(2, 5, 6, 3)] },
    {
      name: 'maxPool of ties',
      run: (x: X4) => tf.maxPool(tf.round(x), 3, 2, 'valid'),
      inputs: [float32(2, 7, 6, 3)],
    },
    { name: 'avgPool', run: (x: X4) => tf.avgPool(x, 2, 2, 'valid'), inputs: [float32(2, 6, 5, 3)] },
    {
      name: 'avgPool overlapping',
      run: (x: X4) => tf.avgPool(x, 3, 2, 'valid'),
      inputs: [float32(2, 7, 6, 3)],
    },
    {
      name: 'avgPool padded',
      run: (x: X4) => tf.avgPool(x, 3, 2, 'same'),
      ...whole,
      inputs: [float32(2, 7, 6, 3)],
    },
    {
      name: 'resizeNearest by whole numbers',
      run: (x: X4) => tf.image.resizeNearestNeighbor(x, [6, 8]),
      inputs: [float32(1, 3, 4, 2)],
    },
    {
      name: 'resizeNearest',
      run: (x: X4) => tf.image.resizeNearestNeighbor(x, [5, 3]),
      inputs: [float32(1, 3, 4, 2)],
    },
    {
      name: 'resizeNearest with half pixels',
      run: (x: X4) => tf.image.resizeNearestNeighbor(x, [7, 3], false, true),
      ...whole,
      inputs: [float32(1, 3, 4, 2)],
    },
    {
      name: 'resizeNearest with aligned corners',
      run: (x: X4) => tf.image.resizeNearestNeighbor(x, [5, 7], true),
      inputs: [float32(1, 3, 4, 2)],
    },
    {
      name: 'resizeBilinear',
      run: (x: X4) => tf.image.resizeBilinear(x, [5, 3]),
      inputs: [float32(1, 4, 4, 2)],
    },
    {
      name: 'resizeBilinear with aligned corners',
      run: (x: X4) => tf.image.resizeBilinear(x, [5, 7], true),
      inputs: [float32(1, 4, 4, 2)],
    },
    {
      name: 'resizeBilinear with half pixels',
      run: (x: X4) => tf.image.resizeBilinear(x, [5, 7], false, true),
      ...whole,
      inputs: [float32(1, 3, 4, 2)],
    },
  ]
}

function gathers(): KernelCase[] {
  return [
    { name: 'gather', run: (x: X, i: tf.Tensor1D) => tf.gather(x, i, 0), inputs: [float32(4, 3), int32(7)] },
    {
      name: 'gather along the last axis',
      run: (x: X, i: tf.Tensor1D) => tf.gather(x, i, 1),
      inputs: [float32(3, 4), int32(7)],
    },
    {
      name: 'gather of a matrix of indices',
      run: (x: X, i: X) => tf.gather(x, i),
      inputs: [float32(4, 3), int32(2, 5)],
    },
    {
      name: 'gather in batches',
      run: (x: X, i: X) => tf.gather(x, i, 1, 1),
      ...whole,
      inputs: [float32(3, 4, 2), int32(3, 5)],
    },
    {
      name: 'gather in batches, later axis',
      run: (x: X, i: X) => tf.gather(x, i, 2, 1),
      ...whole,
      inputs: [float32(3, 2, 4), int32(3, 5)],
    },
    {
      name: 'gatherND',
      run: (x: X, i: X) => tf.gatherND(x, i),
      ...whole,
      inputs: [float32(4, 4, 2), int32(5, 2)],
    },
    {
      name: 'scatterND',
      run: (i: tf.Tensor2D, u: X) => tf.scatterND(i, u, [4, 2]),
      ...whole,
      inputs: [int32(6, 1), float32(6, 2)],
    },
    { name: 'oneHot', run: (i: X) => tf.oneHot(i, 3), ...whole, inputs: [int32(9)] },
    {
      name: 'oneHot with values',
      run: (i: X) => tf.oneHot(i, 3, 5, -1, 'float32'),
      ...whole,
      inputs: [int32(2, 4)],
    },
    {
      name: 'unsortedSegmentSum',
      run: (x: X, i: tf.Tensor1D) => tf.unsortedSegmentSum(x, tf.sub(i, tf.scalar(1, 'int32')), 3),
      inputs: [float32(6, 2), int32(6)],
    },
  ]
}

/** Operations that rearrange, multiply, convolve and look up. */
export const STRUCTURE_CASES: readonly KernelCase[] = [
  ...shapes(),
  ...products(),
  ...convolutions(),
  ...gathers(),
]
