import * as z from 'zod/mini'

/** Both ends must speak the same version; a client that does not is told to reload. */
export const PROTOCOL_VERSION = 1

const index = z.int().check(z.nonnegative())
const text = z.string().check(z.maxLength(20_000))
const name = z.string().check(z.maxLength(200))
const path = z.string().check(z.regex(/^\/[^\s]*$/), z.maxLength(200))
const floats = z.custom<Float32Array>((value) => value instanceof Float32Array)
const modes = z.custom<Int16Array>((value) => value instanceof Int16Array)

/** Number of the run: 0, or 0 and 1 where two are compared. */
const run = z.int().check(z.nonnegative(), z.lte(7))

const shape = z.object({
  path,
  kind: z.enum(['disc', 'polygon', 'line']),
  role: z.enum(['agent', 'obstacle', 'goal', 'object', 'wall', 'target']),
  /** x, y of each point; of a moving shape: of each step in turn, [steps + 1, points, 2]. */
  points: floats,
  /** Of a disc. */
  radius: z.optional(z.number()),
})

/** First message of every connection. */
const hello = z.object({
  type: z.literal('hello'),
  version: z.int(),
  /** Changes when the server starts anew. */
  session: name,
  /** Whether the server answers requests; a replayed recording does not. */
  interactive: z.boolean(),
})

/** Ends the state that a client is brought up to date with; what it did not name is gone. */
const ready = z.object({ type: z.literal('ready') })

/** Something that people should know, such as a checkpoint that is damaged. Empty: nothing any more. */
const notice = z.object({ type: z.literal('notice'), level: z.enum(['info', 'warning']), text })

/** A run that is shown. */
const runInfo = z.object({
  type: z.literal('run'),
  run,
  label: name,
  kind: z.enum(['planner', 'demonstrations', 'images']),
  /** Name and one line about the environment. */
  environment: name,
  summary: text,
  /** Config as JSON. */
  config: text,
  modes: z.array(name),
  /** Seconds of one environment step. */
  period: z.number(),
  /** Steps that a plan's executed part lasts. */
  act: index,
  /** Training steps behind the weights shown. */
  step: index,
})

/** What stays where it is, and the length unit. */
const scene = z.object({
  type: z.literal('scene'),
  run,
  unit: name,
  /** The visible rectangle: low x, low y, high x, high y. */
  bounds: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  shapes: z.array(shape),
})

/** How an episode went. */
const episode = z.object({
  type: z.literal('episode'),
  run,
  /** Seed of the episode, or number of the demonstration: the same in every run. */
  episode: index,
  success: z.boolean(),
  mode: z.int(),
  reward: z.number(),
  /** Positions of the agent, the initial one first, [length + 1, 2]. */
  path: floats,
  /** Steps at which it planned. */
  replans: z.array(index),
  /** Milliseconds of each plan. */
  latency: floats,
  /** Training steps behind the weights that rolled it out. */
  step: index,
})

/** Everything that moves in an episode. */
const frames = z.object({ type: z.literal('frames'), run, episode: index, shapes: z.array(shape) })

/** The plans sampled at one replan, from noise to the end. Sample 0 is the one that was carried out. */
const plan = z.object({
  type: z.literal('plan'),
  run,
  episode: index,
  /** Number of the replan. */
  replan: index,
  /** Sampled plans N and positions of each P, the present one first. */
  count: index,
  points: index,
  /** How many of the positions after the first are carried out before planning anew. */
  committed: index,
  /** Process time after each of K denoise steps, that of the noise first, [K + 1]. */
  times: floats,
  /** x_t as positions, [K + 1, N, P, 2]. */
  noisy: floats,
  /** The clean plan predicted in each step, [K, N, P, 2]. */
  clean: floats,
  /** Mode that each plan leads to, or that the demonstrations near its end show; −1 where it is open, [N]. */
  modes,
  /** Reward at the end of each plan where it is carried out to its end, [N]. */
  rewards: floats,
  /** Milliseconds that sampling all of them took. */
  latency: z.number(),
})

/** Demonstrations, drawn faintly. Each path has the same number of points. */
const demonstrations = z.object({
  type: z.literal('demonstrations'),
  run,
  /** [count, points, 2]. */
  paths: floats,
  count: index,
  modes,
})

/** A batch of training samples and the noise that each is paired with, in the plane of two main directions. */
const coupling = z.object({
  type: z.literal('coupling'),
  run,
  /** Name and settings of the coupling. */
  name,
  /** [N, 2] each: the data, blindly drawn noise, and the noise that the coupling chose. */
  data: floats,
  before: floats,
  after: floats,
  modes,
  /** Mean squared distance of data and noise over all their dimensions. */
  cost: z.object({ before: z.number(), after: z.number(), dimensions: index }),
})

/** Figures over training. */
const curves = z.object({
  type: z.literal('curves'),
  run,
  curves: z.array(z.object({ name, steps: floats, values: floats })),
})

/** How far training is. */
const progress = z.object({
  type: z.literal('progress'),
  run,
  state: z.enum(['waiting', 'training', 'evaluating', 'stopped', 'finished']),
  done: index,
  total: index,
})

/** A grid of generated images, as PNG. */
const images = z.object({
  type: z.literal('images'),
  run,
  step: index,
  png: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
})

/** What a key named before is gone. */
const drop = z.object({ type: z.literal('drop'), key: path })

/** What servers send. */
export const serverMessage = z.discriminatedUnion('type', [
  hello,
  ready,
  notice,
  runInfo,
  scene,
  episode,
  frames,
  plan,
  demonstrations,
  coupling,
  curves,
  progress,
  images,
  drop,
])

/** What clients send. */
export const clientMessage = z.discriminatedUnion('type', [
  /**
   * Show an episode: answered by its frames and the plans of every replan, in all runs. From then on those of the
   * episode opened before are not sent any more.
   */
  z.object({
    type: z.literal('open'),
    episode: index,
    /** Plans to sample at each replan. */
    count: z.int().check(z.gte(1), z.lte(1000)),
  }),
  /** Roll out further episodes, in all runs. */
  z.object({ type: z.literal('roll'), count: z.int().check(z.gte(1), z.lte(100)) }),
  /** Show how noise is coupled with data. */
  z.object({ type: z.literal('couple') }),
])

export type ServerMessage = z.infer<typeof serverMessage>
export type ClientMessage = z.infer<typeof clientMessage>
export type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>
export type ShapeMessage = z.infer<typeof shape>

/** Messages that are state: of each key only the newest counts. */
export type StateMessage = Exclude<ServerMessage, { type: 'hello' | 'ready' | 'drop' }>

/** The redundancy key of a message: a newer one with the same key replaces it. */
export function keyOf(message: StateMessage): string {
  switch (message.type) {
    case 'notice':
      return '/notice'
    case 'run':
      return `/run/${message.run}`
    case 'episode':
      return `/run/${message.run}/episode/${message.episode}`
    case 'frames':
      return `/run/${message.run}/episode/${message.episode}/frames`
    case 'plan':
      return `/run/${message.run}/episode/${message.episode}/plan/${message.replan}`
    case 'images':
      return `/run/${message.run}/images/${message.step}`
    default:
      return `/run/${message.run}/${message.type}`
  }
}

const DETAIL = /^\/run\/\d+\/episode\/(\d+)\/(?:frames|plan\/\d+)$/

/**
 * The episode whose details a key names: its frames or plans, which are sent to those only who opened it.
 *
 * @returns undefined for all other keys
 */
export function detailOf(key: string): number | undefined {
  const match = DETAIL.exec(key)
  return match ? Number(match[1]) : undefined
}
