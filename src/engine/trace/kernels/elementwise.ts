/** Functions of each element by itself. */

import { binary, cast, emit, scalar, unary, uniform, where } from '../../graph/emit.ts'
import type { Value } from '../../graph/value.ts'
import type { tfjs } from '../../tf.ts'
import type { KernelCall, Lowerings } from '../kernel.ts'

type Call<A = unknown> = KernelCall<A>

/** A kernel that ONNX has under the given name, on float32. */
function float(op: string): (call: Call) => Value {
  return ({ inputs }) => unary(op, cast(inputs.x, 'float32'))
}

/** A kernel that ONNX has under the given name, on any numeric type; bool counts as int32. */
function numeric(op: string): (call: Call) => Value {
  return ({ inputs }) => unary(op, number(inputs.x))
}

/** A float-only operation that leaves integers as they are. */
function rounding(op: string): (call: Call) => Value {
  return ({ inputs }) => (inputs.x.dtype === 'float32' ? unary(op, inputs.x) : inputs.x)
}

/** bool as int32, other types as they are. */
export function number(x: Value): Value {
  return x.dtype === 'bool' ? cast(x, 'int32') : x
}

/** `x > 0`. */
function positive(x: Value): Value {
  return binary('Greater', x, scalar(0, x.dtype), 'bool')
}

/** exp(x) − 1 without cancellation near 0: 2·tanh(x/2) / (1 − tanh(x/2)). */
function expm1(x: Value): Value {
  const t = unary('Tanh', binary('Mul', x, scalar(0.5)))
  const near = binary('Div', binary('Mul', t, scalar(2)), binary('Sub', scalar(1), t))
  const far = binary('Sub', unary('Exp', x), scalar(1))
  return where(binary('Less', unary('Abs', x), scalar(1), 'bool'), near, far)
}

/** log(1 + x) without cancellation near 0: 2·artanh(x / (x + 2)). */
function log1p(x: Value): Value {
  const near = binary('Mul', unary('Atanh', binary('Div', x, binary('Add', x, scalar(2)))), scalar(2))
  const far = unary('Log', binary('Add', x, scalar(1)))
  return where(binary('Less', unary('Abs', x), scalar(0.5), 'bool'), near, far)
}

/** x with small and large values replaced by the bounds. */
function clip(x: Value, low: number, high: number): Value {
  return emit('Clip', [x, scalar(low, x.dtype), scalar(high, x.dtype)], {}, x.shape, x.dtype)
}

/** The activations that tfjs's fused kernels can end with. */
export function activation(name: string | undefined, x: Value, weights?: Value, alpha?: number): Value {
  switch (name) {
    case undefined:
    case 'linear':
      return x
    case 'relu':
      return unary('Relu', x)
    case 'relu6':
      return clip(x, 0, 6)
    case 'elu':
      return unary('Elu', x, { alpha: { float: 1 } })
    case 'sigmoid':
      return unary('Sigmoid', x)
    case 'prelu':
      if (weights === undefined) throw new Error('A fused prelu has no weights.')
      return binary('PRelu', x, weights)
    case 'leakyrelu':
      return unary('LeakyRelu', x, { alpha: { float: alpha ?? 0.2 } })
    default:
      throw new Error(`Unknown fused activation ${name}.`)
  }
}

export const elementwise: Lowerings = {
  Abs: numeric('Abs'),
  Neg: numeric('Neg'),
  Sign: numeric('Sign'),
  Floor: rounding('Floor'),
  Ceil: rounding('Ceil'),
  Round: rounding('Round'),
  Square: ({ inputs }: Call) => binary('Mul', number(inputs.x), number(inputs.x)),
  Sqrt: float('Sqrt'),
  Rsqrt: ({ inputs }: Call) => unary('Reciprocal', unary('Sqrt', cast(inputs.x, 'float32'))),
  Reciprocal: float('Reciprocal'),
  Exp: float('Exp'),
  Expm1: ({ inputs }: Call) => expm1(cast(inputs.x, 'float32')),
  Log: float('Log'),
  Log1p: ({ inputs }: Call) => log1p(cast(inputs.x, 'float32')),
  Sin: float('Sin'),
  Cos: float('Cos'),
  Tan: float('Tan'),
  Asin: float('Asin'),
  Acos: float('Acos'),
  Atan: float('Atan'),
  Sinh: float('Sinh'),
  Cosh: float('Cosh'),
  Tanh: float('Tanh'),
  Asinh: float('Asinh'),
  Acosh: float('Acosh'),
  Atanh: float('Atanh'),
  Erf: float('Erf'),
  Sigmoid: float('Sigmoid'),
  Softplus: float('Softplus'),
  Relu: ({ inputs }: Call) =>
    inputs.x.dtype === 'float32'
      ? unary('Relu', inputs.x)
      : binary('Max', number(inputs.x), scalar(0, number(inputs.x).dtype)),
  Relu6: ({ inputs }: Call) => clip(number(inputs.x), 0, 6),
  Elu: ({ inputs }: Call) => unary('Elu', cast(inputs.x, 'float32'), { alpha: { float: 1 } }),
  // dy · (y ≥ 0 ? 1 : y + 1)
  EluGrad: ({ inputs }: Call) =>
    binary('Mul', inputs.dy, binary('Add', binary('Min', inputs.y, scalar(0)), scalar(1))),
  // ONNX's defaults are the constants of the paper, as in tfjs.
  Selu: float('Selu'),
  LeakyRelu: ({ inputs, attributes }: Call<tfjs.LeakyReluAttrs>) =>
    unary('LeakyRelu', cast(inputs.x, 'float32'), { alpha: { float: attributes.alpha } }),
  Prelu: ({ inputs }: Call) => binary('PRelu', inputs.x, inputs.alpha),
  ClipByValue: ({ inputs, attributes }: Call<tfjs.ClipByValueAttrs>) =>
    clip(number(inputs.x), attributes.clipValueMin, attributes.clipValueMax),
  Step: ({ inputs, attributes }: Call<tfjs.StepAttrs>) => {
    const alpha = attributes.alpha ?? 0
    if (alpha === 0) return cast(positive(number(inputs.x)), 'float32')
    return where(positive(number(inputs.x)), scalar(1), scalar(alpha))
  },
  IsNan: ({ inputs }: Call) => unary('IsNaN', cast(inputs.x, 'float32'), {}, 'bool'),
  IsInf: ({ inputs }: Call) => unary('IsInf', cast(inputs.x, 'float32'), {}, 'bool'),
  IsFinite: ({ inputs }: Call) => {
    const x = cast(inputs.x, 'float32')
    // Infinity and NaN are the numbers whose difference with themselves is not 0.
    return binary('Equal', binary('Sub', x, x), scalar(0), 'bool')
  },
  Cast: ({ inputs, attributes }: Call<tfjs.CastAttrs>) => {
    const { dtype } = attributes
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new Error(`A cast to ${dtype} cannot be compiled.`)
    }
    return cast(inputs.x, dtype)
  },
  Identity: ({ inputs }: Call) => inputs.x,
  ZerosLike: ({ inputs }: Call) => uniform(0, inputs.x.shape, inputs.x.dtype),
  OnesLike: ({ inputs }: Call) => uniform(1, inputs.x.shape, inputs.x.dtype),
}
