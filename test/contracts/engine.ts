import type { TestFn } from 'ava'
import fc from 'fast-check'
import type { Engine, HostTensor, TensorSpec, Tree } from '../../src/engine/index.ts'
import { float32, int32, sizeOf } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'
import { InputError } from '../../src/errors.ts'
import { close, flat, flatly, random } from '../engine/compare.ts'

type Flat = Record<string, tf.Tensor>

/** What every engine must keep: call it with a fresh engine for each device. */
export function engineContract(test: TestFn, engine: Engine): void {
  const title = (text: string) => `${engine.name} on ${engine.device}: ${text}`

  test(title('a function, its gradient and a tree of outputs'), async (t) => {
    const compiled = await engine.compile(
      'regression',
      (inputs) => {
        const { x, p } = inputs as unknown as { x: tf.Tensor; p: { 'l.w': tf.Tensor; 'l.b': tf.Tensor } }
        const loss = (w: tf.Tensor, b: tf.Tensor) =>
          tf.mean(tf.square(tf.tanh(tf.add(tf.matMul(x, w), b)))) as tf.Scalar
        const { value, grads } = tf.valueAndGrads(loss)([p['l.w'], p['l.b']])
        return { loss: value, gradients: { w: grads[0], b: grads[1] } }
      },
      { x: float32(5, 3), p: { 'l.w': float32(3, 4), 'l.b': float32(4) } },
    )
    t.deepEqual(compiled.outputs, {
      loss: float32(),
      gradients: { w: float32(3, 4), b: float32(4) },
    })
    const x = random(float32(5, 3), 1)
    const w = random(float32(3, 4), 2)
    const b = random(float32(4), 3)
    const at = async (bias: HostTensor) => {
      const out = await compiled.run({ x, p: { 'l.w': w, 'l.b': bias } })
      return copy(out) as { loss: HostTensor; gradients: Record<string, HostTensor> }
    }
    const here = await at(b)
    // A central difference along the bias.
    const step = 1e-2
    const moved = (by: number) => ({
      ...b,
      values: Float32Array.from(b.values, (v, i) => (i === 0 ? v + by : v)),
    })
    const slope =
      ((await at(moved(step))).loss.values[0] - (await at(moved(-step))).loss.values[0]) / (2 * step)
    t.true(Math.abs(slope - here.gradients.b.values[0]) < 2e-3)
    t.is(here.gradients.w.values.length, 12)
    await compiled.dispose()
  })

  test(title('int32, bool and scalars cross the border'), async (t) => {
    const compiled = await engine.compile(
      'types',
      flatly(({ i, b, s }: Flat) => ({
        i: tf.add(i, tf.scalar(1, 'int32')),
        b: tf.logicalNot(b),
        s: tf.mul(s, 2),
      })),
      { i: int32(3), b: { shape: [2], dtype: 'bool' }, s: float32() },
    )
    const out = flat(
      await compiled.run({
        i: { ...int32(3), values: Int32Array.of(1, -2, 70000) },
        b: { shape: [2], dtype: 'bool', values: Uint8Array.of(0, 1) },
        s: { ...float32(), values: Float32Array.of(1.5) },
      }),
    )
    t.deepEqual(out.i.values, Int32Array.of(2, -1, 70001))
    t.deepEqual(out.b.values, Uint8Array.of(1, 0))
    t.deepEqual(out.s.values, Float32Array.of(3))
    await compiled.dispose()
  })

  test(title('inputs, constants and one value twice may be returned'), async (t) => {
    const compiled = await engine.compile(
      'passing',
      flatly(({ x }: Flat) => {
        const y = tf.neg(x)
        return { x, y, again: y, constant: tf.tensor1d([1, 2]) }
      }),
      { x: float32(2) },
    )
    const out = flat(await compiled.run({ x: { ...float32(2), values: Float32Array.of(3, 4) } }))
    t.deepEqual(out.x.values, Float32Array.of(3, 4))
    t.deepEqual(out.y.values, Float32Array.of(-3, -4))
    t.deepEqual(out.again.values, Float32Array.of(-3, -4))
    t.deepEqual(out.constant.values, Float32Array.of(1, 2))
    await compiled.dispose()
  })

  test(title('an output may be fed back as an input'), async (t) => {
    const double = await engine.compile(
      'double',
      flatly(({ x }: Flat) => ({ x: tf.add(x, tf.reverse(x)) })),
      {
        x: float32(2),
      },
    )
    let out = flat(await double.run({ x: { ...float32(2), values: Float32Array.of(1, 2) } }))
    out = flat(await double.run({ x: out.x }))
    t.deepEqual(out.x.values, Float32Array.of(6, 6))
    await double.dispose()
  })

  test(title('compiling again gives the same; other signatures and disposal give another'), async (t) => {
    const fn = flatly(({ x }: Flat) => ({ y: tf.neg(x) }))
    const first = await engine.compile('cached', fn, { x: float32(2) })
    t.is(await engine.compile('cached', fn, { x: float32(2) }), first)
    const other = await engine.compile('cached', fn, { x: float32(3) })
    t.not(other, first)
    await first.dispose()
    const fresh = await engine.compile('cached', fn, { x: float32(2) })
    t.not(fresh, first)
    await t.throwsAsync(first.run({ x: random(float32(2), 1) }), { message: /disposed of/ })
    await fresh.dispose()
    await other.dispose()
  })

  test(title('a step holds, reads and replaces its state'), async (t) => {
    const step = await engine.compileStep(
      'momentum',
      (state, inputs) => {
        const { position, velocity, kept, previous } = state as Flat
        const faster = tf.add(tf.mul(velocity, 0.5), (inputs as Flat).force)
        t.is(previous.rank, 1)
        return {
          state: { position: tf.add(position, faster), velocity: faster, kept, previous: position },
          outputs: { energy: tf.sum(tf.square(faster)) },
        }
      },
      {
        state: { position: float32(2), velocity: float32(2), kept: float32(2), previous: float32(2) },
        inputs: { force: float32(2) },
      },
    )
    t.deepEqual(step.outputs, { energy: float32() })
    const vector = (...values: number[]) => ({ ...float32(2), values: Float32Array.from(values) })
    t.deepEqual(numbers(await step.read()).position, [0, 0])
    await step.write({
      position: vector(1, 2),
      velocity: vector(4, 8),
      kept: vector(5, 6),
      previous: vector(0, 0),
    })
    const force = { force: vector(1, -1) }
    t.deepEqual(numbers(await step.run(force)), { energy: [18] })
    t.deepEqual(numbers(await step.read()), {
      position: [4, 5],
      velocity: [3, 3],
      kept: [5, 6],
      previous: [1, 2],
    })
    // Not awaited one by one: they keep their order.
    await Promise.all([step.run(force), step.run(force)])
    t.deepEqual(numbers(await step.read()), {
      position: [8.75, 4.75],
      velocity: [2.25, -0.75],
      kept: [5, 6],
      previous: [6.5, 5.5],
    })
    t.deepEqual(numbers(await step.view()), numbers(await step.read()))
    const before = numbers(await step.read())
    const snapshot = await step.read()
    await step.run(force)
    t.deepEqual(numbers(snapshot), before)
    await step.write(snapshot)
    t.deepEqual(numbers(await step.read()), before)
    await step.dispose()
    await t.throwsAsync(step.run(force), { message: /disposed of/ })
  })

  test(title('state entries may change places'), async (t) => {
    const step = await engine.compileStep(
      'swap',
      (state) => ({ state: { a: (state as Flat).b, b: (state as Flat).a }, outputs: {} }),
      { state: { a: float32(1), b: float32(1) }, inputs: {} },
    )
    const one = (x: number) => ({ ...float32(1), values: Float32Array.of(x) })
    await step.write({ a: one(1), b: one(2) })
    await step.run({})
    t.deepEqual(numbers(await step.read()), { a: [2], b: [1] })
    await step.run({})
    t.deepEqual(numbers(await step.read()), { a: [1], b: [2] })
    await step.dispose()
  })

  test(title('several functions run side by side'), async (t) => {
    const scaled = (by: number) => flatly(({ x }: Flat) => ({ y: tf.mul(x, by) }))
    const all = await Promise.all(
      [2, 3, 4].map((by) => engine.compile(`times ${by}`, scaled(by), { x: float32(1) })),
    )
    const x = { x: { ...float32(1), values: Float32Array.of(5) } }
    const out = await Promise.all(all.map((compiled) => compiled.run(x)))
    t.deepEqual(
      out.map((tree) => flat(tree).y.values[0]),
      [10, 15, 20],
    )
    await Promise.all(all.map((compiled) => compiled.dispose()))
  })

  test(title('wrong inputs are named'), async (t) => {
    const compiled = await engine.compile(
      'picky',
      (inputs) => ({ y: (inputs.a as Tree<tf.Tensor>).b as tf.Tensor }),
      { a: { b: float32(2) } },
    )
    const right = { ...float32(2), values: new Float32Array(2) }
    const fails = async (inputs: unknown, message: RegExp) =>
      t.throwsAsync(compiled.run(inputs as Tree<HostTensor>), { instanceOf: InputError, message })
    await fails({}, /"picky" was not given its input "a\/b"/)
    await fails({ a: { b: right, c: right } }, /has no input "a\/c"; its inputs are a\/b/)
    await fails(
      { a: { b: { ...float32(3), values: new Float32Array(3) } } },
      /"a\/b" .* float32 \[3\].*\[2\]/,
    )
    await fails({ a: { b: { ...int32(2), values: new Int32Array(2) } } }, /"a\/b" .* int32 \[2\].*float32/)
    await fails({ a: { b: { ...float32(2), values: new Float32Array(1) } } }, /"a\/b" .*1 elements/)
    await fails({ a: { b: [1, 2] } }, /"a\/b" .* not a host tensor/)
    t.deepEqual(flat(await compiled.run({ a: { b: right } })).y.values, right.values)
    await compiled.dispose()
  })

  test(title('a step whose state changes shape, or misses entries, is refused'), async (t) => {
    const signature = { state: { w: float32(2) }, inputs: {} }
    const fails = async (fn: (state: Tree<tf.Tensor>) => Tree<tf.Tensor>, message: RegExp) =>
      t.throwsAsync(
        engine.compileStep('odd', (state) => ({ state: fn(state), outputs: {} }), signature),
        { instanceOf: InputError, message },
      )
    await fails(({ w }) => ({ w: tf.sum(w as tf.Tensor) }), /"w" as float32 \[2\] but returns float32 \[\]/)
    await fails(() => ({}), /does not return the state "w"/)
    await fails(({ w }) => ({ w, more: w }), /"state\/more", which is not in its state/)
  })

  test.serial(title('tfjs is left as it was found'), async (t) => {
    tf.backend()
    const before = { backend: tf.getBackend(), tensors: tf.memory().numTensors }
    const fn = flatly(({ x }: Flat) => ({ y: tf.grad((z) => tf.sum(tf.exp(z)) as tf.Scalar)(x) }))
    const compiled = await engine.compile('clean', fn, { x: float32(3) })
    for (let i = 0; i < 3; i++) await compiled.run({ x: random(float32(3), i) })
    const failing = () => {
      throw new Error('as told')
    }
    const broken = flatly(({ x }: Flat) => ({
      y: tf.grad((z) => tf.sum(tf.mul(z, failing())) as tf.Scalar)(x),
    }))
    await t.throwsAsync(engine.compile('broken', broken, { x: float32(3) }), { message: 'as told' })
    await compiled.dispose()
    t.deepEqual({ backend: tf.getBackend(), tensors: tf.memory().numTensors }, before)
  })

  test(title('reductions, slices and broadcasts of random shapes'), async (t) => {
    const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
    const property = fc.asyncProperty(
      shapes,
      fc.infiniteStream(fc.boolean()),
      fc.nat(),
      async (shape, flips, seed) => {
        const flip = () => flips.next().value as boolean
        const axes = shape.map((_, i) => i).filter(() => flip())
        const begin = shape.map((n) => (flip() ? Math.floor(n / 2) : 0))
        const row = shape.map((n) => (flip() ? n : 1))
        const keep = flip()
        const fn = ({ x, y }: Flat) => ({
          sum: tf.sum(x, axes, keep),
          slice: tf.slice(x, begin),
          product: tf.mul(x, y),
          gradient: tf.grads((a, b) => tf.sum(tf.square(tf.add(a, b))) as tf.Scalar)([x, y])[1],
        })
        await agrees(fn, { x: float32(...shape), y: float32(...row) }, seed)
      },
    )
    const agrees = async (fn: (x: Flat) => Flat, signature: Record<string, TensorSpec>, seed: number) => {
      const compiled = await engine.compile('random', flatly(fn), signature)
      const inputs = Object.fromEntries(
        Object.entries(signature).map(([name, spec], i) => [name, random(spec, seed + i)]),
      )
      const actual = flat(await compiled.run(inputs))
      tf.tidy(() => {
        const given = Object.entries(inputs).map(([name, { values, shape }]) => [
          name,
          tf.tensor(values, [...shape]),
        ])
        for (const [name, tensor] of Object.entries(fn(Object.fromEntries(given)))) {
          const values = tensor.dataSync<'float32'>()
          t.is(values.length, sizeOf(tensor.shape))
          close(t, actual[name], { shape: tensor.shape, dtype: 'float32', values }, name)
        }
      })
      await compiled.dispose()
    }
    await fc.assert(property, { numRuns: 30 })
  })
}

function copy(tree: Tree<HostTensor>): unknown {
  return structuredClone(tree)
}

function numbers(tree: Tree<HostTensor>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(flat(tree)).map(([name, { values }]) => [name, [...values]]))
}
