import { signal } from '@preact/signals'
import { detailOf, keyOf, type MessageOf, type ServerMessage, type StateMessage } from '../protocol/index.ts'

/** Everything known of a run. */
export interface RunModel {
  readonly run: number
  info?: MessageOf<'run'>
  scene?: MessageOf<'scene'>
  demonstrations?: MessageOf<'demonstrations'>
  coupling?: MessageOf<'coupling'>
  curves?: MessageOf<'curves'>
  progress?: MessageOf<'progress'>
  readonly episodes: Map<number, MessageOf<'episode'>>
  readonly frames: Map<number, MessageOf<'frames'>>
  /** By episode, then by replan. */
  readonly plans: Map<number, Map<number, MessageOf<'plan'>>>
  readonly images: Map<number, MessageOf<'images'>>
}

/** The state that the server sent, and what changed it last. */
export const model = {
  runs: new Map<number, RunModel>(),
  notice: undefined as MessageOf<'notice'> | undefined,
  session: '',
  interactive: false,
}

/** Counts changes of {@link model}: read it in whatever shows the model. */
export const revision = signal(0)
/** The episode that arrived last. */
export const newest = signal<number | undefined>(undefined)

/** The episode whose frames and plans are kept; those of all where undefined, as in a page that needs no server. */
let detailed: number | undefined
const known = new Set<string>()
let stale: Set<string> | undefined
let scheduled = false

/** Takes a message in. Many in a row make one change. */
export function apply(message: ServerMessage): void {
  switch (message.type) {
    case 'hello':
      model.session = message.session
      model.interactive = message.interactive
      stale = new Set(known)
      break
    case 'ready':
      for (const key of stale ?? []) forget(key)
      stale = undefined
      break
    case 'drop':
      forget(message.key)
      break
    default: {
      const key = keyOf(message)
      if (isOfOther(key)) return
      known.add(key)
      stale?.delete(key)
      keep(message)
    }
  }
  changed()
}

/** Keeps frames and plans of this episode from now on, and forgets all others: they can be asked for again. */
export function keepDetailsOf(episode: number): void {
  detailed = episode
  for (const key of known) if (isOfOther(key)) forget(key)
  changed()
}

function isOfOther(key: string): boolean {
  const episode = detailOf(key)
  return detailed !== undefined && episode !== undefined && episode !== detailed
}

function changed(): void {
  if (scheduled) return
  scheduled = true
  queueMicrotask(() => {
    scheduled = false
    revision.value++
  })
}

function runOf(run: number): RunModel {
  const found = model.runs.get(run)
  if (found) return found
  const made: RunModel = { run, episodes: new Map(), frames: new Map(), plans: new Map(), images: new Map() }
  model.runs.set(run, made)
  return made
}

function keep(message: StateMessage): void {
  if (message.type === 'notice') {
    model.notice = message.text === '' ? undefined : message
    return
  }
  const run = runOf(message.run)
  switch (message.type) {
    case 'run':
      run.info = message
      break
    case 'episode':
      run.episodes.set(message.episode, message)
      newest.value = message.episode
      break
    case 'frames':
      run.frames.set(message.episode, message)
      break
    case 'plan': {
      const plans = run.plans.get(message.episode) ?? new Map()
      run.plans.set(message.episode, plans.set(message.replan, message))
      break
    }
    case 'images':
      run.images.set(message.step, message)
      break
    case 'scene':
      run.scene = message
      break
    case 'demonstrations':
      run.demonstrations = message
      break
    case 'coupling':
      run.coupling = message
      break
    case 'curves':
      run.curves = message
      break
    case 'progress':
      run.progress = message
      break
  }
}

const KEY = /^\/run\/(\d+)(?:\/(episode|images|[a-z]+)(?:\/(\d+)(?:\/(frames|plan)(?:\/(\d+))?)?)?)?$/

function forget(key: string): void {
  known.delete(key)
  if (key === '/notice') model.notice = undefined
  const match = KEY.exec(key)
  const run = match && model.runs.get(Number(match[1]))
  if (!run) return
  const [, number, kind, item, part, index] = match
  if (!kind) model.runs.delete(Number(number))
  else if (kind === 'images') run.images.delete(Number(item))
  else if (kind !== 'episode')
    delete run[kind as 'scene' | 'demonstrations' | 'coupling' | 'curves' | 'progress']
  else if (!part) run.episodes.delete(Number(item))
  else if (part === 'frames') run.frames.delete(Number(item))
  else {
    const plans = run.plans.get(Number(item))
    plans?.delete(Number(index))
    if (plans?.size === 0) run.plans.delete(Number(item))
  }
}

/** The runs in their order. */
export function runs(): RunModel[] {
  return [...model.runs.values()].filter(({ info }) => info).sort((a, b) => a.run - b.run)
}
