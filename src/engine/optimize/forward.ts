/** Chains of operations of few elements that the runtime has one for; where gradients follow, they are read elsewhere and stay. */

import { binary, emit, transpose, uniform } from '../graph/emit.ts'
import type { Node, Value } from '../graph/value.ts'
import { constantIntegers, producer, uniformNumber } from '../graph/value.ts'
import { isFew } from './few.ts'
import type { Rule } from './rule.ts'

type Uses = (value: Value) => number

/** x · a/(2 − a) with a = s(2 − s) and s = σ(x), six operations, is x · tanh(softplus(x)). */
export const mish: Rule = ({ op, inputs, output, uses }) => {
  if (op !== 'Mul' || !isFew(output)) return undefined
  for (const [x, ratio] of [inputs, [inputs[1], inputs[0]]]) {
    const division = ratio && uses(ratio) === 1 ? producer(ratio, 'Div') : undefined
    const a = division?.inputs[0]
    if (!x || !a || uses(a) !== 2 || twoMinus(division.inputs[1], uses) !== a) continue
    const product = producer(a, 'Mul')
    const s = product?.inputs.find((factor) => factor && producer(factor, 'Sigmoid'))
    if (!s || uses(s) !== 2 || producer(s)?.inputs[0] !== x) continue
    const other = product?.inputs.find((factor) => factor !== s)
    if (!other || twoMinus(other, uses) !== s) continue
    const softplus = emit('Softplus', [x], {}, x.shape, x.dtype)
    return binary('Mul', x, emit('Tanh', [softplus], {}, x.shape, x.dtype))
  }
  return undefined
}

/** y of 2 − y, where nothing else uses the difference. */
function twoMinus(value: Value | null, uses: Uses): Value | undefined {
  const difference = value && uses(value) === 1 ? producer(value, 'Sub') : undefined
  return difference && uniformNumber(difference.inputs[0]) === 2
    ? (difference.inputs[1] ?? undefined)
    : undefined
}

/**
 * (x − mean)/√(variance + ε) over all axes but two, seven operations, is an InstanceNormalization, whose input has
 * these two axes in front. What is multiplied with the inverse deviation is multiplied afterwards.
 */
export const normalization: Rule = ({ op, inputs, output, uses }) => {
  if ((op !== 'Mul' && op !== 'Div') || !isFew(output)) return undefined
  for (const [centred, factor] of op === 'Div' ? [inputs] : [inputs, [inputs[1], inputs[0]]]) {
    if (!centred || !factor || uses(factor) !== 1) continue
    const division = op === 'Mul' ? producer(factor, 'Div') : undefined
    if (op === 'Mul' && !division) continue
    const deviation = division ? division.inputs[1] : factor
    const found = centredOver(centred, deviation ?? null, uses)
    if (!found) continue
    const normal = instanceNormalization(found.x, found.axes, found.epsilon)
    const weight = division?.inputs[0]
    return weight && uniformNumber(weight) !== 1 ? binary('Mul', normal, weight) : normal
  }
  return undefined
}

/** What is normalised by dividing `centred` by `deviation`, if it is. */
function centredOver(
  centred: Value,
  deviation: Value | null,
  uses: Uses,
): { x: Value; axes: readonly number[]; epsilon: number } | undefined {
  const once = (value: Value | null | undefined, op: string): Node | undefined =>
    value && uses(value) === 1 ? producer(value, op) : undefined
  const sum = once(once(deviation, 'Sqrt')?.inputs[0], 'Add')
  const epsilon = uniformNumber(sum?.inputs[1] ?? null)
  const variance = once(sum?.inputs[0], 'ReduceMean')
  const square = once(variance?.inputs[0], 'Mul')
  const difference = producer(centred, 'Sub')
  // Its square uses it twice.
  if (!difference || uses(centred) !== 3 || square?.inputs.some((factor) => factor !== centred))
    return undefined
  const [x, average] = difference.inputs
  const mean = once(average, 'ReduceMean')
  if (!x || !square || mean?.inputs[0] !== x || epsilon === undefined) return undefined
  const axes = constantIntegers(mean.inputs[1] ?? null)
  const same = axes && `${constantIntegers(variance?.inputs[1] ?? null)}` === `${axes}`
  const kept = mean.attributes.keepdims === 1 && variance?.attributes.keepdims === 1
  return same && kept && axes.length === x.shape.length - 2 && axes.length > 0
    ? { x, axes, epsilon }
    : undefined
}

function instanceNormalization(x: Value, axes: readonly number[], epsilon: number): Value {
  const all = x.shape.map((_, axis) => axis)
  const order = [...all.filter((axis) => !axes.includes(axis)), ...axes]
  const front = transpose(x, order)
  const channels = [front.shape[1]]
  const parameters = [uniform(1, channels, x.dtype), uniform(0, channels, x.dtype)]
  const normal = emit(
    'InstanceNormalization',
    [front, ...parameters],
    { epsilon: { float: epsilon } },
    front.shape,
    x.dtype,
  )
  return transpose(
    normal,
    all.map((axis) => order.indexOf(axis)),
  )
}
