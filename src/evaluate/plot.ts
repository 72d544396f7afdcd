import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Environment, Scene } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import type { EpisodeRecord } from './episode-record.ts'
import { formatEvaluation } from './format-evaluation.ts'
import { modeColors } from './mode-colors.ts'
import { sceneMarks } from './scene-marks.ts'
import type { Evaluation } from './summarize.ts'
import { element, escapeXml } from './svg.ts'

/** What to draw. */
export interface PathsPlot {
  readonly environment: Pick<Environment, 'name' | 'dynamics'>
  /** At least one. */
  readonly episodes: readonly EpisodeRecord[]
  /** Gives the caption its figures, and the page its table. */
  readonly evaluation?: Evaluation
  /** Default: the environment's name. */
  readonly title?: string
}

/** Longer side of the drawn scene, px. */
const SIZE = 560
const MARGIN = { top: 78, left: 58, bottom: 44, gap: 26, right: 16 }
/** Px; `letter` is the width to leave for a letter of a label, whatever the font. */
const LEGEND = { row: 19, swatch: 32, letter: 7, count: 44, longest: 26 }
const FAILED = '#7d8590'
const INK = '#1f2733'
const FAINT = '#5d6776'
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'

/** An entry of the legend, and how its paths are drawn. */
interface Series {
  readonly label: string
  readonly color: string
  readonly dashed: boolean
  readonly episodes: readonly EpisodeRecord[]
}

/**
 * The agents' paths over the environment's scene as a self-contained SVG: coloured by the mode they show,
 * failures grey and dashed, to scale, with a legend that counts them.
 *
 * @throws InputError without episodes
 */
export function plotPaths({ environment, episodes, evaluation, title }: PathsPlot): string {
  if (episodes.length === 0) throw new InputError('There are no episodes to draw; roll out at least one.')
  const { dynamics, name } = environment
  const scene: Scene = dynamics.scene(dynamics.initial(episodes[0].seed))
  const series = toSeries(dynamics.modes?.names ?? [], episodes)
  const { plot, width, height } = drawScene(scene, series)
  const rows = Math.min(LEGEND.longest, Math.max(1, Math.floor(height / LEGEND.row) - 1))
  const legendColumns = Math.ceil(series.length / rows)
  const longest = Math.max(...series.map(({ label }) => label.length))
  const column = LEGEND.swatch + LEGEND.letter * longest + LEGEND.count
  const left = MARGIN.left + width + MARGIN.gap
  const whole = left + legendColumns * column + MARGIN.right
  const tall = MARGIN.top + height + MARGIN.bottom
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${whole} ${tall}`,
      width: whole,
      height: tall,
      'font-family': FONT,
      'font-size': 12,
      fill: INK,
      role: 'img',
    },
    element('rect', { width: whole, height: tall, fill: '#ffffff' }),
    text(title ?? name, { x: 20, y: 33, 'font-size': 19, 'font-weight': 600 }),
    text(caption(episodes, evaluation), { x: 20, y: 55, 'font-size': 13, fill: FAINT }),
    element('g', { transform: `translate(0, ${MARGIN.top})` }, plot),
    element(
      'g',
      { transform: `translate(${left}, ${MARGIN.top + 12})` },
      ...series.map((entry, i) =>
        legendEntry(entry, Math.floor(i / rows) * column, (i % rows) * LEGEND.row, column),
      ),
    ),
  )
}

/** The same as a page of HTML that needs nothing else, with the table of figures below it. */
export function plotPage(options: PathsPlot): string {
  const { environment, evaluation, title = environment.name } = options
  const lines = evaluation ? formatEvaluation(evaluation) : []
  const table = element(
    'table',
    {},
    ...lines.map(({ label, value, interval }) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, escapeXml(label)),
        element('td', {}, escapeXml(value)),
        element('td', {}, escapeXml(interval)),
      ),
    ),
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem; background: #fff; color: ${INK}; font: 14px/1.5 ${FONT}; }
svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: 1.5rem 20px; font-variant-numeric: tabular-nums; }
th { font-weight: 500; text-align: left; }
th, td { padding: 0.25rem 1.5rem 0.25rem 0; border-bottom: 1px solid #e3e6eb; }
td + td { color: ${FAINT}; }
</style>
</head>
<body>
${plotPaths(options)}
${lines.length > 0 ? table : ''}
</body>
</html>
`
}

