import { effect, signal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import {
  colorBy,
  denoiseAt,
  episode,
  episodeOf,
  level,
  onlyMode,
  planOf,
  replan,
  rewardRange,
  shown,
  step,
  topView,
} from './cursor.ts'
import { type RunModel, revision, runs } from './model.ts'
import { FEW, PaneOverlay } from './panels/pane-overlay.tsx'
import type { Pane } from './stage/pane.ts'
import { Stage } from './stage/stage.ts'
import { modeColor, PALETTES, shareColor, theme } from './theme.ts'

/** Panes narrower than this, px, keep what is written over them short. */
const NARROW = 620
/** Height of what is then written at the bottom, px. */
const COMPACT_HISTOGRAM = 84
/** Width of what is else written at the lower left, and of the numbers beside the table, px; with many modes. */
const HISTOGRAM = 280
const MANY_MODES = 350

const isNarrow = signal(false)

/** The 3-D view of every run, and what is written over it. */
export function StageView() {
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const labels = useRef<HTMLDivElement>(null)
  const [beside, setBeside] = useState(true)
  const [narrow, setNarrow] = useState(false)
  useEffect(() => {
    const stage = new Stage(canvas.current!, PALETTES[theme.peek()])
    const numbers = createNumbers(labels.current!)
    let pictures = 0
    stage.onDrawn = () => {
      numbers.place(stage)
      if (stage.panes.some(({ bounds }) => bounds) && pictures++ === 0) performance.mark('first picture')
    }
    const observer = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = box.current!
      setBeside(clientWidth >= clientHeight)
      setNarrow(clientWidth < NARROW)
      isNarrow.value = clientWidth < NARROW
      stage.resize(clientWidth, clientHeight)
    })
    observer.observe(box.current!)
    const stops = [
      effect(() => stage.paint(PALETTES[theme.value])),
      effect(() => stage.lookFromAbove(topView.value)),
      effect(() => showData(stage)),
      effect(() => showMoment(stage)),
    ]
    Object.assign(globalThis, { stage })
    return () => {
      observer.disconnect()
      for (const stop of stops) stop()
      stage.dispose()
    }
  }, [])
  const [all, setAll] = useState<RunModel[]>([])
  useSignalEffect(() => {
    revision.value
    setAll(runs().filter(({ scene }) => scene))
  })
  return (
    <div class="stage" ref={box}>
      <canvas ref={canvas} aria-label="The scene: drag to turn, pinch or scroll to zoom" />
      <div class="numbers" ref={labels} aria-hidden="true" />
      <div class={`overlays ${beside ? 'beside' : 'stacked'}`}>
        {all.map((run) => (
          <PaneOverlay key={run.run} run={run} compared={all.length > 1} compact={narrow || all.length > 1} />
        ))}
      </div>
    </div>
  )
}

/** What changes when messages come or something else is chosen. */
function showData(stage: Stage): void {
  revision.value
  const all = runs().filter(({ scene }) => scene)
  if (stage.panes.length !== all.length) stage.setPanes(all.length)
  all.forEach((run, i) => {
    const pane = stage.panes[i]
    pane.setScene(run.scene)
    showDemonstrations(pane, run)
    showOthers(pane, run)
    showPath(pane, run)
  })
  if (isNarrow.value || all.length > 1) {
    stage.setInsets({ top: all.length > 1 ? 56 : 36, bottom: COMPACT_HISTOGRAM, left: 0 })
  } else {
    const many = all.some(({ info }) => (info?.modes.length ?? 0) > FEW)
    stage.setInsets({ top: 24, bottom: 12, left: many ? MANY_MODES : HISTOGRAM })
  }
  stage.fit()
  stage.invalidate()
}

/** What changes while playing. */
function showMoment(stage: Stage): void {
  revision.value
  runs()
    .filter(({ scene }) => scene)
    .forEach((run, i) => {
      const pane = stage.panes[i]
      if (!pane) return
      const found = episodeOf(run)
      const last = found ? found.path.length / 2 - 1 : 0
      const at = Math.min(step.value, last)
      pane.setMoment(episode.value === undefined ? undefined : run.frames.get(episode.value), at)
      pane.path.reveal = at
      showPlans(pane, run, found !== undefined && step.value > last + 0.5)
    })
  stage.invalidate()
}

function showDemonstrations(pane: Pane, run: RunModel): void {
  const drawn = run.demonstrations
  if (!drawn || drawn.count === 0 || !shown.demonstrations.value) {
    pane.demonstrations.clear()
    return
  }
  pane.demonstrations.setPaths(drawn.count, drawn.paths.length / 2 / drawn.count, drawn.paths)
  const total = run.info?.modes.length ?? 0
  pane.demonstrations.setColors(
    (i) => modeColor(drawn.modes[i], total, theme.value),
    (i) => (onlyMode.value === undefined || drawn.modes[i] === onlyMode.value ? 1 : 0.15),
  )
  pane.demonstrations.setStyle({ thickness: 1, opacity: theme.value === 'dark' ? 0.2 : 0.3 })
}

