import {
  COUNTS,
  colorBy,
  count,
  denoiseAt,
  follow,
  lead,
  level,
  loop,
  nudge,
  planOf,
  playing,
  replan,
  rewardRange,
  SPEEDS,
  seekDenoise,
  seekReplan,
  seekStep,
  setLevel,
  shown,
  speed,
  step,
  timeline,
  togglePlaying,
  topView,
} from '../cursor.ts'
import { revision, runs } from '../model.ts'
import type { Level } from '../playback.ts'
import { shareColor, theme } from '../theme.ts'
import { Icon } from './icon.tsx'

/** Play, pause and the three timelines. */
export function Timelines() {
  revision.value
  const { length, replans, denoiseSteps, rate } = timeline.value
  const plan = planOf(lead.value, replan.value)
  const planners = runs().some(({ info }) => info?.kind === 'planner')
  return (
    <section class="timelines" aria-label="Timelines">
      <div class="transport">
        <button
          type="button"
          class="round"
          onClick={() => nudge(-1)}
          title="One step back (←)"
          aria-label="One step back"
        >
          <Icon name="back" />
        </button>
        <button
          type="button"
          class="round play"
          onClick={togglePlaying}
          title={playing.value ? 'Pause (space)' : 'Play (space)'}
          aria-label={playing.value ? 'Pause' : 'Play'}
        >
          <Icon name={playing.value ? 'pause' : 'play'} />
        </button>
        <button
          type="button"
          class="round"
          onClick={() => nudge(1)}
          title="One step forth (→)"
          aria-label="One step forth"
        >
          <Icon name="forth" />
        </button>
        <select
          aria-label="Speed"
          title="Speed (+ and −)"
          value={`${speed.value}`}
          onChange={(event) => {
            speed.value = Number(event.currentTarget.value)
          }}
        >
          {SPEEDS.map((value) => (
            <option value={`${value}`} key={value}>
              {value}×
            </option>
          ))}
        </select>
        <Toggle
          on={loop.value}
          icon="loop"
          title="Play again at the end (l)"
          onClick={() => (loop.value = !loop.value)}
        />
        <Toggle
          on={follow.value}
          icon="live"
          label="follow"
          title="Go to what is newest (f)"
          onClick={() => (follow.value = !follow.value)}
        />
      </div>
      <div class="tracks">
        <Track
          of="step"
          name="Step"
          value={step.value}
          max={length}
          marks={replans}
          text={`${Math.round(step.value)} of ${length}`}
          detail={`${(step.value / rate).toFixed(1)} s`}
          onSeek={seekStep}
        />
        {planners && (
          <>
            <Track
              of="replan"
              name="Replan"
              value={replan.value}
              max={replans.length - 1}
              text={`${replan.value + 1} of ${replans.length}`}
              detail={plan ? `${plan.latency.toFixed(plan.latency < 10 ? 1 : 0)} ms` : ''}
              hint={
                plan &&
                `Sampling ${plan.count === 1 ? 'this plan' : `these ${plan.count} plans`} took so long`
              }
              onSeek={(to) => seekReplan(Math.round(to))}
            />
            <Track
              of="denoise"
              name="Denoise"
              value={denoiseAt.value}
              max={denoiseSteps}
              text={denoiseSteps === 0 ? '–' : `${Math.round(denoiseAt.value)} of ${denoiseSteps}`}
              detail={denoiseText(plan?.times, denoiseAt.value, denoiseSteps)}
              onSeek={seekDenoise}
            />
          </>
        )}
      </div>
      <div class="options">
        {planners && (
          <>
            <Choice
              label="Plans"
              value={count.value}
              options={COUNTS.map((value) => [value, `${value}`] as const)}
              onChange={(value) => (count.value = value)}
            />
            <Choice
              label="Colour"
              value={colorBy.value}
              options={[
                ['mode', 'mode'],
                ['reward', 'reward'],
              ]}
              onChange={(value) => (colorBy.value = value)}
            />
            {colorBy.value === 'reward' && <RewardScale />}
          </>
        )}
        <div class="layers">
          {(planners ? LAYER_NAMES : LAYER_NAMES.slice(1)).map((name) => (
            <label key={name} title={LAYERS[name][1]}>
              <input
                type="checkbox"
                checked={shown[name].value}
                onChange={() => (shown[name].value = !shown[name].value)}
              />
              <i class={`line ${name}`} />
              {LAYERS[name][0]}
            </label>
          ))}
          <label title="Look straight down (t)">
            <input
              type="checkbox"
              checked={topView.value}
              onChange={() => (topView.value = !topView.value)}
            />
            from above
          </label>
        </div>
      </div>
    </section>
  )
}

