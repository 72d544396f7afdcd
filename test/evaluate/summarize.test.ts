import test from 'ava'
import type { EpisodeRecord } from '../../src/evaluate/episode-record.ts'
import { formatEvaluation } from '../../src/evaluate/format-evaluation.ts'
import { wilson } from '../../src/evaluate/interval.ts'
import { summarize } from '../../src/evaluate/summarize.ts'

const episodes: EpisodeRecord[] = Array.from({ length: 20 }, (_, i) => ({
  seed: i,
  success: i % 4 !== 0,
  length: 10 + i,
  reward: { max: 1, mean: i / 20, final: i % 2 },
  mode: i % 2,
  path: [[0, 0]],
  latency: i === 0 ? [1, 1, 1, 101] : [1],
  batch: 5,
}))

test('an evaluation holds means and shares, and survives JSON', (t) => {
  const evaluation = summarize(episodes, { names: ['left', 'right'] })
  t.is(evaluation.episodes, 20)
  t.deepEqual(evaluation.success, wilson(15, 20))
  t.deepEqual(evaluation.reward.max, { value: 1, low: 1, high: 1 })
  t.true(Math.abs(evaluation.reward.mean.value - 0.475) < 1e-12)
  t.is(evaluation.reward.final.value, 0.5)
  t.is(evaluation.length.value, 19.5)
  // Failures, numbers 0, 4, 8, 12 and 16, would have shown the left mode.
  t.deepEqual(evaluation.modes?.counts, [5, 10])
  t.deepEqual(summarize(episodes, { names: ['left', 'right'], counted: 'all' }).modes?.counts, [10, 10])
  t.is(evaluation.latency?.p50, 1)
  t.is(evaluation.latency?.batch, 5)
  t.deepEqual(JSON.parse(JSON.stringify(evaluation)), evaluation)
  t.deepEqual(summarize(episodes, { names: ['left', 'right'] }), evaluation)
  t.notDeepEqual(summarize(episodes, { names: ['left', 'right'] }, 1).length, evaluation.length)
})

test('what is not there is null', (t) => {
  const { modes, latency } = summarize(episodes.map((episode) => ({ ...episode, latency: [] })))
  t.is(modes, null)
  t.is(latency, null)
  t.throws(() => summarize([]), { name: 'InputError', message: /no episodes/ })
})

test('the lines of the table', (t) => {
  const lines = formatEvaluation(summarize(episodes, { names: ['left', 'right'] }))
  t.deepEqual(lines[0], { label: 'episodes', value: '20', interval: '' })
  t.deepEqual(lines[1], { label: 'success', value: '75.0 %', interval: '53.1 % to 88.8 %' })
  t.deepEqual(
    lines.map(({ label }) => label),
    [
      'episodes',
      'success',
      'max reward',
      'mean reward',
      'final reward',
      'length (actions)',
      'modes seen',
      'mode entropy',
      'mode total variation',
      'mode left',
      'mode right',
      'planning p50 / p95 (ms)',
    ],
  )
  // Counts of 5 and 10 beside what 15 throws of a fair coin show on average.
  t.regex(lines[7].interval, /\(0\.950 if perfectly even\)$/)
  t.regex(lines[8].interval, /\(0\.105 if perfectly even\)$/)
  t.is(lines.at(-1)?.interval, '5 episodes a call')
  const many = Array.from({ length: 24 }, (_, i) => `${i}`)
  t.false(formatEvaluation(summarize(episodes, { names: many })).some(({ label }) => label === 'mode 1'))
  t.is(formatEvaluation(summarize(episodes.map((episode) => ({ ...episode, latency: [] })))).length, 6)
})
