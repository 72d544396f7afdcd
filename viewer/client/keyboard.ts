import { signal } from '@preact/signals'
import {
  COUNTS,
  changeSpeed,
  colorBy,
  count,
  follow,
  jump,
  loop,
  nudge,
  nudgeDenoise,
  nudgeReplan,
  selectNext,
  setLevel,
  shown,
  togglePlaying,
  topView,
} from './cursor.ts'
import { gridSteps, nudgeGrid, onlyGrids, seekGrid, toggleGrids } from './grids.ts'
import { toggleTheme } from './theme.ts'

export const helpOpen = signal(false)

const flip = (choice: { value: boolean }) => () => {
  choice.value = !choice.value
}
const more = (direction: 1 | -1) => () => {
  const at = COUNTS.indexOf(count.value as (typeof COUNTS)[number]) + direction
  count.value = COUNTS[Math.min(COUNTS.length - 1, Math.max(0, at))]
}

/** Runs of images have one timeline, their grids. */
const orGrids = (usual: () => void, grids: () => void) => () => (onlyGrids.value ? grids() : usual())

/** A shortcut: its keys, what they are called, and what they do. */
export interface Shortcut {
  readonly keys: readonly string[]
  readonly shown: string
  readonly does: string
  readonly actions: readonly (() => void)[]
  /** Whether it does something where there are images only. */
  readonly grids?: boolean
}

/** Every shortcut; one action for each key. */
export const SHORTCUTS: readonly Shortcut[] = [
  {
    keys: [' '],
    shown: 'space',
    does: 'play or pause',
    actions: [orGrids(togglePlaying, toggleGrids)],
    grids: true,
  },
  {
    keys: ['ArrowLeft', 'ArrowRight'],
    shown: '← →',
    does: 'one step back or forth',
    actions: [
      orGrids(
        () => nudge(-1),
        () => nudgeGrid(-1),
      ),
      orGrids(
        () => nudge(1),
        () => nudgeGrid(1),
      ),
    ],
    grids: true,
  },
  {
    keys: ['[', ']'],
    shown: '[ ]',
    does: 'previous or next replan',
    actions: [() => nudgeReplan(-1), () => nudgeReplan(1)],
  },
  {
    keys: [',', '.'],
    shown: ', .',
    does: 'previous or next denoise step',
    actions: [() => nudgeDenoise(-1), () => nudgeDenoise(1)],
  },
  {
    keys: ['ArrowUp', 'ArrowDown'],
    shown: '↑ ↓',
    does: 'previous or next episode',
    actions: [() => selectNext(-1), () => selectNext(1)],
  },
  {
    keys: ['Home', 'End'],
    shown: 'Home End',
    does: 'beginning or end',
    actions: [
      orGrids(
        () => jump('start'),
        () => seekGrid(0),
      ),
      orGrids(
        () => jump('end'),
        () => seekGrid(gridSteps.value.length - 1),
      ),
    ],
    grids: true,
  },
  {
    keys: ['1', '2', '3'],
    shown: '1 2 3',
    does: 'timeline: step, replan, denoise',
    actions: [() => setLevel('step'), () => setLevel('replan'), () => setLevel('denoise')],
  },
  {
    keys: ['-', '+', '='],
    shown: '− +',
    does: 'slower or faster',
    actions: [() => changeSpeed(-1), () => changeSpeed(1), () => changeSpeed(1)],
    grids: true,
  },
  { keys: ['n', 'm'], shown: 'n m', does: 'fewer or more plans', actions: [more(-1), more(1)] },
  { keys: ['l'], shown: 'l', does: 'play again at the end', actions: [flip(loop)] },
  { keys: ['f'], shown: 'f', does: 'follow what is newest', actions: [flip(follow)], grids: true },
  { keys: ['t'], shown: 't', does: 'look from above', actions: [flip(topView)] },
  {
    keys: ['c'],
    shown: 'c',
    does: 'colour by mode or reward',
    actions: [() => (colorBy.value = colorBy.value === 'mode' ? 'reward' : 'mode')],
  },
  {
    keys: ['p', 'd', 'a'],
    shown: 'p d a',
    does: 'show plans, demonstrations, other episodes',
    actions: [flip(shown.plans), flip(shown.demonstrations), flip(shown.others)],
  },
  { keys: ['b'], shown: 'b', does: 'dark or light', actions: [toggleTheme], grids: true },
  { keys: ['?'], shown: '?', does: 'this help', actions: [flip(helpOpen)], grids: true },
]

/** Listens to the keyboard. Call once. */
export function startKeyboard(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target as HTMLElement
    // Lists and fields keep their keys; sliders and buttons give theirs up but for what works them.
    if (/^(SELECT|TEXTAREA)$/.test(target.tagName)) return
    if (event.key === ' ' && /^(BUTTON|SUMMARY)$/.test(target.tagName)) return
    if (event.key === 'Escape') {
      helpOpen.value = false
      return
    }
    for (const { keys, actions } of SHORTCUTS) {
      const at = keys.indexOf(event.key)
      if (at < 0) continue
      event.preventDefault()
      actions[at]()
      return
    }
  })
}
