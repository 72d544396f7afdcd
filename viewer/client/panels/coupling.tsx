import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { MessageOf } from '../../protocol/index.ts'
import { model, type RunModel, revision, runs } from '../model.ts'
import { modeColor, runColor, theme } from '../theme.ts'

/** 0: noise drawn blindly; 1: noise that the coupling chose. */
const share = signal(1)
let animation = 0

/** Lines from data to the noise that it is coupled with, before and after. */
export function Coupling() {
  revision.value
  const all = runs().filter(({ coupling }) => coupling)
  // What is compared is drawn to one scale, and of as many samples.
  const extent = extentOf(all.map(({ coupling }) => coupling!))
  const count = Math.min(...all.map(({ coupling }) => coupling!.modes.length))
  useEffect(() => {
    play()
    return () => cancelAnimationFrame(animation)
  }, [all.length > 0])
  if (all.length === 0) {
    return (
      <p class="empty">
        {model.interactive
          ? 'Pairing noise with the demonstrations …'
          : 'This recording does not hold the coupling.'}
      </p>
    )
  }
  return (
    <div class="scroll">
      <div class="coupling-bar">
        <button type="button" class="more" onClick={play}>
          Replay
        </button>
        <span class={share.value < 0.5 ? '' : 'quiet'} title="Noise drawn without looking at the data">
          blind
        </span>
        <input
          type="range"
          min={0}
          max={1}
          step="any"
          aria-label="From blindly drawn noise to the coupling's"
          value={share.value}
          onInput={(event) => {
            cancelAnimationFrame(animation)
            share.value = Number(event.currentTarget.value)
          }}
        />
        <span class={share.value >= 0.5 ? '' : 'quiet'} title="Noise that the coupling chose">
          coupled
        </span>
      </div>
      {all.map((run) => (
        <Pairs
          key={run.run}
          run={run}
          coupling={run.coupling!}
          extent={extent}
          count={count}
          several={all.length > 1}
        />
      ))}
      <p class="note">
        Each line joins a training sample (dot, coloured by its mode) with the noise that it is diffused into
        (ring), seen in the plane in which the samples vary most.
      </p>
    </div>
  )
}

function play(): void {
  cancelAnimationFrame(animation)
  const began = performance.now()
  const frame = () => {
    const at = Math.min(1, Math.max(0, (performance.now() - began - 700) / 1600))
    share.value = at * at * (3 - 2 * at)
    if (at < 1) animation = requestAnimationFrame(frame)
  }
  frame()
}

/** How far samples and noise reach from the middle, to the sides and up or down. */
type Extent = readonly [x: number, y: number]

function extentOf(couplings: readonly MessageOf<'coupling'>[]): Extent {
  const extent: [number, number] = [1e-9, 1e-9]
  for (const { data, before, after } of couplings) {
    for (const rows of [data, before, after]) {
      for (let i = 0; i < rows.length; i++) extent[i % 2] = Math.max(extent[i % 2], Math.abs(rows[i]))
    }
  }
  return extent
}

function Pairs(props: {
  readonly run: RunModel
  readonly coupling: MessageOf<'coupling'>
  readonly extent: Extent
  /** Pairs to draw. */
  readonly count: number
  readonly several: boolean
}) {
  const { run, coupling, extent, count, several } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const at = share.value
  const look = theme.value
  useEffect(
    () => draw(canvas.current!, coupling, run.info?.modes.length ?? 0, count, extent, at),
    [at, look, coupling, count, ...extent],
  )
  const { before, after, dimensions } = coupling.cost
  const less = Math.round(100 * (1 - after / before))
  const [, name, settings] = /^([^(]*)(?:\((.*)\))?/s.exec(coupling.name) ?? []
  return (
    <figure class={`chart ${several ? 'flat' : ''}`}>
      <figcaption>
        <b>
          {several && <i class="tick" style={{ background: runColor(run.run, true, look) }} />}
          {several ? `${run.info?.label}: ${name}` : name}
        </b>
        {settings && <small>{settings}</small>}
      </figcaption>
      <canvas ref={canvas} class="pairs" aria-label="Samples and their noise" />
      <p class="note">
        Mean squared distance in {dimensions} dimensions: {before.toFixed(1)}
        {before === after
          ? ', drawn blindly.'
          : ` blind, ${after.toFixed(1)} coupled${less > 0 ? ` (${less} % less)` : ''}.`}
      </p>
    </figure>
  )
}

function draw(
  canvas: HTMLCanvasElement,
  coupling: MessageOf<'coupling'>,
  total: number,
  count: number,
  extent: Extent,
  at: number,
): void {
  const { data, before, after, modes } = coupling
  const ratio = devicePixelRatio
  const { clientWidth: width, clientHeight: height } = canvas
  canvas.width = width * ratio
  canvas.height = height * ratio
  const context = canvas.getContext('2d')!
  context.scale(ratio, ratio)
  const scale = Math.min(width / extent[0], height / extent[1]) / 2.12
  const x = (value: number) => width / 2 + scale * value
  const y = (value: number) => height / 2 - scale * value
  for (let i = 0; i < count; i++) {
    const [nx, ny] = [0, 1].map(
      (axis) => before[2 * i + axis] + at * (after[2 * i + axis] - before[2 * i + axis]),
    )
    const color = modeColor(modes[i], total, theme.value)
    context.strokeStyle = color
    context.globalAlpha = 0.4
    context.beginPath()
    context.moveTo(x(data[2 * i]), y(data[2 * i + 1]))
    context.lineTo(x(nx), y(ny))
    context.stroke()
    context.globalAlpha = 0.9
    context.beginPath()
    context.arc(x(nx), y(ny), 2, 0, 7)
    context.stroke()
    context.fillStyle = color
    context.beginPath()
    context.arc(x(data[2 * i]), y(data[2 * i + 1]), 2.4, 0, 7)
    context.fill()
  }
}
