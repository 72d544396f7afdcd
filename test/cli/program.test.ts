import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { environmentNames } from '../../envs/index.ts'
import pushT from '../../envs/push-t/state-only.ts'
import twoWay from '../../envs/two-way/index.ts'
import { ALL_PRESETS } from '../../src/cli/settings.ts'
import type { PlannerConfig, PlannerInput } from '../../src/config/planner.ts'
import { isImageConfig, isLatentConfig, parseRunConfig } from '../../src/config/run-config.ts'
import { writeReplayBuffer } from '../../src/data/replay-buffer.ts'
import { InputError } from '../../src/errors.ts'
import { readLeRobotPolicy } from '../../src/policy/lerobot.ts'
import { createPolicy } from '../../src/policy/policy.ts'
import { latestCheckpoint } from '../../src/run/checkpoint.ts'
import { createRun, readRun } from '../../src/run/run-folder.ts'
import { trainPlannerRun } from '../../src/train/planner-run.ts'
import { fixturePath } from '../models/fixture.ts'
import { scratch } from '../scratch.ts'
import { demonstrations, demonstrationsIn, tinyConfig, tinyInput } from '../train/tiny.ts'
import { printed, records, run } from './command.ts'

const folder = scratch()
const path = await demonstrationsIn(folder)