function toSeries(names: readonly string[], episodes: readonly EpisodeRecord[]): Series[] {
  const colors = modeColors(Math.max(1, names.length))
  const succeeded = episodes.filter(({ success }) => success)
  const shown = names.map((label, mode) => ({
    label,
    color: colors[mode],
    dashed: false,
    episodes: succeeded.filter((episode) => episode.mode === mode),
  }))
  const plain = succeeded.filter(({ mode }) => mode < 0 || mode >= names.length)
  const failed = episodes.filter(({ success }) => !success)
  const label = names.length > 0 ? 'no mode' : 'succeeded'
  return [
    ...shown,
    ...(plain.length > 0
      ? [{ label, color: names.length > 0 ? INK : colors[0], dashed: false, episodes: plain }]
      : []),
    ...(failed.length > 0 ? [{ label: 'failed', color: FAILED, dashed: true, episodes: failed }] : []),
  ]
}

/** The scene with the paths, in pixels of its own. */
function drawScene(scene: Scene, series: readonly Series[]): { plot: string; width: number; height: number } {
  const { low, high } = scene.bounds
  const scale = SIZE / Math.max(high[0] - low[0], high[1] - low[1])
  const width = Math.round(scale * (high[0] - low[0]))
  const height = Math.round(scale * (high[1] - low[1]))
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const count = series.reduce((sum, { episodes }) => sum + episodes.length, 0)
  // Many paths lie over one another: 100 are drawn at 0.75, 1,000 at 0.3.
  const opacity = Math.min(0.85, Math.max(0.3, 7.5 / Math.sqrt(count)))
  // Failures lie below, so that they do not hide what succeeded.
  const ordered = [...series].sort((a, b) => Number(b.dashed) - Number(a.dashed))
  const paths = ordered.flatMap(({ color, dashed, episodes }) =>
    episodes.map(({ path }) =>
      Plot.line(
        path.map(([x, y]) => [x, y]),
        {
          stroke: color,
          strokeWidth: dashed ? 1.1 : 1.4,
          strokeOpacity: opacity,
          strokeDasharray: dashed ? '4 3' : undefined,
          strokeLinejoin: 'round',
          clip: true,
        },
      ),
    ),
  )
  const ends = (pick: 'start' | 'end') =>
    Plot.dot(
      ordered.flatMap(({ color, dashed, episodes }) =>
        episodes.map(({ path }) => {
          const [x, y] = pick === 'start' ? path[0] : path[path.length - 1]
          return { x, y, color: dashed ? FAILED : color }
        }),
      ),
      {
        x: 'x',
        y: 'y',
        r: pick === 'start' ? 1.8 : 2.2,
        fill: pick === 'start' ? INK : 'color',
        fillOpacity: 0.8,
        clip: true,
      },
    )
  const svg = Plot.plot({
    document,
    width: MARGIN.left + width + MARGIN.gap,
    height: height + MARGIN.bottom,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.gap,
    marginTop: 0,
    marginBottom: MARGIN.bottom,
    style: { fontFamily: FONT, fontSize: '12px', background: 'none', overflow: 'visible' },
    x: {
      domain: [low[0], high[0]],
      label: `x (${scene.unit})`,
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 5,
    },
    y: {
      domain: [low[1], high[1]],
      label: `y (${scene.unit})`,
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 5,
    },
    color: { type: 'identity' },
    marks: [
      Plot.frame({ stroke: '#c9ced6', fill: '#fbfcfd' }),
      ...sceneMarks(scene),
      ...paths,
      ends('end'),
      ends('start'),
    ],
  })
  // The library counts clips over the life of the process; all of them are the frame.
  return { plot: svg.outerHTML.replaceAll(/plot-clip-\d+/g, 'plot-clip'), width, height }
}

function legendEntry(
  { label, color, dashed, episodes }: Series,
  x: number,
  y: number,
  width: number,
): string {
  const faint = episodes.length === 0
  return element(
    'g',
    { transform: `translate(${x}, ${y})`, opacity: faint ? 0.45 : 1 },
    element('line', {
      x2: 22,
      stroke: color,
      'stroke-width': 3,
      'stroke-linecap': 'round',
      ...(dashed ? { 'stroke-dasharray': '5 5' } : {}),
    }),
    text(label, { x: LEGEND.swatch, y: 4 }),
    text(`${episodes.length}`, { x: width - 20, y: 4, 'text-anchor': 'end', fill: FAINT }),
  )
}

/** What the figures say, in a line. */
function caption(episodes: readonly EpisodeRecord[], evaluation?: Evaluation): string {
  if (!evaluation) return `${episodes.length} episodes`
  const percent = (value: number) => `${(100 * value).toFixed(0)} %`
  const { success, modes } = evaluation
  return [
    `${evaluation.episodes} episodes`,
    `success ${percent(success.value)} (${percent(success.low)} to ${percent(success.high)})`,
    ...(modes ? [`${modes.seen} of ${modes.names.length} modes`] : []),
    ...(modes?.entropy ? [`entropy ${modes.entropy.value.toFixed(2)}`] : []),
  ].join('  ·  ')
}

function text(content: string, attributes: Record<string, string | number>): string {
  return element('text', attributes, escapeXml(content))
}
