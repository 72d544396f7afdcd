import { computed, signal } from '@preact/signals'
import { follow, imageStep, speed } from './cursor.ts'
import { revision, runs } from './model.ts'

/** Grids shown in a second at speed 1. */
const RATE = 3

/** Whether the grids of training are played. */
export const playingGrids = signal(false)

/** Training steps that have a grid of images, in any run, increasing. */
export const gridSteps = computed((): readonly number[] => {
  revision.value
  return [...new Set(runs().flatMap(({ images }) => [...images.keys()]))].sort((a, b) => a - b)
})

/** Whether images are all that there is: keys then move among grids. */
export const onlyGrids = computed((): boolean => {
  revision.value
  const all = runs()
  return all.length > 0 && all.every(({ scene }) => !scene)
})

/** Which of the steps is shown: the newest one unless another was chosen. */
export const gridIndex = computed((): number => {
  const wanted = follow.value ? Number.POSITIVE_INFINITY : imageStep.value
  return Math.max(
    0,
    gridSteps.value.findLastIndex((step) => step <= wanted),
  )
})

/** Training step of the grids that are shown; 0 where there are none. */
export const shownGridStep = computed((): number => gridSteps.value[gridIndex.value] ?? 0)

let waited = 0

/** Shows a grid. The last one stands for the newest, whatever comes. */
export function seekGrid(index: number): void {
  const steps = gridSteps.value
  const at = Math.min(steps.length - 1, Math.max(0, index))
  follow.value = false
  imageStep.value = at === steps.length - 1 ? Number.POSITIVE_INFINITY : steps[at]
}

/** The grid before or after. */
export function nudgeGrid(direction: 1 | -1): void {
  playingGrids.value = false
  seekGrid(gridIndex.value + direction)
}

/** Plays from here, or from the beginning where the end is shown. */
export function toggleGrids(): void {
  playingGrids.value = !playingGrids.value && gridSteps.value.length > 1
  if (playingGrids.value && gridIndex.value === gridSteps.value.length - 1) seekGrid(0)
  waited = 0
}

/** Plays for so many milliseconds of the clock. */
export function tickGrids(milliseconds: number): void {
  if (!playingGrids.value) return
  waited += milliseconds
  if (waited < 1000 / RATE / speed.value) return
  waited = 0
  seekGrid(gridIndex.value + 1)
  if (gridIndex.value === gridSteps.value.length - 1) playingGrids.value = false
}