/** Every other episode's path, as a ghost. */
function showOthers(pane: Pane, run: RunModel): void {
  const others = [...run.episodes.values()].filter(
    (other) =>
      other.episode !== episode.value && (onlyMode.value === undefined || other.mode === onlyMode.value),
  )
  if (!shown.others.value || others.length === 0) {
    pane.others.clear()
    return
  }
  const points = Math.max(2, ...others.map(({ path }) => path.length / 2))
  const paths = new Float32Array(others.length * points * 2)
  others.forEach(({ path }, i) => {
    for (let k = 0; k < points; k++) {
      const from = Math.min(k, path.length / 2 - 1)
      paths.set(path.subarray(2 * from, 2 * from + 2), (i * points + k) * 2)
    }
  })
  pane.others.setPaths(others.length, points, paths)
  const total = run.info?.modes.length ?? 0
  pane.others.setColors((i) =>
    others[i].success ? modeColor(others[i].mode, total, theme.value) : PALETTES[theme.value].failed,
  )
  pane.others.setStyle({ thickness: 1.5, opacity: 0.5 })
}

function showPath(pane: Pane, run: RunModel): void {
  const found = episodeOf(run)
  if (!found || !shown.path.value) {
    pane.path.clear()
    return
  }
  pane.path.setPaths(1, found.path.length / 2, found.path)
  pane.path.setColors(() => PALETTES[theme.value].path)
  pane.path.setStyle({ thickness: 5.5, opacity: 0.95 })
}

/** Plans between two denoise steps. A plan that was made stays where it was made while it is carried out. */
function showPlans(pane: Pane, run: RunModel, over: boolean): void {
  const plan = planOf(run, replan.value)
  if (!plan || !shown.plans.value || over) {
    for (const layer of [pane.plans, pane.chosen, pane.predicted]) layer.clear()
    return
  }
  const { noisy, clean, points, modes, rewards, committed, times } = plan
  const steps = times.length - 1
  // Runs that are compared may take different numbers of steps: their plans end together.
  const share = denoiseAt.value / Math.max(1, maximum(run))
  const at = Math.min(steps, share * steps)
  const below = Math.min(Math.max(0, steps - 1), Math.floor(at))
  const mixing = at - below
  const total = run.info?.modes.length ?? 0
  const stride = plan.count * points * 2
  const part = (values: Float32Array, which: number, length: number) =>
    values.subarray(which * stride, which * stride + length)
  const above = Math.min(steps, below + 1)
  pane.plans.setPaths(plan.count, points, part(noisy, below, stride), part(noisy, above, stride), mixing)
  const [low, high] = rewardRange.value ?? [0, 0]
  const color = (i: number) =>
    colorBy.value === 'mode'
      ? modeColor(modes[i], total, theme.value)
      : shareColor(high > low ? (rewards[i] - low) / (high - low) : 1, theme.value)
  pane.plans.setColors(color)
  const crowd = Math.max(0.1, Math.min(0.85, 4 / Math.sqrt(plan.count)))
  pane.plans.setStyle({
    thickness: plan.count > 64 ? 1.2 : 1.8,
    opacity: crowd,
    solidUntil: committed,
    faint: 0.55,
  })
  const path = points * 2
  pane.chosen.setPaths(1, points, part(noisy, below, path), part(noisy, above, path), mixing)
  pane.chosen.setColors(() => color(0))
  pane.chosen.setStyle({ thickness: 3.2, solidUntil: committed, faint: 0.35 })
  if (at >= steps || steps === 0 || level.value === 'step') {
    pane.predicted.clear()
    return
  }
  const guess = Math.min(steps - 1, Math.max(0, below - 1))
  const next = Math.min(steps - 1, below)
  pane.predicted.setPaths(plan.count, points, part(clean, guess, stride), part(clean, next, stride), mixing)
  pane.predicted.setColors(color)
  pane.predicted.setStyle({ thickness: 1, opacity: crowd * 0.5 })
}

function maximum(run: RunModel): number {
  return Math.max(
    1,
    ...runs().map((other) => (planOf(other, replan.value) ?? planOf(run, replan.value))!.times.length - 1),
  )
}

/** Where a label stands to its place. */
const ANCHORS = {
  x: 'translate(-50%, -50%)',
  y: 'translate(-50%, -50%)',
  goal: 'translate(9px, -50%)',
} as const

/** The numbers along the tables' edges. */
function createNumbers(box: HTMLElement) {
  const written: HTMLSpanElement[] = []
  return {
    place(stage: Stage) {
      let used = 0
      stage.panes.forEach((pane, i) => {
        const area = stage.rectangles[i]
        for (const { text, x, y, kind } of pane.labels) {
          const { left, top } = stage.project(i, x, y)
          const inside =
            left > area.left + 4 &&
            left < area.left + area.width - 4 &&
            top > area.top + 4 &&
            top < area.top + area.height - 4
          if (!inside) continue
          const label = (written[used++] ??= box.appendChild(document.createElement('span')))
          label.textContent = text
          label.className = kind
          label.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px) ${ANCHORS[kind]}`
          label.hidden = false
        }
      })
      for (const label of written.slice(used)) label.hidden = true
    },
  }
}
