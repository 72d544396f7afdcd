import { existsSync, readFileSync } from 'node:fs'
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
    /With \*\*local\*\*: \*\*no\*\*, .* on average over 2 tasks; task by task no on `two-way\/mlp`/,
  )
  t.regex(markdown, /\*\*assignment\*\*: not enough seeds/)
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
