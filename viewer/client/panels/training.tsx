import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { MessageOf } from '../../protocol/index.ts'
import { onlyGrids, shownGridStep } from '../grids.ts'
import { type RunModel, revision, runs } from '../model.ts'
import { theme } from '../theme.ts'

/** Which charts come first; the others follow by name. */
const ORDER = ['loss', 'success', 'entropy', 'reward-max', 'reward-mean', 'gradient-norm', 'learning-rate']
/** One colour for each run. */
const COLORS = { dark: ['#58a6ff', '#ff8a3d'], light: ['#0b68c4', '#d55e00'] } as const
const HEIGHT = 132

interface Series {
  readonly run: number
  readonly label: string
  readonly dashed: boolean
  readonly steps: Float32Array
  readonly values: Float32Array
}

/** How far training is, and its figures over the steps. */
export function Training() {
  revision.value
  const all = runs()
  const charts = chartsOf(all)
  // What is looked at was made by the weights of this step.
  const marks = all.map(({ info }) => (onlyGrids.value ? shownGridStep.value : (info?.step ?? 0)))
  return (
    <div class="scroll">
      {all.map((run) => run.progress && <Progress key={run.run} run={run} progress={run.progress} />)}
      {charts.length === 0 && <p class="empty">Figures appear here while the run is trained.</p>}
      {charts.map(([name, series]) => (
        <Chart key={name} name={name} series={series} marks={marks} />
      ))}
    </div>
  )
}

function Progress({ run, progress }: { readonly run: RunModel; readonly progress: MessageOf<'progress'> }) {
  const share = progress.total > 0 ? progress.done / progress.total : 0
  return (
    <div class="progress">
      <span>
        {runs().length > 1 ? `${run.info?.label}: ` : ''}
        {progress.state}
      </span>
      <span class="quiet">
        {progress.done.toLocaleString('en')} of {progress.total.toLocaleString('en')} steps
      </span>
      <div class="bar-track">
        <span class="bar-fill" style={{ '--share': `${share}` }} />
      </div>
    </div>
  )
}

/** Figures of the same name, such as the losses of training and validation, share a chart. */
function chartsOf(all: readonly RunModel[]): [string, Series[]][] {
  const charts = new Map<string, Series[]>()
  for (const { run, info, curves } of all) {
    for (const { name, steps, values } of curves?.curves ?? []) {
      const [group, figure = group] = name.split('/')
      const part = group === 'train' || group === figure || group === 'evaluation' ? '' : ` ${group}`
      const label = `${all.length > 1 ? info?.label : ''}${part}`.trim() || group
      const series = charts.get(figure) ?? []
      charts.set(figure, series)
      series.push({ run, label, dashed: group === 'validation', steps, values })
    }
  }
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
  return [...charts].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
}

function Chart(props: {
  readonly name: string
  readonly series: readonly Series[]
  readonly marks: readonly number[]
}) {
  const box = useRef<HTMLDivElement>(null)
  const { name, series, marks } = props
  const look = theme.value
  useEffect(() => {
    const element = box.current!
    const style = getComputedStyle(document.documentElement)
    const ink = style.getPropertyValue('--quiet')
    const line = style.getPropertyValue('--line')
    const logarithmic = name === 'loss' && series.every(({ values }) => values.every((value) => value > 0))
    const axis = {
      stroke: ink,
      font: '11px system-ui, sans-serif',
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
    }
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        padding: [8, 14, 0, 0],
        legend: { show: series.length > 1, live: true },
        cursor: { sync: { key: 'training' }, points: { size: 6 }, y: false },
        scales: { x: { time: false }, y: { distr: logarithmic ? 3 : 1 } },
        axes: [
          { ...axis, size: 24, values: (_, ticks) => ticks.map(short) },
          {
            ...axis,
            size: 46,
            values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : short(tick))),
          },
        ],
        series: [
          { label: 'step' },
          ...series.map(({ run, label, dashed, values }) => ({
            label,
            stroke: COLORS[look][run % 2],
            width: dashed ? 1.4 : 1.6,
            ...(dashed && { dash: [4, 3] }),
            points: { show: values.length < 24, size: 5 },
            spanGaps: true,
            value: (_: uPlot, value: number | null) => (value === null ? '–' : short(value)),
          })),
        ],
        hooks: { draw: [(drawn) => markSteps(drawn, marks, look)] },
      },
      uPlot.join(series.map(({ steps, values }) => [[...steps], [...values]] as uPlot.AlignedData)),
      element,
    )
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [look, series.map(({ values }) => `${values.length} ${values.at(-1)}`).join(), marks.join()])
  const last = series.map(({ values }) => short(values.at(-1) ?? Number.NaN)).join(' · ')
  return (
    <figure class="chart">
      <figcaption>
        {name.replace('-', ' ')} <span class="quiet">{last}</span>
      </figcaption>
      <div ref={box} />
    </figure>
  )
}

/** A line at the step whose weights are shown. */
function markSteps(plot: uPlot, marks: readonly number[], look: 'dark' | 'light'): void {
  const { ctx } = plot
  marks.forEach((step, run) => {
    if (step <= 0) return
    const x = Math.round(plot.valToPos(step, 'x', true)) + 0.5
    if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) return
    ctx.save()
    ctx.strokeStyle = COLORS[look][run % 2]
    ctx.globalAlpha = 0.55
    ctx.setLineDash([2, 3])
    ctx.beginPath()
    ctx.moveTo(x, plot.bbox.top)
    ctx.lineTo(x, plot.bbox.top + plot.bbox.height)
    ctx.stroke()
    ctx.restore()
  })
}

/** A number in few characters. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  if (size > 0 && size < 1e-3) return value.toExponential(0)
  return `${Number(value.toPrecision(3))}`
}
