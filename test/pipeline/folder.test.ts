import { readdirSync, readFileSync } from 'node:fs'
import { cp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { createEngine } from '../../src/engine/index.ts'
import { InputError } from '../../src/errors.ts'
import { roundToHalf } from '../../src/half.ts'
import { autoencoderKl, autoencoderKlSchema } from '../../src/models/autoencoder-kl.ts'
import { unet2dCondition, unet2dConditionSchema } from '../../src/models/unet2d-condition.ts'
import { embedTexts } from '../../src/pipeline/embed-texts.ts'
import { openPipeline, writePipeline } from '../../src/pipeline/folder.ts'
import { readSafetensors, writeSafetensors } from '../../src/weights/safetensors.ts'
import { readCase, readTensors } from '../models/fixture.ts'
import { scratch } from '../scratch.ts'
import { tinyContent, tinyPipeline } from './tiny.ts'

const path = await tinyPipeline()
const content = tinyContent()

/** A copy of the pipeline to spoil. */
async function copy(): Promise<string> {
  const to = join(scratch(), 'copy')
  await cp(path, to, { recursive: true })
  return to
}

const refused =
  (promise: Promise<unknown>) =>
  async (t: { regex(text: string, pattern: RegExp): void }, message: RegExp) => {
    const error = await promise.then(
      () => undefined,
      (error) => error,
    )
    if (!(error instanceof InputError)) throw new Error(`No InputError but ${error}`)
    t.regex(error.message, message)
  }

test('what is written is read back', async (t) => {
  const pipeline = await openPipeline(path)
  t.deepEqual(await pipeline.weights('unet'), content.unet.weights)
  t.like(pipeline.unet.config, { cross_attention_dim: 8, block_out_channels: [8, 16] })
  t.is(pipeline.tokenizer.length, 8)
  t.like(pipeline.scheduler, { _class_name: 'PNDMScheduler', steps_offset: 1, skip_prk_steps: true })
  const [first, second] = [await pipeline.weights('vae'), await pipeline.weights('text_encoder')]
  if (typeof content.vae === 'string' || typeof content.text === 'string') return t.fail()
  t.deepEqual(first, content.vae.weights)
  t.deepEqual(second, content.text.weights)
})

test('the layout is the one that diffusers loads', (t) => {
  t.deepEqual(readdirSync(path).sort(), [
    'model_index.json',
    'scheduler',
    'text_encoder',
    'tokenizer',
    'unet',
    'vae',
  ])
  t.deepEqual(readdirSync(join(path, 'unet')).sort(), ['config.json', 'diffusion_pytorch_model.safetensors'])
  t.deepEqual(readdirSync(join(path, 'text_encoder')).sort(), ['config.json', 'model.safetensors'])
  t.deepEqual(readdirSync(join(path, 'tokenizer')).sort(), [
    'merges.txt',
    'special_tokens_map.json',
    'tokenizer_config.json',
    'vocab.json',
  ])
  const index = JSON.parse(readFileSync(join(path, 'model_index.json'), 'utf8'))
  t.like(index, {
    _class_name: 'StableDiffusionPipeline',
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    scheduler: ['diffusers', 'PNDMScheduler'],
  })
})

test("exported parts have diffusers' names, shapes, values and configs", async (t) => {
  const unet = await peer('unet2d_condition')
  const vae = await peer('autoencoder_kl')
  const models = {
    unet: unet2dCondition(unet2dConditionSchema.parse(unet.config)),
    vae: autoencoderKl(autoencoderKlSchema.parse(vae.config)),
  }
  const to = join(scratch(), 'exported')
  await writePipeline(to, {
    ...content,
    unet: { model: models.unet, weights: models.unet.fromStateDict(unet.state) },
    vae: { model: models.vae, weights: models.vae.fromStateDict(vae.state) },
  })
  for (const [part, { config, state }] of Object.entries({ unet, vae })) {
    const { tensors } = await readSafetensors(join(to, part, 'diffusion_pytorch_model.safetensors'))
    t.deepEqual(Object.keys(tensors).sort(), Object.keys(state).sort(), part)
    for (const [name, { shape, values }] of Object.entries(state)) {
      t.deepEqual([...tensors[name].shape], [...shape], name)
      t.deepEqual(tensors[name].values, values, name)
    }
    const { _use_default_values: _, ...expected } = config
    const written = JSON.parse(readFileSync(join(to, part, 'config.json'), 'utf8'))
    // What diffusers fills in by itself may be left out; what is there must be the same.
    const defaults = new Set(config._use_default_values as string[])
    for (const [key, value] of Object.entries(expected)) {
      if (key in written || !defaults.has(key)) t.deepEqual(written[key], value, `${part}: ${key}`)
    }
    // A network made here is described in diffusers' terms alone.
    const fresh = JSON.parse(readFileSync(join(path, part, 'config.json'), 'utf8'))
    for (const key of [...Object.keys(written), ...Object.keys(fresh)]) {
      t.true(key in config, `${part}: ${key} is no key of diffusers`)
    }
    for (const key of Object.keys(expected)) t.true(key in fresh || defaults.has(key), `${part} lacks ${key}`)
  }
})

/** Config and weights as diffusers wrote them. */
async function peer(name: string) {
  const { config, state_file: file } = await readCase<{
    config: Record<string, unknown>
    state_file: string
  }>('diffusers_sd', name)
  return { config, state: await readTensors('diffusers_sd', file) }
}

test('parts may be sharded, of half precision, and copied as they are', async (t) => {
  const half = await tinyPipeline('F16')
  const weights = await (await openPipeline(half)).weights('unet')
  for (const [name, { values }] of Object.entries(content.unet.weights)) {
    t.deepEqual([...weights[name].values], [...values].map(roundToHalf), name)
  }

  const sharded = await copy()
  const file = join(sharded, 'unet', 'diffusion_pytorch_model.safetensors')
  const { tensors } = await readSafetensors(file)
  const names = Object.keys(tensors)
  const parts = [names.slice(0, 20), names.slice(20)]
  const map: Record<string, string> = {}
  for (const [i, part] of parts.entries()) {
    const shard = `diffusion_pytorch_model-0000${i + 1}-of-00002.safetensors`
    await writeSafetensors(
      join(sharded, 'unet', shard),
      Object.fromEntries(part.map((name) => [name, tensors[name]])),
    )
    for (const name of part) map[name] = shard
  }
  await rm(file)
  const index = join(sharded, 'unet', 'diffusion_pytorch_model.safetensors.index.json')
  await writeFile(index, JSON.stringify({ weight_map: map }))
  t.deepEqual(await (await openPipeline(sharded)).weights('unet'), content.unet.weights)

  const again = join(scratch(), 'again')
  await writePipeline(again, {
    ...content,
    vae: join(half, 'vae'),
    text: join(half, 'text_encoder'),
    tokenizer: join(half, 'tokenizer'),
  })
  const [from, to] = [half, again].map((each) =>
    readFileSync(join(each, 'vae', 'diffusion_pytorch_model.safetensors')),
  )
  t.true(from.equals(to))
})

test('texts become states, the same for the same words', async (t) => {
  const { text, tokenizer, weights } = await openPipeline(path)
  const engine = await createEngine({ threads: 1 })
  const states = await embedTexts(engine, text, await weights('text_encoder'), tokenizer, [
    'a cat',
    'A  CAT',
    '',
  ])
  t.deepEqual([states.rows, states.columns], [3, 64])
  const row = (i: number) => [...states.values.subarray(i * 64, (i + 1) * 64)]
  t.deepEqual(row(0), row(1))
  t.notDeepEqual(row(0), row(2))
  t.true(states.values.every(Number.isFinite))
})

test('a folder that lacks a part is named', async (t) => {
  const lacking = await copy()
  await rm(join(lacking, 'vae'), { recursive: true })
  await rename(join(lacking, 'tokenizer'), join(lacking, 'tokens'))
  await refused(openPipeline(lacking))(t, /lacks vae\/, tokenizer\//)
  await refused(openPipeline(join(lacking, 'unet')))(t, /unet has no model_index.json/)
  await refused(openPipeline(join(lacking, 'nowhere')))(t, /nowhere \(ENOENT\)/)
  await writeFile(join(lacking, 'model_index.json'), '{"_class_name": "FluxPipeline"}')
  await refused(openPipeline(lacking))(t, /is of a FluxPipeline, which is not supported/)
})

test('weights that do not fit are all listed, with the shapes expected', async (t) => {
  const wrong = await copy()
  const file = join(wrong, 'unet', 'diffusion_pytorch_model.safetensors')
  const { tensors } = await readSafetensors(file)
  const { 'conv_in.bias': bias, 'conv_out.bias': gone, ...rest } = tensors
  await writeSafetensors(file, { ...rest, 'conv_in.bias': { ...bias, shape: [2, 4] }, extra: gone })
  const { weights, check } = await openPipeline(wrong)
  const all =
    /unet\/diffusion_pytorch_model.safetensors are not for this UNet2DConditionModel: "conv_out.bias" is missing, which is \[4\]; "conv_in.bias" is \[2,4\] where \[8\] belongs; "extra" is unknown/
  await refused(weights('unet'))(t, all)
  await refused(check())(t, all)
  await check(['vae', 'text_encoder'])
  await truncate(file, 1000)
  await refused(weights('unet'))(t, /truncated/)
  await refused(check())(t, /truncated/)
  await rm(join(wrong, 'text_encoder', 'model.safetensors'))
  await refused(check(['text_encoder']))(t, /text_encoder has no weights/)
})

test('configs that are damaged, unsupported or do not fit each other are named', async (t) => {
  const spoilt = async (part: string, change: (config: Record<string, unknown>) => void) => {
    const to = await copy()
    const name = part === 'scheduler' ? 'scheduler_config.json' : 'config.json'
    const config = JSON.parse(readFileSync(join(to, part, name), 'utf8'))
    change(config)
    await writeFile(join(to, part, name), JSON.stringify(config))
    return openPipeline(to)
  }
  await refused(spoilt('unet', (config) => (config.mid_block_type = 'UNetMidBlock2DSimpleCrossAttn')))(
    t,
    /unet: Unknown middle block of UNet2DConditionModel "UNetMidBlock2DSimpleCrossAttn"/,
  )
  await refused(spoilt('unet', (config) => (config.in_channels = 9)))(
    t,
    /takes 9 channels and vae\/ gives latents of 4/,
  )
  await refused(spoilt('unet', (config) => (config.cross_attention_dim = 16)))(t, /attends to 16 numbers/)
  await refused(spoilt('text_encoder', (config) => (config.vocab_size = 100)))(
    t,
    /tokenizer\/ has 514 tokens/,
  )
  await refused(spoilt('text_encoder', (config) => (config.max_position_embeddings = 4)))(t, /makes 8 tokens/)
  await refused(spoilt('vae', (config) => (config.scaling_factor = 'large')))(
    t,
    /vae\/config.json: "scaling_factor"/,
  )
})
