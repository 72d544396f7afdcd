import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'
import { loadEnvironment } from '../../envs/index.ts'
import twoWay from '../../envs/two-way/index.ts'
import { createOutput, type Output } from '../../src/cli/output.ts'
import { leaning } from '../../src/cli/view/leaning.ts'
import { mainPlane } from '../../src/cli/view/main-plane.ts'
import { openLane } from '../../src/cli/view/open-lanes.ts'
import { createSession } from '../../src/cli/view/session.ts'
import { viewTraining } from '../../src/cli/view/train-view.ts'
import { createWorkQueue } from '../../src/cli/view/work-queue.ts'
import { rows } from '../../src/rows.ts'
import { trainPlannerRun } from '../../src/train/planner-run.ts'
import { decodeServerMessage, type MessageOf, type ServerMessage } from '../../viewer/protocol/index.ts'
import { createHub, type Hub } from '../../viewer/server/index.ts'
import { scratch } from '../scratch.ts'
import { demonstrationsIn, tinyConfig } from '../train/tiny.ts'
import { clientBuilt } from '../viewer/build-client.ts'
import { listen } from '../viewer/sockets.ts'

const folder = scratch()
const demonstrations = await demonstrationsIn(folder)
const quiet: Output = { ...createOutput(true), record() {}, warn() {} }
const SEED = 100_000

/** Trains the smallest planner. */
async function trained(name: string, coupling: { type: string; cell?: number }): Promise<string> {
  const run = join(folder, name)
  const config = tinyConfig({ validationShare: 0 }, { coupling, demonstrations: { path: demonstrations } })
  const request = { folder: run, config, environment: twoWay.module, demonstrations }
  for await (const _ of trainPlannerRun(request));
  return run
}

const state = (hub: Hub) => hub.snapshot().map((bytes) => decodeServerMessage(bytes))
const of = <Type extends ServerMessage['type']>(hub: Hub, type: Type) =>
  state(hub).filter((message): message is MessageOf<Type> => message.type === type)

/** Opens paths as the command does, without serving them. */
async function opened(...paths: string[]) {
  const hub = createHub()
  const options = { hub, which: 'latest', loadEnvironment, output: quiet } as const
  const open = await Promise.all(paths.map((path, run) => openLane(path, run, options)))
  const lanes = open.map(({ lane }) => lane)
  const session = createSession(hub, lanes, quiet)
  for (const lane of lanes) await lane.begin()
  for (const { watch } of open) {
    await watch?.look()
    watch?.close()
  }
  return { hub, session, lanes }
}

test.serial('a run is shown: episodes, plans with every denoise step, figures and couplings', async (t) => {
  const [blind, coupled] = [
    await trained('blind', { type: 'independent' }),
    await trained('coupled', { type: 'assignment' }),
  ]
  const { hub, session } = await opened(blind, coupled)
  session.roll(6)
  await session.work.idle()
  t.deepEqual(
    of(hub, 'episode')
      .filter(({ run }) => run === 1)
      .map(({ episode }) => episode),
    Array.from({ length: 6 }, (_, i) => SEED + i),
  )
  session.onRequest({ type: 'open', episode: SEED + 1, count: 3 })
  session.onRequest({ type: 'couple' })
  await session.work.idle()
  t.deepEqual(of(hub, 'notice'), [])

  for (const run of [0, 1]) {
    const episode = of(hub, 'episode').find((one) => one.run === run && one.episode === SEED + 1)!
    const frames = of(hub, 'frames').find((one) => one.run === run)!
    const robot = frames.shapes.find(({ path }) => path === '/env/robot')!
    // The robot is where its path is.
    t.deepEqual(robot.points, episode.path)
    const plans = of(hub, 'plan').filter((one) => one.run === run)
    t.is(plans.length, episode.replans.length)
    const [first] = plans
    t.deepEqual([first.count, first.points, first.committed, first.times.length], [3, 8, 4, 3])
    // Plans begin where the robot is, and sample 0 is the plan that was carried out.
    const final = first.noisy.subarray(2 * 3 * 8 * 2)
    t.deepEqual(final.slice(0, 2), episode.path.slice(0, 2))
    const steps = Math.min(4, episode.path.length / 2 - 1)
    for (let i = 0; i < 2 * steps; i++) {
      // The robot clips its speed; plans that were trained for a few steps may ask for more.
      t.true(Math.abs(final[i] - episode.path[i]) < 0.15)
    }
  }
  // Both runs start from the same noise.
  const [one, other] = [0, 1].map((run) => of(hub, 'plan').find((plan) => plan.run === run)!)
  t.deepEqual(one.noisy.slice(0, 3 * 8 * 2), other.noisy.slice(0, 3 * 8 * 2))

  const [before, after] = of(hub, 'coupling').sort((a, b) => a.run - b.run)
  t.deepEqual(before.before, before.after)
  t.is(before.cost.before, after.cost.before)
  t.true(after.cost.after < after.cost.before)
  t.true(of(hub, 'curves')[0].curves.some(({ name }) => name === 'train/loss'))
  t.like(of(hub, 'progress')[0], { state: 'finished', done: 12, total: 12 })
  await session.close()
})

