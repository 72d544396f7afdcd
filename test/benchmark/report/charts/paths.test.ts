import test from 'ava'
import { parseHTML } from 'linkedom'
import { loadEnvironment } from '../../../../envs/index.ts'
import { modeStyles, NO_MODE } from '../../../../src/benchmark/report/charts/mode-style.ts'
import { pathsFigure } from '../../../../src/benchmark/report/charts/paths.ts'

/** Strokes of the paths drawn: those cut at the frame. */
function strokes(svg: string): (string | null)[] {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`)
  return [...document.querySelectorAll('g[aria-label="line"][clip-path] > g')].map((g) =>
    g.getAttribute('stroke'),
  )
}

const path = (success: boolean, mode: number) => ({ success, mode, points: [0.1, 0.1, 0.2, 0.4, 0.1, 0.6] })
const panel = (...paths: ReturnType<typeof path>[]) => [{ title: 'vanilla', paths }]
const [first, second] = modeStyles(2).map(({ color }) => color)

test('a failure has no mode where its way says nothing, and lies below', async (t) => {
  const svg = pathsFigure(
    panel(path(true, 1), path(false, 0), path(true, 0)),
    await loadEnvironment('two-way'),
  )
  t.deepEqual(strokes(svg!), [NO_MODE.color, first, second])
  for (const label of ['left', 'right', 'failure']) t.regex(svg!, new RegExp(`>${label}<`))
})

test('a failure shows its mode where all episodes count', async (t) => {
  const svg = pathsFigure(panel(path(false, 1), path(false, -1)), await loadEnvironment('push-t-opposite'))
  t.deepEqual(strokes(svg!), [NO_MODE.color, second])
  t.regex(svg!, />no mode</)
})

test('without modes there are successes and failures', async (t) => {
  const svg = pathsFigure(panel(path(true, -1), path(false, -1)), await loadEnvironment('push-t'))
  t.deepEqual(strokes(svg!), [NO_MODE.color, first])
})
