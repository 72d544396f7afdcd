import Table from 'cli-table3'

/** A figure of the viewer. */
export interface ViewerRow {
  readonly figure: string
  readonly value: string
  readonly aim: string
}

/** Prints figures of the viewer. */
export function printRows(rows: readonly ViewerRow[]): void {
  const table = new Table({ head: ['figure', 'here', 'aim'] })
  for (const { figure, value, aim } of rows) table.push([figure, value, aim])
  console.log(table.toString())
}