test.serial('more plans of an episode replace fewer', async (t) => {
  const { hub, session } = await opened(join(folder, 'blind'))
  for (const count of [2, 5, 5]) {
    session.onRequest({ type: 'open', episode: 7, count })
    await session.work.idle()
    t.true(of(hub, 'plan').every((plan) => plan.count === count))
  }
  // It was not among the episodes that were rolled out, and is there now.
  t.deepEqual(
    of(hub, 'episode').map(({ episode }) => episode),
    [7],
  )
  await session.close()
})

test.serial('demonstrations are drawn from their observations', async (t) => {
  const { hub, session } = await opened(demonstrations)
  session.roll(100)
  session.onRequest({ type: 'open', episode: 3, count: 1 })
  await session.work.idle()
  t.is(of(hub, 'episode').length, 8)
  t.deepEqual(
    of(hub, 'episode')
      .sort((a, b) => a.episode - b.episode)
      .map(({ mode }) => mode),
    [0, 1, 0, 1, 0, 1, 0, 1],
  )
  t.is(of(hub, 'frames')[0].episode, 3)
  t.is(of(hub, 'run')[0].kind, 'demonstrations')
  await session.close()
})

test('a run of images shows its grids', async (t) => {
  const run = join(folder, 'images')
  mkdirSync(join(run, 'samples'), { recursive: true })
  writeFileSync(join(run, 'config.json'), JSON.stringify({ images: 'digits', training: { steps: 300 } }))
  for (const step of [100, 200]) {
    writeFileSync(join(run, 'samples', `step-${String(step).padStart(8, '0')}.png`), Uint8Array.of(step))
  }
  const { hub, session } = await opened(run)
  t.deepEqual(
    of(hub, 'images').map(({ step, png }) => [step, ...png]),
    [
      [100, 100],
      [200, 200],
    ],
  )
  t.is(of(hub, 'run')[0].kind, 'images')
  await session.close()
})

test('training of latent diffusion is watched: first its autoencoder, then itself', async (t) => {
  await clientBuilt()
  const run = join(folder, 'latent')
  const write = (part: string, config: object, byte: number) => {
    mkdirSync(join(run, part, 'samples'), { recursive: true })
    writeFileSync(join(run, part, 'config.json'), JSON.stringify(config))
    writeFileSync(join(run, part, 'samples', 'step-00000100.png'), Uint8Array.of(byte))
  }
  const images = { source: { type: 'mnist' } }
  let url = ''
  const output: Output = {
    ...quiet,
    record: (value) => (url ||= (value as { url?: string }).url ?? ''),
  }
  const viewing = await viewTraining({ folder: run, loadEnvironment, output, port: 0 })
  const started = { type: 'started', from: 0, steps: 100, parameters: 1, samples: 1 } as const
  viewing.onEvent({ type: 'stage', name: 'autoencoder', total: 100 })
  write('parts/autoencoder', { images, autoencoder: { training: { steps: 100 } } }, 1)
  viewing.onEvent(started)
  const listener = await listen(url)
  const shown = (label: string) =>
    listener.until((message) => message.type === 'run' && message.label === label)
  const png = (byte: number) =>
    listener.until((message) => message.type === 'images' && message.png[0] === byte)
  t.like(await shown('latent · autoencoder'), { kind: 'images', environment: 'mnist' })
  t.truthy(await png(1))
  t.like(await listener.until(({ type }) => type === 'progress'), { total: 100 })
  viewing.onEvent({ type: 'finished', step: 100, complete: true })
  viewing.onEvent({ type: 'stage', name: 'latents', total: 40 })
  t.truthy(
    await listener.until((message) => message.type === 'notice' && message.text.startsWith('Encoding 40')),
  )
  write('.', { images, denoiser: {}, training: { steps: 200 } }, 2)
  viewing.onEvent(started)
  t.truthy(await shown('latent'))
  t.truthy(await png(2))
  t.truthy(await listener.until((message) => message.type === 'drop' && message.key === '/run/0'))
  await viewing.stay(AbortSignal.abort())
})

