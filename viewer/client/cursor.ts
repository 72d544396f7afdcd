import { computed, effect, signal, untracked } from '@preact/signals'
import type { MessageOf } from '../protocol/index.ts'
import { connection, send } from './connection.ts'
import { keepDetailsOf, newest, type RunModel, revision, runs } from './model.ts'
import { advance, type Level, replanAt, stepBy, type Timeline } from './playback.ts'

/** How trajectories are coloured. */
export type ColorBy = 'mode' | 'reward'
export type Panel = 'episodes' | 'training' | 'coupling' | 'images' | 'config'
/** Time between two writings of the address; browsers refuse more than a hundred in half a minute. */
const ADDRESS_MILLISECONDS = 400
/** Least time between two requests: a key held down goes through episodes faster than servers accept. */
const ASK_MILLISECONDS = 80
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8] as const
export const COUNTS = [1, 4, 12, 48, 200, 1000] as const

/** What is looked at: all of it is in the address. */
export const episode = signal<number | undefined>(undefined)
export const step = signal(0)
export const denoise = signal(Number.POSITIVE_INFINITY)
export const level = signal<Level>('step')
export const playing = signal(false)
export const speed = signal(1)
export const loop = signal(true)
export const follow = signal(false)
export const count = signal<number>(12)
export const panel = signal<Panel>('episodes')
export const colorBy = signal<ColorBy>('mode')
export const shown = {
  plans: signal(true),
  path: signal(true),
  demonstrations: signal(true),
  others: signal(false),
}
/** Modes that the episode list and the ghosts are limited to; all where undefined. */
export const onlyMode = signal<number | undefined>(undefined)
export const topView = signal(false)
/** Training step whose generated images are shown; the last one before it where there are none. */
export const imageStep = signal(Number.POSITIVE_INFINITY)

/** The run that timelines are read from: the first one that has the episode. */
export const lead = computed((): RunModel | undefined => {
  revision.value
  const all = runs()
  return all.find(({ episodes }) => episode.value !== undefined && episodes.has(episode.value)) ?? all[0]
})

/** The episode looked at, in a run. */
export function episodeOf(run: RunModel | undefined): MessageOf<'episode'> | undefined {
  return episode.value === undefined ? undefined : run?.episodes.get(episode.value)
}

/** What there is to play: as long as the longest of the compared episodes. */
export const timeline = computed((): Timeline => {
  revision.value
  const all = runs()
  const lengths = all.map((run) => (episodeOf(run)?.path.length ?? 2) / 2 - 1)
  const longest = all[lengths.indexOf(Math.max(...lengths))]
  const info = lead.value?.info
  const found = episodeOf(longest)
  const replans = found && found.replans.length > 0 ? found.replans : [0]
  const replan = replanAt({ replans }, step.value)
  const steps = all.map((run) => (planOf(run, replan)?.times.length ?? 1) - 1)
  return {
    length: Math.max(0, ...lengths),
    replans,
    denoiseSteps: Math.max(0, ...steps),
    rate: 1 / (info?.period || 0.1),
  }
})

export const replan = computed(() => replanAt(timeline.value, step.value))

/** The plan of a replan in a run, if it was sampled. */
export function planOf(run: RunModel | undefined, which: number): MessageOf<'plan'> | undefined {
  return episode.value === undefined ? undefined : run?.plans.get(episode.value)?.get(which)
}

/** The least and the greatest reward that the plans at hand lead to, in any run; undefined where there are none. */
export const rewardRange = computed((): readonly [number, number] | undefined => {
  revision.value
  const rewards = runs().flatMap((run) => [...(planOf(run, replan.value)?.rewards ?? [])])
  return rewards.length > 0 ? [Math.min(...rewards), Math.max(...rewards)] : undefined
})

/** Where denoising is, within what there is. */
export const denoiseAt = computed(() => Math.min(denoise.value, timeline.value.denoiseSteps))

