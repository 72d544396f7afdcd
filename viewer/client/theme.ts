import { effect, signal } from '@preact/signals'

export type Theme = 'dark' | 'light'

const STORED = 'immiscible-theme'
const system = matchMedia('(prefers-color-scheme: light)')

function initial(): Theme {
  const asked = new URLSearchParams(location.search).get('theme') ?? read()
  if (asked === 'dark' || asked === 'light') return asked
  return system.matches ? 'light' : 'dark'
}

/** A page that was opened from a file may not be allowed to store anything. */
function read(): string | null {
  try {
    return localStorage.getItem(STORED)
  } catch {
    return null
  }
}

export const theme = signal<Theme>(initial())

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(STORED, theme.value)
  } catch {
    // Then it is asked for again next time.
  }
}

/** Keeps the page's attribute, from which the style sheet takes its colours. Call once. */
export function startTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value
  })
}

/** Colours of what is drawn in 3-D. */
export interface Palette {
  readonly background: string
  readonly table: string
  readonly edge: string
  readonly grid: string
  readonly obstacle: string
  readonly wall: string
  readonly object: string
  readonly goal: string
  readonly agent: string
  readonly target: string
  readonly path: string
  readonly neutral: string
  readonly failed: string
  /** Light from above and from below. */
  readonly sky: string
  readonly ground: string
}

export const PALETTES: Readonly<Record<Theme, Palette>> = {
  dark: {
    background: '#0e1116',
    table: '#1b212b',
    edge: '#2b3442',
    grid: '#2b3441',
    obstacle: '#6b788c',
    wall: '#465063',
    object: '#d8b673',
    goal: '#3fb868',
    agent: '#f4f6fa',
    target: '#9fb2cc',
    path: '#f4f6fa',
    neutral: '#8fa3bf',
    failed: '#7a8494',
    sky: '#dfe8f5',
    ground: '#20262f',
  },
  light: {
    background: '#eef1f5',
    table: '#ffffff',
    edge: '#e3e8ee',
    grid: '#e4e8ee',
    obstacle: '#8b97a8',
    wall: '#a9b3c1',
    object: '#dcb56a',
    goal: '#2fa558',
    agent: '#1d2734',
    target: '#65758c',
    path: '#1d2734',
    neutral: '#6d7f99',
    failed: '#98a2b0',
    sky: '#ffffff',
    ground: '#cdd5df',
  },
}

/** Okabe and Ito's colours (2008), lighter on dark ground; for many modes, hues around the circle. */
const FEW: Readonly<Record<Theme, readonly string[]>> = {
  dark: ['#4aa8ff', '#ff8a3d', '#2fcf9a', '#e58fc0', '#f0c040', '#8fd3ff'],
  light: ['#0072b2', '#d55e00', '#009e73', '#b5578f', '#b88600', '#3b97d3'],
}

/** The colour of a mode among `total`. */
export function modeColor(mode: number, total: number, on: Theme): string {
  if (mode < 0) return PALETTES[on].neutral
  if (total <= FEW[on].length) return FEW[on][mode]
  const lightness = on === 'dark' ? [62, 70, 54][mode % 3] : [38, 47, 31][mode % 3]
  return `hsl(${Math.round((360 * mode) / total)}, 72%, ${lightness}%)`
}

/** The colour of a success: that of its mode, or plain good where there are no modes. */
export function outcomeColor(mode: number, total: number, on: Theme): string {
  return total > 0 ? modeColor(mode, total, on) : PALETTES[on].goal
}

/** Colours of runs that are compared: none of them is that of a mode. */
const RUNS: Readonly<Record<Theme, readonly string[]>> = {
  dark: ['#b9a5ff', '#ffd84d', '#5fe3d2', '#ff9fb6'],
  light: ['#6b3fd0', '#946200', '#0b7d74', '#c2335a'],
}
const ALONE: Readonly<Record<Theme, string>> = { dark: '#58a6ff', light: '#0b68c4' }

/** The colour of a run in charts: the accent, unless there are several. */
export function runColor(run: number, several: boolean, on: Theme): string {
  return several ? RUNS[on][run % RUNS[on].length] : ALONE[on]
}

/** The colour of a share from 0 (poor) to 1 (good): dark violet to yellow on dark ground, reversed in lightness on light. */
export function shareColor(share: number, on: Theme): string {
  const s = Math.min(1, Math.max(0, share))
  const hue = 285 - 225 * s
  return on === 'dark' ? `hsl(${hue}, 75%, ${48 + 18 * s}%)` : `hsl(${hue}, 75%, ${34 + 6 * s}%)`
}