test('a run of latent diffusion is followed from its autoencoder to its denoiser', async (t) => {
  const run = join(folder, 'latent-followed')
  const write = (path: string, content: object | Uint8Array) => {
    mkdirSync(dirname(join(run, path)), { recursive: true })
    writeFileSync(join(run, path), content instanceof Uint8Array ? content : JSON.stringify(content))
  }
  const images = { source: { type: 'mnist' } }
  write('parts/config.json', { images, denoiser: {}, training: { steps: 200 } })
  write('parts/autoencoder/config.json', { images, autoencoder: { training: { steps: 100 } } })
  write('parts/autoencoder/samples/step-00000100.png', Uint8Array.of(1))
  const hub = createHub()
  const options = { hub, which: 'latest', loadEnvironment, output: quiet } as const
  const { lane, watch } = await openLane(run, 0, options)
  await lane.begin()
  await watch?.look()
  t.is(of(hub, 'run')[0].label, 'latent-followed · autoencoder')
  t.deepEqual(
    of(hub, 'images').map(({ png }) => png[0]),
    [1],
  )
  write('parts/pipeline/model_index.json', {})
  await watch?.look()
  t.regex(of(hub, 'notice')[0].text, /images are encoded/)
  write('config.json', { images, denoiser: {}, training: { steps: 200 } })
  write('samples/step-00000050.png', Uint8Array.of(2))
  await watch?.look()
  t.is(of(hub, 'run')[0].label, 'latent-followed')
  t.is(of(hub, 'notice')[0].text, '')
  t.is(of(hub, 'progress')[0].total, 200)
  t.deepEqual(
    of(hub, 'images').map(({ png }) => png[0]),
    [2],
  )
  watch?.close()
})

test('a path that is nothing is named', async (t) => {
  await t.throwsAsync(opened(join(folder, 'nowhere')), { name: 'InputError', message: /There is no/ })
  await t.throwsAsync(opened(folder), { name: 'InputError', message: /neither the folder of a run/ })
  const recording = join(folder, 'a.recording')
  writeFileSync(recording, '')
  await t.throwsAsync(opened(recording, folder), { name: 'InputError', message: /which is viewed alone/ })
})

test('the most urgent work goes first, the newest among equals, and errors end their own work only', async (t) => {
  const done: string[] = []
  const errors: unknown[] = []
  const work = createWorkQueue((error) => errors.push(error))
  const pieces = async function* (name: string, count: number, fails = false) {
    for (let i = 0; i < count; i++) {
      done.push(`${name}${i}`)
      if (fails) throw new Error(name)
      yield
    }
  }
  work.add('a', 1, pieces('a', 2))
  work.add('b', 1, pieces('b', 2))
  work.add('c', 2, pieces('c', 1))
  work.add('d', 0, pieces('d', 2, true))
  work.add('e', 0, pieces('old', 1))
  work.add('e', 0, pieces('e', 1))
  await work.idle()
  t.deepEqual(done, ['a0', 'c0', 'b0', 'b1', 'a1', 'e0', 'd0'])
  t.is(errors.length, 1)
})

test('a place leans towards a mode only if the demonstrations near it agree', (t) => {
  const path = (x: number, mode: number) => ({ points: [[x, 0] as const, [x, 1] as const], mode })
  const demonstrated = [...Array(8).fill(path(-1, 0)), ...Array(8).fill(path(1, 1))]
  t.is(leaning(demonstrated, [-0.8, 0.9]), 0)
  t.is(leaning(demonstrated, [0.8, 0.9]), 1)
  t.is(leaning([...demonstrated.slice(0, 4), ...demonstrated.slice(12)], [0, 0.5]), -1)
  t.is(leaning([], [0, 0]), -1)
})

test('the main plane is spanned by the directions of most variance', (t) => {
  const count = 200
  // Three coordinates that have nothing to do with each other.
  const values = Float32Array.from(
    { length: count * 3 },
    (_, i) => [5, 0.1, 2][i % 3] * Math.sin(Math.floor(i / 3) * [1.7, 0.6, 2.9][i % 3]),
  )
  const [first, second] = mainPlane(rows(values, count, 3))
  t.true(Math.abs(first[0]) > 0.99)
  t.true(Math.abs(second[2]) > 0.99)
})
