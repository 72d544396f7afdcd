import test from 'ava'
import fc from 'fast-check'
import { columnsBetween, concatenate, type Dataset } from '../../src/data/dataset.ts'
import { fitField } from '../../src/data/normalizer.ts'
import { readReplayBuffer } from '../../src/data/replay-buffer.ts'
import { windowIndices, windows } from '../../src/data/windows.ts'
import { InputError } from '../../src/errors.ts'
import { rows } from '../../src/rows.ts'
import { fixtureJson, fixturePath, fixtureTensors } from './fixture.ts'

const expected = fixtureJson('replay_buffer/replay_buffer.json')
const tensors = fixtureTensors('replay_buffer/replay_buffer.safetensors')

const load = async (): Promise<Dataset> => {
  const dataset = await readReplayBuffer(fixturePath('replay_buffer/pusht_like.zarr'), {
    columns: ['action', 'keypoint', 'state'],
  })
  const { keypoint, state, action } = dataset.columns
  const observation = concatenate(keypoint, columnsBetween(state, 0, 2))
  return { ...dataset, columns: { observation, action, state } }
}

const table = (indices: ReturnType<typeof windowIndices>): number[] =>
  Array.from(indices.bufferStart).flatMap((_, i) => [
    indices.bufferStart[i],
    indices.bufferEnd[i],
    indices.sampleStart[i],
    indices.sampleEnd[i],
  ])

for (const { tensor, horizon, pad_before, pad_after, count } of expected.sampler) {
  test(`windows ${tensor} are diffusion_policy's`, async (t) => {
    const indices = windowIndices(await load(), horizon, pad_before, pad_after)
    t.is(indices.episode.length, count)
    t.deepEqual(table(indices), tensors[tensor].values)
  })
}

for (const { train_mask, train_indices_tensor } of expected.masks) {
  test(`masked windows ${train_indices_tensor} are diffusion_policy's`, async (t) => {
    t.deepEqual(
      table(windowIndices(await load(), 16, 1, 7, train_mask)),
      tensors[train_indices_tensor].values,
    )
  })
}

test('samples are those of SequenceSampler', async (t) => {
  const dataset = await load()
  const indices = tensors['sample.index'].values
  // State and action both over the whole window.
  const all = windows(dataset, { observe: 16, plan: 16, padBefore: 1, padAfter: 7, observation: 'state' })
  const state = new Float32Array(indices.length * 16 * 5)
  const action = new Float32Array(indices.length * 16 * 2)
  all.gather(indices, state, action)
  t.deepEqual([...state], tensors['sample.state'].values)
  t.deepEqual([...action], tensors['sample.action'].values)
})

test('dataset items and their normalizer are those of PushTLowdimDataset', async (t) => {
  const dataset = await load()
  const { train_mask, length } = expected.dataset
  const items = windows(dataset, { observe: 16, plan: 16, padBefore: 1, padAfter: 7, episodes: train_mask })
  t.is(items.count, length)
  const indices = tensors['dataset.index'].values
  const observations = new Float32Array(indices.length * 16 * 20)
  const actions = new Float32Array(indices.length * 16 * 2)
  items.gather(indices, observations, actions)
  t.deepEqual([...observations], tensors['dataset.obs'].values)
  t.deepEqual([...actions], tensors['dataset.action'].values)

  for (const [name, column] of [
    ['obs', 'observation'],
    ['action', 'action'],
  ]) {
    const field = fitField(dataset.columns[column])
    const found = { scale: field.scale, offset: field.offset, ...prefix(field.statistics) }
    for (const [entry, values] of Object.entries(found)) {
      tensors[`dataset.normalizer.params_dict.${name}.${entry}`].values.forEach((reference, i) => {
        t.true(Math.abs(values[i] - reference) <= 1e-6 * Math.abs(reference), `${name}.${entry}[${i}]`)
      })
    }
  }
})

