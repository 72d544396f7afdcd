import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { MessageOf } from '../../protocol/index.ts'
import { model, type RunModel, revision, runs } from '../model.ts'
import { modeColor, theme } from '../theme.ts'

/** 0: noise drawn blindly; 1: noise that the coupling chose. */
const share = signal(1)
let animation = 0

/** Lines from data to the noise that it is coupled with, before and after. */
export function Coupling() {
  revision.value
  const all = runs().filter(({ coupling }) => coupling)
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
        <span class={share.value < 0.5 ? '' : 'quiet'}>blind</span>
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
        <span class={share.value >= 0.5 ? '' : 'quiet'}>coupled</span>
      </div>
      {all.map((run) => (
        <Pairs key={run.run} run={run} coupling={run.coupling!} />
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

function Pairs({ run, coupling }: { readonly run: RunModel; readonly coupling: MessageOf<'coupling'> }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const at = share.value
  const look = theme.value
  useEffect(() => draw(canvas.current!, coupling, run.info?.modes.length ?? 0, at), [at, look, coupling])
  const { before, after, dimensions } = coupling.cost
  const less = Math.round(100 * (1 - after / before))
  return (
    <figure class="chart">
      <figcaption>
        {runs().length > 1 && <b>{run.info?.label}: </b>}
        {coupling.name}
      </figcaption>
      <canvas ref={canvas} class="pairs" aria-label="Samples and their noise" />
      <p class="note">
        Mean squared distance in all {dimensions} dimensions: {before.toFixed(1)} blind, {after.toFixed(1)}{' '}
        coupled
        {less > 0 ? ` (${less} % less)` : ''}.
      </p>
    </figure>
  )
}

function draw(canvas: HTMLCanvasElement, coupling: MessageOf<'coupling'>, total: number, at: number): void {
  const { data, before, after, modes } = coupling
  const ratio = devicePixelRatio
  const side = canvas.clientWidth
  canvas.width = side * ratio
  canvas.height = side * ratio
  const context = canvas.getContext('2d')!
  context.scale(ratio, ratio)
  const reach =
    1.06 *
    Math.max(
      ...[data, before, after].map((rows) =>
        rows.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      ),
    )
  const x = (value: number) => (0.5 + value / reach / 2) * side
  const y = (value: number) => (0.5 - value / reach / 2) * side
  for (let i = 0; i < modes.length; i++) {
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