/** Writes a config. @returns its path */
function configFile(name: string, content: object | string): string {
  const file = join(folder, `${name}.json`)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const tiny = (others: Partial<PlannerInput> = {}) => tinyInput({}, { demonstrations: { path }, ...others })
const wrong = (message: RegExp) => ({ instanceOf: InputError, message })

test.serial('names that do not exist are answered with the nearest that do', async (t) => {
  await t.throwsAsync(run('train', 'two-wya'), wrong(/Unknown preset "two-wya"; did you mean "two-way"/))
  await t.throwsAsync(run('presets', 'avoidign'), wrong(/did you mean "avoiding"/))
  await t.throwsAsync(
    run('demos', 'push-tee'),
    wrong(/Unknown environment "push-tee"; did you mean "push-t"/),
  )
  await t.throwsAsync(
    run('train', configFile('unknown-environment', tiny({ environment: 'two-wau' }))),
    wrong(/Unknown environment "two-wau"; did you mean "two-way"/),
  )
  await t.throwsAsync(
    run('train', 'two-way', '--set', 'training.stepps=3'),
    wrong(/two-way with --set: training\.stepps is not a known key; did you mean "steps"/),
  )
  await t.throwsAsync(
    run('train', 'two-way', '--set', 'network.type=mpl'),
    wrong(/network\.type is "mpl"; did you mean "mlp"\? Valid types: mlp, /),
  )
  await t.throwsAsync(run('train', 'images/mnist-flow', '--strict'), wrong(/strict is not a known key/))
  await t.throwsAsync(
    run('train', 'two-way', '--set', 'training.steps'),
    wrong(/--set training\.steps has no "="/),
  )
})

test.serial('configs that cannot be used are named with what is wrong', async (t) => {
  await t.throwsAsync(run('train', join(folder, 'absent.json')), wrong(/Cannot read .*absent\.json/))
  await t.throwsAsync(
    run('train', configFile('broken', '{"environment": ')),
    wrong(/broken\.json is not JSON/),
  )
  await t.throwsAsync(run('train', configFile('empty', {})), wrong(/empty\.json: environment is missing/))
  await t.throwsAsync(run('train', configFile('list', '[1]')), wrong(/list\.json holds no JSON object/))
  await t.throwsAsync(
    run('train', configFile('negative', { ...tiny(), training: { steps: -1 } })),
    wrong(/negative\.json: training\.steps is -1/),
  )
  await t.throwsAsync(
    run('train', configFile('short', { ...tiny(), policy: { observe: 2, plan: 4, act: 4 } })),
    wrong(/short\.json: policy .*act <= plan - observe \+ 1/),
  )
  await t.throwsAsync(
    run('train', configFile('null', 'null'), '--set', 'seed=1'),
    wrong(/null\.json holds no JSON object/),
  )
})

test.serial('a policy of LeRobot becomes a run that holds its weights', async (t) => {
  const policy = fixturePath('lerobot', 'diffusion')
  const target = join(folder, 'imported')
  await run('import', policy, '--environment', 'push-t-state', '--run', target, '--set', 'sampler.steps=4')
  const { config, checkpoints, normalizer } = await readRun(target)
  t.like(config, { environment: 'push-t-state', sampler: { type: 'ddim', steps: 4 } })
  const expected = await readLeRobotPolicy(policy)
  const { checkpoint } = await latestCheckpoint(checkpoints)
  const { network } = createPolicy(config as PlannerConfig, pushT)
  t.deepEqual(network.fromStateDict(checkpoint!.tensors.average), expected.parameters)
  t.deepEqual(await normalizer(), expected.normalizer)
  await t.throwsAsync(
    run('import', policy, '--environment', 'two-way', '--run', join(folder, 'unfit')),
    wrong(/has observations of 5 and actions of 2 numbers, the environment two-way 2 and 2/),
  )
  t.false(existsSync(join(folder, 'unfit')))
})

test.serial('--set reaches into configs and prints as asked', async (t) => {
  // A wrong value after a right one: all are applied before the config is checked.
  await t.throwsAsync(
    run('train', 'two-way', '--set', 'coupling.type=nearest', '--set', 'coupling.candidates=none'),
    wrong(/coupling\.candidates is "none"/),
  )
  // Another type begins anew: the settings of the old one are gone.
  await t.throwsAsync(
    run('train', 'two-way', '--set', 'network.type=mlp', '--set', 'network.widths=[8,8]'),
    wrong(/network\.widths is not a known key; did you mean "width"/),
  )
})

test.serial('a dataset of something else is refused, and leaves no run behind', async (t) => {
  const { observation, action } = demonstrations.columns
  const target = join(folder, 'refused')
  const wide = join(folder, 'wide.zarr')
  const three = { rows: action.rows, columns: 3, values: new Float32Array(action.rows * 3) }
  await writeReplayBuffer(wide, { ...demonstrations, columns: { observation, action: three } })
  const config = configFile('wide', tiny({ demonstrations: { path: wide } }))
  await t.throwsAsync(
    run('train', config, '--run', target),
    wrong(/Column "action" of .*wide\.zarr is 3 wide, but two-way needs 2/),
  )

  t.false(existsSync(target))
})

test.serial('a run folder is not written over', async (t) => {
  const target = join(folder, 'there')
  await (await createRun(target, tinyConfig())).release()
  await t.throwsAsync(
    run('train', configFile('tiny', tiny()), '--run', target),
    wrong(/There is a run in .*there already; resume it/),
  )
  await t.throwsAsync(
    run('train', '--resume', '--run', target, '--set', 'seed=1'),
    wrong(/--set cannot change/),
  )
  const start = (...options: string[]) => run('start', '--run', target, ...options)
  await t.throwsAsync(
    start('--set', 'training.steps=4'),
    wrong(/there has other settings than --preset start --set training\.steps=4; leave these out/),
  )
  await t.throwsAsync(start('--preset', 'two-way'), wrong(/other settings than --preset two-way; /))
  await t.throwsAsync(start('--preset', 'nope'), wrong(/Unknown preset "nope"/))
  await t.throwsAsync(start('--set', 'training.stepz=4'), wrong(/stepz is not a known key/))
  await t.throwsAsync(run('train', '--resume'), wrong(/--resume needs the folder/))
  await t.throwsAsync(run('train'), wrong(/Give a config\.json or a preset: .*two-way/))
  await t.throwsAsync(
    run('train', '--resume', '--run', join(folder, 'nowhere')),
    wrong(/no run folder .*nowhere/),
  )
  await t.throwsAsync(run('demos', 'two-way', '--count', '1', '--out', path), wrong(/exists already/))
})

test.serial('there must be something to roll out', async (t) => {
  const rollout = (name: string) => run('rollout', '--run', join(folder, name))
  await t.throwsAsync(rollout('nowhere'), wrong(/no run folder .*nowhere/))
  mkdirSync(join(folder, 'plain'))
  await t.throwsAsync(rollout('plain'), wrong(/plain is not a run folder: it has no config\.json/))
  await (await createRun(join(folder, 'untrained'), tinyConfig())).release()
  await t.throwsAsync(rollout('untrained'), wrong(/untrained has no checkpoint.*train it first/))
  mkdirSync(join(folder, 'foreign'))
  writeFileSync(join(folder, 'foreign', 'config.json'), '{"environment":"two-way","sed":1}')
  await t.throwsAsync(
    rollout('foreign'),
    wrong(/foreign\/config\.json: sed is not a known key; did you mean "seed"/),
  )

  const config = tinyConfig({ steps: 1 })
  const target = join(folder, 'other')
  const request = { folder: target, environment: twoWay.module, demonstrations: path, config }
  for await (const event of trainPlannerRun(request)) t.truthy(event)
  writeFileSync(
    join(target, 'config.json'),
    JSON.stringify({ ...config, network: { type: 'mlp', width: 24, blocks: 2, timeEmbedding: 8 } }),
  )
  await t.throwsAsync(rollout('other'), wrong(/MLP.*blocks\.1/))
})

test.serial('lists are tables for people and records with --json', async (t) => {
  t.deepEqual(
    records(await printed('envs', '--json')).map(({ name }) => name),
    environmentNames(),
  )
  t.regex(await printed('envs'), /two-way .*2 .*2 .*2 .*yes/)
  const devices = records(await printed('devices', '--json'))
  t.like(
    devices.find(({ engine, device }) => engine === 'onnx' && device === 'cpu'),
    { available: true },
  )
  t.true(devices.every(({ detail }) => typeof detail === 'string'))
  t.deepEqual(
    records(await printed('presets', '--json')).map(({ name }) => name),
    Object.keys(ALL_PRESETS),
  )
})

test.serial('presets print as configs that can be trained, and the schema knows their keys', async (t) => {
  for (const name of Object.keys(ALL_PRESETS)) {
    const config = JSON.parse(await printed('presets', name))
    t.deepEqual(parseRunConfig(config, name), config)
    const kind = isLatentConfig(config) ? ['--latent'] : isImageConfig(config) ? ['--images'] : []
    const { properties } = JSON.parse(await printed('schema', ...kind))
    for (const key of Object.keys(config)) t.true(key in properties, key)
  }
})
