import test from 'ava'
import fc from 'fast-check'
import {
  fitField,
  fitNormalizer,
  normalize,
  normalizeDataset,
  normalizerFrom,
  normalizerState,
  unnormalize,
} from '../../src/data/normalizer.ts'
import { InputError } from '../../src/errors.ts'
import { rows } from '../../src/rows.ts'
import { type FixtureTensor, fixtureJson, fixtureTensors } from './fixture.ts'

const float32 = ({ values }: FixtureTensor) => Float32Array.from(values)
const hostState = (name: string) =>
  Object.fromEntries(
    Object.entries(fixtureTensors(name)).map(([key, tensor]) => [
      key,
      { shape: tensor.shape, dtype: 'float32' as const, values: float32(tensor) },
    ]),
  )

const CASES = [
  'gaussian',
  'gaussian_no_offset',
  'limits',
  'limits_0_1',
  'limits_last2',
  'limits_no_offset',
  'limits_scalar',
]

for (const name of CASES) {
  const { fit_arguments: fit, tolerance, state_file } = fixtureJson(`normalizer/${name}.json`)
  const tensors = fixtureTensors(`normalizer/${name}.safetensors`)
  const state = hostState(`normalizer/${state_file}`)

  test(`${name} fits and maps as LinearNormalizer`, (t) => {
    for (const field of ['action', 'obs']) {
      const { shape } = tensors[`fit.${field}`]
      const data = float32(tensors[`fit.${field}`])
      const width = shape.slice(shape.length - fit.last_n_dims).reduce((a, b) => a * b, 1)
      const fitted = fitField(rows(data, data.length / shape[shape.length - 1], shape[shape.length - 1]), {
        mode: fit.mode,
        width: fit.last_n_dims === 0 ? 1 : width,
        outputMax: fit.output_max,
        outputMin: fit.output_min,
        rangeEps: fit.range_eps,
        fitOffset: fit.fit_offset,
      })
      const entry = (kind: string) => state[`params_dict.${field}.${kind}`].values
      within(t, fitted.scale, entry('scale'), (r) => tolerance.scale.rel * Math.abs(r))
      within(
        t,
        fitted.offset,
        entry('offset'),
        (r) => tolerance.offset.abs_over_abs_plus_0_01 * (Math.abs(r) + 0.01),
      )
      for (const kind of ['min', 'max', 'mean', 'std'] as const) {
        const bound = (r: number) => tolerance.stats.rel_over_abs_plus_1e_6 * (Math.abs(r) + 1e-6)
        within(t, fitted.statistics[kind], entry(`input_stats.${kind}`), bound)
      }
      const bound = (r: number) => tolerance.outputs.abs_over_max1 * Math.max(1, Math.abs(r))
      // Both the normalizer fitted here and the one loaded map alike.
      for (const map of [fitted, normalizerFrom(state)[field]]) {
        within(t, normalize(map, data), tensors[`fit_normalized.${field}`].values, bound)
        const fresh = float32(tensors[`new.${field}`])
        within(t, normalize(map, fresh), tensors[`new_normalized.${field}`].values, bound)
        within(t, unnormalize(map, normalize(map, fresh)), tensors[`new_roundtrip.${field}`].values, bound)
        within(
          t,
          unnormalize(map, float32(tensors[`unit.${field}`])),
          tensors[`unit_unnormalized.${field}`].values,
          bound,
        )
      }
    }
  })

  test(`${name}: the state survives`, (t) => {
    t.deepEqual(normalizerState(normalizerFrom(state)), state)
    const nested = Object.fromEntries(
      Object.entries(state).map(([key, value]) => [`normalizer.${key}`, value]),
    )
    t.deepEqual(normalizerFrom(nested), normalizerFrom(state))
  })
}

test('limits map into the output range, and back, in place too', (t) => {
  const cell = fc.float({ min: -1000, max: 1000, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 }), (pairs) => {
      const data = rows(Float32Array.from(pairs.flat()), pairs.length, 2)
      const field = fitField(data)
      // Far from 0, a narrow range is few steps of float32 wide: the scale and the offset are that inexact.
      const steps = [0, 1].map((column) => {
        const values = pairs.map((pair) => pair[column])
        const range = Math.max(...values) - Math.min(...values)
        return (2 ** -20 * Math.max(1, ...values.map(Math.abs))) / (range < 1e-4 ? 1 : Math.min(1, range))
      })
      const unit = normalize(field, data.values)
      t.true(unit.every((value, i) => Math.abs(value) <= 1 + steps[i % 2]))
      const back = unit.slice()
      t.is(unnormalize(field, back, back), back)
      back.forEach((value, i) => {
        t.true(Math.abs(value - data.values[i]) <= 1e-3)
      })
    }),
  )
})

test('a dataset is normalised by column, the rest untouched', (t) => {
  const matrix = (...values: number[]) => rows(Float32Array.from(values), values.length, 1)
  const dataset = {
    columns: { observation: matrix(0, 4, 8), action: matrix(2, 4, 6), state: matrix(1, 2, 3) },
    episodeEnds: Int32Array.of(3),
    attributes: {},
  }
  const normalizer = fitNormalizer(dataset, { observation: {}, action: { mode: 'gaussian' } })
  const { columns } = normalizeDataset(dataset, normalizer)
  t.deepEqual([...columns.observation.values], [-1, 0, 1])
  t.deepEqual([...columns.action.values], [-1, 0, 1])
  t.is(columns.state, dataset.columns.state)
  t.deepEqual([...dataset.columns.observation.values], [0, 4, 8])
})

test('refuses what does not fit', (t) => {
  const fails = (run: () => unknown) => t.throws(run, { instanceOf: InputError }).message
  t.regex(
    fails(() => fitField(rows(new Float32Array(), 0, 2))),
    /width 2 cannot be fitted on 0 rows/,
  )
  const field = fitField(rows(Float32Array.of(1, 2, 3, 4), 2, 2))
  t.regex(
    fails(() => normalize(field, new Float32Array(3))),
    /3 values into 3 do not fit a normalizer of width 2/,
  )
  const { 'params_dict.a.offset': _, ...state } = normalizerState({ a: field })
  t.regex(
    fails(() => normalizerFrom(state)),
    /entry "params_dict\.a\.offset" is missing/,
  )
  t.regex(
    fails(() => normalizerFrom({})),
    /holds no normalizer/,
  )
})

function within(
  t: { true(condition: boolean, message?: string): unknown; is(a: number, b: number): unknown },
  found: ArrayLike<number>,
  reference: ArrayLike<number>,
  bound: (reference: number) => number,
) {
  t.is(found.length, reference.length)
  for (let i = 0; i < reference.length; i++) {
    t.true(
      Math.abs(found[i] - reference[i]) <= bound(reference[i]),
      `entry ${i}: ${found[i]} for ${reference[i]}`,
    )
  }
}
