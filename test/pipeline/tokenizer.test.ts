import test from 'ava'
import { InputError } from '../../src/errors.ts'
import { byteTokenizerFiles, type TokenizerFiles, tokenizerFrom } from '../../src/pipeline/tokenizer.ts'

/** A vocabulary with a few merges, in CLIP's files. */
function small(merges: string[], more: object = {}): TokenizerFiles {
  const files = byteTokenizerFiles(8)
  const vocab = JSON.parse(files['vocab.json'])
  for (const merge of merges) vocab[merge.replace(' ', '')] = Object.keys(vocab).length
  return {
    ...files,
    'vocab.json': JSON.stringify(vocab),
    'merges.txt': ['#version: 0.2', ...merges, ''].join('\n'),
    'tokenizer_config.json': JSON.stringify({ model_max_length: 8, ...more }),
  }
}

const START = 512
const END = 513

test('merges join bytes in their order, and the end of a word is part of its last token', (t) => {
  const merges = ['c a', 'ca t</w>', 'd o', 'do g']
  const { encode, size, length } = tokenizerFrom(small(merges), 'here')
  t.is(length, 8)
  t.is(size, 518)
  const [cat, dog] = [515, 517]
  t.deepEqual([...encode(['Cat  dogs'])], [START, cat, dog, encodeLast('s'), END, END, END, END])
})

/** The token of a byte that ends a word. */
function encodeLast(character: string): number {
  return JSON.parse(byteTokenizerFiles(8)['vocab.json'])[`${character}</w>`]
}

test('texts are lowered, cut into words, cut to the length and padded', (t) => {
  const { encode } = tokenizerFrom(byteTokenizerFiles(8), 'here')
  t.deepEqual([...encode([''])], [START, END, END, END, END, END, END, END])
  t.deepEqual([...encode(['A  B'])], [...encode(['a b'])])
  t.deepEqual([...encode(["it's"])].slice(0, 5), [START, 105, encodeLast('t'), 39, encodeLast('s')])
  const long = [...encode(['abcdefghijkl'])]
  t.is(long.length, 8)
  t.is(long[7], END)
  t.is(long[6], 102)
  // Two bytes of é, the second ends the word.
  t.is([...encode(['é'])].filter((id) => id !== START && id !== END).length, 2)
})

test('padding may be another token', (t) => {
  const { encode } = tokenizerFrom(small([], { pad_token: '!' }), 'here')
  t.deepEqual([...encode(['b'])], [START, encodeLast('b'), END, 33, 33, 33, 33, 33])
})

test('what is missing or damaged is named', (t) => {
  const refused = (files: TokenizerFiles, message: RegExp) =>
    t.throws(() => tokenizerFrom(files, 'here'), { instanceOf: InputError, message })
  const { 'merges.txt': _, ...without } = byteTokenizerFiles(8)
  refused(without, /neither tokenizer.json nor merges.txt/)
  refused({ ...byteTokenizerFiles(8), 'merges.txt': 'a b c' }, /line "a b c"/)
  refused({ ...byteTokenizerFiles(8), 'vocab.json': '[' }, /vocab.json is not a JSON object/)
  refused(
    { ...byteTokenizerFiles(8), 'vocab.json': '{"a": 0}' },
    /no token "<\|startoftext\|>" for its bos_token/,
  )
  refused({ 'tokenizer.json': '{"model": {"type": "Nonesuch"}}' }, /cannot be used/)
})
