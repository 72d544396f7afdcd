import test from 'ava'
import { parseHTML } from 'linkedom'
import twoWay from '../../envs/two-way/index.ts'
import type { EpisodeRecord } from '../../src/evaluate/episode-record.ts'
import { modeColors } from '../../src/evaluate/mode-colors.ts'
import { plotPage, plotPaths } from '../../src/evaluate/plot.ts'
import { summarize } from '../../src/evaluate/summarize.ts'
import { element, escapeXml } from '../../src/evaluate/svg.ts'

const episode = (mode: number, success: boolean, end: number): EpisodeRecord => ({
  seed: 0,
  success,
  length: 2,
  reward: { max: 1, mean: 0.5, final: 1 },
  mode,
  path: [
    [0, -1],
    [end, 0],
    [end, 1],
  ],
  latency: [1],
  batch: 1,
})
const episodes = [
  episode(0, true, -0.5),
  episode(1, true, 0.5),
  episode(1, true, 0.6),
  episode(0, false, 0.1),
]
const evaluation = summarize(episodes, { names: ['left', 'right'] })
const parse = (svg: string) => parseHTML(`<html><body>${svg}</body></html>`).document
const strokes = (svg: string) =>
  [...parse(svg).querySelectorAll('g[aria-label="line"] > g')].map((g) => g.getAttribute('stroke'))

test('paths are coloured by the mode of the successful, and failures are dashed', (t) => {
  const svg = plotPaths({ environment: twoWay, episodes, evaluation })
  const [left, right] = modeColors(2)
  const drawn = strokes(svg)
  t.is(drawn.filter((stroke) => stroke === left).length, 1)
  t.is(drawn.filter((stroke) => stroke === right).length, 2)
  t.is(parse(svg).querySelectorAll('g[aria-label="line"] > g[stroke-dasharray]').length, 1)
})

test('the legend counts, the caption says how it went', (t) => {
  const texts = [
    ...parse(plotPaths({ environment: twoWay, episodes, evaluation })).querySelectorAll('text'),
  ].map(({ textContent }) => textContent)
  const at = texts.indexOf('left')
  t.deepEqual(texts.slice(at), ['left', '1', 'right', '2', 'failed', '1'])
  t.true(texts.some((text) => /4 episodes.*success 75 % \(30 % to 95 %\).*2 of 2 modes/.test(text ?? '')))
  t.true(texts.includes('two-way'))
})

test('lengths are to scale', (t) => {
  const svg = plotPaths({ environment: twoWay, episodes: [episode(1, true, 0.5)] })
  const [stroke] = modeColors(2).slice(1)
  const d = parse(svg).querySelector(`g[stroke="${stroke}"] path`)?.getAttribute('d') ?? ''
  const [[ax, ay], [bx, by], [cx, cy]] = [...d.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [+x, +y])
  // Half a metre sideways and one up, then one up.
  t.true(Math.abs((bx - ax) / (ay - by) - 0.5) < 0.01)
  t.true(Math.abs((by - cy) / (ay - by) - 1) < 0.01)
  t.is(cx, bx)
})

test('an environment without modes shows success and failure', (t) => {
  const { modes: _, ...dynamics } = twoWay.dynamics
  const svg = plotPaths({
    environment: { name: 'plain', dynamics },
    episodes: episodes.map((e) => ({ ...e, mode: -1 })),
  })
  t.regex(svg, />succeeded</)
  t.regex(svg, />4 episodes</)
})

test('a page holds the picture and the table, and loads nothing', (t) => {
  const page = plotPage({ environment: twoWay, episodes, evaluation, title: 'A < B & "C"' })
  const { document } = parseHTML(page)
  t.is(document.querySelector('title')?.textContent, 'A < B & "C"')
  t.is(document.querySelectorAll('tr th').length, 12)
  t.truthy(document.querySelector('svg svg'))
  t.notRegex(page, /(src|href)="?http/)
  t.false(plotPage({ environment: twoWay, episodes }).includes('<table'))
  t.throws(() => plotPage({ environment: twoWay, episodes: [] }), {
    name: 'InputError',
    message: /no episodes/,
  })
})

test('the same episodes give the same bytes', (t) => {
  t.is(plotPaths({ environment: twoWay, episodes }), plotPaths({ environment: twoWay, episodes }))
})

test('colours differ, for few modes and for many', (t) => {
  for (const count of [1, 2, 6, 7, 24]) t.is(new Set(modeColors(count)).size, count)
})

test('markup is escaped', (t) => {
  t.is(escapeXml('<a href="b">&\''), '&#60;a href=&#34;b&#34;&#62;&#38;&#39;')
  t.is(element('a', { b: '"' }, '<c/>'), '<a b="&#34;"><c/></a>')
})
