import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { loadEnvironment } from '../../envs/index.ts'
import { writeReport } from '../../src/benchmark/report/write.ts'
import { openResults } from '../../src/benchmark/results.ts'
import { scratch } from '../scratch.ts'
import { type Synthetic, syntheticResult } from './synthetic.ts'

/** A mark behind a figure, or a word in a verdict. */
const CLAIMS = /\d [▲▼]|\*\*(better|worse)\*\*/

/** A folder of made-up results. */
function folderOf(results: readonly Synthetic[]): string {
  const folder = scratch()
  const file = openResults(folder, { immiscible: '0.0.0' })
  for (const one of results) file.append(syntheticResult(one))
  file.close()
  return folder
}

const RATES = { independent: 0.3, local: 0.7, assignment: 0.1, nearest: 0.3 }

/** Local gains .4 at one evaluation, nearest nothing; assignment has three seeds. */
const effects = ['two-way/mlp', 'two-way-axis/mlp'].flatMap((task) =>
  Object.entries(RATES).flatMap(([arm, rate]) =>
    Array.from({ length: arm === 'assignment' ? 3 : 5 }, (_, seed) => ({
      task,
      arm,
      seed,
      success: (evaluations: number, progress: number) => (evaluations === 1 ? rate : 0.9) * progress,
    })),
  ),
)

async function report(folder: string, metric = 'success') {
  const { page, text } = await writeReport(folder, metric, loadEnvironment)
  return { html: readFileSync(page, 'utf8'), markdown: readFileSync(text, 'utf8') }
}

test('known effects are told: better, not different, and too few seeds', async (t) => {
  const folder = folderOf(effects)
  const { markdown, html } = await report(folder)
  t.regex(markdown, /\*\*local\*\*, 1 evaluation: \*\*better\*\* on 2 of 2 tasks/)
  t.regex(markdown, /\*\*nearest\*\*, 1 evaluation: no significant difference on 2 of 2 tasks/)
  t.regex(markdown, /- \*\*local\*\*: \*\*better\*\* on average over 2 tasks by \+0\.[34]/)
  t.regex(
    markdown,
    /With \*\*local\*\*: \*\*no\*\* on average over 2 tasks, .*\]; task by task no on `two-way\/mlp`/,
  )
  t.regex(
    markdown,
    /\*\*assignment\*\*, 1 evaluation: not enough seeds on 2 of 2 tasks \(`two-way\/mlp` 3 of 5, so far −0\.\d+ \[[^\]]+\], needs \d+ seeds/,
  )
  t.notRegex(markdown, /\*\*assignment\*\*, 1 evaluation: \*\*worse/)
  t.regex(markdown, /never by 1,500 \(0\/5\)/)
  // One page that loads nothing, the same every time.
  t.notRegex(html, /(src|href)="(?!#|data:)/)
  for (const [, name] of markdown.matchAll(/\((figures\/[^)]+)\)/g)) t.true(existsSync(join(folder, name)))
  t.deepEqual(await report(folder), { markdown, html })
})

test('an arm like vanilla is not found different', async (t) => {
  const same = effects.filter(({ arm }) => arm === 'independent' || arm === 'nearest')
  const { markdown } = await report(folderOf(same))
  t.notRegex(markdown, CLAIMS)
  t.regex(markdown, /\d ○/)
})

test('few evaluations are judged by energy distance against vanilla with the most', async (t) => {
  const energies = { independent: [0.4, 0.2, 0.1, 0.03], local: [0.035, 0.02, 0.02, 0.02] }
  const results = Object.entries(energies).flatMap(([arm, values]) =>
    [0, 1, 2, 3, 4].map((seed) => ({
      task: 'avoiding-path/mlp',
      arm,
      seed,
      success: () => 0.2,
      energy: (evaluations: number) => values[[1, 2, 4, 10].indexOf(evaluations)],
      shares: Array<number>(24).fill(1 / 24),
    })),
  )
  const { markdown } = await report(folderOf(results))
  t.regex(markdown, /\| local \|[^|]*\| \*\*yes/)
  t.regex(markdown, /\*\*local\*\*, 1 evaluation: \*\*better\*\*/)
})

