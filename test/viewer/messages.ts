import type { MessageOf } from '../../viewer/protocol/index.ts'

/** A run with two modes. */
export const runMessage = (run = 0, changes: Partial<MessageOf<'run'>> = {}): MessageOf<'run'> => ({
  type: 'run',
  run,
  label: `run ${run}`,
  kind: 'planner',
  environment: 'two-way',
  summary: 'A point robot passes a disc.',
  config: '{"seed":0}',
  modes: ['left', 'right'],
  period: 0.1,
  act: 2,
  step: 400,
  ...changes,
})

export const sceneMessage = (run = 0): MessageOf<'scene'> => ({
  type: 'scene',
  run,
  unit: 'm',
  bounds: [-1, -1, 1, 1],
  shapes: [
    { path: '/env/disc', kind: 'disc', role: 'obstacle', points: Float32Array.of(0, 0), radius: 0.2 },
    { path: '/env/robot', kind: 'disc', role: 'agent', points: Float32Array.of(0, -0.9), radius: 0.05 },
  ],
})

/** An episode of `length` steps straight up, along x = `x`. */
export const episodeMessage = (
  episode: number,
  changes: Partial<MessageOf<'episode'>> & { readonly x?: number; readonly length?: number } = {},
): MessageOf<'episode'> => {
  const { x = 0.5, length = 8, ...rest } = changes
  return {
    type: 'episode',
    run: 0,
    episode,
    success: true,
    mode: x < 0 ? 0 : 1,
    reward: 1,
    path: Float32Array.from({ length: 2 * (length + 1) }, (_, i) =>
      i % 2 === 0 ? x : -0.9 + (1.8 * (i >> 1)) / length,
    ),
    replans: Array.from({ length: Math.ceil(length / 2) }, (_, i) => 2 * i),
    latency: new Float32Array(Math.ceil(length / 2)).fill(5),
    step: 400,
    ...rest,
  }
}

export const framesMessage = (episode: MessageOf<'episode'>): MessageOf<'frames'> => ({
  type: 'frames',
  run: episode.run,
  episode: episode.episode,
  shapes: [{ path: '/env/robot', kind: 'disc', role: 'agent', points: episode.path, radius: 0.05 }],
})

/** Plans that fan out from the origin, in `steps` denoise steps. */
export const planMessage = (
  episode: number,
  replan: number,
  { run = 0, count = 3, points = 5, steps = 4 } = {},
): MessageOf<'plan'> => {
  const size = count * points * 2
  const all = (from: number) =>
    Float32Array.from({ length: (steps + 1 - from) * size }, (_, i) => {
      const spread = 0.05 + 0.02 * (steps - from - Math.floor(i / size))
      const [sample, point, axis] = [Math.floor((i % size) / points / 2), Math.floor(i / 2) % points, i % 2]
      return axis === 1 ? -0.9 + 0.2 * point : spread * point * (sample - (count - 1) / 2)
    })
  return {
    type: 'plan',
    run,
    episode,
    replan,
    count,
    points,
    committed: 2,
    times: Float32Array.from({ length: steps + 1 }, (_, k) => 1 - k / steps),
    noisy: all(0),
    clean: all(1),
    modes: Int16Array.from({ length: count }, (_, i) => (i % 2) as number),
    rewards: Float32Array.from({ length: count }, (_, i) => i / count),
    latency: 7,
  }
}
