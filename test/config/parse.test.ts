import test from 'ava'
import { jsonSchema, parseConfig } from '../../src/config/parse.ts'
import { plannerSchema } from '../../src/config/planner.ts'
import { InputError } from '../../src/errors.ts'

const message = (value: unknown): string => {
  try {
    parseConfig(plannerSchema, value, 'config.json')
    return ''
  } catch (error) {
    return (error as InputError).message
  }
}

test('defaults make a whole config, which parses to itself', (t) => {
  const config = parseConfig(plannerSchema, { environment: 'two-way' }, 'config.json')
  t.is(config.policy.act, 8)
  t.is(config.training.batch, 256)
  t.deepEqual(parseConfig(plannerSchema, JSON.parse(JSON.stringify(config)), 'config.json'), config)
})

test('an error names the file, the key, the fault and the nearest key', (t) => {
  t.is(message({}), 'config.json: environment is missing; it must be of type string.')
  t.regex(
    message({ environment: 'a', trainng: {} }),
    /^config\.json: trainng is not a known key; did you mean "training"\?/,
  )
  t.regex(
    message({ environment: 'a', training: { step: 3 } }),
    /training\.step is not a known key; did you mean "steps"\?/,
  )
  t.regex(message({ environment: 'a', training: { steps: '3' } }), /training\.steps is "3"/)
  t.is(
    message({ environment: 'a', process: { type: 'fow' } }),
    'config.json: process.type must be one of ddpm, flow, consistency.',
  )
  t.regex(
    message({ environment: 'a', network: { type: 'mlp', wdth: 3 } }),
    /network\.wdth .* Valid keys: type, width, blocks, timeEmbedding, octaves\.$/,
  )
  t.regex(
    message({ environment: 'a', coupling: { type: 'local', cel: 3 } }),
    /coupling\.cel .* did you mean "cell"\?/,
  )
  t.regex(message({ environment: 'a', coupling: { type: 'lokal' } }), /coupling\.type must be one of .*local/)
  t.regex(message({ environment: 'a', policy: { act: 20 } }), /policy .* act <= plan/)
  t.regex(message(3), /^config\.json: is 3/)
  t.throws(() => parseConfig(plannerSchema, null, 'x'), { instanceOf: InputError })
})

test('the JSON schema describes what may be written, not what must', (t) => {
  const schema = jsonSchema(plannerSchema) as { required: string[]; properties: Record<string, unknown> }
  t.deepEqual(schema.required, ['environment'])
  t.true('coupling' in schema.properties)
})
