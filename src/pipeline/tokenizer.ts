import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer as Encoder } from '@huggingface/tokenizers'
import { InputError } from '../errors.ts'

/** Turns texts into rows of token numbers, all of the same length. */
export interface Tokenizer {
  /** Tokens of a row: start, text, end and padding. */
  readonly length: number
  /** Numbers run from 0 to this less one. */
  readonly size: number
  /** The tokens of each text, [texts, length]; what is too long is cut. */
  encode(texts: readonly string[]): Int32Array
}

/** The files of a tokenizer folder, by name. */
export type TokenizerFiles = Readonly<Record<string, string>>

const START = '<|startoftext|>'
const END = '<|endoftext|>'
const WORD_END = '</w>'

/** How CLIP cuts a text into words. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"

/**
 * Reads the tokenizer of a pipeline: `tokenizer.json`, or CLIP's `vocab.json` and `merges.txt`, and
 * `tokenizer_config.json` for the length and the padding.
 *
 * @throws InputError naming the file that is missing or damaged
 */
export async function readTokenizer(folder: string): Promise<Tokenizer> {
  const files: Record<string, string> = {}
  for (const name of [
    'tokenizer.json',
    'tokenizer_config.json',
    'vocab.json',
    'merges.txt',
    'special_tokens_map.json',
  ]) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined)
    if (text !== undefined) files[name] = text
  }
  return tokenizerFrom(files, folder)
}

/**
 * A tokenizer of the files of its folder.
 *
 * @param where for messages
 * @throws InputError naming the file that is missing or damaged
 */
export function tokenizerFrom(files: TokenizerFiles, where: string): Tokenizer {
  const config = 'tokenizer_config.json' in files ? parse(files, 'tokenizer_config.json', where) : {}
  const special = 'special_tokens_map.json' in files ? parse(files, 'special_tokens_map.json', where) : {}
  const document =
    'tokenizer.json' in files ? parse(files, 'tokenizer.json', where) : clipDocument(files, where)
  let encoder: Encoder
  try {
    encoder = new Encoder(document, config)
  } catch (cause) {
    throw new InputError(
      `The tokenizer in ${where} cannot be used (${cause instanceof Error ? cause.message : cause}); get its files again.`,
      { cause },
    )
  }
  const named = (key: string, fallback: string) => {
    const token = content(config[key]) ?? content(special[key]) ?? fallback
    const id = encoder.token_to_id(token)
    if (id === undefined) {
      throw new InputError(
        `The tokenizer in ${where} has no token "${token}" for its ${key}; get its files again.`,
      )
    }
    return id
  }
  const start = named('bos_token', START)
  const end = named('eos_token', END)
  const padding = named('pad_token', END)
  // Absent limits are written as a very large number.
  const limit = Number(config.model_max_length)
  const length = Number.isSafeInteger(limit) && limit >= 2 && limit <= 4096 ? limit : 77
  const size = Math.max(...encoder.get_vocab().values()) + 1
  return {
    length,
    size,
    encode(texts) {
      const rows = new Int32Array(texts.length * length).fill(padding)
      texts.forEach((text, i) => {
        const ids = encoder.encode(text, { add_special_tokens: false }).ids.slice(0, length - 2)
        rows.set([start, ...ids, end], i * length)
      })
      return rows
    },
  }
}

/**
 * The files of a byte-level tokenizer without merges, for text encoders that are not pretrained: one token for
 * each byte, and another where it ends a word.
 *
 * @param length tokens of a row
 */
export function byteTokenizerFiles(length: number): TokenizerFiles {
  const alphabet = byteAlphabet()
  const tokens = [...alphabet, ...alphabet.map((character) => character + WORD_END), START, END]
  const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`
  const special = { bos_token: START, eos_token: END, pad_token: END, unk_token: END }
  return {
    'vocab.json': json(Object.fromEntries(tokens.map((token, id) => [token, id]))),
    'merges.txt': '#version: 0.2\n',
    'tokenizer_config.json': json({ ...special, model_max_length: length, tokenizer_class: 'CLIPTokenizer' }),
    'special_tokens_map.json': json(special),
  }
}

/** `tokenizer.json` of CLIP's byte-pair encoding: lower case, words, bytes, merges. */
function clipDocument(files: TokenizerFiles, where: string): Record<string, unknown> {
  for (const name of ['vocab.json', 'merges.txt']) {
    if (!(name in files)) {
      throw new InputError(
        `${where} has neither tokenizer.json nor ${name}; get the tokenizer's files again.`,
      )
    }
  }
  const vocab = parse(files, 'vocab.json', where)
  const merges = files['merges.txt']
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('#version'))
  const wrong = merges.find((line) => line.split(' ').length !== 2)
  if (wrong !== undefined) {
    throw new InputError(
      `${join(where, 'merges.txt')} has the line "${wrong}", which is no pair; get it again.`,
    )
  }
  const added = [START, END].flatMap((token) =>
    typeof vocab[token] === 'number'
      ? [
          {
            id: vocab[token],
            content: token,
            special: true,
            normalized: false,
            single_word: false,
            lstrip: false,
            rstrip: false,
          },
        ]
      : [],
  )
  return {
    version: '1.0',
    added_tokens: added,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: END,
      end_of_word_suffix: WORD_END,
      continuing_subword_prefix: '',
      fuse_unk: false,
      vocab,
      merges,
    },
  }
}

/** The printable character that stands for each byte in byte-level vocabularies (GPT-2's table). */
function byteAlphabet(): string[] {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  let others = 0
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(printable(byte) ? byte : 256 + others++),
  )
}

function parse(files: TokenizerFiles, name: string, where: string): Record<string, unknown> {
  try {
    const value = JSON.parse(files[name])
    if (typeof value === 'object' && value !== null) return value
  } catch {}
  throw new InputError(`${join(where, name)} is not a JSON object; get it again.`)
}

/** The text of a token, which may be written as an object. */
function content(token: unknown): string | undefined {
  if (typeof token === 'string') return token
  const inner = (token as { content?: unknown } | null | undefined)?.content
  return typeof inner === 'string' ? inner : undefined
}
