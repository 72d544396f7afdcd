/** A part of a report. Text may hold `code` and **bold**, and cells line breaks. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'list'
      readonly items: readonly string[]
      /** Behind a line to click on, where a page can do that. */
      readonly folded?: string
    }
  | {
      readonly kind: 'table'
      readonly head: readonly string[]
      readonly rows: readonly (readonly string[])[]
      /** Behind a line to click on, where a page can do that. */
      readonly folded?: string
      /** Below the table, and folded with it. */
      readonly note?: string
    }
  | { readonly kind: 'figure'; readonly name: string; readonly svg: string; readonly caption: string }

export const heading = (level: 1 | 2 | 3, text: string): Block => ({ kind: 'heading', level, text })
export const text = (content: string): Block => ({ kind: 'text', text: content })
export const list = (items: readonly string[], folded?: string): Block[] =>
  items.length > 0 ? [{ kind: 'list', items, folded }] : []
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  folded?: string,
  note?: string,
): Block[] => (rows.length > 0 ? [{ kind: 'table', head, rows, folded, note }] : [])
export const figure = (name: string, svg: string | undefined, caption: string): Block[] =>
  svg ? [{ kind: 'figure', name, svg, caption }] : []