const moment = () => ({ step: step.value, denoise: denoiseAt.value })
const move = (to: { readonly step: number; readonly denoise: number }) => {
  step.value = to.step
  denoise.value = to.denoise >= timeline.value.denoiseSteps ? Number.POSITIVE_INFINITY : to.denoise
}

/** Plays for so many milliseconds of the clock. */
export function tick(milliseconds: number): void {
  if (!playing.value) return
  const played = advance(level.value, moment(), timeline.value, (milliseconds / 1000) * speed.value)
  move(played.moment)
  if (!played.ended) return
  if (!loop.value || follow.value) playing.value = false
  else restart()
}

function restart(): void {
  if (level.value === 'denoise') denoise.value = 0
  else move({ step: 0, denoise: level.value === 'replan' ? 0 : Number.POSITIVE_INFINITY })
}

export function togglePlaying(): void {
  const { length, denoiseSteps } = timeline.value
  const ended = level.value === 'denoise' ? denoiseAt.value >= denoiseSteps : step.value >= length
  if (!playing.value && ended) restart()
  playing.value = !playing.value
}

/** One step on the chosen timeline. */
export function nudge(direction: 1 | -1): void {
  playing.value = false
  move(stepBy(level.value, moment(), timeline.value, direction))
}

export function nudgeReplan(direction: 1 | -1): void {
  playing.value = false
  move(stepBy('replan', moment(), timeline.value, direction))
}

export function nudgeDenoise(direction: 1 | -1): void {
  playing.value = false
  level.value = 'denoise'
  move(stepBy('denoise', moment(), timeline.value, direction))
}

export function seekStep(to: number): void {
  playing.value = false
  move({ step: Math.min(timeline.value.length, Math.max(0, to)), denoise: Number.POSITIVE_INFINITY })
}

export function seekReplan(which: number): void {
  seekStep(timeline.value.replans[which] ?? 0)
}

export function seekDenoise(to: number): void {
  playing.value = false
  level.value = 'denoise'
  denoise.value = to
}

export function setLevel(to: Level): void {
  if (level.value === to) return
  level.value = to
  // A plan is in the making only where its own timeline, or both in turn, are played.
  if (to === 'step') denoise.value = Number.POSITIVE_INFINITY
  if (to === 'denoise') step.value = timeline.value.replans[replan.value] ?? 0
}

export function jump(where: 'start' | 'end'): void {
  playing.value = false
  if (level.value === 'denoise') denoise.value = where === 'start' ? 0 : Number.POSITIVE_INFINITY
  else seekStep(where === 'start' ? 0 : timeline.value.length)
}

export function changeSpeed(direction: 1 | -1): void {
  const at = SPEEDS.findIndex((value) => value >= speed.value)
  speed.value = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + direction))]
}

/** Shows another episode from its beginning. */
export function select(which: number): void {
  if (episode.value === which) return
  episode.value = which
  step.value = 0
  denoise.value = Number.POSITIVE_INFINITY
}

/** The episodes of all runs, by number. */
export function allEpisodes(): number[] {
  return [...new Set(runs().flatMap(({ episodes }) => [...episodes.keys()]))].sort((a, b) => a - b)
}

export function selectNext(direction: 1 | -1): void {
  const all = allEpisodes()
  const at = all.indexOf(episode.value ?? Number.NaN)
  const next = all[at + direction]
  if (next !== undefined) select(next)
}

