import test from 'ava'
import fc from 'fast-check'
import { windows } from '../../src/data/windows.ts'
import { InputError } from '../../src/errors.ts'
import { type CodecOptions, codec, encodeWindows } from '../../src/policy/codec.ts'
import { rows } from '../../src/rows.ts'
import { demonstrations } from '../train/tiny.ts'

const ACT = 4
const base: CodecOptions = {
  observe: 2,
  plan: 8,
  observationWidth: demonstrations.columns.observation.columns,
  actionWidth: demonstrations.columns.action.columns,
  observations: 'history',
  actions: 'absolute',
  normalization: 'limits',
}
const everyEpisode = demonstrations.episodeEnds.map(() => 1)

/** The windows as they are in the dataset. */
function raw({ observe, plan }: CodecOptions) {
  const cut = windows(demonstrations, { observe, plan, padAfter: ACT - 1 })
  const histories = new Float32Array(cut.count * observe * cut.observationWidth)
  const actions = new Float32Array(cut.count * plan * cut.actionWidth)
  cut.gather(
    Int32Array.from({ length: cut.count }, (_, i) => i),
    histories,
    actions,
  )
  return {
    histories: rows(histories, cut.count, observe * cut.observationWidth),
    actions: rows(actions, cut.count, plan * cut.actionWidth),
  }
}

test('what is planned with comes back as what was demonstrated', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        observe: fc.integer({ min: 1, max: 3 }),
        extra: fc.integer({ min: ACT, max: 8 }),
        observations: fc.constantFrom('history' as const, 'differences' as const),
        actions: fc.constantFrom('absolute' as const, 'cumulative' as const, 'relative' as const),
        normalization: fc.constantFrom('limits' as const, 'gaussian' as const),
      }),
      ({ observe, extra, ...written }) => {
        const options = { ...base, ...written, observe, plan: observe + extra, reference: [0, 1] }
        const { samples, normalizer } = encodeWindows(demonstrations, options, everyEpisode, ACT - 1)
        const { histories, actions } = raw(options)
        const made = codec(options, normalizer)
        t.deepEqual(made.conditions(histories), samples.condition)
        const back = made.actions(histories, samples.data)
        const present = (observe - 1) * options.actionWidth
        let worst = 0
        for (let i = 0; i < back.rows; i++) {
          for (let j = present; j < back.columns; j++) {
            const at = i * back.columns + j
            worst = Math.max(worst, Math.abs(back.values[at] - actions.values[at]))
          }
        }
        t.true(worst < 2e-5, `differs by ${worst}`)
      },
    ),
    { numRuns: 12 },
  )
})

test('samples are normalised as the settings say', (t) => {
  const limits = encodeWindows(demonstrations, base, everyEpisode, ACT - 1).samples.data
  t.true(limits.values.every((value) => Math.abs(value) <= 1 + 1e-6))
  t.true(limits.values.some((value) => Math.abs(value) > 1 - 1e-6))
  const options = { ...base, normalization: 'gaussian' } as const
  const { values } = encodeWindows(demonstrations, options, everyEpisode, ACT - 1).samples.data
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length - mean * mean
  t.true(Math.abs(mean) < 1e-3, `mean ${mean}`)
  t.true(Math.abs(variance - 1) < 1e-2, `variance ${variance}`)
})

test('held-out samples are written with the normalizer that was fitted', (t) => {
  const mask = everyEpisode.map((_, e) => Number(e < 2))
  const { normalizer } = encodeWindows(demonstrations, base, everyEpisode, ACT - 1)
  const part = encodeWindows(demonstrations, base, mask, ACT - 1, normalizer)
  t.is(part.normalizer, normalizer)
  const all = encodeWindows(demonstrations, base, everyEpisode, ACT - 1).samples.data
  t.deepEqual(part.samples.data.values, all.values.subarray(0, part.samples.data.values.length))
})

test('a normalizer or dataset of another policy is refused', (t) => {
  const { normalizer } = encodeWindows(demonstrations, base, everyEpisode, ACT - 1)
  t.throws(() => codec({ ...base, observe: 3 }, normalizer), {
    instanceOf: InputError,
    message: /"condition".*the policy needs/,
  })
  t.throws(() => codec({ ...base, plan: 9 }, normalizer), { instanceOf: InputError, message: /"chunk"/ })
  t.throws(() => codec(base, {}), { instanceOf: InputError })
  t.throws(() => encodeWindows(demonstrations, { ...base, actionWidth: 3 }, everyEpisode, ACT - 1), {
    instanceOf: InputError,
    message: /actions of 2 numbers/,
  })
})
