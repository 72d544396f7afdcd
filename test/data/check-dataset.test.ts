import test from 'ava'
import { checkDataset } from '../../src/data/check-dataset.ts'
import { type Dataset, fromEpisodes } from '../../src/data/dataset.ts'
import type { Episode, Space } from '../../src/env/environment.ts'
import { InputError } from '../../src/errors.ts'
import { rows, zeroRows } from '../../src/rows.ts'

const space = (width: number): Space => ({
  low: Array(width).fill(-1),
  high: Array(width).fill(1),
  names: Array(width).fill('x'),
})
const environment = { name: 'two-way', observation: space(4), action: space(2) }
const good = (changes: Partial<Dataset> = {}): Dataset => ({
  columns: { observation: zeroRows(9, 4), action: zeroRows(9, 2) },
  episodeEnds: Int32Array.of(4, 9),
  attributes: {},
  ...changes,
})

test('a good dataset passes', (t) => {
  t.notThrows(() => checkDataset(good(), 'demos.zarr', environment))
})

const bad: Record<string, [Dataset, string]> = {
  'a number that is not finite': [
    (() => {
      const dataset = good()
      dataset.columns.action.values[2 * 6 + 1] = Number.NaN
      return dataset
    })(),
    'Column "action" of demos.zarr holds NaN in row 2 of episode 1 (entry 1); repair or remove that episode.',
  ],
  'an infinite number in the last row of an episode': [
    (() => {
      const dataset = good()
      dataset.columns.observation.values[4 * 3] = Number.NEGATIVE_INFINITY
      return dataset
    })(),
    'Column "observation" of demos.zarr holds -Infinity in row 3 of episode 0 (entry 0); repair or remove that episode.',
  ],
  'columns of unequal length': [
    good({ columns: { observation: zeroRows(9, 4), action: zeroRows(8, 2) } }),
    'Column "action" of demos.zarr has 8 rows, but the episodes have 9 steps; make the dataset again with one row for each step.',
  ],
  'episode ends that do not increase': [
    good({ episodeEnds: Int32Array.of(4, 4, 9) }),
    'The episode ends of demos.zarr do not increase: episode 1 ends at 4 and starts at 4; remove empty episodes and store cumulative ends.',
  ],
  'no episodes': [
    good({ episodeEnds: new Int32Array() }),
    'demos.zarr has no episodes; collect demonstrations first.',
  ],
  'the wrong width': [
    good({ columns: { observation: zeroRows(9, 5), action: zeroRows(9, 2) } }),
    'Column "observation" of demos.zarr is 5 wide, but two-way needs 4; use a dataset of that environment.',
  ],
  'no actions': [
    good({ columns: { observation: zeroRows(9, 4) } }),
    'demos.zarr has no column "action", which training on two-way needs; it has: observation.',
  ],
  'too few modes': [
    good({ mode: Int32Array.of(1) }),
    'meta/mode of demos.zarr has 1 entries for 2 episodes; give one for each episode.',
  ],
}
for (const [name, [dataset, message]] of Object.entries(bad)) {
  test(`refuses ${name}`, (t) => {
    t.throws(() => checkDataset(dataset, 'demos.zarr', environment), { instanceOf: InputError, message })
  })
}

test('refuses to stack episodes that do not fit each other', (t) => {
  const episode = (observation: number, action: number, length = 3): Episode => ({
    columns: { observation: zeroRows(length, observation), action: zeroRows(3, action) },
    length,
    success: true,
    mode: 0,
  })
  const stack = (...episodes: Episode[]) =>
    t.throws(() => fromEpisodes(episodes), { instanceOf: InputError }).message
  t.regex(
    stack(episode(4, 2), episode(5, 2)),
    /^Column "observation" of episode 1 is 5 wide and that of episode 0 4/,
  )
  t.regex(stack(episode(4, 2, 5)), /^Column "action" of episode 0 has 3 rows for 5 steps/)
  const { observation } = episode(4, 2).columns
  t.regex(
    stack(episode(4, 2), { ...episode(4, 2), columns: { observation } }),
    /^Column "action" is not in every/,
  )
  t.regex(stack(), /at least one episode/)
  t.notThrows(() =>
    fromEpisodes([{ columns: { a: rows(Float32Array.of(1), 1, 1) }, length: 1, success: true, mode: 0 }]),
  )
})
