import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { MessageOf } from '../../protocol/index.ts'
import { onlyGrids, shownGridStep } from '../grids.ts'
import { type RunModel, revision, runs } from '../model.ts'
import { runColor, type Theme, theme } from '../theme.ts'
import { figureOf, rankOf } from './figures.ts'

const HEIGHT = 128
/** Losses that vary by more than this are drawn on a logarithmic axis. */
const MANY_FOLD = 20
/** Least height of a chart, as a share of what it shows. */
const LEAST_SPAN = 0.05

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
  const marks = all.map(({ run, info }) => ({
    run,
    step: onlyGrids.value ? shownGridStep.value : (info?.step ?? 0),
  }))
  return (
    <div class="scroll">
      {all.map(
        ({ run, info, progress }) =>
          progress && (
            <Progress
              key={run}
              progress={progress}
              label={all.length > 1 ? info?.label : undefined}
              color={runColor(run, all.length > 1, theme.value)}
            />
          ),
      )}
      {charts.length === 0 && <p class="empty">Figures appear here while the run is trained.</p>}
      {charts.map(([name, series]) => (
        <Chart key={name} name={name} series={series} marks={marks} />
      ))}
      {charts.length > 0 && (
        <p class="note">
          Across: steps of training. The dotted line is at the weights that made what you see.
        </p>
      )}
    </div>
  )
}

function Progress(props: {
  readonly progress: MessageOf<'progress'>
  /** Which run, where there are several. */
  readonly label?: string
  readonly color: string
}) {
  const { progress, label, color } = props
  const share = progress.total > 0 ? progress.done / progress.total : 0
  return (
    <div class="progress">
      <span>
        {label !== undefined && <i class="tick" style={{ background: color }} />}
        {label !== undefined && `${label}: `}
        {progress.state}
      </span>
      <span class="quiet">
        {progress.done.toLocaleString('en')} of {progress.total.toLocaleString('en')} steps
      </span>
      <div class="bar-track">
        <span class="bar-fill" style={{ '--share': `${share}`, background: color }} />
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
      const { title, within = figure } = figureOf(figure)
      const part = within !== figure ? title : figure === 'loss' ? group.replace('train', 'training') : ''
      const label = `${all.length > 1 ? info?.label : ''} ${part}`.trim()
      const series = charts.get(within) ?? []
      charts.set(within, series)
      series.push({ run, label, dashed: group === 'validation' || within !== figure, steps, values })
    }
  }
  return [...charts].sort(([a], [b]) => rankOf(a) - rankOf(b) || a.localeCompare(b))
}

/** A step of training, in the chart of a run. */
interface Mark {
  readonly run: number
  readonly step: number
}

function Chart(props: {
  readonly name: string
  readonly series: readonly Series[]
  readonly marks: readonly Mark[]
}) {
  const box = useRef<HTMLDivElement>(null)
  const { name, series, marks } = props
  /** The step pointed at, in this chart or another. */
  const [pointed, setPointed] = useState<number | undefined>(undefined)
  const look = theme.value
  const several = runs().length > 1
  const { title, note, share, range } = figureOf(name)
  const written = share ? percent : short
  useEffect(() => {
    const element = box.current!
    const style = getComputedStyle(document.documentElement)
    const ink = style.getPropertyValue('--quiet')
    const line = style.getPropertyValue('--line')
    const logarithmic = name === 'loss' && spansManyFold(series)
    const axis = {
      stroke: ink,
      font: '11px system-ui, sans-serif',
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
    }
    const powers = (_: uPlot, splits: number[]) =>
      splits.map((value) => (Number.isInteger(Math.log10(value)) ? value : null))
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        padding: [8, 14, 0, 0],
        legend: { show: false },
        cursor: { sync: { key: 'training' }, points: { size: 6 }, y: false },
        scales: {
          x: { time: false },
          y: logarithmic
            ? { distr: 3 }
            : { range: range ? [...range] : (_, least, most) => roomy(least, most) },
        },
        axes: [
          { ...axis, size: 24, values: (_, ticks) => ticks.map(short) },
          {
            ...axis,
            size: 46,
            ...(logarithmic && { grid: { ...axis.grid, filter: powers } }),
            values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : written(tick))),
          },
        ],
        series: [
          { label: 'step' },
          ...series.map(({ run, label, dashed, values }) => ({
            label,
            stroke: runColor(run, several, look),
            width: dashed ? 1.4 : 1.6,
            ...(dashed && { dash: [4, 3] }),
            points: { show: values.length < 24, size: 5 },
            spanGaps: true,
          })),
        ],
        hooks: {
          draw: [(drawn) => markSteps(drawn, marks, several, look)],
          setCursor: [
            ({ cursor: { idx }, data }) => setPointed(typeof idx === 'number' ? data[0][idx] : undefined),
          ],
        },
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
  }, [
    look,
    several,
    series.map(({ values }) => `${values.length} ${values.at(-1)}`).join(),
    marks.map(({ step }) => step).join(),
  ])
  return (
    <figure class="chart">
      <figcaption>
        <b>{title}</b>
        {series.map(({ run, label, dashed, steps, values }) => (
          <span class="series" key={`${run} ${label}`}>
            {series.length > 1 && (
              <i
                class={`line ${dashed ? 'dashed' : ''}`}
                style={{ 'border-color': runColor(run, several, look) }}
              />
            )}
            {label} <output>{written(valueAt(steps, values, pointed))}</output>
          </span>
        ))}
        {pointed !== undefined && <span class="quiet">at step {pointed.toLocaleString('en')}</span>}
        {note && pointed === undefined && <small>{note}</small>}
      </figcaption>
      <div ref={box} />
    </figure>
  )
}

/** The value at a step or, where there is none, the one before; the last value without a step. */
function valueAt(steps: Float32Array, values: Float32Array, step = Number.POSITIVE_INFINITY): number {
  return values[steps.findLastIndex((known) => known <= step)] ?? Number.NaN
}

function spansManyFold(series: readonly Series[]): boolean {
  const all = series.flatMap(({ values }) => [...values])
  const least = Math.min(...all)
  return least > 0 && Math.max(...all) > MANY_FOLD * least
}

/** A line at the step whose weights are shown. */
function markSteps(plot: uPlot, marks: readonly Mark[], several: boolean, look: Theme): void {
  const { ctx } = plot
  for (const { run, step } of marks) {
    if (step <= 0) continue
    const x = Math.round(plot.valToPos(step, 'x', true)) + 0.5
    if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) continue
    ctx.save()
    ctx.strokeStyle = runColor(run, several, look)
    ctx.globalAlpha = 0.55
    ctx.setLineDash([2, 3])
    ctx.beginPath()
    ctx.moveTo(x, plot.bbox.top)
    ctx.lineTo(x, plot.bbox.top + plot.bbox.height)
    ctx.stroke()
    ctx.restore()
  }
}

/** What is nearly constant shall look so. */
function roomy(least: number, most: number): uPlot.Range.MinMax {
  const missing = LEAST_SPAN * Math.max(Math.abs(least), Math.abs(most)) - (most - least)
  const aside = Math.max(0, missing / 2)
  return uPlot.rangeNum(least - aside, most + aside, 0.1, true)
}

function percent(value: number): string {
  return Number.isFinite(value) ? `${Number((100 * value).toFixed(1))} %` : '–'
}

/** A number in few characters. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  if (size > 0 && size < 1e-3) return Number(value.toPrecision(2)).toExponential()
  return `${Number(value.toPrecision(3))}`
}
