import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { plannerSchema } from '../../src/config/planner.ts'
import { checkpointSteps, isSound } from '../../src/run/checkpoint.ts'
import { trainPlannerRun } from '../../src/train/planner-run.ts'
import type { RunEvent } from '../../src/train/run-events.ts'
import { command, type Ended, start, until } from '../cli/command.ts'
import { scratch } from '../scratch.ts'
import { demonstrationsIn, tinyInput } from './tiny.ts'

const STEPS = 400

const folder = scratch()
const path = await demonstrationsIn(folder)
// A checkpoint falls into the middle of a pool of 7 batches and of a line of metrics of 9 steps.
const input = tinyInput(
  { steps: STEPS, checkpointEvery: 40, logEvery: 9, validateEvery: 100 },
  { coupling: { type: 'local', cell: 8, pool: 7 }, demonstrations: { path } },
)
const configFile = join(folder, 'config.json')
writeFileSync(configFile, JSON.stringify(input))

/** Trains or goes on in this process. */
async function trainHere(run: string, fresh: boolean): Promise<RunEvent[]> {
  const config = fresh ? { config: parseConfig(plannerSchema, input, configFile) } : {}
  const events: RunEvent[] = []
  const request = { folder: run, environment: twoWay.module, demonstrations: path, ...config }
  for await (const event of trainPlannerRun(request)) events.push(event)
  return events
}

/** Everything of a run that must not depend on whether it was stopped, as bytes. */
function contents(run: string): Record<string, Buffer> {
  const last = join('checkpoints', `step-${String(STEPS).padStart(8, '0')}`)
  const tensors = readdirSync(join(run, last)).filter((name) => name.endsWith('.safetensors'))
  const files = ['metrics.jsonl', 'normalizer.safetensors', ...tensors.map((name) => join(last, name))]
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(run, name))]))
}

function sameBytes(t: ExecutionContext, run: string, reference: string): void {
  const [found, expected] = [contents(run), contents(reference)]
  t.deepEqual(Object.keys(found), Object.keys(expected))
  t.is(Object.keys(expected).length, 5)
  for (const [name, bytes] of Object.entries(expected)) t.true(bytes.equals(found[name]), `${name} differs`)
}

const uninterrupted = join(folder, 'uninterrupted')
const checkpoints = (run: string) => join(run, 'checkpoints')
const steps = async (run: string) => checkpointSteps(checkpoints(run))

test.before('train without a stop', () => trainHere(uninterrupted, true))

/**
 * Starts a run and sends it a signal once it is `ready`, and again in another folder should it have reached its
 * end before.
 */
async function interrupt(
  signal: 'SIGKILL' | 'SIGINT',
  ready: (run: string) => boolean,
): Promise<{ readonly run: string; readonly ended: Ended }> {
  for (let attempt = 0; ; attempt++) {
    const run = join(folder, `${signal}-${attempt}`)
    const running = start('train', configFile, '--run', run, '--json')
    await until(running, () => ready(run))
    running.child.kill(signal)
    const ended = await running.ended
    if (ended.code !== 0) return { run, ended }
  }
}

const hasCheckpoint = (run: string): boolean =>
  existsSync(checkpoints(run)) && readdirSync(checkpoints(run)).some((name) => /^step-\d+$/.test(name))

test.serial('a run that is killed at any moment and resumed ends with the same bytes', async (t) => {
  const moment = Math.random() * 100
  let since: number | undefined
  const { run, ended } = await interrupt('SIGKILL', (run) => {
    if (hasCheckpoint(run)) since ??= performance.now()
    return since !== undefined && performance.now() - since > moment
  })
  t.is(ended.code, null)
  t.log(`killed after the checkpoints ${(await steps(run)).join(', ')}`)

  const { code, stdout, stderr } = await command('train', '--resume', '--run', run)
  t.is(code, 0, stderr)
  t.regex(stdout, /going on from step \d+/)
  sameBytes(t, run, uninterrupted)
})

test.serial('a stop by Ctrl-C leaves a checkpoint to go on from with the same bytes', async (t) => {
  const { run, ended } = await interrupt('SIGINT', (run) => hasCheckpoint(run))
  const { code, stdout, stderr } = ended
  t.is(code, 130, stderr)
  t.regex(stderr, /stopping/)
  const finished = JSON.parse(stdout.trim().split('\n').at(-1)!)
  t.is(finished.type, 'finished')
  t.false(finished.complete)
  t.is((await steps(run)).at(-1), finished.step)

  const events = await trainHere(run, false)
  t.like(events[0], { type: 'started', from: finished.step })
  sameBytes(t, run, uninterrupted)
})

test.serial('a damaged checkpoint is named and passed over, with the same bytes in the end', async (t) => {
  const run = join(folder, 'damaged')
  cpSync(uninterrupted, run, { recursive: true })
  const newest = join(checkpoints(run), `step-${String(STEPS).padStart(8, '0')}`)
  const model = join(newest, 'model.safetensors')
  truncateSync(model, readFileSync(model).length - 5)
  t.false(await isSound(newest))

  const events = await trainHere(run, false)
  const [warning, started] = events
  t.is(warning.type, 'warning')
  t.regex((warning as { message: string }).message, /step-00000400 is damaged: model\.safetensors/)
  t.like(started, { type: 'started', from: STEPS - 40 })
  t.true(await isSound(newest))
  sameBytes(t, run, uninterrupted)
})

test.serial('a finished run that is resumed stays as it is', async (t) => {
  const run = join(folder, 'finished')
  cpSync(uninterrupted, run, { recursive: true })
  const events = await trainHere(run, false)
  t.deepEqual(
    events.map(({ type }) => type),
    ['started', 'finished'],
  )
  t.deepEqual(events.at(-1), { type: 'finished', step: STEPS, complete: true })
  sameBytes(t, run, uninterrupted)
})