/** Begins to ask for what is looked at, to follow, and to keep the address. Call once. */
export function startCursor(): void {
  restoreFromAddress()
  // The first episode, once there is one.
  effect(() => {
    revision.value
    if (episode.value === undefined) episode.value = allEpisodes()[0]
  })
  effect(() => {
    const latest = newest.value
    if (!follow.value || latest === undefined || latest === episode.peek()) return
    select(latest)
    playing.value = true
  })
  // Details are asked for when an episode is chosen, again after the connection was lost, and whenever newer
  // weights rolled it out anew.
  const wanted = computed(() => {
    revision.value
    if (connection.value !== 'open' || episode.value === undefined) return ''
    return [episode.value, count.value, ...runs().map((run) => episodeOf(run)?.step)].join()
  })
  let asked = ''
  let asking = false
  const ask = () => {
    if (asking || wanted.value === asked) return
    asked = wanted.value
    if (asked === '' || episode.value === undefined) return
    keepDetailsOf(episode.value)
    send({ type: 'open', episode: episode.value, count: count.value })
    asking = true
    setTimeout(() => {
      asking = false
      ask()
    }, ASK_MILLISECONDS)
  }
  effect(() => {
    wanted.value
    untracked(ask)
  })
  effect(() => {
    if (connection.value === 'open' && panel.value === 'coupling') send({ type: 'couple' })
  })
  // While it plays, the address changes with every picture: it is written now and then, and not put off for ever.
  let address = ''
  let waiting = false
  effect(() => {
    address = addressOf()
    if (waiting) return
    waiting = true
    setTimeout(() => {
      waiting = false
      history.replaceState(null, '', address)
    }, ADDRESS_MILLISECONDS)
  })
  addEventListener('hashchange', restoreFromAddress)
}

function addressOf(): string {
  const state = new URLSearchParams()
  if (episode.value !== undefined) state.set('episode', `${episode.value}`)
  state.set('step', `${Math.round(step.value * 100) / 100}`)
  if (denoise.value !== Number.POSITIVE_INFINITY)
    state.set('denoise', `${Math.round(denoise.value * 100) / 100}`)
  state.set('level', level.value)
  if (speed.value !== 1) state.set('speed', `${speed.value}`)
  if (!loop.value) state.set('loop', '0')
  if (follow.value) state.set('follow', '1')
  if (count.value !== 12) state.set('plans', `${count.value}`)
  if (panel.value !== 'episodes') state.set('panel', panel.value)
  if (colorBy.value !== 'mode') state.set('color', colorBy.value)
  if (onlyMode.value !== undefined) state.set('mode', `${onlyMode.value}`)
  if (topView.value) state.set('top', '1')
  if (imageStep.value !== Number.POSITIVE_INFINITY) state.set('images', `${imageStep.value}`)
  const hidden = Object.entries(shown).filter(([name, { value }]) => value === (name === 'others'))
  if (hidden.length > 0) state.set('toggled', hidden.map(([name]) => name).join('.'))
  if (playing.value) state.set('play', '1')
  return `${location.pathname}#${state}`
}

function restoreFromAddress(): void {
  const state = new URLSearchParams(location.hash.slice(1))
  const number = (name: string) => {
    const value = Number(state.get(name) ?? Number.NaN)
    return Number.isFinite(value) && value >= 0 ? value : undefined
  }
  const oneOf = <T extends string>(name: string, values: readonly T[]) =>
    values.find((value) => value === state.get(name))
  episode.value = number('episode') ?? episode.value
  step.value = number('step') ?? 0
  denoise.value = number('denoise') ?? Number.POSITIVE_INFINITY
  level.value = oneOf('level', ['step', 'replan', 'denoise']) ?? 'step'
  speed.value = SPEEDS.find((value) => value === number('speed')) ?? 1
  loop.value = state.get('loop') !== '0'
  follow.value = state.get('follow') === '1'
  count.value = COUNTS.find((value) => value === number('plans')) ?? 12
  panel.value = oneOf('panel', ['episodes', 'training', 'coupling', 'images', 'config']) ?? 'episodes'
  colorBy.value = oneOf('color', ['mode', 'reward']) ?? 'mode'
  onlyMode.value = number('mode')
  topView.value = state.get('top') === '1'
  imageStep.value = number('images') ?? Number.POSITIVE_INFINITY
  const toggled = (state.get('toggled') ?? '').split('.')
  for (const [name, choice] of Object.entries(shown))
    choice.value = toggled.includes(name) === (name === 'others')
  // With nothing in the address, it plays by itself unless the reader prefers stillness.
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  playing.value = state.size === 0 ? !still : state.get('play') === '1'
}