test('the observations of a window are its first ones', async (t) => {
  const dataset = await load()
  const two = windows(dataset, { observe: 2, plan: 16, padBefore: 1, padAfter: 7 })
  const whole = windows(dataset, { observe: 16, plan: 16, padBefore: 1, padAfter: 7 })
  t.is(two.count, whole.count)
  const seen = new Float32Array(2 * 20)
  const all = new Float32Array(16 * 20)
  for (const index of [0, 5, two.count - 1]) {
    two.gather([index], seen, new Float32Array(32))
    whole.gather([index], all, new Float32Array(32))
    t.deepEqual(seen, all.subarray(0, 40))
  }
})

test('every window holds consecutive steps of one episode, its ends repeated', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 10 }),
      fc.nat(12),
      fc.nat(12),
      (lengths, plan, padBefore, padAfter) => {
        let end = 0
        const episodeEnds = Int32Array.from(lengths, (length) => (end += length))
        // The action is the number of the step, so that a window shows where it was cut.
        const steps = rows(
          Float32Array.from({ length: end }, (_, i) => i),
          end,
          1,
        )
        const dataset: Dataset = {
          columns: { observation: steps, action: steps },
          episodeEnds,
          attributes: {},
        }
        const total = lengths.reduce((sum, length) => {
          const pads = Math.min(padBefore, plan - 1) + Math.min(padAfter, plan - 1)
          return sum + Math.max(0, length - plan + pads + 1)
        }, 0)
        fc.pre(total > 0)
        const all = windows(dataset, { observe: 1, plan, padBefore, padAfter })
        t.is(all.count, total)
        const order = Array.from({ length: all.count }, (_, i) => i)
        const actions = new Float32Array(all.count * plan)
        all.gather(order, new Float32Array(all.count), actions)
        for (const index of order) {
          const e = all.episode[index]
          const [start, last] = [episodeEnds[e] - lengths[e], episodeEnds[e] - 1]
          const window = actions.subarray(index * plan, (index + 1) * plan)
          t.true(window.every((step) => step >= start && step <= last))
          for (let i = 1; i < plan; i++) {
            const [before, after] = [window[i - 1], window[i]]
            t.true(after === before + 1 || (after === before && (after === start || after === last)))
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('refuses what makes no windows', async (t) => {
  const dataset = await load()
  const fails = (run: () => unknown) => t.throws(run, { instanceOf: InputError }).message
  t.regex(
    fails(() => windows(dataset, { observe: 3, plan: 2 })),
    /2 planned actions cannot hold 3 observations/,
  )
  t.regex(
    fails(() => windows(dataset, { observe: 1, plan: 2, action: 'act' })),
    /no column "act"; it has: observation, action, state/,
  )
  t.regex(
    fails(() => windows(dataset, { observe: 1, plan: 2, episodes: [1] })),
    /1 entries for 10 episodes/,
  )
  t.regex(
    fails(() => windows(dataset, { observe: 1, plan: 41, padAfter: 0 })),
    /No episode of .*pusht_like\.zarr is long enough for a window of 41.*policy\.plan/,
  )
  const some = windows(dataset, { observe: 1, plan: 4 })
  t.regex(
    fails(() => some.gather([some.count], new Float32Array(20), new Float32Array(8))),
    /no window \d+; they are numbered/,
  )
  t.regex(
    fails(() => some.gather([0], new Float32Array(19), new Float32Array(8))),
    /observations has 19 entries; make it 20/,
  )
})

function prefix(statistics: { min: Float32Array; max: Float32Array; mean: Float32Array; std: Float32Array }) {
  return Object.fromEntries(
    Object.entries(statistics).map(([name, values]) => [`input_stats.${name}`, values]),
  )
}

test('first windows begin their episodes, whole paths at a time', async (t) => {
  const dataset = await load()
  const options = { observe: 2, plan: 12 }
  const first = windows(dataset, { ...options, which: 'first' })
  const every = windows(dataset, options)
  t.is(first.count, dataset.episodeEnds.length)
  t.deepEqual(Array.from(first.episode), [...first.episode.keys()])
  const cut = (from: typeof every, index: number) => {
    const observations = new Float32Array(2 * from.observationWidth)
    const actions = new Float32Array(12 * from.actionWidth)
    from.gather([index], observations, actions)
    return { observations, actions }
  }
  first.episode.forEach((episode) => {
    t.deepEqual(cut(first, episode), cut(every, every.episode.indexOf(episode)))
  })
})