test('images are judged by their Fréchet distance, and shown', async (t) => {
  const distances = { independent: 30, assignment: 20, nearest: 30 }
  const results = Object.entries(distances).flatMap(([arm, distance]) =>
    [0, 1, 2, 3, 4].map((seed) => ({
      task: 'digits/unet',
      arm,
      seed,
      success: () => 0,
      frechet: (evaluations: number) => distance + 10 / evaluations,
    })),
  )
  const { markdown, html } = await report(folderOf(results))
  t.regex(markdown, /\*\*assignment\*\*, 10 evaluations: \*\*better\*\* \(`digits\/unet` −/)
  t.regex(markdown, /\*\*nearest\*\*, 10 evaluations: no significant difference/)
  t.regex(html, /href="data:image\/png;base64,/)
})

/** Five seeds of two arms on a task, whose success on the way is given. */
const pairsOn = (
  task: string,
  arms: Readonly<Record<string, (progress: number) => number>>,
  seeds = 5,
  shares?: readonly number[],
) =>
  Object.entries(arms).flatMap(([arm, success]) =>
    Array.from({ length: seeds }, (_, seed) => ({
      task,
      arm,
      seed,
      success: (_: number, progress: number) => success(progress),
      shares,
    })),
  )

test('runs that never were equally successful are not compared by their modes', async (t) => {
  const arms = {
    independent: (progress: number) => 0.6 + 0.3 * progress,
    local: (progress: number) => 0.9 * progress,
    assignment: () => 0.3,
  }
  const { markdown } = await report(folderOf(pairsOn('two-way/mlp', arms)))
  t.regex(markdown, /\| assignment \| 0 of 5 \| {2}\| {2}\| {2}\| never equally successful \|/)
  t.regex(markdown, /\| local \| 5 of 5 \| 0\.\d+ \| .* \| no significant difference/)
  t.regex(
    markdown,
    /Never equally successful, so not counted: \*\*assignment\*\* \(`two-way\/mlp` 5 of 5 seeds\)/,
  )
  // What was past a level when first evaluated came to it sometime before.
  t.regex(markdown, /\| `two-way\/mlp` \| independent \| ≤ 500 \(5\/5\) \|/)
  t.regex(markdown, /\| `two-way\/mlp` \| local \| [\d,]+ \(5\/5\) \|/)
})

test('learning sooner takes enough seeds, and the tasks of a seed count once', async (t) => {
  const arms = { independent: (progress: number) => 0.7 * progress, local: (progress: number) => progress }
  const both = pairsOn('two-way/mlp', arms).concat(pairsOn('two-way/small', arms))
  const { markdown } = await report(folderOf(both))
  t.regex(
    markdown,
    /fewer steps than vanilla in 10 of 10 pairs .* by seed sooner in 5 .* \(sign test p 0\.063\)/,
  )
  const few = await report(folderOf(both.filter(({ seed }) => seed < 3)))
  t.notRegex(few.markdown, /sign test p/)
  t.regex(few.markdown, /\*\*local\*\*: not enough seeds \(`two-way\/small` 3 of 5; `two-way\/mlp` 3 of 5\)/)
})

test('what was not found names the seeds that would find it, and both intervals are told', async (t) => {
  const { markdown } = await report(folderOf(effects))
  for (const [found] of markdown.matchAll(/no significant difference on \d of \d tasks \([^)]*\)/g)) {
    const tasks = found.match(/`two-way[^`]*`/g)!
    t.is(found.match(/needs (more than )?\d+ seeds/g)?.length, tasks.length, found)
  }
  t.regex(markdown, /\| difference, t interval \| difference, bootstrap interval \| seeds needed \|/)
  t.regex(
    markdown,
    /\| nearest \| independent \| 1 evaluation \| 5 \| [^|]+\] \| [^|]+\] \| (more than )?\d+ \|/,
  )
})

test('episodes that are no successes are not called so', async (t) => {
  const arms = { independent: (progress: number) => progress, local: (progress: number) => progress }
  const { markdown } = await report(folderOf(pairsOn('push-t-opposite/mlp', arms)))
  t.regex(markdown, /on `push-t-opposite\/mlp` they are all that show a mode, successes and failures/)
  t.regex(markdown, /`push-t-opposite\/mlp`: share of each mode among the n counted episodes/)
})

test('figures that the report does not name any more are removed, and nothing else', async (t) => {
  const folder = folderOf(effects.filter(({ seed }) => seed === 0))
  mkdirSync(join(folder, 'figures'))
  for (const name of ['earlier.svg', 'notes.txt']) writeFileSync(join(folder, 'figures', name), '')
  const { markdown } = await report(folder)
  const named = [...markdown.matchAll(/\(figures\/([^)]+)\)/g)].map(([, name]) => name)
  t.deepEqual(readdirSync(join(folder, 'figures')).sort(), [...named, 'notes.txt'].sort())
})

test('unknown metrics are refused with the nearest one, and those that no policy has', async (t) => {
  await t.throwsAsync(report(folderOf(effects.slice(0, 1)), 'sucess'), {
    name: 'InputError',
    message: /did you mean "success"/,
  })
  await t.throwsAsync(report(folderOf(effects.slice(0, 1)), 'frechet'), {
    name: 'InputError',
    message: /No policy in .* has a Fréchet distance/,
  })
})

test('a single seed makes a report that claims nothing', async (t) => {
  const { markdown } = await report(folderOf(effects.filter(({ seed }) => seed === 0)))
  t.notRegex(markdown, CLAIMS)
  t.regex(markdown, /not enough seeds \(1 of 5\)/)
})