const LAYER_NAMES = ['plans', 'path', 'demonstrations', 'others'] as const
const LAYERS = {
  plans: ['plans', 'Sampled plans (p)'],
  path: ['executed', 'The way that was gone'],
  demonstrations: ['demonstrations', 'What was demonstrated (d)'],
  others: ['other episodes', 'The ways of all other episodes (a)'],
} as const

/** Which colours stand for which rewards. */
function RewardScale() {
  const [low, high] = rewardRange.value ?? [0, 0]
  const colors = Array.from({ length: 9 }, (_, i) => shareColor(i / 8, theme.value)).join()
  return (
    <span class="scale" title="Reward at the end of each plan">
      {low.toFixed(2)}
      <i style={{ background: `linear-gradient(90deg, ${colors})` }} />
      {high.toFixed(2)}
    </span>
  )
}

function denoiseText(times: Float32Array | undefined, at: number, steps: number): string {
  if (!times || steps === 0) return ''
  if (at <= 0) return 'noise'
  if (at >= steps) return 'plan'
  const time = times[Math.min(times.length - 1, Math.round((at / steps) * (times.length - 1)))]
  return `t = ${Number(time.toPrecision(3))}`
}

function Track(props: {
  readonly of: Level
  readonly name: string
  readonly value: number
  readonly max: number
  readonly marks?: readonly number[]
  readonly text: string
  readonly detail: string
  readonly hint?: string
  onSeek(to: number): void
}) {
  const { of, name, value, max, marks = [], text, detail, hint, onSeek } = props
  const share = max > 0 ? value / max : of === 'denoise' ? 1 : 0
  return (
    <div class={`track ${level.value === of ? 'chosen' : ''}`} data-level={of}>
      <button
        type="button"
        class="track-name"
        aria-pressed={level.value === of}
        title={TITLES[of]}
        onClick={() => setLevel(of)}
      >
        {name}
      </button>
      <div class="slider" style={{ '--share': `${share}` }}>
        {max > 0 && marks.map((mark) => <i key={mark} style={{ left: `${(100 * mark) / max}%` }} />)}
        <input
          type="range"
          min={0}
          max={Math.max(max, 1e-9)}
          step={of === 'replan' ? 1 : 'any'}
          value={value}
          disabled={max <= 0}
          aria-label={name}
          onInput={(event) => onSeek(Number(event.currentTarget.value))}
        />
      </div>
      <output>
        {text} <small title={hint}>{detail}</small>
      </output>
    </div>
  )
}

const TITLES: Readonly<Record<Level, string>> = {
  step: 'Play the episode (1)',
  replan: 'Play as the robot does: plan, carry out, plan anew (2)',
  denoise: 'Play how this plan comes out of noise (3)',
}

function Toggle(props: {
  readonly on: boolean
  readonly icon: string
  readonly label?: string
  readonly title: string
  onClick(): void
}) {
  return (
    <button
      type="button"
      class="toggle"
      aria-pressed={props.on}
      title={props.title}
      aria-label={props.title}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
      {props.label}
    </button>
  )
}

function Choice<T extends string | number>(props: {
  readonly label: string
  readonly value: T
  readonly options: readonly (readonly [T, string])[]
  onChange(value: T): void
}) {
  return (
    <label class="choice">
      {props.label}
      <select
        value={`${props.value}`}
        onChange={(event) => {
          const chosen = props.options.find(([value]) => `${value}` === event.currentTarget.value)
          if (chosen) props.onChange(chosen[0])
        }}
      >
        {props.options.map(([value, text]) => (
          <option value={`${value}`} key={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
